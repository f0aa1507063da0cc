//! What a batch that fails as a whole means for its rows and for the other rows.

use std::cell::Cell;

use hubassoc::{
    api::{ItemResult, Verdict},
    code::Code,
    pipeline::ConcurrencyLimits,
};

use crate::support::{
    scripted_calls::{CallsRunResult, Link, rows, run_calls},
    verdicts::{DONE, failure, ms, throttled, transient, unexpected_answer},
};

const BATCHES: ConcurrencyLimits = ConcurrencyLimits {
    concurrency: 4,
    rows_per_call: 100,
};

const PAIRS: ConcurrencyLimits = ConcurrencyLimits {
    concurrency: 4,
    rows_per_call: 2,
};

fn has_one_of(links: &[Link], bad: &[u64]) -> bool {
    links.iter().any(|link| bad.contains(&link.0))
}

#[test]
fn a_refused_first_batch_is_an_answer_that_opens_the_pipeline() {
    let ran = run_calls(rows(1_000), BATCHES, |links, n| {
        let unnamed = || Verdict::PerLink(vec![ItemResult::NotNamed; links.len()]);
        (ms(10), if n == 0 { unnamed() } else { DONE })
    });
    let next = ran.sent.iter().filter(|sent| sent.from == ms(10));
    assert_eq!(next.count(), BATCHES.concurrency);
}

#[test]
fn bad_rows_at_the_end_are_no_outage_however_their_batch_is_split() {
    const BAD: &[u64] = &[10, 35, 60, 85];
    let ran = run_calls(rows(1_000), BATCHES, |links, _| {
        let fails = has_one_of(links, BAD);
        (ms(300), if fails { transient() } else { DONE })
    });
    assert_eq!((ran.bad(), &ran.stop), (BAD.to_vec(), &None));
}

#[test]
fn one_row_with_only_foreign_answers_does_not_hold_up_others() {
    let ran = run_calls(rows(200), BATCHES, |links, _| {
        let fails = has_one_of(links, &[150]);
        (ms(10), if fails { unexpected_answer() } else { DONE })
    });
    assert_eq!((ran.bad(), &ran.stop), (vec![150], &None));
    assert_eq!(ran.reports.len(), 200);
}

#[test]
fn a_batch_of_two_leaves_half_of_its_attempts_to_each_row() {
    // Together they never succeed; alone the second row finally does.
    let ran = run_calls(rows(2), PAIRS, |links, n| {
        let fails = links.len() > 1 || links[0].0 == 2 && n < 4 + 1 + 3;
        (ms(10), if fails { transient() } else { DONE })
    });
    assert_eq!(ran.bad(), Vec::<u64>::new());
    assert_eq!((ran.attempts(1), ran.attempts(2)), (4 + 1, 4 + 4));
}

#[test]
fn successful_single_calls_do_not_make_a_429_the_batchs_fault() {
    // Batches have their own window, which is full for a while.
    let mut rows = rows(2);
    rows.extend((0..20).map(|n| (ms(n * 1_500 + 1), (n + 10, 7, 3))));
    let batches = Cell::new(0);
    let ran = run_calls(rows, PAIRS, move |links, _| {
        batches.update(|calls| calls + usize::from(links.len() > 1));
        let is_limited = links.len() > 1 && batches.get() <= 60;
        let limited = || throttled(Some(ms(200)));
        // One of the single calls is always in flight.
        let latency = ms(if links.len() > 1 { 10 } else { 3_000 });
        (latency, if is_limited { limited() } else { DONE })
    });
    let sizes: Vec<_> = ran.calls_of(1).map(|sent| sent.links.len()).collect();
    assert_eq!((sizes, ran.bad()), (vec![2; 61], vec![]));
}

#[test]
fn one_bad_row_in_every_batch_is_no_outage() {
    const POISON: [u64; 3] = [10, 110, 210];
    let ran = run_calls(rows(230), BATCHES, |links, _| {
        let poisonous = links.iter().any(|link| POISON.contains(&link.0));
        (ms(10), if poisonous { transient() } else { DONE })
    });
    assert_eq!((ran.bad(), ran.stop), (POISON.to_vec(), None));
}

#[test]
fn batches_that_a_gateway_refuses_are_split() {
    let ran = run_calls(rows(500), BATCHES, |links, _| {
        let too_many = links.len() > 50;
        (ms(10), if too_many { transient() } else { DONE })
    });
    assert_eq!((ran.bad(), ran.stop), (vec![], None));
}

#[test]
fn only_rows_that_an_error_names_are_singled_out() {
    let named = |bad: &'static [u64]| {
        move |links: &[Link], _: usize| {
            let part = |link: &Link| {
                if bad.contains(&link.0) {
                    ItemResult::NamedAsCause
                } else {
                    ItemResult::NotNamed
                }
            };
            let verdict = match links {
                links if !links.iter().any(|link| bad.contains(&link.0)) => DONE,
                [_] => Verdict::Refused(failure(Code::RecordNotFound)),
                links => Verdict::PerLink(links.iter().map(part).collect()),
            };
            (ms(10), verdict)
        }
    };
    let singled_out = |ran: &CallsRunResult| ran.reports.iter().filter(|r| r.singled_out).count();
    let ran = run_calls(rows(10), BATCHES, named(&[3, 4]));
    assert_eq!((ran.bad().len(), singled_out(&ran)), (2, 2));
    let ran = run_calls(rows(3), BATCHES, named(&[1, 2, 3]));
    assert_eq!((ran.bad().len(), singled_out(&ran)), (3, 0));
    // The other row is sent alone too, but the error did not name it.
    let ran = run_calls(rows(2), BATCHES, |links, _| {
        let verdict = match links {
            [_] => Verdict::Refused(failure(Code::RecordNotFound)),
            _ => Verdict::PerLink(vec![ItemResult::NamedAsCause, ItemResult::NotNamed]),
        };
        (ms(10), verdict)
    });
    assert_eq!((ran.bad().len(), singled_out(&ran)), (2, 1));
}
