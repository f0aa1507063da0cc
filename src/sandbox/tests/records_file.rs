//! The file of records: its two forms, and what is refused when the sandbox starts.

use super::{lookups::start_with_records, *};
use crate::sandbox::{RecordOptions, SandboxError};

fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    std::fs::write(&path, text).unwrap();
    let started = Sandbox::start(SandboxOptions {
        record_options: RecordOptions {
            records: Some(path.clone()),
            unique_properties: vec!["contacts:code".parse().unwrap()],
            ..RecordOptions::default()
        },
        ..SandboxOptions::default()
    });
    let error: SandboxError = started.unwrap_err();
    let path = path.display().to_string();
    let error = error.to_string();
    error.strip_prefix(&path).expect(&error).to_owned()
}

#[test]
fn both_forms_have_the_same_records() {
    let csv = "\u{feff}id,object_type,merged_ids,archived,created,email,note\r\n\
               101,Contact,7,,2026-03-01,ann@example.com,\"a, b\"\r\n\
               102,0-1,,TRUE,1772359200000,,\r\n";
    let json = "\u{feff}{\"object_type\":\"contacts\",\"id\":\"101\",\"merged_ids\":[7],\
                \"created\":\"2026-03-01\",\"properties\":{\"email\":\"ann@example.com\",\"note\":\"a, b\",\"size\":null}}\n\n\
                {\"object_type\":\"contacts\",\"id\":102,\"archived\":true,\"created\":1772359200000}\n";
    let [csv, json] = [csv, json].map(|text| {
        let sandbox = start_with_records(text, RecordOptions::default());
        ["7?properties=email,note,size", "102?archived=true", "103"].map(|record| {
            let answer = get(&sandbox, &format!("/crm/objects/2026-09/contacts/{record}"));
            (answer.status, answer.masked())
        })
    });
    assert_eq!(csv, json);
    assert_eq!(csv[0].0, 200);
    assert!(csv[0].1.contains(r#""createdate":"2026-03-01T00:00:00.000Z","email":"ann@example.com","hs_object_id":"101","lastmodifieddate":"2026-03-01T00:00:00.000Z","note":"a, b"}"#), "{}", csv[0].1);
    assert!(
        csv[1]
            .1
            .contains(r#""createdate":"2026-03-01T10:00:00.000Z""#),
        "{}",
        csv[1].1
    );
    assert_eq!(csv[2].0, 404);
}

/// Lines after one of a contact, and why they are refused.
const INVALID: [(&str, &str); 12] = [
    (
        "boats,1,,,,,,",
        "'boats' is no object type of the account; write contacts, 0-1, or a custom object that a label of the account names",
    ),
    (
        "contacts,0,,,,,,",
        "'0' is not an id; write a whole number from 1 on",
    ),
    (
        "contacts,1,x,,,,,",
        "'x' is not an id; write a whole number from 1 on",
    ),
    (
        "contacts,1,,yes,,,,",
        "'yes' in archived is neither true nor false; write one of them",
    ),
    (
        "contacts,1,,,soon,,,",
        "'soon' in created is not a time; write it like 2026-11-23T10:00:00Z",
    ),
    (
        "contacts,1,,,",
        "it has 5 cells, and the first line has 8; correct its commas and quotes",
    ),
    (
        "contacts,9,,,,,,",
        "this id is already in line 2; write each record once, and the old ids of a merged record into merged_ids",
    ),
    (
        "contacts,10,9,,,,,",
        "the old id 9 is a record of this file; remove one of the two",
    ),
    (
        "contacts,10,8,,,,,",
        "the old id 8 already leads to a record; write each old id once",
    ),
    (
        "contacts,10,,,,ANN@example.com,,",
        "this contact has the same email or hs_additional_emails as the one in line 2, and these values are unique; change one of them, or set archived to true",
    ),
    (
        "contacts,10,,,,,x@y.org;ann@example.com,",
        "this contact has the same email or hs_additional_emails as the one in line 2, and these values are unique; change one of them, or set archived to true",
    ),
    (
        "contacts,10,,,,,,a-1",
        "this contact has the same code as the one in line 2, and these values are unique; change one of them, or set archived to true",
    ),
];

#[test]
fn an_invalid_line_is_refused_with_its_number_and_the_remedy() {
    let csv = "object_type,id,merged_ids,archived,created,email,hs_additional_emails,code\n";
    for (line, expected) in INVALID {
        let error = refused(&format!(
            "{csv}contacts,9,8,,,ann@example.com,,A-1\n{line}\n"
        ));
        assert_eq!(error, format!(", line 3: {expected}"));
    }
}

#[test]
fn what_is_not_a_file_of_records_is_refused() {
    for text in ["", "id,email\n1,a@x.com\n", "contacts,1\n"] {
        assert_eq!(
            refused(text),
            " is not a file of records; write object_type,id and the names of properties into its first line, or on each line a JSON object like {\"object_type\":\"contacts\",\"id\":\"101\"}"
        );
    }
    for (column, expected) in [
        (
            "createdate",
            ", line 2: the sandbox itself makes 'createdate'; leave it out, and write the time of creation into created, and old ids into merged_ids",
        ),
        (
            "",
            ", line 2: a property has no name; write the name into the first line",
        ),
    ] {
        let error = refused(&format!("object_type,id,{column}\ncontacts,1,x\n"));
        assert_eq!(error, expected);
    }
    for (line, words) in [
        (
            "{\"object_type\":\"contacts\"}",
            "line 2: this is not a record as JSON (missing field `id`",
        ),
        (
            "{\"object_type\":\"contacts\",\"id\":1,\"email\":\"x\"}",
            "line 2: this is not a record as JSON (unknown field `email`",
        ),
        (
            "{\"object_type\":\"contacts\",\"id\":1,\"properties\":{\"email\":[]}}",
            "line 2: the value of 'email' is a list or an object; write a text",
        ),
        (
            "{\"object_type\":\"contacts\",\"id\":1,\"properties\":{\"email\":\"a\\u0000\"}}",
            "line 2: the value of 'email' has a NUL byte; remove it",
        ),
    ] {
        let error = refused(&format!(
            "{{\"object_type\":\"contacts\",\"id\":9}}\n{line}\n"
        ));
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let started = Sandbox::start(SandboxOptions {
        record_options: RecordOptions {
            records: Some("no/such/file".into()),
            ..RecordOptions::default()
        },
        ..SandboxOptions::default()
    });
    let error = started.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read the list of records no/such/file: "),
        "{error}"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    for text in [
        &b"object_type,id,a\ncontacts,1,\xFF\n"[..],
        b"{\"object_type\":\"contacts\",\"id\":1}\n\xFF\n",
    ] {
        std::fs::write(&path, text).unwrap();
        let started = Sandbox::start(SandboxOptions {
            record_options: RecordOptions {
                records: Some(path.clone()),
                ..RecordOptions::default()
            },
            ..SandboxOptions::default()
        });
        let error = started.unwrap_err().to_string();
        assert!(
            error.ends_with("line 2: the text is not UTF-8; save the file as UTF-8"),
            "{error}"
        );
    }
}
