//! A company has one parent. A run that changes it is verified, reported and undone like one that
//! changes primary companies.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use hubassoc::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    sandbox::start_with,
    workdir::{ProgramRun, TOKEN, Workdir},
};

/// Companies 11 and 13 have the parent 99.
const BEFORE: &str = "from_object_id,to_object_id,definition_id\n11,99,14\n13,99,14\n99,12,450\n";

/// Two parents for company 11, in both directions, one for a company without a parent, and one that
/// exists already.
const RUN: &str = "from_object_id,to_object_id,definition_id\n\
    11,100,14\n101,11,13\n12,100,14\n13,99,14\n";

fn before() -> (Workdir, Sandbox, BTreeSet<String>) {
    let workdir = Workdir::with(RUN);
    workdir.write("before.csv", BEFORE);
    let sandbox = start_with(SandboxOptions {
        links: Some(workdir.path("before.csv")),
        ..SandboxOptions::default()
    });
    let initial_links = sandbox.links();
    (workdir, sandbox, initial_links)
}

fn command(workdir: &Workdir, line: &str) -> ProgramRun {
    let line = format!("{line} links.results.csv --rate unlimited");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// The parent of each company.
fn parents(links: &BTreeSet<String>) -> Vec<(&str, &str)> {
    let parents = links.iter().filter_map(|link| {
        let link = link.strip_suffix(" HUBSPOT_DEFINED=14")?;
        link.strip_prefix("companies ")?
            .split_once(" -> companies ")
    });
    parents.collect()
}

#[test]
fn an_undo_by_the_dated_api_restores_the_previous_parent() {
    for options in [
        "",
        "--batch max",
        "--skip-existing",
        "--skip-existing --batch 2",
    ] {
        let (workdir, sandbox, initial_links) = before();
        let options = format!("--api 2026-09 {options}");
        workdir.import(&sandbox.base_url(), &options).exits(0);
        let expected = [("11", "101"), ("12", "100"), ("13", "99")];
        assert_eq!(parents(&sandbox.links()), expected, "{options}");
        let ran = command(&workdir, "undo --yes").exits(0);
        ran.says(&["1 record will get back the previous parent"]);
        assert_eq!(sandbox.links(), initial_links, "{options}");
    }
}

#[test]
fn an_undo_by_v1_restores_the_previous_parent() {
    for options in ["--skip-existing", "--skip-existing --batch max"] {
        let (workdir, sandbox, initial_links) = before();
        workdir.import(&sandbox.base_url(), options).exits(0);
        command(&workdir, "undo --yes").exits(0);
        // v1 sees no unlabeled associations.
        let left = sandbox.links();
        assert_eq!(parents(&left), parents(&initial_links), "{options}");
    }
}

#[test]
fn verify_says_which_parent_replaced_a_missing_one() {
    for api in ["v1", "2026-09"] {
        let (workdir, sandbox, _) = before();
        workdir
            .import(&sandbox.base_url(), &format!("--api {api}"))
            .exits(0);
        command(&workdir, "verify").exits(1);
        let lines = workdir.lines("links.verify.csv");
        let missing = lines
            .iter()
            .filter(|line| line["assoc_status"] == "missing");
        let missing: Vec<_> = missing.collect();
        let [line] = &*missing else {
            panic!("{lines:?}")
        };
        assert_eq!(line["assoc_row"], "1");
        let message = &line["assoc_message"];
        assert!(
            message.contains(
                "the parent is now 101: a record has only one parent, and a later row or somebody \
                 else replaced it"
            ),
            "{message}"
        );
        // Sending the row again would displace 101.
        assert!(!workdir.has("links.missing.csv"), "{:?}", workdir.names());
    }
}

#[test]
fn a_preview_says_what_a_run_without_reads_displaces() {
    let (workdir, sandbox, _) = before();
    let ran = workdir.import(&sandbox.base_url(), "").exits(0);
    ran.says(&[
        "note: `undo` cannot restore parents that this import replaces",
        "--skip-existing",
    ]);
}

/// A v1 server that knows only parents.
fn v1_answer(parents: &mut BTreeMap<u64, u64>, request: &ReceivedRequest) -> FakeResponse {
    let json = |body: Value| FakeResponse::from(200).body("application/json", body.to_string());
    let path = request.uri.split('?').next().unwrap();
    let words: Vec<_> = path.split('/').skip(1).collect();
    match (&*request.method, &*words) {
        (
            "GET",
            [
                "crm-associations",
                "v1",
                "associations",
                child,
                "HUBSPOT_DEFINED",
                "14",
            ],
        ) => {
            let parent = parents.get(&child.parse().unwrap());
            let (found, last) = (parent.into_iter().collect::<Vec<_>>(), parent.unwrap_or(&0));
            json(json!({"results": found, "hasMore": false, "offset": last}))
        }
        ("GET", ["crm", "v3", "objects", "companies" | "0-2", id]) => json(json!({"id": id})),
        ("POST", ["crm", "v3", "objects", "companies" | "0-2", "batch", "read"]) => {
            let query: Value = serde_json::from_str(&request.body).unwrap();
            json(json!({"status": "COMPLETE", "results": query["inputs"]}))
        }
        ("PUT", ["crm-associations", "v1", "associations", what @ ..]) => {
            let link: Value = serde_json::from_str(&request.body).unwrap();
            let id = |name: &str| link[name].as_u64().unwrap();
            let (from, to) = (id("fromObjectId"), id("toObjectId"));
            let is_of_child = link["definitionId"] == 14;
            let (child, parent) = if is_of_child { (from, to) } else { (to, from) };
            if what.is_empty() {
                parents.insert(child, parent);
            } else if parents.get(&child) == Some(&parent) {
                parents.remove(&child);
            }
            204.into()
        }
        _ => panic!("{request:?}"),
    }
}

#[test]
fn after_an_undo_an_account_that_keeps_the_last_parent_has_the_previous_ones() {
    let initial_links = BTreeMap::from([(11, 99), (13, 99)]);
    let parents = Arc::new(Mutex::new(initial_links.clone()));
    let of_server = Arc::clone(&parents);
    let fake = FakeHubSpot::with_handler(move |_, request| {
        v1_answer(&mut of_server.lock().unwrap(), request)
    });
    let workdir = Workdir::with(RUN);
    workdir.import(&fake.base_url(), "--skip-existing").exits(0);
    let written = BTreeMap::from([(11, 101), (12, 100), (13, 99)]);
    assert_eq!(*parents.lock().unwrap(), written);
    command(&workdir, "undo --yes").exits(0);
    assert_eq!(*parents.lock().unwrap(), initial_links);
}
