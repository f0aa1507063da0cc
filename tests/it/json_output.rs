//! `--format json`: one object on standard output, and nothing else.

use serde_json::{Value, json};

use crate::support::{
    links,
    sandbox::start,
    workdir::{TOKEN, Transcript, Workdir},
};

/// The object on standard output.
fn object(ran: &Transcript) -> Value {
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|why| panic!("{why}\n{ran}"))
}

#[test]
fn explain_prints_causes_with_codes_rows_and_commands() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([404, 1, 1404]));
    workdir.import(&sandbox.base_url(), "").exits(1);
    let ran = workdir
        .run("explain links.results.csv --format json")
        .exits(0);
    assert_eq!(ran.stderr, "");
    let page = object(&ran);
    assert_eq!(
        (&page["version"], &page["command"]),
        (&json!(1), &json!("explain"))
    );
    assert_eq!(
        page["rows"]["statuses"],
        json!({"succeeded": 1, "failed": 2})
    );
    assert_eq!(page["run"]["import"]["input"], "links.csv");
    let [cause] = &page["causes"].as_array().unwrap()[..] else {
        panic!("{ran}");
    };
    assert_eq!(
        (&cause["code"], &cause["rows"], &cause["send_again"]),
        (
            &json!("record_not_found"),
            &json!(2),
            &json!("after_correcting")
        )
    );
    assert_eq!(
        cause["examples"],
        json!([{"row": 1, "line": 2}, {"row": 3, "line": 4}])
    );
    let command = cause["next"]["command"].as_str().unwrap();
    assert!(
        command.starts_with("hubassoc import links.failures.csv "),
        "{ran}"
    );
}

#[test]
fn types_prints_the_definitions() {
    let ran = Workdir::new()
        .run("types contacts companies --format json")
        .exits(0);
    let page = object(&ran);
    assert_eq!(page["api"], "v1");
    assert_eq!(
        page["definitions"][0],
        json!({
            "id": 1,
            "category": "HUBSPOT_DEFINED",
            "name": "contact_to_company",
            "description": "Contact to company",
            "from": "contacts",
            "to": "companies",
            "sets_primary": true,
            "documented": true,
        })
    );
}

#[test]
fn check_prints_counts_and_causes_of_each_input() {
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\nx,7,1\ny,7,1\n");
    let ran = workdir.run("check links.csv --format json").exits(1);
    let page = object(&ran);
    assert_eq!(page["exit_code"], 1);
    let input = &page["inputs"][0];
    let rows = json!({"read": 3, "ready": 1, "bad": 2, "not_checked": 0});
    assert_eq!(
        (&input["input"], &input["rows"]),
        (&json!("links.csv"), &rows)
    );
    assert_eq!(input["causes"][0]["code"], "invalid_id");
    assert_eq!(input["causes"][0]["rows"], 2);
    ran.says(&["1 row is ready to import; 2 rows are invalid"]);

    let ran = workdir
        .run("check nothing.csv links.csv --format json")
        .exits(2);
    let page = object(&ran);
    assert_eq!(page["exit_code"], 2);
    let error = page["inputs"][0]["error"].as_str().unwrap();
    assert!(error.contains("nothing.csv"), "{ran}");
    assert_eq!(page["inputs"][1]["exit_code"], 1);
}

#[test]
fn check_online_names_the_file_with_the_bad_rows() {
    let sandbox = start(&[]);
    let workdir = Workdir::with("from_email,to_object_id,definition_id\nann@x.com,7,1\nb,7,1\n");
    let line = format!(
        "check links.csv --online --format json --base-url {}",
        sandbox.base_url()
    );
    let ran = workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(1);
    let input = &object(&ran)["inputs"][0];
    assert_eq!(input["bad_rows"], "links.check.csv");
    assert_eq!(input["rows"]["bad"], 1);
    assert!(!ran.stdout().contains("ann@x.com"), "{ran}");
}

#[test]
fn doctor_prints_its_findings() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    let line = format!("doctor --format json --base-url {}", sandbox.base_url());
    let ran = workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(0);
    let page = object(&ran);
    assert_eq!(
        (&page["command"], &page["exit_code"]),
        (&json!("doctor"), &json!(0))
    );
    let findings = page["findings"].as_array().unwrap();
    let token = findings.iter().find(|it| it["about"] == "token").unwrap();
    assert_eq!(
        (&token["status"], &token["exit_code"]),
        (&json!("ok"), &json!(0))
    );
    let ran = workdir.run("doctor").env("HUBASSOC_FORMAT", "json");
    let ran = ran.env("HUBSPOT_ACCESS_TOKEN", "a b").exits(3);
    let page = object(&ran);
    assert_eq!(page["exit_code"], 3);
    assert_eq!(page["findings"][0]["status"], "bad");
}

#[test]
fn a_command_that_is_refused_prints_no_object() {
    let workdir = Workdir::new();
    for line in [
        "explain nothing.csv --format json",
        "check nothing.csv --format json",
        "types unicorns --format json",
        "doctor --from-type 12 --to-type companies --format json",
    ] {
        let ran = workdir.run(line).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{ran}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_not_utf_8_is_shown_and_its_command_has_all_bytes() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    let sandbox = start(&["423=100%"]);
    let workdir = Workdir::new();
    let name = OsStr::from_bytes(b"caf\xe9.csv");
    std::fs::write(workdir.folder().join(name), links([1])).unwrap();
    let line = format!("import --max-attempts 1 --base-url {}", sandbox.base_url());
    let run = workdir
        .run(&line)
        .arg(name)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(1);
    let results = OsStr::from_bytes(b"caf\xe9.results.csv");
    let ran = workdir.run("explain --format json").arg(results).exits(0);
    let page = object(&ran);
    assert_eq!(page["file"], "caf\u{fffd}.results.csv");
    let command = page["causes"][0]["next"]["command"].as_str().unwrap();
    assert_eq!(
        command,
        r"hubassoc import $'caf\351.csv' --resume --retry-failed"
    );
    let again = workdir.shell(command).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    again.exits(1).says(&["1 failed row is sent again"]);
}
