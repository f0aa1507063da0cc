//! Many rows in one call: which go together, and that every row gets a verdict
//! of its own whatever befalls the others.

use std::time::Duration;

use hubassoc::{
    api::{Part, Verdict},
    code::Code,
    import::Bounds,
};

use crate::support::{
    calls::{CallsRan, Link, run_calls},
    verdicts::{DONE, failure, ms, transient},
};

const BATCHES: Bounds = Bounds {
    concurrency: 4,
    rows_per_call: 100,
};

/// So many rows, all there from the start, none of which sets a primary.
fn rows(count: u64) -> Vec<(Duration, Link)> {
    (1..=count).map(|n| (Duration::ZERO, (n, 7, 3))).collect()
}

/// A server that refuses whole batches for the sake of these, and says which
/// they are or does not.
fn refusing(bad: &'static [u64], names: bool) -> impl Fn(&[Link], usize) -> (Duration, Verdict) {
    move |links, _| {
        let is_bad = |link: &Link| bad.contains(&link.0);
        let verdict = match links {
            links if !links.iter().any(is_bad) => DONE,
            [_] => Verdict::Refused(failure(Code::ObjectNotFound)),
            links => {
                let part = |link| {
                    if names && is_bad(link) {
                        Part::Named
                    } else {
                        Part::Unnamed
                    }
                };
                Verdict::Each(links.iter().map(part).collect())
            }
        };
        (ms(10), verdict)
    }
}

fn every_row_once(ran: &CallsRan, rows: u64) {
    let mut numbers: Vec<_> = ran.reports.iter().map(|r| r.row.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=rows).collect::<Vec<_>>());
}

#[test]
fn rows_that_are_named_go_alone_and_the_others_together() {
    let ran = run_calls(rows(100), BATCHES, refusing(&[5, 50], true));
    assert_eq!(ran.bad(), [5, 50]);
    let mut sizes = ran.sizes();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 98, 100]);
    every_row_once(&ran, 100);
}

#[test]
fn where_nobody_is_named_halves_find_the_row() {
    let ran = run_calls(rows(100), BATCHES, refusing(&[77], false));
    assert_eq!(ran.bad(), [77]);
    // Each of seven halvings takes two calls.
    assert!(ran.sent.len() <= 15, "{:?}", ran.sizes());
    every_row_once(&ran, 100);
}

#[test]
fn a_batch_of_nothing_but_bad_rows_gives_each_its_own_verdict() {
    const ALL: &[u64] = &[1, 2, 3, 4, 5, 6, 7];
    for names in [true, false] {
        let ran = run_calls(rows(7), BATCHES, refusing(ALL, names));
        assert_eq!(ran.bad(), ALL);
        every_row_once(&ran, 7);
    }
}

#[test]
fn one_row_that_only_ever_meets_5xx_does_not_fail_those_beside_it() {
    let ran = run_calls(rows(100), BATCHES, |links, _| {
        let poison = links.iter().any(|link| link.0 == 42);
        (ms(10), if poison { transient() } else { DONE })
    });
    assert_eq!(ran.bad(), [42]);
    // Eight tries, and one more for each of seven halvings at most.
    assert!(ran.attempts(42) <= 8 + 7, "{}", ran.attempts(42));
    every_row_once(&ran, 100);
}

#[test]
fn a_batch_whose_answer_was_lost_is_sent_again_whole() {
    let ran = run_calls(rows(100), BATCHES, |_, n| {
        let lost = Verdict::Unreachable(failure(Code::ConnectionFailed));
        (ms(10), if n == 1 { lost } else { DONE })
    });
    assert_eq!(ran.sizes(), [100]);
    let ran = run_calls(rows(300), BATCHES, |_, n| {
        let lost = Verdict::Unreachable(failure(Code::ConnectionFailed));
        (ms(10), if n == 1 { lost } else { DONE })
    });
    assert_eq!((ran.bad(), ran.sizes()), (vec![], vec![100; 4]));
    every_row_once(&ran, 300);
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
    every_row_once(&ran, 150);
}

#[test]
fn rows_of_a_slow_pipe_wait_a_second_for_company_and_no_longer() {
    let rows = rows(30).into_iter().enumerate();
    let rows = rows.map(|(n, (_, link))| (ms(n as u64 * 300), link));
    let ran = run_calls(rows.collect(), BATCHES, |_, _| (ms(10), DONE));
    for sent in &ran.sent {
        for (from, ..) in &sent.links {
            let arrived = ms((from - 1) * 300);
            assert!(sent.from - arrived <= ms(1_001), "{sent:?}");
        }
    }
    // Four arrive within a second; the last ones have nobody to wait for.
    assert!(ran.sent.len() <= 9, "{:?}", ran.sizes());
}

#[test]
fn a_full_batch_does_not_wait() {
    let ran = run_calls(rows(1_000), BATCHES, |_, _| (ms(10), DONE));
    assert_eq!(ran.sizes(), [100; 10]);
    assert!(ran.sent.iter().all(|sent| sent.from < ms(100)));
    assert_eq!(ran.stop, None);
}
