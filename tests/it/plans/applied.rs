//! An apply is a run like an import: it goes on after a stop, keeps to its plan, and needs no
//! lookups, because the plan has the ids.

use hubassoc::sandbox::SandboxOptions;

use super::{apply, digest, plan, planned};
use crate::support::{
    links,
    sandbox::{arrivals, sent, start, start_with, start_with_records},
    terminal::TerminalSession,
    workdir::{TOKEN, Workdir, column},
};

const API: &str = "--api 2026-09";

#[test]
fn an_apply_that_stops_goes_on_with_its_plan_whatever_its_age() {
    let sandbox = start_with(SandboxOptions {
        // The plan sends 5 requests, and the apply reads what exists first.
        faults: vec!["401=#20-21".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links(1..=40));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let approved = digest(&workdir);
    let stopped = apply(&workdir, &approved, "--concurrency 1").exits(3);
    stopped.says(&[&format!(
        "  hubassoc apply links.plan.json --approve {approved} --concurrency 1 --resume\n"
    )]);
    let done = workdir.results().len();
    assert!((1..40).contains(&done), "{done}");
    apply(&workdir, &approved, "--resume --max-age 1ms").exits(0);
    assert_eq!(
        column(&workdir.results(), "assoc_status"),
        ["succeeded"; 40]
    );
    let applied = arrivals(&sandbox)
        .into_iter()
        .filter(|arrival| arrival.applied);
    assert_eq!(applied.count(), 40);
}

#[test]
fn a_run_of_a_plan_is_continued_by_its_plan_alone() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    apply(&workdir, &digest(&workdir), "").exits(0);
    let options = format!("{API} --skip-existing --resume");
    let refused = workdir.import(&sandbox.base_url(), &options).exits(2);
    refused.says(&["to continue it: hubassoc apply links.plan.json --resume"]);
    let other = Workdir::with(links(1..=3));
    plan(&other, &sandbox.base_url(), API).exits(0);
    let options = format!("{API} --skip-existing");
    other.import(&sandbox.base_url(), &options).exits(0);
    let refused = apply(&other, &digest(&other), "--resume").exits(2);
    refused.says(&["links.results.csv records another run than that of this plan"]);
}

#[test]
fn rows_by_keys_are_sent_with_the_ids_of_the_plan_and_nothing_is_looked_up() {
    let workdir = Workdir::with(
        "from_email,to_domain,definition_id\nann@x.com,acme.com,1\nbob@x.com,acme.com,1\n\
         no@x.com,acme.com,1\n",
    );
    let sandbox = start_with_records(
        &workdir,
        "object_type,id,email,domain\ncontacts,11,ann@x.com,\ncontacts,12,bob@x.com,\n\
         companies,21,,acme.com\n",
        "deals:case_number",
    );
    plan(&workdir, &sandbox.base_url(), API).exits(1);
    let rows = workdir.lines("links.plan.csv");
    assert_eq!(
        planned(&rows),
        ["create", "create", "cannot record_not_found"]
    );
    let before = sandbox.request_log();
    apply(&workdir, &digest(&workdir), "").exits(1);
    assert_eq!(sent(&sandbox), [(11, 21, 1), (12, 21, 1)]);
    let counts = sandbox.request_log().counts;
    assert_eq!(counts.searches, before.counts.searches);
    assert_eq!(counts.records, before.counts.records);
    let results = workdir.results();
    assert_eq!(
        column(&results, "assoc_status"),
        ["succeeded", "succeeded", "failed"]
    );
    assert_eq!(column(&results, "assoc_from_id"), ["11", "12", ""]);
    let message = &results[2]["assoc_message"];
    assert_eq!(*message, rows[2]["plan_message"]);
}

#[test]
fn at_a_terminal_a_person_is_asked_and_a_no_leaves_nothing() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let files = workdir.names();
    let at_terminal = || TerminalSession::start(&workdir, "apply links.plan.json --progress never");
    let question = &["Continue? Type yes"];
    at_terminal()
        .until(question)
        .types("no\n")
        .until(&["never"])
        .exits(2);
    at_terminal()
        .until(question)
        .signal("-INT")
        .until(&["never"])
        .exits(130);
    assert_eq!(workdir.names(), files);
    assert!(arrivals(&sandbox).is_empty());
    at_terminal()
        .until(question)
        .types("yes\n")
        .until(&["results:"])
        .exits(0);
    assert_eq!(sent(&sandbox).len(), 3);
}

#[test]
fn an_apply_has_a_summary_of_its_own() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    apply(&workdir, &digest(&workdir), "--summary s.json").exits(0);
    let summary = workdir.json("s.json");
    assert_eq!(summary["command"], "apply");
    assert_eq!(summary["succeeded"], 3);
    workdir
        .run("apply nowhere.plan.json --summary s.json")
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(2);
    assert_eq!(workdir.json("s.json")["exit_code"], 2);
}
