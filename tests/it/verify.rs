//! `verify`: the links that a run claims are read back, row by row.

use std::fs;

use hubassoc::sandbox::{Sandbox, SandboxOptions};

use crate::support::{
    links,
    raw_server::{NO_CONTENT, RawServer, SocketAction},
    sandbox::{start, start_with},
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

fn verify(workdir: &Workdir, options: &str) -> ProgramRun {
    let line = format!("verify links.results.csv --rate unlimited {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

#[test]
fn exactly_the_rows_that_were_never_written_are_missing() {
    for api in ["v1", "2026-09"] {
        for batch in ["", "--batch max"] {
            let workdir = Workdir::with(links(1..=60));
            workdir.write("unwritten.txt", "contact,5\ncontact,17\n60\n");
            let sandbox = start_with(SandboxOptions {
                unwritten: Some(workdir.path("unwritten.txt")),
                ..SandboxOptions::default()
            });
            let options = format!("--api {api} {batch}");
            workdir.import(&sandbox.base_url(), &options).exits(0);
            let ran = verify(&workdir, "").exits(1);
            let mut lines = workdir.lines("links.verify.csv");
            lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
            let missing = lines
                .iter()
                .filter(|line| line["assoc_status"] == "missing");
            let missing: Vec<_> = missing.map(|line| line["assoc_row"].as_str()).collect();
            assert_eq!(missing, ["5", "17", "60"], "{options}\n{ran}");
            let present = column(&lines, "assoc_status");
            assert_eq!(
                present.iter().filter(|word| **word == "present").count(),
                57
            );
        }
    }
}

#[test]
fn a_complete_run_is_verified_and_an_earlier_report_stays() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=10));
    workdir
        .import(&sandbox.base_url(), "--api 2026-09 --skip-existing")
        .exits(0);
    let ran = verify(&workdir, "").exits(0);
    assert!(ran.stderr.contains("10 present"), "{ran}");
    let first = workdir.bytes("links.verify.csv");
    verify(&workdir, "").exits(0);
    assert_eq!(workdir.bytes("links.verify.csv"), first);
    assert_eq!(workdir.lines("links.verify-2.csv").len(), 10);
}

#[test]
fn refused_rows_are_not_verified() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404, 2]));
    workdir.import(&sandbox.base_url(), "").exits(1);
    verify(&workdir, "").exits(0);
    let lines = workdir.lines("links.verify.csv");
    let rows = column(&lines, "assoc_row");
    assert_eq!(rows.len(), 2);
}

#[test]
fn results_without_their_run_log_are_refused_by_name() {
    let workdir = Workdir::new();
    workdir.write("links.results.csv", "a,b\n");
    let ran = verify(&workdir, "").exits(2);
    assert!(ran.stderr.contains("links.results.csv.run"), "{ran}");
}

#[test]
fn lost_results_are_named_and_nothing_is_said_to_start_again() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.import(&sandbox.base_url(), "").exits(0);
    fs::remove_file(workdir.path("links.results.csv")).unwrap();
    for command in ["verify", "undo --yes"] {
        let run = workdir.run(&format!("{command} links.results.csv"));
        let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        ran.says(&["links.results.csv does not exist; give the results file of the run"]);
        ran.never_says("starting the run");
    }
}

#[test]
fn a_folder_that_does_not_exist_is_named_as_the_reason() {
    let workdir = Workdir::with(links([1]));
    let run = workdir.run("import links.csv -o nowhere/r.csv");
    let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
    ran.says(&["cannot be created, because its folder does not exist; create the folder, or"]);
    ran.never_says("os error");
}

#[test]
fn a_run_log_that_was_cut_off_is_called_incomplete() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.import(&sandbox.base_url(), "").exits(0);
    workdir.write("links.results.csv.run", "{\"begun\":");
    for command in ["verify links.results.csv", "undo --yes links.results.csv"] {
        let ran = workdir.run(command).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        ran.exits(2)
            .says(&["links.results.csv.run is missing or incomplete; keep it"]);
    }
    let ran = workdir.import(&sandbox.base_url(), "--resume").exits(2);
    ran.says(&["links.results.csv.run is missing or incomplete; restore it"]);
}

#[test]
fn the_commands_that_follow_a_verification_have_the_batch_of_the_run() {
    let workdir = Workdir::with(links(1..=6));
    let sandbox = start(&[]);
    workdir.import(&sandbox.base_url(), "--batch max").exits(0);
    let ran = verify(&workdir, "").exits(0);
    ran.says(&["\n  hubassoc undo links.results.csv --batch max\n"]);
}

#[test]
fn missing_links_are_written_to_a_file_and_the_printed_command_imports_it() {
    let workdir = Workdir::with(links(1..=6));
    workdir.write("unwritten.txt", "contact,5\n");
    let sandbox = start_with(SandboxOptions {
        unwritten: Some(workdir.path("unwritten.txt")),
        ..SandboxOptions::default()
    });
    workdir.import(&sandbox.base_url(), "").exits(0);
    let ran = verify(&workdir, "").exits(1);
    let command = format!(
        "hubassoc import links.missing.csv --api v1 --base-url {}",
        sandbox.base_url()
    );
    ran.says(&[
        "next: links.missing.csv has 1 link that is missing",
        &command,
    ]);
    assert_eq!(
        column(&workdir.lines("links.missing.csv"), "assoc_row"),
        ["5"]
    );
    let address = sandbox.address();
    drop(sandbox);
    let sandbox = start_with(SandboxOptions {
        listen: address,
        ..SandboxOptions::default()
    });
    let words = command.trim_start_matches("hubassoc ");
    workdir
        .run(words)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(0);
    assert!(!sandbox.links().is_empty());
}

#[test]
fn a_displaced_primary_company_is_not_offered_for_a_new_import() {
    let sandbox = start(&[]);
    let header = "from_object_id,to_object_id,definition_id\n";
    let workdir = Workdir::with(format!("{header}1,7,1\n1,8,1\n"));
    workdir
        .import(&sandbox.base_url(), "--api 2026-09")
        .exits(0);
    verify(&workdir, "").exits(1);
    assert!(!workdir.has("links.missing.csv"), "{:?}", workdir.names());
}

#[test]
fn unverified_rows_are_counted_and_reported_to_an_undo() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404, 2]) + "x,7,1\n");
    workdir
        .import(&sandbox.base_url(), "--api 2026-09")
        .exits(1);
    let run = workdir.run("verify links.results.csv --rate 100/10s");
    let ran = run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0);
    ran.says(&[
        "2 rows are not: 1 failed, 1 invalid",
        "at least 1 call: about",
        "every imported link exists; to remove the links that this import created",
        "hubassoc undo links.results.csv",
    ]);
    let line = "undo links.results.csv --yes --rate unlimited";
    workdir
        .run(line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(0);
    let ran = verify(&workdir, "").exits(1);
    ran.says(&["note: this run was undone at 20"]);
    assert!(!workdir.has("links.missing.csv"), "{:?}", workdir.names());
}

/// Something on the network breaks every connection that requests records, and no others.
#[test]
fn a_read_that_the_network_blocks_is_no_outage() {
    let found = br#"{"results":[],"hasMore":false,"offset":0}"#;
    let found = [
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            found.len()
        )
        .as_bytes(),
        found,
    ]
    .concat();
    let server = RawServer::with_script(move |_, body| match body {
        "" => SocketAction::Send(found.clone()),
        body if body.contains("inputs") => SocketAction::reset_after(""),
        _ => SocketAction::send(NO_CONTENT),
    });
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&server.base_url(), "").exits(0);
    let line = "verify links.results.csv --rate unlimited --max-attempts 2";
    let ran = workdir
        .run(line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(1);
    ran.says(&[
        "3 rows: 0 present, 0 missing, 3 unreadable",
        "record_not_read",
        "next, once you have fixed the cause of the unreadable rows: verify again\n  hubassoc verify \
         links.results.csv --rate unlimited --max-attempts 2\n",
    ]);
    let message = &workdir.lines("links.verify.csv")[0]["assoc_message"];
    assert!(
        message.contains("a proxy or firewall may block it"),
        "{message}"
    );
    // Each object type is tried once, not for each row.
    let requests = server
        .requests()
        .into_iter()
        .filter(|request| request.body.contains("inputs"));
    assert!(requests.count() <= 4);
}

/// An import of four links by v1, which are verified one after another; the first is missing. The
/// server refuses the token from this request on.
fn first_is_missing(refused: Option<u64>) -> (Sandbox, Workdir) {
    let workdir = Workdir::with(links(1..=4));
    workdir.write("unwritten.txt", "contact,1\n");
    let fault = refused.map(|from| format!("401=#{from}-").parse().unwrap());
    let sandbox = start_with(SandboxOptions {
        unwritten: Some(workdir.path("unwritten.txt")),
        faults: fault.into_iter().collect(),
        ..SandboxOptions::default()
    });
    workdir.import(&sandbox.base_url(), "").exits(0);
    (sandbox, workdir)
}

#[test]
fn a_stopped_verify_offers_no_new_import() {
    let options = "--concurrency 1";
    let (sandbox, workdir) = first_is_missing(None);
    verify(&workdir, options).exits(1);
    assert!(workdir.has("links.missing.csv"));
    let last = sandbox.request_log().requests;
    let (_sandbox, workdir) = first_is_missing(Some(last));
    let ran = verify(&workdir, options).exits(3);
    let lines = workdir.lines("links.verify.csv");
    assert!(column(&lines, "assoc_status").contains(&"missing"), "{ran}");
    assert!(!workdir.has("links.missing.csv"), "{ran}");
    ran.never_says("missing.csv");
    ran.says(&["verify again"]);
}
