//! Files whose columns have other names: what is read and said, and the commands that are
//! suggested for the rest, typed exactly as they are printed.

use serde_json::Value;

use crate::support::{
    sandbox::{sent, start},
    workdir::{TOKEN, Transcript, Workdir, column},
};

const FILE: &str = "Contact ID,Name,Company ID\n1,Ann,7\n2,Bob,7\n3,Cy,x\n4,Di,8\n";

/// What is said about the columns of `FILE`.
const COLUMNS: &str = "\ncolumns: Contact ID (contacts) → Company ID (companies)\n";

const CONTACTS: &str = "Record ID,First Name,Last Name,Email,Associated Company IDs,\
                        Associated Company IDs (Primary),Associated Deal IDs\n\
                        1,Ann,Lee,ann@a.example,7,7,9\n";

/// The commands that are printed, one on each line.
fn commands(ran: &Transcript) -> Vec<&str> {
    let lines = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("  "));
    lines.collect()
}

#[test]
fn the_columns_are_said_by_check_and_import_and_resume() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(FILE);
    let line = "check links.csv --api 2026-09";
    workdir.run(line).exits(1).says(&[COLUMNS]);
    let options = "--api 2026-09 --batch max --limit 2";
    let ran = workdir.import(&sandbox.base_url(), options).exits(0);
    ran.says(&[COLUMNS]);
    let ran = workdir.import(&sandbox.base_url(), "--resume --limit off");
    ran.exits(1).says(&[COLUMNS]);
    assert_eq!(sent(&sandbox), [(1, 7, 279), (2, 7, 279), (4, 8, 279)]);
    let quiet = "check links.csv --api 2026-09 --quiet";
    workdir.run(quiet).exits(1).never_says("columns:");
}

#[test]
fn files_that_name_their_columns_say_nothing_about_them() {
    let workdir = Workdir::with(FILE);
    let named = [
        "from_object_id,Name,to_object_id",
        "Contact ID,Name,Company ID",
    ];
    for (header, options) in [
        (named[0], "--definition 1"),
        (
            named[1],
            "--from-column Contact-ID --to-column company_id --definition 1",
        ),
    ] {
        workdir.write("links.csv", FILE.replace(named[1], header));
        let ran = workdir.run(&format!("check links.csv {options}")).exits(1);
        ran.says(&["first link: contact 1 → company 7"]);
        ran.never_says("columns:");
    }
}

#[test]
fn results_failures_and_reports_of_such_a_run_are_read_again() {
    for (options, definition) in [
        ("--api 2026-09", 279),
        ("--api 2026-09 --batch max --skip-existing", 279),
        ("--definition contact_to_company", 1),
        (
            "--api 2026-09 --from-type companies --to-type contacts",
            279,
        ),
    ] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(FILE);
        workdir.import(&sandbox.base_url(), options).exits(1);
        let header = "Contact ID,Name,Company ID,assoc_row";
        for name in ["links.results.csv", "links.failures.csv"] {
            assert!(workdir.text(name).starts_with(header), "{options}");
        }
        // The corrected failures, and the results as another input.
        let corrected = workdir.text("links.failures.csv").replace("Cy,x,", "Cy,9,");
        workdir.write("corrected.csv", corrected);
        let ran = workdir.import_file("corrected.csv", &sandbox.base_url(), options);
        ran.exits(0).says(&["\ncolumns: "]);
        let links = [(1, 7), (2, 7), (3, 9), (4, 8)].map(|(from, to)| (from, to, definition));
        assert_eq!(sent(&sandbox), links, "{options}");
        workdir
            .run(&format!("check links.results.csv {options}"))
            .exits(1);

        let past = |line: &str| workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        past("verify links.results.csv --rate unlimited").exits(0);
        let report = workdir.lines("links.verify.csv");
        assert_eq!(column(&report, "assoc_status"), ["present"; 3], "{options}");
        past("undo links.results.csv --rate unlimited --yes --include-unchecked").exits(0);
        let report = workdir.lines("links.undo.csv");
        assert_eq!(column(&report, "assoc_status"), ["removed"; 3], "{options}");
    }
}

#[test]
fn every_suggested_command_works_as_it_is_printed() {
    for (file, options, links) in [
        (
            CONTACTS,
            "--api v1 --rate 5/s",
            &["contact 1 → company 7", "contact 1 → deal 9"][..],
        ),
        (
            CONTACTS,
            "--api=2026-09 --from-type=contacts --to-type deal --to-column wrong",
            &["contact 1 → deal 9"],
        ),
        (
            "Record ID,Deal Name,Deal Stage,Associated Contact IDs\n1,x,y,2\n",
            "",
            &["deal 1 → contact 2"],
        ),
        (
            "Contact ID,Company ID,Associated Company IDs\n1,2,3\n",
            "--definition company_to_contact",
            &["company 2 → contact 1", "company 3 → contact 1"],
        ),
        (
            "Contact ID;Company ID;Association Label\n1;2;Boss\n",
            "--api 2026-09",
            &["contact 1 → company 2"],
        ),
    ] {
        let workdir = Workdir::new();
        workdir.write("my links.csv", file);
        let refused = workdir.shell(&format!("hubassoc check {options} -- 'my links.csv'"));
        let refused = refused.exits(2);
        let commands = commands(&refused);
        assert_eq!(commands.len(), links.len(), "{refused}");
        for (command, link) in commands.into_iter().zip(links) {
            let ran = workdir.shell(command).exits(0);
            ran.says(&[&format!("\nfirst link: {link}\n")]);
            ran.never_says("columns:");
        }
    }
}

#[test]
fn a_column_that_says_more_about_the_links_is_not_ignored_in_silence() {
    for (name, cell) in [
        ("Association Type", "Primary"),
        ("association_type", "Primary"),
        ("Primary", "Primary"),
        ("Is primary?", ""),
        ("Primary Company", "primary"),
    ] {
        let workdir = Workdir::with(format!("Contact ID,Company ID,{name}\n1,2,{cell}\n"));
        let refused = workdir.run("import links.csv --sandbox").exits(2);
        refused.says(&[&format!(
            "; '{name}' is read as the column of labels (each cell has to be a label, such as Primary, \
             or empty), and --label-column off ignores it; say which columns have the ids, with this \
             command:\n"
        )]);
        let commands = commands(&refused);
        let sent = if cell.is_empty() { 279 } else { 1 };
        let ran = workdir.shell(commands[0]).exits(0);
        ran.says(&[&format!("definitions: {sent} (contact_to_company")]);
        let ignored = workdir.run("check links.csv --api 2026-09 --label-column off");
        ignored.exits(0).says(&["definitions: 279 "]);
        // Columns of ids with names of the program's own.
        let header = format!("from_object_id,to_object_id,{name}\n1,2,{cell}\n");
        let workdir = Workdir::with(header);
        let options = "--api 2026-09 --from-type contacts --to-type companies";
        let refused = workdir.run(&format!("check links.csv {options}")).exits(2);
        refused.says(&[&format!(
            "links.csv: the column '{name}' seems to say more about the links, but would be ignored: to \
             send its cells as labels, give --label-column '{name}' (each cell has to be a label, such \
             as Primary, or empty); to ignore the column, give --label-column off\n"
        )]);
        // What the rows mean is said.
        for meaning in ["--definition 279", &format!("{options} --label Primary")] {
            workdir.run(&format!("check links.csv {meaning}")).exits(0);
        }
    }
    // Other columns.
    for name in ["Type", "Deal Type", "Primary contact", "Primary phone"] {
        let workdir = Workdir::with(format!("Contact ID,Company ID,{name}\n1,2,x\n"));
        workdir.run("check links.csv --api 2026-09").exits(0);
    }
}

#[test]
fn a_refused_import_says_the_whole_command() {
    let workdir = Workdir::with(CONTACTS);
    let ran = workdir
        .run("import links.csv --batch max --sandbox")
        .exits(2);
    insta::assert_snapshot!(ran.stderr, @"
    hubassoc: links.csv: the header on line 1 has no column from_object_id, to_object_id, definition_id; found, separated by comma: Record ID, First Name, Last Name, Email, Associated Company IDs, Associated Company IDs (Primary), Associated Deal IDs; say which columns have the ids, with one of these commands:
      hubassoc import links.csv --batch max --sandbox --api 2026-09 --from-column 'Record ID' --from-type contacts --to-column 'Associated Company IDs' --to-type companies --split ';'
      hubassoc import links.csv --batch max --sandbox --api 2026-09 --from-column 'Record ID' --from-type contacts --to-column 'Associated Deal IDs' --to-type deals --split ';'
    ");
    workdir.shell(commands(&ran)[0]).exits(0);
    assert_eq!(workdir.lines("links.sandbox.results.csv").len(), 1);
}

#[test]
fn a_type_that_nothing_says_is_left_to_the_person() {
    let workdir = Workdir::with("Record ID,Associated Company IDs\n1,7\n");
    let ran = workdir.run("check links.csv --api 2026-09").exits(2);
    insta::assert_snapshot!(ran.stderr, @"
    hubassoc: links.csv: the header on line 1 has no column from_object_id, to_object_id, definition_id; found, separated by comma: Record ID, Associated Company IDs; say which columns have the ids, with this command (replace TYPE by the object type of these records, such as contacts):
      hubassoc check links.csv --api 2026-09 --from-column 'Record ID' --from-type TYPE --to-column 'Associated Company IDs' --to-type companies --split ';'
    ");
    let command = commands(&ran)[0].replace("TYPE", "tickets");
    workdir
        .shell(&command)
        .exits(0)
        .says(&["ticket 1 → company 7"]);
}

#[test]
fn types_of_a_stream_have_to_be_said() {
    let workdir = Workdir::with("Contact ID,Company ID\n1,7\n");
    let refused = workdir
        .run("check - --api 2026-09")
        .stdin(workdir.bytes("links.csv"));
    let refused = refused.exits(2);
    insta::assert_snapshot!(refused.stderr, @"
    hubassoc: standard input: only the names of the columns say the object types, and that needs a file, because it is read twice; write the rows to a file, or give the types, with this command:
      hubassoc check - --api 2026-09 --from-column 'Contact ID' --from-type contacts --to-column 'Company ID' --to-type companies
    ");
    let command = format!("{} < links.csv", commands(&refused)[0]);
    workdir.shell(&command).exits(0);
    // A definition has the types.
    let line = "check - --definition contact_to_company";
    let ran = workdir.run(line).stdin(workdir.bytes("links.csv")).exits(0);
    ran.says(&[COLUMNS]);
}

#[test]
fn logs_and_summary_have_the_commands_too() {
    let workdir = Workdir::with("Contact ID,Company ID\n1,7\n");
    let line = "import links.csv --sandbox --summary s.json --log-format json";
    let ran = workdir.run(line).exits(2);
    let event: Value = serde_json::from_str(&ran.stderr).unwrap();
    let command = "with this command: hubassoc import links.csv --sandbox --summary s.json \
                   --log-format json --api 2026-09 --from-column 'Contact ID' --from-type contacts \
                   --to-column 'Company ID' --to-type companies";
    assert!(
        event["message"].as_str().unwrap().ends_with(command),
        "{ran}"
    );
    assert!(
        workdir.json("s.json")["stopped"]
            .as_str()
            .unwrap()
            .ends_with(command)
    );
}

#[test]
fn values_of_options_are_not_taken_for_names() {
    let workdir = Workdir::with("-Contact ID,'s,Company ID\n1,x,7\n");
    let ran = workdir.run("check links.csv --api v1").exits(2);
    let command = "hubassoc check links.csv --api 2026-09 '--from-column=-Contact ID' --from-type \
                   contacts --to-column 'Company ID' --to-type companies";
    assert_eq!(commands(&ran), [command]);
    workdir.shell(command).exits(0);
}
