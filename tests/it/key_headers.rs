//! Headers of files that name records by keys, as a person sees them.

use rust_xlsxwriter::Workbook;

use crate::support::workdir::Workdir;

/// What a rehearsal says of each row of this input, of which some are bad.
fn rehearsed_messages(input: &str) -> String {
    let workdir = Workdir::with(input);
    workdir
        .run("import links.csv --sandbox --rate unlimited")
        .exits(1);
    let lines = workdir.lines("links.sandbox.results.csv");
    let messages = lines.iter().map(|line| line["assoc_message"].as_str());
    messages.collect::<Vec<_>>().join("\n")
}

/// The commands that a refusal prints, without the name of the program.
fn commands(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines();
    lines
        .filter_map(|line| line.strip_prefix("  hubassoc "))
        .collect()
}

/// A header and a row, options, the columns that compete, and what is suggested for each of them.
const TWO_READINGS: [(&str, &str, &str, &str, &str, &str); 6] = [
    (
        "Contact ID,from_email,to_object_id,definition_id",
        "351,a@x.com,7,1",
        "",
        "from_email and Contact ID",
        "--from-column from_email --from-key email --to-column to_object_id",
        "--from-column 'Contact ID' --to-column to_object_id",
    ),
    (
        "from_object_id,to_domain,Company record id,definition_id",
        "351,x.com,7,1",
        "",
        "to_domain and Company record id",
        "--from-column from_object_id --to-column to_domain --to-key domain",
        "--from-column from_object_id --to-column 'Company record id'",
    ),
    (
        "from_object_id,Associated Company IDs,to_domain,definition_id",
        "351,7,x.com,1",
        "",
        "to_domain and Associated Company IDs",
        "--from-column from_object_id --to-column to_domain --to-key domain",
        "--from-column from_object_id --to-column 'Associated Company IDs' --split ';'",
    ),
    (
        "from_id,from_email,to_object_id,definition_id",
        "351,a@x.com,7,1",
        "",
        "from_email and from_id",
        "--from-column from_email --from-key email --to-column to_object_id",
        "--from-column from_id --to-column to_object_id",
    ),
    // Of which object type an ERP number is, only the rows say.
    (
        "from_erp_id,Deal ID,to_email,definition_id",
        "A1,9,a@x.com,3",
        "",
        "from_erp_id and Deal ID",
        "--from-column from_erp_id --from-key erp_id --to-column to_email --to-key email",
        "--from-column 'Deal ID' --to-column to_email --to-key email",
    ),
    (
        "from_email,Contact ID,to_object_id",
        "a@x.com,351,7",
        "--definition contact_to_company",
        "from_email and Contact ID",
        "--from-column from_email --from-key email --to-column to_object_id",
        "--from-column 'Contact ID' --to-column to_object_id",
    ),
];

#[test]
fn of_ids_and_keys_of_one_side_a_person_says_which_are_meant() {
    for (header, row, options, both, from, to) in TWO_READINGS {
        let workdir = Workdir::with(format!("{header}\n{row}\n"));
        let line = ["check links.csv", options].join(" ");
        let line = line.trim();
        let refused = workdir.run(line).exits(2);
        refused.says(&[&format!(
            "links.csv: the header on line 1 has both {both}, and each of them may say which record \
             is meant; say which one to use, with one of these commands:\n"
        )]);
        let commands = commands(&refused.stderr);
        assert_eq!(
            commands,
            [format!("{line} {from}"), format!("{line} {to}")],
            "{header}"
        );
        for command in commands {
            let ran = workdir.shell(&format!("hubassoc {command}")).exits(0);
            ran.says(&["1 row is ready to import"]);
        }
    }
}

#[test]
fn ids_of_other_records_do_not_compete_with_keys() {
    for (header, row) in [
        (
            "from_email,to_domain,Deal ID,definition_id",
            "a@x.com,x.com,9,1",
        ),
        (
            "from_object_id,from_email,to_object_id,definition_id",
            "351,a@x.com,7,1",
        ),
        ("ID,from_email,to_domain,definition_id", "1,a@x.com,x.com,1"),
        (
            "from_email,to_object_id,Company ID,definition_id",
            "a@x.com,7,7,1",
        ),
    ] {
        let workdir = Workdir::with(format!("{header}\n{row}\n"));
        let ran = workdir.run("check links.csv").exits(0);
        ran.says(&["1 row is ready to import"]);
    }
}

#[test]
fn usual_names_beside_keys_are_only_suggested() {
    let workdir = Workdir::with("from_email,Contact ID,Company ID\na@x.com,351,7\n");
    let line = "check links.csv --definition contact_to_company";
    let refused = workdir.run(line).exits(2);
    refused.says(&["; say which columns name the records, with one of these commands:\n"]);
    assert_eq!(
        commands(&refused.stderr),
        [
            format!("{line} --from-column from_email --from-key email --to-column 'Company ID'"),
            format!("{line} --from-column 'Contact ID' --to-column 'Company ID'"),
        ]
    );
}

#[test]
fn contacts_are_not_suggested_by_domain() {
    let workdir = Workdir::with("from_domain,Company\nx.com,7\n");
    let line = "check links.csv --definition contact_to_company --to-column Company";
    workdir.run(line).exits(0);
    let workdir = Workdir::with("from_domain,from_email,Company ID\nx.com,a@x.com,7\n");
    let refused = workdir
        .run("check links.csv --definition contact_to_company")
        .exits(2);
    refused.never_says("--from-key domain");
    refused.says(&["--from-column from_email --from-key email"]);
}

#[test]
fn a_first_row_of_data_is_not_shown() {
    for first in [
        "ann@x.com,acme.com,contact_to_company",
        "Ann,ann@x.com,7",
        "https://www.acme.com/about,Ann Lee,contact_to_company",
        "acme.com,Ann Lee,contact_to_company",
    ] {
        for options in ["", " --redact", " -v"] {
            let workdir = Workdir::with(format!("{first}\nbob@x.com,b.com,1\n"));
            let refused = workdir.run(&format!("check links.csv{options}")).exits(2);
            refused.says(&[
                "links.csv: line 1 is data, but the first line must be the header (3 cells); add a \
                 line with the column names from_object_id, to_object_id, definition_id (of e-mail \
                 addresses: from_email, to_email; of domains: from_domain, to_domain) above it\n",
            ]);
            for hidden in ["ann@x.com", "acme.com", "Ann"] {
                refused.never_says(hidden);
            }
        }
    }
    // Names with dots are names, also among other words.
    let workdir = Workdir::with("contact.email,company.domain,type\na@x.com,x.com,1\n");
    let refused = workdir.run("check links.csv").exits(2);
    refused.says(&["found, separated by comma: contact.email, company.domain, type; "]);
}

/// First rows with an address inside a longer cell, and what must not be shown of them.
const ADDRESSES_INSIDE_CELLS: [(&str, &str); 8] = [
    ("List for ann@secret.com", "secret"),
    ("Ann Secret <ann@secret.com>,7001", "Secret"),
    ("ann@secret.com;bob@secret.com,7001", "secret"),
    ("ann@secret.com (Ann),7001", "secret"),
    ("ann@secret.com bob@secret.com,7001", "secret"),
    ("E-mail:ann@secret.com.,7001", "secret"),
    ("Ann (https://secret.com/ann),7001", "secret"),
    ("secret.com; secret.de,7001", "secret"),
];

#[test]
fn a_first_row_with_an_address_inside_a_cell_is_not_shown() {
    for (first, hidden) in ADDRESSES_INSIDE_CELLS {
        let workdir = Workdir::new();
        // A semicolon would be taken for the delimiter.
        let cells: Vec<_> = first.split(',').collect();
        let quoted = format!("\"{}\"\n\"8\",\"9\"\n", cells.join("\",\""));
        workdir.write("links.csv", quoted);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, cell) in (0..).zip(&cells) {
            sheet.write(0, column, *cell).unwrap();
        }
        workdir.write("links.xlsx", book.save_to_buffer().unwrap());
        for (file, row) in [("links.csv", "line"), ("links.xlsx", "row")] {
            for options in ["", " --redact", " -v"] {
                let refused = workdir.run(&format!("check {file}{options}")).exits(2);
                refused.says(&[&format!(
                    "{file}: {row} 1 is data, but the first {row} must be"
                )]);
                refused.never_says(hidden);
            }
        }
    }
}

#[test]
fn a_name_with_an_at_sign_is_left_out_of_the_names_that_were_found() {
    let workdir = Workdir::with("Ann @ Acme,Booking.com ID,ann%40x.com\n1,2,3\n");
    let refused = workdir.run("check links.csv").exits(2);
    refused.says(&["found, separated by comma: …, Booking.com ID, …; rename"]);
    // The other names say that this row is the header.
    let header = "Record ID,Associated Company IDs,E-mail (such as ann@x.com)\n351,7,a\n";
    let workdir = Workdir::with(header);
    let refused = workdir.run("check links.csv").exits(2);
    refused.says(&["found, separated by comma: Record ID, Associated Company IDs, …; say"]);
}

#[test]
fn sentences_about_damaged_keys_speak_of_keys() {
    let input = "from_erp_id,to_object_id,definition_id\n\
                 1.23457E+11,7,1\n\
                 1.23456789012346E+15,7,1\n\
                 2026-11-28,7,1\n\
                 TRUE,7,1\n\
                 #N/A,7,1\n\
                 =B2,7,1\n";
    insta::assert_snapshot!(rehearsed_messages(input), @"
    from_erp_id: '1.23457E+11' is a number that a spreadsheet rounded; in the spreadsheet, format the column as a number without decimals and save it again
    from_erp_id: '1.23456789012346E+15' has more than 15 digits, but a spreadsheet keeps only 15; format the column as text, then enter the keys again
    from_erp_id: '2026-11-28' is a date or a time, not a key; format the column as text, then enter the keys again
    from_erp_id: 'TRUE' is not a key; put the key in the cell
    from_erp_id: '#N/A' is an error of a spreadsheet formula; correct the formula and export again
    from_erp_id: '=B2' is a formula without a result in the file; open the file in Excel and save it, or put the key itself in the cell
    ");
}

#[test]
fn sentences_about_addresses_say_what_is_wrong_with_them() {
    let input = "from_email,to_domain,definition_id\n\
                 mar\u{212a}@x.de,acme.com,1\n\
                 mailto:mark@x.de?to=ibo@x.de,acme.com,1\n\
                 mailto://mark@x.de,acme.com,1\n\
                 mark@x.de,https://www.linkedin.com/company/acme,1\n\
                 mark@x.de,https://www.google.com/url?q=https://acme.com,1\n";
    insta::assert_snapshot!(rehearsed_messages(input).replace('\u{212a}', "<Kelvin>"), @"
    from_email: 'mar<Kelvin>@x.de' contains a character (U+212A) that only looks like an ordinary letter; type the address again
    from_email: 'mailto:mark@x.de?to=ibo@x.de' contains 2 keys; put each key in its own row
    from_email: 'mailto://mark@x.de' is not an e-mail address (such as ann@example.com); correct the cell
    to_domain: 'https://www.linkedin.com/company/acme' is a page on a site that many companies share (such as a social network or a search engine), and not the company's own domain; write the company's own domain, such as example.com
    to_domain: 'https://www.google.com/url?q=https://acme.com' is a page on a site that many companies share (such as a social network or a search engine), and not the company's own domain; write the company's own domain, such as example.com
    ");
}

#[test]
fn a_key_of_an_unknown_object_type_is_looked_up_as_the_advice_says() {
    let rows = "from_email,to_object_id,definition_id\nann@x.com,7,9999\n";
    let workdir = Workdir::with(rows);
    let refused = workdir.run("check links.csv").exits(1);
    let stdout = refused.stdout();
    let advice = "give --api 2026-09 --from-type TYPE --to-type TYPE (and --label LABEL, if it has a \
                  label) in place of the definition; a column with definitions then needs another \
                  name";
    assert!(stdout.contains(advice), "{stdout}");
    workdir.write("links.csv", rows.replace("definition_id", "old_definition"));
    let options = "--api 2026-09 --from-type contacts --to-type companies";
    for label in ["", " --label Billing"] {
        let ran = workdir.run(&format!("check links.csv {options}{label}"));
        ran.exits(0).says(&["1 row is ready to import"]);
    }
}
