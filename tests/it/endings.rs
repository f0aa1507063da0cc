//! The end of a run: its summary, and the next command that it prints.

use serde_json::Value;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::start,
    workdir::{TOKEN, Transcript, Workdir},
};

/// The command that a run prints after these words.
fn printed_command(ran: &Transcript, words: &str) -> String {
    let mut lines = ran
        .stderr
        .lines()
        .skip_while(|line| !line.starts_with(words));
    lines
        .next()
        .unwrap_or_else(|| panic!("'{words}' is not said\n{ran}"));
    let command = lines.next().unwrap().trim();
    command.strip_prefix("hubassoc ").unwrap().to_owned()
}

#[test]
fn an_unusable_summary_path_is_refused_before_anything_is_sent() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir
        .import(&fake.base_url(), "--summary nowhere/s.json")
        .exits(2);
    ran.says(&["nowhere/s.json"]);
    assert!(fake.requests().is_empty());
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn a_row_with_uncertain_cells_stays_uncertain_in_the_failures_file() {
    let header = "from_object_id,to_object_id,definition_id,note\n";
    for uncertain in [
        "\"12\"3,4,1,x\n",
        "1,234,567,1,n\n",
        "5,6,1\n",
        "1,2,1,\"a\n3,4,1,b\n5,6,1,\"c\"\n",
    ] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(format!("{header}{uncertain}"));
        workdir.import(&sandbox.base_url(), "").exits(1);
        let kept = &workdir.lines("links.failures.csv")[0]["from_object_id"];
        assert_eq!(kept, uncertain.trim_end());
        workdir
            .import_file("links.failures.csv", &sandbox.base_url(), "")
            .exits(1);
        assert!(sandbox.request_log().associations.is_empty(), "{uncertain}");
    }
}

#[test]
fn the_printed_command_imports_the_corrected_failures() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    workdir.write("my.csv", links([1, 404]));
    let ran = workdir
        .import_file("my.csv", &sandbox.base_url(), "-o out.csv")
        .exits(1);
    let command = printed_command(&ran, "next: correct the rows");
    let corrected = workdir.text("out.failures.csv").replace("\n404,", "\n405,");
    workdir.write("out.failures.csv", corrected);
    workdir
        .run(&command)
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .exits(0);
    assert_eq!(
        sandbox
            .request_log()
            .associations
            .last()
            .unwrap()
            .association
            .unwrap()
            .from
            .get(),
        405
    );
}

#[test]
fn the_summary_is_one_json_document_on_standard_output_if_asked() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1, 2]));
    let ran = workdir.import(&fake.base_url(), "--summary -").exits(0);
    let summary: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(summary["version"], 1);
    assert_eq!(summary["succeeded"], 2);
    assert_eq!(summary["results"], "links.results.csv");
    assert_eq!(summary["exit_code"], 0);
}

#[test]
fn a_summary_says_why_the_run_stopped() {
    let fake = FakeHubSpot::with_responses([401]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir.import(&fake.base_url(), "--summary -").exits(3);
    let summary: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert!(
        summary["stopped"].as_str().unwrap().contains("HTTP 401"),
        "{summary}"
    );
    assert_eq!(summary["results"], serde_json::Value::Null);
}

#[test]
fn the_command_printed_after_a_stop_resumes_the_run() {
    for (case, refused) in [("in the middle", 2), ("at the start", 0)] {
        for results in ["", "-o out.csv"] {
            let fake = FakeHubSpot::with_handler(
                // A single 401 would not stop the run.
                move |n, _| {
                    if n == refused || n == refused + 1 {
                        401.into()
                    } else {
                        204.into()
                    }
                },
            );
            let workdir = Workdir::with(links(1..=5));
            let options = format!("--concurrency 1 {results}");
            let ran = workdir.import(&fake.base_url(), &options).exits(3);
            let command =
                printed_command(&ran, "next, with a token and scopes that HubSpot accepts");
            let ran = workdir
                .run(&command)
                .env("HUBSPOT_ACCESS_TOKEN", "t")
                .exits(0);
            assert!(
                ran.stderr.contains("5 rows read: 5 succeeded"),
                "{case} {results}\n{ran}"
            );
        }
    }
}

#[test]
fn the_printed_command_reads_the_failures_file_as_written() {
    let sandbox = start(&[]);
    for (encoding, name) in [
        ("windows-1252", &b"Andr\xe9"[..]),
        ("utf-16le", b"Andr\xe9"),
    ] {
        let mut bytes = b"from_object_id,to_object_id,definition_id,name\n404,7,1,".to_vec();
        bytes.extend_from_slice(name);
        if encoding == "utf-16le" {
            bytes = bytes.into_iter().flat_map(|byte| [byte, 0]).collect();
        }
        let workdir = Workdir::with(bytes);
        let options = format!("--encoding {encoding}");
        let ran = workdir.import(&sandbox.base_url(), &options).exits(1);
        let command = printed_command(&ran, "next: correct the rows");
        let corrected = workdir
            .text("links.failures.csv")
            .replace("\n404,", "\n405,");
        workdir.write("links.failures.csv", corrected);
        workdir
            .run(&command)
            .env("HUBSPOT_ACCESS_TOKEN", "t")
            .exits(0);
        let again = workdir.lines("links.failures.results.csv");
        assert_eq!(again[0]["name"], "André", "{encoding}");
    }
}

#[test]
fn a_file_name_with_blanks_is_quoted_for_the_shell() {
    let workdir = Workdir::new();
    workdir.write("my links.csv", links([404]));
    let ran = workdir.run("import --sandbox").arg("my links.csv").exits(1);
    let command = printed_command(&ran, "next: correct the rows");
    assert_eq!(command, "import --sandbox 'my links.sandbox.failures.csv'");
}

#[test]
fn a_summary_replaces_only_an_earlier_summary() {
    let sandbox = start(&[]);
    for there in [
        "links.csv",
        "token",
        "links.results.csv",
        "links.failures.csv",
    ] {
        let workdir = Workdir::with(links([1, 404]));
        workdir.write("token", "t");
        let before = workdir.names();
        workdir
            .import(&sandbox.base_url(), &format!("--summary {there}"))
            .exits(2);
        assert_eq!(workdir.names(), before, "{there}");
        assert_eq!(workdir.text("links.csv"), links([1, 404]));
    }
    let workdir = Workdir::with(links([1]));
    for results in ["a.csv", "b.csv"] {
        let options = format!("--summary s.json -o {results}");
        workdir.import(&sandbox.base_url(), &options).exits(0);
        assert_eq!(workdir.json("s.json")["results"], results);
    }
}

#[cfg(unix)]
#[test]
fn a_summary_is_not_written_through_a_dangling_symlink() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    std::os::unix::fs::symlink("links.results.csv", workdir.path("s.json")).unwrap();
    workdir
        .import(&sandbox.base_url(), "--summary s.json")
        .exits(2);
    assert!(!workdir.has("links.results.csv"));
}

#[cfg(unix)]
#[test]
fn an_earlier_summary_is_removed_when_another_run_starts() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    workdir
        .import(&sandbox.base_url(), "--summary s.json")
        .exits(0);
    let slow = start(&["silence=#1-"]);
    let mut run = crate::support::running::RunningProgram::start(
        &workdir,
        &slow.base_url(),
        "--summary s.json -o other.csv",
    );
    run.until("writing results to").signal("-KILL");
    assert_eq!(workdir.bytes("s.json"), b"");
}

#[test]
fn rows_that_fail_for_one_cause_are_reported_together() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    let missing = (1..=12).map(|n| n * 1_000 + 404);
    workdir.write("my.csv", links(missing.chain([1])) + "n/a,7,1\nnone,7,1\n");
    let ran = workdir
        .import_file("my.csv", &sandbox.base_url(), "")
        .exits(1);
    let about = |words: &str| {
        ran.stderr
            .lines()
            .filter(|line| line.contains(words))
            .count()
    };
    assert_eq!(
        (about("record_not_found"), about("invalid_id")),
        (1, 1),
        "{ran}"
    );
    ran.says(&[
        "12 rows record_not_found: this account has no contact …",
        " and 9 more: my.failures.csv\n",
        "2 rows invalid_id: from_object_id: the cell is not a HubSpot ID (a number such as 123456)\n",
        "\n  rows 14 (line 15), 15 (line 16)\n",
    ]);
}

#[test]
fn the_run_log_counts_the_calls_of_each_session() {
    let sandbox = start(&["503=#3"]);
    let workdir = Workdir::with(links(1..=5));
    workdir
        .import(&sandbox.base_url(), "--api 2026-09 --summary s.json")
        .exits(0);
    let undo = "undo links.results.csv --yes --rate unlimited --summary u.json";
    let run = workdir.run(undo).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(0);
    for (log, summary, kinds) in [
        ("links.results.csv.run", "s.json", &["create", "read"][..]),
        ("links.undo.csv.run", "u.json", &["read", "remove"]),
    ] {
        let log = workdir.text(log);
        let ended = log.lines().find(|line| line.starts_with("{\"ended\":"));
        let ended: Value = serde_json::from_str(ended.unwrap()).unwrap();
        let counters = &ended["ended"]["counters"];
        let calls = counters["calls"].as_object().unwrap();
        for kind in kinds {
            assert!(calls.contains_key(*kind), "{kind}: {counters}");
        }
        let summary = workdir.json(summary);
        let all: u64 = calls.values().map(|calls| calls.as_u64().unwrap()).sum();
        assert_eq!(all, summary["calls"].as_u64().unwrap(), "{counters}");
        for name in ["retries", "throttled"] {
            assert_eq!(counters[name], summary[name], "{counters}");
        }
    }
}
