//! Rehearsals with a file of records: which records the sandbox has, and when the file is read.

use crate::support::{
    links,
    workdir::{Transcript, Workdir, column},
};

/// Contact 101 exists and no other; of every other object type, every record.
const RECORDS: &str = "object_type,id,email\ncontacts,101,ann@example.com\n";

const SANDBOX: &str = "--sandbox --rate unlimited";

const NO_SUCH_CONTACT: &str = "this account has no contact 102";

/// The file records.csv, and links.csv with these contacts.
fn workdir(contacts: &[u64]) -> Workdir {
    let workdir = Workdir::with(links(contacts.iter().copied()));
    workdir.write("records.csv", RECORDS);
    workdir
}

fn rehearse(workdir: &Workdir, options: &str, exit_code: i32) -> Transcript {
    let line = format!("import links.csv {SANDBOX} {options}");
    workdir.run(&line).exits(exit_code)
}

/// Status and code of each line of the results, in the order of the rows.
fn endings(workdir: &Workdir, results: &str) -> Vec<String> {
    let mut lines = workdir.lines(results);
    lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
    let endings = lines
        .iter()
        .map(|line| format!("{} {}", line["assoc_status"], line["assoc_code"]));
    endings.collect()
}

#[test]
fn an_object_type_in_the_file_has_only_the_records_listed_there() {
    let workdir = workdir(&[101, 102]);
    rehearse(&workdir, "--records records.csv", 1).says(&[
        "sending to a sandbox inside this program (the object types in records.csv have only the \
         records listed there; of all others every record exists, except ids that end in 404)\n",
        NO_SUCH_CONTACT,
        "  hubassoc import links.sandbox.failures.csv --sandbox --rate unlimited --records \
         records.csv\n",
    ]);
    let ended = ["succeeded ", "failed record_not_found"];
    assert_eq!(endings(&workdir, "links.sandbox.results.csv"), ended);
}

#[test]
fn the_real_import_that_is_suggested_has_no_records() {
    let workdir = workdir(&[101]);
    for option in ["--records records.csv", "--records=records.csv"] {
        rehearse(&workdir, option, 0).says(&["  hubassoc import links.csv --rate unlimited\n"]);
    }
}

#[test]
fn records_are_refused_without_a_rehearsal() {
    let workdir = workdir(&[101]);
    for command in ["import", "check"] {
        let ran = workdir.run(&format!("{command} links.csv --records records.csv"));
        ran.exits(2).says(&[
            "error: --records lists the records of a rehearsal; give --sandbox too, or leave out \
             --records\n",
        ]);
    }
    assert_eq!(workdir.names(), ["links.csv", "records.csv"]);
}

#[test]
fn a_file_of_records_with_a_fault_is_refused_once_before_any_input_is_read() {
    let workdir = workdir(&[101]);
    workdir.write("more.csv", links([101]));
    workdir.write(
        "records.csv",
        format!("{RECORDS}contacts,102,Ann@example.com\n"),
    );
    let there = workdir.names();
    for (inputs, records, expected) in [
        (
            "links.csv",
            "records.csv",
            "hubassoc: records.csv, line 3: this contact has the same email or \
             hs_additional_emails as the one in line 2, and these values are unique; change one of \
             them, or set archived to true\n",
        ),
        (
            "links.csv more.csv",
            "records.csv",
            "hubassoc: records.csv, line 3: ",
        ),
        (
            "links.csv",
            "nowhere.csv",
            "hubassoc: cannot read the list of records nowhere.csv: ",
        ),
    ] {
        let line = format!("import {inputs} {SANDBOX} --records {records}");
        let ran = workdir.run(&line).exits(2);
        assert!(ran.stderr.starts_with(expected), "{ran}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    }
    assert_eq!(workdir.names(), there);
}

#[test]
fn a_resumed_rehearsal_has_the_same_records_unless_others_are_given() {
    for (option, exit_code) in [("", 1), ("--records others.csv", 0)] {
        let workdir = workdir(&[101, 102]);
        workdir.write("others.csv", RECORDS.replace("101", "102"));
        rehearse(&workdir, "--records records.csv --limit 1", 0);
        let ran = rehearse(
            &workdir,
            &format!("--resume --limit off {option}"),
            exit_code,
        );
        assert_eq!(
            ran.stderr.contains(NO_SUCH_CONTACT),
            exit_code == 1,
            "{ran}"
        );
    }
}

#[test]
fn the_commands_after_a_resumed_rehearsal_name_its_records() {
    let workdir = workdir(&[101, 102]);
    rehearse(&workdir, "--records records.csv --limit 1", 0);
    rehearse(&workdir, "--resume --limit off", 1).says(&[
        "  hubassoc import links.sandbox.failures.csv --sandbox --rate unlimited --records \
         records.csv\n",
    ]);
}

/// Rows by a property of contacts: with a record, and without one.
const BY_PROPERTY: &str = "from_external_id,to_domain,definition_id\nK-1,acme.example,1\n\
                           K-404,acme.example,1\n";

#[test]
fn a_property_that_rows_name_is_unique_in_a_rehearsal() {
    let workdir = Workdir::with(BY_PROPERTY);
    workdir.write(
        "records.csv",
        "object_type,id,external_id\ncontacts,101,K-1\n",
    );
    for options in ["", "--records records.csv"] {
        rehearse(&workdir, options, 1);
        let ended = ["succeeded ", "failed record_not_found"];
        assert_eq!(endings(&workdir, "links.sandbox.results.csv"), ended);
    }
    let linked = &workdir.lines("links.sandbox.results.csv");
    let linked = linked.iter().find(|line| line["assoc_row"] == "1").unwrap();
    assert_eq!(linked["assoc_from_id"], "101");
}

#[test]
fn a_property_that_cannot_be_unique_is_refused_in_a_rehearsal() {
    for (property, records, expected) in [
        (
            "firstname",
            "",
            "nothing was sent: line 2: several contacts may have the same firstname; use one of: \
             email\n",
        ),
        (
            "external_id",
            RECORDS,
            "nothing was sent: line 2: HubSpot has no property external_id of contacts; use one of: \
             email\n",
        ),
        (
            "external_id",
            "object_type,id,external_id\ncontacts,101,K-1\ncontacts,102,k-1\n",
            "records.csv, line 3: this contact has the same external_id as the one in line 2, and \
             these values are unique; change one of them, or set archived to true\n",
        ),
    ] {
        let workdir = Workdir::with(BY_PROPERTY.replace("external_id", property));
        workdir.write("records.csv", records);
        let option = if records.is_empty() {
            ""
        } else {
            "--records records.csv"
        };
        rehearse(&workdir, option, 2).says(&[expected]);
        assert_eq!(workdir.names(), ["links.csv", "records.csv"]);
    }
}

#[test]
fn a_rehearsal_has_the_account_that_is_expected() {
    let workdir = Workdir::with(
        "from_record_url,to_object_id,definition_id\n\
         https://app.hubspot.com/contacts/4711/record/0-1/101,7,1\n",
    );
    rehearse(&workdir, "", 1).says(&["row 1 (line 2) other_account: "]);
    rehearse(&workdir, "--account 4711 --summary summary.json", 0);
    assert_eq!(workdir.json("summary.json")["account"], 4711);
}

#[test]
fn a_record_that_an_address_leads_to_is_named_by_its_id() {
    let address =
        |account, id| format!("https://app.hubspot.com/contacts/{account}/record/0-1/{id},7,1\n");
    let workdir = Workdir::with(
        "from_record_url,to_object_id,definition_id\n".to_owned()
            + &address(4711, 102)
            + &address(4711, 103)
            + &address(99, 101),
    );
    workdir.write(
        "records.csv",
        "object_type,id,archived\ncontacts,101,\ncontacts,102,true\ncompanies,7,\n",
    );
    let run = rehearse(&workdir, "--account 4711 --records records.csv", 1);
    run.says(&[
        "the contact of this address was deleted (102); restore it in HubSpot, then import the row \
         again\n",
        "HubSpot does not have the contact of this address; correct the cell, then import the row \
         again\n",
        "this is the address of a record in another account, but this account is 4711; correct the \
         cell\n",
    ]);
    let results = workdir.lines("links.sandbox.results.csv");
    let mut messages = column(&results, "assoc_message");
    messages.sort_unstable();
    assert_eq!(
        messages,
        [
            "HubSpot does not have the contact of this address (103); correct the cell, then import \
             the row again",
            "the contact of this address (102) was deleted; restore it in HubSpot, then import the \
             row again",
            "this is the address of a record in account 99, but this account is 4711; correct the \
             cell",
        ]
    );
}

#[test]
fn every_input_is_rehearsed_with_all_records() {
    let workdir = workdir(&[101]);
    workdir.write("more.csv", links([102, 101]));
    let line = format!("import links.csv more.csv {SANDBOX} --records records.csv");
    workdir.run(&line).exits(1);
    assert_eq!(
        endings(&workdir, "links.sandbox.results.csv"),
        ["succeeded "]
    );
    let ended = ["failed record_not_found", "succeeded "];
    assert_eq!(endings(&workdir, "more.sandbox.results.csv"), ended);
}
