//! Object types and labels on the command line: what is listed, read and refused.

use crate::support::workdir::{Transcript, Workdir};

const IDS: &str = "from_object_id,to_object_id\n1,7\n2,7\n";

/// Runs `check` on two rows without definitions and asserts the exit code.
fn check(options: &str, code: i32) -> Transcript {
    let workdir = Workdir::with(IDS);
    workdir
        .run(&format!("check links.csv {options}"))
        .exits(code)
}

#[test]
fn types_lists_the_definitions_between_two_object_types() {
    let workdir = Workdir::new();
    let ran = workdir.run("types contacts companies").exits(0);
    insta::assert_snapshot!(ran.stdout());
    assert_eq!(
        workdir.run("types contact company").exits(0).stdout,
        ran.stdout
    );
}

#[test]
fn types_names_an_unknown_object_type() {
    let ran = Workdir::new().run("types unicorns").exits(2);
    ran.says(&["unicorns", "hubassoc types"]);
}

#[test]
fn types_lists_the_definitions_of_the_newer_api() {
    let workdir = Workdir::new();
    let newer = workdir.run("types 0-2 Ticket --api 2026-09").exits(0);
    insta::assert_snapshot!(newer.stdout());
    let run = workdir
        .run("types companies tickets")
        .env("HUBASSOC_API", "2026-09");
    assert_eq!(run.exits(0).stdout, newer.stdout);
}

#[test]
fn types_and_a_label_make_rows_that_can_be_sent() {
    let options = "--api 2026-09 --from-type contact --to-type 0-2 --label Boss";
    let ran = check(options, 0);
    ran.says(&[
        "first link: contact 1 → company 7",
        "definitions: contact_to_company \"Boss\"",
        "2 rows are ready to import",
    ]);
}

#[test]
fn a_custom_object_is_shown_by_its_name() {
    for name in ["p62515_status", "p62515_cars", "2-123456"] {
        let ran = check(
            &format!("--api 2026-09 --from-type contacts --to-type {name}"),
            0,
        );
        ran.says(&[
            &format!("first link: contact 1 → {name} 7"),
            &format!("definitions: contact_to_{name}"),
        ]);
    }
    let ran = check("--api 2026-09 --from-type line_items --to-type taxes", 0);
    ran.says(&["first link: line item 1 → tax 7"]);
}

#[test]
fn an_invalid_type_is_refused_with_its_option() {
    let ran = check("--api 2026-09 --from-type contacts --to-type 12", 2);
    ran.says(&[
        "--to-type '12' is not an object type; give contacts, companies, …, or a custom object's \
         name or id (2-123456)",
        "2-123456",
    ]);
}

#[test]
fn labels_need_the_dated_api() {
    for option in [
        "--label Boss",
        "--from-type contacts",
        "--to-type companies",
    ] {
        let ran = check(option, 2);
        ran.says(&[
            "--label and --from-type need --api 2026-09; add it, or give --definition instead \
             (`hubassoc types` lists them)",
        ]);
    }
}

#[test]
fn a_definition_and_a_label_are_refused_together() {
    let ran = check("--api 2026-09 --definition 1 --label Boss", 2);
    ran.says(&["--definition and --label are both given; leave out one"]);
}
