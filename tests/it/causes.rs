//! The closing text names each cause of failed rows once: without the texts of single rows, and with
//! every word of the sentence.

use crate::support::workdir::Workdir;

/// What a rehearsal says about invalid rows.
fn closing_of(rows: &str, options: &str) -> Vec<String> {
    let workdir = Workdir::with(rows);
    let ran = workdir.run(&format!(
        "import links.csv --sandbox --rate unlimited {options}"
    ));
    let stderr = ran.exits(1).stderr;
    let lines = stderr.lines().filter(|line| line.contains("invalid_"));
    lines.map(str::to_owned).collect()
}

/// A file with these ids of companies.
fn companies(cells: &[&str]) -> String {
    let rows = (1..).zip(cells).map(|(n, cell)| format!("{n},{cell}\n"));
    "Contact ID,Company ID\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn rows_with_different_cells_have_the_whole_sentence_in_common() {
    let wide = ["98765432109876543210", "987654321098765432101"];
    for (cells, said) in [
        (
            ["7;8", "8;9"],
            "2 rows invalid_id_several: Company ID: the cell contains 2 ids; give --split ';' to make \
             one link of each, or put each id in its own row",
        ),
        (
            ["7;8", "8;9;10"],
            "2 rows invalid_id_several: Company ID: the cell contains … ids; give --split ';' to make \
             one link of each, or put each id in its own row",
        ),
        (
            ["n/a", "it's no' id"],
            "2 rows invalid_id: Company ID: the cell is not a HubSpot ID (a number such as 123456)",
        ),
        (
            ["0", "00"],
            "2 rows invalid_id_zero: Company ID: the cell is not a HubSpot ID; ids start at 1",
        ),
        (
            ["007", "008"],
            "2 rows invalid_id_leading_zeros: Company ID: the cell starts with 0, but no HubSpot ID \
             does; check where it comes from",
        ),
        (
            wide,
            "2 rows invalid_id_too_large: Company ID: the cell (… digits) is too large; the largest \
             id is 9223372036854775807",
        ),
        (
            ["1.2E+11", "9.1E+9"],
            "2 rows invalid_id_scientific: Company ID: Excel rounded this id; in the spreadsheet, \
             format the column as a number without decimals and save it again",
        ),
    ] {
        let lines = closing_of(&companies(&cells), "--api 2026-09");
        assert_eq!(lines, [said]);
    }
}

#[test]
fn a_cell_that_all_rows_have_is_said() {
    let lines = closing_of(&companies(&["n/a", "n/a"]), "--api 2026-09");
    let said = "2 rows invalid_id: Company ID: 'n/a' is not a HubSpot ID (a number such as 123456)";
    assert_eq!(lines, [said]);
}

#[test]
fn a_cell_with_an_address_is_left_out_as_a_whole() {
    let rows = companies(&["Ann Smith <ann@x.com>"]);
    for (options, cell) in [("", "'…'"), ("--redact", "the cell")] {
        let lines = closing_of(&rows, &format!("--api 2026-09 {options}"));
        let said = format!("Company ID: {cell} is not a HubSpot ID (a number such as 123456)");
        assert!(lines[0].ends_with(&said), "{lines:?}");
        assert!(!lines[0].contains("Ann"), "{lines:?}");
    }
}

#[test]
fn names_stay_because_each_is_a_cause_of_its_own() {
    let rows = "from_object_id,to_object_id,definition_id\n1,2,kontakt\n2,3,kontakt\n3,4,firma\n";
    let lines = closing_of(rows, "");
    let [two, one] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        two.contains("'kontakt' is not the id or name of a definition"),
        "{two}"
    );
    assert!(
        one.contains("'firma' is not the id or name of a definition"),
        "{one}"
    );
}

#[test]
fn records_that_share_a_key_are_not_listed_for_several_rows() {
    let workdir = Workdir::with(
        "from_object_id,to_domain,definition_id\n1,a.com,contact_to_company\n2,b.com,contact_to_company\n",
    );
    workdir.write(
        "records.csv",
        "object_type,id,domain\ncontacts,1,\ncontacts,2,\n\
         companies,11,a.com\ncompanies,12,a.com\n\
         companies,13,b.com\ncompanies,14,b.com\ncompanies,15,b.com\n",
    );
    let ran = workdir.run("import links.csv --sandbox --records records.csv --rate unlimited");
    ran.exits(1).says(&[
        "2 rows record_ambiguous: several company records have this domain; merge them in HubSpot, \
         or write the id of the right one, or use --on-ambiguous oldest\n",
    ]);
}
