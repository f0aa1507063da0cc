//! Batches: which rows go together, and that every row gets its own result whatever happens to the
//! others.

use std::time::Duration;

use clap::ValueEnum as _;
use hubassoc::{
    api::{ItemResult, Verdict},
    code::Code,
    pipeline::ConcurrencyLimits,
    sandbox::{ErrorForm, SandboxOptions},
};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::{start, start_with},
    scripted_calls::{CallsRunResult, Link, rows, run_calls},
    verdicts::{DONE, failure, ms, transient},
    workdir::{Workdir, column},
};

const BATCHES: ConcurrencyLimits = ConcurrencyLimits {
    concurrency: 4,
    rows_per_call: 100,
};

/// A server that refuses a batch if it contains one of the bad rows, and names them or not.
fn refusing(bad: &'static [u64], names: bool) -> impl Fn(&[Link], usize) -> (Duration, Verdict) {
    move |links, _| {
        let is_bad = |link: &Link| bad.contains(&link.0);
        let verdict = match links {
            links if !links.iter().any(is_bad) => DONE,
            [_] => Verdict::Refused(failure(Code::RecordNotFound)),
            links => {
                let part = |link| {
                    if names && is_bad(link) {
                        ItemResult::NamedAsCause
                    } else {
                        ItemResult::NotNamed
                    }
                };
                Verdict::PerLink(links.iter().map(part).collect())
            }
        };
        (ms(10), verdict)
    }
}

fn assert_every_row_once(ran: &CallsRunResult, rows: u64) {
    let mut numbers: Vec<_> = ran.reports.iter().map(|r| r.row.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=rows).collect::<Vec<_>>());
}

#[test]
fn rows_that_an_error_names_are_sent_alone_and_the_others_together() {
    let ran = run_calls(rows(100), BATCHES, refusing(&[5, 50], true));
    assert_eq!(ran.bad(), [5, 50]);
    let mut sizes = ran.sizes();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 98, 100]);
    assert_every_row_once(&ran, 100);
}

#[test]
fn if_an_error_names_no_row_batch_splitting_finds_it() {
    let ran = run_calls(rows(100), BATCHES, refusing(&[77], false));
    assert_eq!(ran.bad(), [77]);
    // Each of the seven splits takes two calls.
    assert!(ran.sent.len() <= 15, "{:?}", ran.sizes());
    assert_every_row_once(&ran, 100);
}

#[test]
fn a_batch_of_nothing_but_bad_rows_gives_each_its_own_verdict() {
    const ALL: &[u64] = &[1, 2, 3, 4, 5, 6, 7];
    for names in [true, false] {
        let ran = run_calls(rows(7), BATCHES, refusing(ALL, names));
        assert_eq!(ran.bad(), ALL);
        assert_every_row_once(&ran, 7);
    }
}

#[test]
fn one_row_that_always_gets_5xx_does_not_fail_the_rest_of_its_batch() {
    let ran = run_calls(rows(100), BATCHES, |links, _| {
        let poison = links.iter().any(|link| link.0 == 42);
        (ms(10), if poison { transient() } else { DONE })
    });
    assert_eq!(ran.bad(), [42]);
    // Eight attempts, and at most one more for each of the seven splits.
    assert!(ran.attempts(42) <= 8 + 7, "{}", ran.attempts(42));
    assert_eq!(ran.attempts(42) as usize, ran.calls_of(42).count());
    assert_every_row_once(&ran, 100);
}

#[test]
fn a_batch_whose_answer_was_lost_is_sent_again_whole() {
    let ran = run_calls(rows(100), BATCHES, |_, n| {
        let lost = Verdict::ConnectionLost(failure(Code::ConnectionFailed));
        (ms(10), if n == 1 { lost } else { DONE })
    });
    assert_eq!(ran.sizes(), [100]);
    let ran = run_calls(rows(300), BATCHES, |_, n| {
        let lost = Verdict::ConnectionLost(failure(Code::ConnectionFailed));
        (ms(10), if n == 1 { lost } else { DONE })
    });
    assert_eq!((ran.bad(), ran.sizes()), (vec![], vec![100; 4]));
    assert_every_row_once(&ran, 300);
}

#[test]
fn the_same_pair_goes_into_a_batch_once() {
    let mut rows = rows(150);
    for n in [2, 3, 40, 120] {
        rows[n].1 = (1, 7, 3);
    }
    let ran = run_calls(rows, BATCHES, |_, _| (ms(10), DONE));
    for sent in &ran.sent {
        let mut links = sent.links.clone();
        links.sort_unstable();
        links.dedup();
        assert_eq!(links.len(), sent.links.len());
    }
    assert_every_row_once(&ran, 150);
}

#[test]
fn rows_of_a_slow_pipe_wait_one_second_for_more() {
    let rows = rows(30).into_iter().enumerate();
    let rows = rows.map(|(n, (_, link))| (ms(n as u64 * 300), link));
    let ran = run_calls(rows.collect(), BATCHES, |_, _| (ms(10), DONE));
    for sent in &ran.sent {
        for (from, ..) in &sent.links {
            let arrived = ms((from - 1) * 300);
            assert!(sent.from - arrived <= ms(1_001), "{sent:?}");
        }
    }
    // Four arrive within a second; the last rows have no others to wait for.
    assert!(ran.sent.len() <= 9, "{:?}", ran.sizes());
}

#[test]
fn a_full_batch_does_not_wait() {
    let ran = run_calls(rows(1_000), BATCHES, |_, _| (ms(10), DONE));
    assert_eq!(ran.sizes(), [100; 10]);
    assert!(ran.sent.iter().all(|sent| sent.from < ms(100)));
    assert_eq!(ran.stop, None);
}

/// Ten thousand rows, seven of them with missing records.
fn ten_thousand() -> (String, Vec<u64>) {
    let bad = vec![1, 404, 405, 5_000, 7_777, 9_998, 10_000];
    let id = |row: u64| {
        if bad.contains(&row) {
            row * 1_000 + 404
        } else {
            row * 1_000 + 1
        }
    };
    (links((1..=10_000).map(id)), bad)
}

#[test]
fn seven_bad_rows_of_ten_thousand_fail_with_their_own_reasons() {
    let (input, bad) = ten_thousand();
    for refusals in ErrorForm::value_variants() {
        let sandbox = start_with(SandboxOptions {
            refusals: Some(*refusals),
            ..SandboxOptions::default()
        });
        let workdir = Workdir::with(&input);
        let options = "--batch max --summary s.json";
        workdir.import(&sandbox.base_url(), options).exits(1);
        let results = workdir.results();
        assert_eq!(results.len(), 10_000);
        let failed: Vec<_> = results
            .iter()
            .filter(|l| l["assoc_status"] != "succeeded")
            .collect();
        let rows = failed.iter().map(|line| line["assoc_row"].parse().unwrap());
        assert_eq!(rows.collect::<Vec<u64>>(), bad, "{refusals:?}");
        let mut correlations: Vec<_> = failed.iter().map(|l| &l["assoc_correlation_id"]).collect();
        for line in &failed {
            assert_eq!(line["assoc_http_status"], "400", "{line:?}");
            let says_which = line["assoc_message"].contains(&line["from_object_id"]);
            let is_said = *refusals != ErrorForm::Bare;
            assert_eq!(says_which, is_said, "{line:?}");
        }
        correlations.sort_unstable();
        correlations.dedup();
        assert_eq!(correlations.len(), 7, "each row has an answer of its own");
        let log = sandbox.request_log();
        assert!(log.requests <= 250, "{refusals:?}: {}", log.requests);
        assert_eq!(workdir.json("s.json")["calls"], log.requests);
        assert_eq!(log.applied, 9_993);
    }
}

#[test]
fn faults_of_all_kinds_leave_one_line_for_each_row_of_every_batch() {
    let faults = ["500=5%", "reset=3%", "reset-after=3%", "429=1%", "html=1%"];
    let sandbox = start(&faults);
    let ids = (1..=3_000).map(|row| row * 1_000 + if row % 500 == 0 { 404 } else { 1 });
    let workdir = Workdir::with(links(ids));
    workdir.import(&sandbox.base_url(), "--batch 20").exits(1);
    let results = workdir.results();
    let rows: Vec<_> = column(&results, "assoc_row");
    assert_eq!(
        rows,
        (1..=3_000)
            .map(|row: u32| row.to_string())
            .collect::<Vec<_>>()
    );
    let failed = results
        .iter()
        .filter(|line| line["assoc_status"] == "failed");
    let codes: Vec<_> = failed.map(|line| line["assoc_code"].as_str()).collect();
    assert_eq!(codes, ["record_not_found"; 6]);
}

#[test]
fn a_batch_is_one_put_of_a_bare_array_in_the_order_of_the_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([5, 6]));
    workdir.import(&fake.base_url(), "--batch 2").exits(0);
    let requests = fake.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("PUT", "/crm-associations/v1/associations/create-batch")
    );
    let link = |from| {
        format!(
            r#"{{"fromObjectId":{from},"toObjectId":7,"category":"HUBSPOT_DEFINED","definitionId":1}}"#
        )
    };
    assert_eq!(request.body, format!("[{},{}]", link(5), link(6)));
}

#[test]
fn without_a_batch_endpoint_rows_are_sent_alone() {
    let fake = FakeHubSpot::with_handler(|_, request| {
        let batch = request.uri.ends_with("create-batch");
        if batch { 404.into() } else { 204.into() }
    });
    let workdir = Workdir::with(links(1..=30));
    workdir.import(&fake.base_url(), "--batch 10").exits(0);
    assert_eq!(fake.requests().len(), 3 + 30);
}
