//! The summary of a command: every end writes it, so that monitoring never reads an old success,
//! and it says what was run and how its rows ended.

use serde_json::{Value, json};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::start,
    workdir::{TOKEN, Transcript, Workdir},
};

/// The summary of an earlier successful run.
const OLD: &str = "{\n  \"version\": 1,\n  \"exit_code\": 0\n}\n";

/// The single line on standard output.
fn line(ran: &Transcript) -> Value {
    let text = ran.stdout();
    assert_eq!(text.matches('\n').count(), 1, "{ran}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_refused_command_replaces_the_summary_of_the_last_one() {
    let sandbox = start(&[]);
    let url = sandbox.base_url();
    let import = format!("import links.csv --base-url {url}");
    for (command, line) in [
        ("import", format!("import nowhere.csv --base-url {url}")),
        ("import", format!("{import} --definition nonsense")),
        ("import", format!("{import} --label Owner")),
        ("import", format!("{import} --batch 2000")),
        ("import", format!("{import} --ca-file nowhere.pem")),
        ("import", format!("{import} -o there.csv")),
        ("import", format!("{import} -o there.csv --resume")),
        ("import", "import - --sandbox".to_owned()),
        ("import", "import broken.csv --sandbox".to_owned()),
        // A usage error: the command line itself is invalid.
        ("import", format!("{import} --rate fast")),
        ("import", format!("-q {import} --no-such-option")),
        ("import", "import".to_owned()),
        ("verify", "verify nowhere.results.csv".to_owned()),
        ("verify", "verify there.csv --timeout never".to_owned()),
        ("undo", "undo there.csv".to_owned()),
    ] {
        let workdir = Workdir::with(links([1]));
        workdir.write("there.csv", "not ours\n");
        workdir.write("broken.csv", "a,b\n1,2\n");
        workdir.write("s.json", OLD);
        let refused = |options: &str| {
            let ran = workdir.run(&format!("{line} {options}"));
            ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2)
        };
        refused("--summary s.json");
        let summary = workdir.json("s.json");
        let fields = ["version", "command", "exit_code"].map(|name| &summary[name]);
        assert_eq!(fields, [&json!(1), &json!(command), &json!(2)], "{line}");
        let why = summary["stopped"].as_str().unwrap();
        assert!(!why.is_empty() && !why.contains('\n'), "{line}: {summary}");

        // In a pipe, and set only by the environment.
        let ran = refused("--summary -");
        assert_eq!(self::line(&ran)["stopped"], why, "{line}");
        let ran = workdir.run(&line).env("HUBASSOC_SUMMARY", "-");
        let ran = ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        assert_eq!(self::line(&ran)["exit_code"], 2, "{line}");
    }
    assert_eq!(sandbox.request_log().requests, 0);
}

#[test]
fn a_run_without_a_token_replaces_the_summary_too() {
    let workdir = Workdir::with(links([1]));
    workdir.write("s.json", OLD);
    workdir.run("import links.csv --summary s.json").exits(2);
    let summary = workdir.json("s.json");
    assert_eq!(summary["exit_code"], 2);
    assert!(
        summary["stopped"]
            .as_str()
            .unwrap()
            .contains("no access token")
    );
    assert_eq!(summary["files"]["results"], Value::Null);
}

#[test]
fn an_undo_without_consent_says_so_in_its_summary() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    let options = "--summary s.json";
    workdir.import(&sandbox.base_url(), options).exits(0);
    let undo = workdir.run("undo links.results.csv --include-unchecked --summary s.json");
    undo.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
    let summary = workdir.json("s.json");
    assert_eq!(
        (&summary["command"], &summary["exit_code"]),
        (&json!("undo"), &json!(2))
    );
}

#[test]
fn a_refused_summary_path_is_not_touched() {
    let sandbox = start(&[]);
    for options in [
        "--summary links.csv",
        "--summary links.csv --rate fast",
        "--summary empty.csv --no-such-option empty.csv",
        "--summary links.results.csv",
        "--summary links.results.csv --rate fast",
        "--summary links.results.csv.run --rate fast",
        "--summary out.csv -o out.csv --definition nonsense",
    ] {
        let workdir = Workdir::with(links([1]));
        workdir.write("empty.csv", "");
        workdir.import(&sandbox.base_url(), options).exits(2);
        assert_eq!(workdir.names(), ["empty.csv", "links.csv"], "{options}");
        assert_eq!(workdir.text("links.csv"), links([1]), "{options}");
        assert_eq!(workdir.text("empty.csv"), "", "{options}");
    }
    let workdir = Workdir::with("");
    workdir
        .import(&sandbox.base_url(), "--summary links.csv")
        .exits(2);
    assert_eq!(workdir.text("links.csv"), "", "an input without a row");
}

#[test]
fn a_summary_says_what_was_run_where_and_counts_rows_by_code() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404, 1404]) + "n/a,7,1\n");
    let options = "--api 2026-09 --summary -";
    let ran = workdir.import(&sandbox.base_url(), options).exits(1);
    let summary = line(&ran);
    for (name, expected) in [
        ("command", json!("import")),
        ("api", json!("2026-09")),
        ("account", json!(62515)),
        ("codes", json!({"record_not_found": 2, "invalid_id": 1})),
        (
            "files",
            json!({
                "input": "links.csv",
                "results": "links.results.csv",
                "run_log": "links.results.csv.run",
                "failures": "links.failures.csv",
                "report": null,
            }),
        ),
    ] {
        assert_eq!(summary[name], expected, "{name}: {summary}");
    }

    // A resumed run counts the codes of all its sessions.
    let resumed = workdir
        .import(&sandbox.base_url(), "--resume --summary -")
        .exits(1);
    assert_eq!(line(&resumed)["codes"], summary["codes"]);
    assert_eq!(line(&resumed)["account"], 62515);

    let verify = workdir.run("verify links.results.csv --summary -");
    let ran = verify.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0);
    let summary = line(&ran);
    let fields = ["command", "api", "account", "codes"].map(|name| &summary[name]);
    assert_eq!(
        fields,
        [
            &json!("verify"),
            &json!("2026-09"),
            &json!(62515),
            &json!({})
        ]
    );
    assert_eq!(summary["files"]["report"], "links.verify.csv");
}

#[test]
fn a_retried_row_counts_by_its_last_code() {
    let fake = FakeHubSpot::with_handler(|n, _| if n == 0 { 409.into() } else { 204.into() });
    let workdir = Workdir::with(links([1, 2]));
    let options = "--concurrency 1 --summary -";
    let ran = workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(line(&ran)["codes"], json!({"conflict": 1}));
    let options = "--resume --retry-failed --summary -";
    let ran = workdir.import(&fake.base_url(), options).exits(0);
    assert_eq!(line(&ran)["codes"], json!({}));
}

#[cfg(unix)]
mod while_another_runs {
    use super::*;
    use crate::support::running::RunningProgram;

    #[test]
    fn its_summary_is_left_to_it() {
        let sandbox = start(&[]);
        let slow = start(&["silence=#1-"]);
        let workdir = Workdir::with(links([1]));
        workdir.write("s.json", OLD);
        let mut run = RunningProgram::start(&workdir, &slow.base_url(), "--summary s.json");
        run.until("writing results to");
        for options in ["", "--resume", "--resume --definition nonsense"] {
            let options = format!("{options} --summary s.json");
            let ran = workdir.import(&sandbox.base_url(), &options).finish();
            assert_ne!(ran.code, Some(0), "{ran}");
            assert_eq!(workdir.text("s.json"), "", "{options}");
        }
        // Standard output has nothing else.
        let ran = workdir.import(&sandbox.base_url(), "--resume --summary -");
        let ran = ran.finish();
        assert_eq!(line(&ran)["exit_code"], json!(ran.code));
        run.signal("-KILL");
        assert_eq!(
            workdir.text("s.json"),
            "",
            "nobody has written an old success"
        );

        let options = "--resume --summary s.json --definition nonsense";
        workdir.import(&sandbox.base_url(), options).exits(2);
        assert_eq!(
            workdir.json("s.json")["exit_code"],
            2,
            "now nobody has them"
        );
    }
}

#[test]
#[cfg(unix)]
fn a_new_summary_is_readable_by_all_whatever_the_umask() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let sandbox = start(&[]);
    let url = sandbox.base_url();
    for umask in ["000", "022", "077"] {
        let workdir = Workdir::with(links([1]));
        let typed = |line: &str| {
            let ran = workdir.shell(&format!("umask {umask}; exec hubassoc {line}"));
            ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).finish()
        };
        let mode = |name: &str| {
            let there = fs::metadata(workdir.path(name)).unwrap();
            there.permissions().mode() & 0o777
        };
        for (name, line) in [
            ("good.json", format!("import links.csv --base-url {url}")),
            ("refused.json", format!("import links.csv --base-url {url}")),
            ("usage.json", "import links.csv --rate fast".to_owned()),
            ("verify.json", "verify links.results.csv".to_owned()),
            ("undo.json", "undo links.results.csv --yes".to_owned()),
        ] {
            let ran = typed(&format!("{line} --summary {name}"));
            assert!(workdir.json(name)["version"] == 1, "{ran}");
            assert_eq!(mode(name), 0o644, "{name}, umask {umask}");
        }
        assert_eq!(mode("links.results.csv"), 0o600, "umask {umask}");
        // An existing summary keeps its permissions.
        workdir.write("own.json", OLD);
        let own = fs::Permissions::from_mode(0o640);
        fs::set_permissions(workdir.path("own.json"), own).unwrap();
        typed("verify links.results.csv --summary own.json");
        assert_eq!(workdir.json("own.json")["command"], "verify");
        assert_eq!(mode("own.json"), 0o640);
    }
}
