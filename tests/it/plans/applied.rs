//! An apply is a run like an import: it goes on after a stop, keeps to its plan, and needs no
//! lookups, because the plan has the ids.

use hubassoc::sandbox::{Sandbox, SandboxOptions};

use super::{apply, digest, plan, planned};
use crate::support::{
    links,
    sandbox::{arrivals, sent, start, start_with, start_with_records},
    terminal::TerminalSession,
    workdir::{TOKEN, Workdir, column},
};

const API: &str = "--api 2026-09";

/// A sandbox that refuses the token while an apply of 40 rows writes them, after their plan.
fn stopping_apply() -> Sandbox {
    start_with(SandboxOptions {
        // The plan sends 5 requests, and the apply reads what exists first.
        faults: vec!["401=#20-21".parse().unwrap()],
        ..SandboxOptions::default()
    })
}

#[test]
fn an_apply_that_stops_goes_on_with_its_plan_whatever_its_age() {
    let sandbox = stopping_apply();
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

#[test]
fn an_apply_that_goes_on_notices_what_has_changed_since_it_stopped() {
    let sandbox = stopping_apply();
    let workdir = Workdir::with(links(1..=40));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let approved = digest(&workdir);
    apply(&workdir, &approved, "--concurrency 1").exits(3);
    let other = Workdir::with("from_object_id,to_object_id,definition_id\n40,9,1\n");
    other.import(&sandbox.base_url(), API).exits(0);
    apply(&workdir, "0123456789ab", "--resume").exits(2);
    apply(&workdir, &approved, "--resume").exits(1);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_status")[..39], ["succeeded"; 39]);
    assert_eq!(results[39]["assoc_code"], "changed_since_plan");
    let primary = "contacts 40 -> companies 9 HUBSPOT_DEFINED=1";
    assert!(sandbox.links().contains(primary), "{:?}", sandbox.links());
}

#[test]
fn rows_that_could_not_be_planned_do_not_stop_the_others() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links((1..=150).map(|n| n * 1_000 + 404).chain(1..=10)));
    plan(&workdir, &sandbox.base_url(), API).exits(1);
    apply(&workdir, &digest(&workdir), "").exits(1);
    assert_eq!(sent(&sandbox).len(), 10);
    assert_eq!(workdir.results().len(), 160);
}

#[test]
fn rows_of_a_limited_plan_are_the_only_ones() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5));
    let limited = plan(&workdir, &sandbox.base_url(), &format!("{API} --limit 2"));
    limited
        .exits(0)
        .says(&["only the first rows were planned (--limit)"]);
    let ran = apply(&workdir, &digest(&workdir), "").exits(0);
    ran.never_says("--limit off");
    assert_eq!(sent(&sandbox).len(), 2);
}

#[test]
fn a_plan_that_is_changed_while_a_person_thinks_is_refused() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let mut session = TerminalSession::start(&workdir, "apply links.plan.json --progress never");
    session.until(&["Continue? Type yes"]);
    let log = workdir.text("links.plan.log");
    workdir.write("links.plan.log", log.replace("\t7\t", "\t8\t"));
    session.types("yes\n").until(&["it was changed"]).exits(2);
    assert!(arrivals(&sandbox).is_empty());
}

#[test]
fn a_summary_does_not_replace_a_plan() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let document = workdir.text("links.plan.json");
    let approved = digest(&workdir);
    apply(&workdir, &approved, "--summary links.plan.json").exits(2);
    let options = format!("{API} --summary links.plan.json -o other.csv");
    workdir.import(&sandbox.base_url(), &options).exits(2);
    assert_eq!(workdir.text("links.plan.json"), document);
    assert!(arrivals(&sandbox).is_empty());
}

#[test]
fn links_that_rows_of_the_file_turn_around_are_no_change_by_others() {
    let sandbox = start(&[]);
    let header = "from_object_id,to_object_id,definition_id\n";
    let before = Workdir::with(format!("{header}4,2,14\n"));
    before.import(&sandbox.base_url(), API).exits(0);
    let workdir = Workdir::with(format!("{header}4,3,14\n4,2,13\n"));
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    apply(&workdir, &digest(&workdir), "").exits(0);

    let workdir = Workdir::with(
        "from_object_type,from_object_id,to_object_type,to_object_id,label\n\
         companies,72,contacts,1,Decision maker\ncontacts,1,companies,72,Decision maker\n\
         companies,74,contacts,3,Billing contact\ncontacts,3,companies,74,Decision maker\n",
    );
    plan(&workdir, &sandbox.base_url(), API).exits(0);
    let actions = planned(&workdir.lines("links.plan.csv"));
    let expected = ["create", "none repeats_row", "create", "add_label"];
    assert_eq!(actions, expected);
    apply(&workdir, &digest(&workdir), "").exits(0);
}
