//! Tests of the label references of a whole file.

use std::{fmt::Write as _, fs};

use super::*;
use crate::{input, tables::v2026_09};

const TYPED: &str = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";

fn at(path: InputPath) -> InputOptions {
    InputOptions {
        table: v2026_09::table(),
        ..InputOptions::new(path)
    }
}

/// The label references of a file with this text, with their lines.
fn references(text: &str, change: impl FnOnce(&mut InputOptions)) -> Result<Vec<String>, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    let mut options = at(InputPath::File(file.path().to_owned()));
    change(&mut options);
    let references = input::label_references(&options).map_err(|error| messages::input(&error))?;
    let words = references
        .iter()
        .map(|(reference, line)| format!("{line}: {reference}"));
    Ok(words.collect())
}

#[test]
fn each_label_reference_is_returned_once_with_its_first_line() {
    let text = format!(
        "{TYPED}1,2,contacts,companies,Boss\n1,3,Contact,company, Boss\n\n4,5,deals,0-2,\n6,7,contacts,companies,Boss\n"
    );
    assert_eq!(
        references(&text, |_| {}).unwrap(),
        [
            "2: contacts to companies, 'Boss'",
            "5: deals to companies, unlabeled"
        ]
    );
}

#[test]
fn invalid_rows_have_no_label_references() {
    let text = format!("{TYPED}x,2,contacts,companies,A\n1,2,contacts,!,B\n1,2,deals,leads,C\n");
    assert_eq!(
        references(&text, |_| {}).unwrap(),
        ["4: deals to leads, 'C'"]
    );
}

#[test]
fn rows_after_the_limit_have_no_label_references() {
    let text = format!("{TYPED}1,2,deals,leads,A\n1,2,deals,leads,B\n");
    let found = references(&text, |options| {
        options.limit = Some(InputLimit::Records(1));
    });
    assert_eq!(found.unwrap(), ["2: deals to leads, 'A'"]);
}

#[test]
fn a_label_for_all_rows_is_the_only_reference() {
    let found = references("from_object_id,to_object_id\n1,2\n", |options| {
        options.from_type = Some("deals");
        options.to_type = Some("leads");
    });
    assert_eq!(found.unwrap(), ["0: deals to leads, unlabeled"]);
}

#[test]
fn a_file_with_definitions_has_no_label_references() {
    assert!(
        references(&format!("{HEADER}1,2,1\n"), |_| {})
            .unwrap()
            .is_empty()
    );
}

#[test]
fn references_before_an_error_are_returned() {
    let text = format!("{TYPED}1,2,deals,leads,A\n\"1,2,deals,leads,B\n");
    assert_eq!(
        references(&text, |_| {}).unwrap(),
        ["2: deals to leads, 'A'"]
    );
}

#[test]
fn more_than_a_thousand_references_are_refused() {
    let mut text = TYPED.to_owned();
    for n in 0..1_000 {
        writeln!(text, "1,2,deals,leads,{n}").unwrap();
    }
    assert_eq!(references(&text, |_| {}).unwrap().len(), 1_000);
    text += "1,2,deals,leads,one more\n";
    let message = references(&text, |_| {}).unwrap_err();
    assert!(
        message.contains(
            "up to line 1002 there are more than 1000 different labels and object types; is this \
             really the label column?"
        ),
        "{message}"
    );
}

#[test]
fn a_stream_is_not_read() {
    let given = InputOptions {
        from_type: Some("deals"),
        to_type: Some("leads"),
        label: Some("A".to_owned()),
        ..at(InputPath::Stdin)
    };
    let found = input::label_references(&given).unwrap();
    assert_eq!(found[0].0.to_string(), "deals to leads, 'A'");
    assert!(
        input::label_references(&at(InputPath::Stdin))
            .unwrap()
            .is_empty()
    );
}

#[cfg(unix)]
#[test]
fn a_stream_with_types_in_columns_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success());
    let writer = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::write(fifo, format!("{TYPED}1,2,deals,leads,\n")).unwrap()
    });
    let Err(error) = input::open(&at(InputPath::File(fifo))) else {
        panic!("not refused");
    };
    writer.join().unwrap();
    let message = messages::input(&error);
    assert!(
        message.contains("need a file, because it is read twice")
            && message.contains("give --from-type, --to-type"),
        "{message}"
    );
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let message = references(HEADER, |options| {
        options.from_type = Some("deals");
        options.definition = v2026_09::table().parse("1").ok();
    });
    let message = message.unwrap_err();
    assert!(
        message.contains("--definition and --from-type are both given"),
        "{message}"
    );
}
