//! Administrators' limits of one: of several competing rows the last one in the file wins, in
//! either direction. The run goes on if the limits are unknown.

use std::collections::BTreeMap;

use hubassoc::sandbox::{Sandbox, SandboxOptions};

use crate::support::{
    dated_responses,
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    sandbox::start_with,
    workdir::{TOKEN, Workdir, column},
};

/// The account's label, limited to one per deal, per contact, or both.
const OF_DEAL: &str = "deals,contacts,1,Champion";
const OF_CONTACT: &str = "contacts,deals,1,Champion";

/// A sandbox that fails a third of the calls, so that many rows are sent late.
fn sandbox(limits: &[&str], seed: u64) -> Sandbox {
    let limits = limits.iter().map(|limit| limit.parse().unwrap());
    start_with(SandboxOptions {
        association_limits: limits.collect(),
        faults: vec!["503=30%".parse().unwrap()],
        seed,
        ..SandboxOptions::default()
    })
}

/// The champion of each deal.
fn champions(sandbox: &Sandbox) -> BTreeMap<u64, Vec<u64>> {
    let mut champions = BTreeMap::<_, Vec<_>>::new();
    for link in sandbox.links() {
        let Some(link) = link.strip_suffix(" USER_DEFINED=30") else {
            continue;
        };
        let (deal, contact) = link.split_once(" -> contacts ").unwrap();
        let deal = deal.strip_prefix("deals ").unwrap().parse().unwrap();
        champions
            .entry(deal)
            .or_default()
            .push(contact.parse().unwrap());
    }
    champions
}

fn file(rows: impl Iterator<Item = (u64, u64)>) -> String {
    let rows = rows.map(|(deal, contact)| format!("{deal},{contact},deals,contacts,Champion\n"));
    let header = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";
    header.to_owned() + &rows.collect::<String>()
}

const OPTIONS: &str = "--api 2026-09 --max-attempts 20";

#[test]
fn the_last_row_of_a_limited_record_wins_even_if_earlier_ones_are_late() {
    for (limits, seed) in [
        (&[OF_DEAL][..], 1),
        (&[OF_DEAL], 2),
        (&[OF_DEAL, OF_CONTACT], 3),
    ] {
        let sandbox = sandbox(limits, seed);
        // Three rows for each of twelve deals, with different contacts.
        let row = |n: u64| (n % 12 + 1, n + 100);
        let workdir = Workdir::with(file((0..36).map(row)));
        let ran = workdir.import(&sandbox.base_url(), OPTIONS).exits(0);
        let expected = (1..=12).map(|deal| (deal, vec![deal - 1 + 124]));
        assert_eq!(
            champions(&sandbox),
            expected.collect(),
            "{limits:?}, {seed}"
        );
        ran.says(&["12 records get more than one contact 'Champion' (limited to one in HubSpot)"]);
    }
}

#[test]
fn a_limit_in_the_other_direction_orders_rows_that_share_the_other_record() {
    for seed in 4..6 {
        let sandbox = sandbox(&[OF_CONTACT], seed);
        // Contact 101 becomes the champion of one deal after another.
        let workdir = Workdir::with(file((1..=12).map(|deal| (deal, 101))));
        workdir.import(&sandbox.base_url(), OPTIONS).exits(0);
        let last = BTreeMap::from([(12, vec![101])]);
        assert_eq!(champions(&sandbox), last, "{seed}");
    }
}

#[test]
fn retried_rows_do_not_displace_the_last_row() {
    let sandbox = start_with(SandboxOptions {
        association_limits: vec![OF_DEAL.parse().unwrap()],
        // Requests for the account, labels, limits and existing links come first; then the first
        // row is refused.
        faults: vec!["400=#5".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(file([(1, 101), (1, 102)].into_iter()));
    workdir.import(&sandbox.base_url(), OPTIONS).exits(1);
    assert_eq!(champions(&sandbox), BTreeMap::from([(1, vec![102])]));
    let again = format!("{OPTIONS} --resume --retry-failed");
    workdir.import(&sandbox.base_url(), &again).exits(0);
    assert_eq!(champions(&sandbox), BTreeMap::from([(1, vec![102])]));
}

/// Imports two rows with this answer to the request for limits.
fn import_with_limits_answer(
    answer: impl Into<FakeResponse>,
) -> (FakeHubSpot, crate::support::workdir::Transcript) {
    let fake = FakeHubSpot::with_handler(|_, request| dated_responses::succeed(request))
        .with_limits_response(answer);
    let workdir = Workdir::with(links([1, 2]));
    let ran = workdir.import(&fake.base_url(), "--api 2026-09").exits(0);
    (fake, ran)
}

#[test]
fn unknown_limits_do_not_stop_the_run() {
    let page = FakeResponse::from(200).body("application/json", r#"{"results":"none"}"#);
    let scope = FakeResponse::from(403).body(
        "application/json",
        r#"{"status":"error","message":"This app hasn't been granted all required scopes","category":"MISSING_SCOPES"}"#,
    );
    for answer in [scope, 404.into(), 400.into(), page] {
        let (fake, ran) = import_with_limits_answer(answer);
        ran.says(&["note: association limits set by administrators could not be read"]);
        assert_eq!(fake.limits_requests(), 1);
    }
}

#[test]
fn limits_are_requested_once_and_only_from_an_api_that_has_them() {
    let (fake, ran) = import_with_limits_answer(
        FakeResponse::from(200).body("application/json", r#"{"results":[]}"#),
    );
    assert_eq!(fake.limits_requests(), 1);
    ran.never_says("note: association limits set by administrators could not be read");
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.import(&fake.base_url(), "").exits(0);
    assert_eq!(fake.limits_requests(), 0);
}

#[test]
fn a_finished_run_requests_no_limits_when_resumed() {
    let fake = FakeHubSpot::with_handler(|_, request| dated_responses::succeed(request));
    let workdir = Workdir::with(links([1, 2]));
    let options = "--api 2026-09 --resume";
    for _ in 0..2 {
        workdir.import(&fake.base_url(), options).exits(0);
        assert_eq!(fake.limits_requests(), 1);
    }
}

#[test]
fn a_link_that_a_later_row_replaced_is_not_reported_as_missing() {
    let sandbox = start_with(SandboxOptions {
        association_limits: vec![OF_DEAL.parse().unwrap()],
        ..SandboxOptions::default()
    });
    let rows = [(1, 101), (1, 102), (2, 103), (2, 104)];
    let workdir = Workdir::with(file(rows.into_iter()));
    workdir.import(&sandbox.base_url(), OPTIONS).exits(0);
    let command = |workdir: &Workdir, line: &str| {
        let line = format!("{line} links.results.csv --rate unlimited");
        workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    };
    let ran = command(&workdir, "verify").exits(1);
    ran.says(&[
        "4 rows: 2 present, 2 missing",
        "note: 2 links are missing because a later row replaced them (HubSpot allows only one); \
         do not create them again",
    ]);
    ran.never_says("missing.csv");
    assert!(!workdir.has("links.missing.csv"));
    // A champion is removed by somebody else, so that link is missing.
    let other = Workdir::with(file([(2, 105)].into_iter()));
    other.import(&sandbox.base_url(), OPTIONS).exits(0);
    command(&other, "undo --yes").exits(0);
    let ran = command(&workdir, "verify").exits(1);
    ran.says(&["links.missing.csv has 1 link that is missing"]);
    assert_eq!(
        column(&workdir.lines("links.missing.csv"), "to_object_id"),
        ["104"]
    );
}
