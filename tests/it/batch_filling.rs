//! Which rows form a batch, when a batch is sent, and which batch is first.

use std::time::Duration;

use hubassoc::{
    api::{ItemResult, Verdict},
    pipeline::ConcurrencyLimits,
    row_cells::RowCells,
};

use crate::support::{
    scripted_calls::{RecordedCall, rows, run_calls, run_calls_with},
    verdicts::{DONE, ms},
};

/// One call with a hundred rows at a time.
const ONE: ConcurrencyLimits = ConcurrencyLimits {
    concurrency: 1,
    rows_per_call: 100,
};

#[test]
fn a_full_batch_is_sent_without_waiting() {
    let mut rows = rows(100);
    rows.push((ms(5_000), (101, 7, 3)));
    let ran = run_calls(rows, ONE, |_, _| (ms(10), DONE));
    assert_eq!((ran.sizes(), ran.sent[0].from), (vec![100, 1], ms(0)));
}

#[test]
fn the_last_rows_are_sent_without_waiting() {
    let ran = run_calls(rows(130), ONE, |_, _| (ms(10), DONE));
    assert_eq!(ran.sizes(), [100, 30]);
    assert_eq!(ran.sent[1].from, ms(10));
}

#[test]
fn a_row_that_waited_for_its_pair_is_in_the_next_batch() {
    let mut rows = rows(1_000);
    rows[250].1 = rows[210].1;
    let ran = run_calls(rows, ONE, |_, _| (ms(10), DONE));
    let sent = ran.sent.iter().enumerate();
    let with_it = sent.filter(|(_, sent)| sent.links.contains(&(211, 7, 3)));
    let with_it: Vec<_> = with_it.map(|(n, _)| n).collect();
    assert_eq!(with_it, [2, 3]);
}

#[test]
fn as_many_batches_are_prepared_as_requests_may_be_in_flight() {
    let bounds = ConcurrencyLimits {
        concurrency: 16,
        rows_per_call: 100,
    };
    let ran = run_calls(rows(3_000), bounds, |_, _| (ms(1_000), DONE));
    // The very first request is sent alone.
    let second = ran.sent.iter().filter(|sent| sent.from == ms(1_000));
    assert_eq!(second.count(), 16);
}

#[test]
fn the_bytes_of_rows_are_bounded_at_any_concurrency() {
    let bounds = ConcurrencyLimits {
        concurrency: 16,
        rows_per_call: 100,
    };
    let in_flight_of = |cells: &RowCells| {
        let ran = run_calls_with(cells, rows(200), bounds, |_, _| (ms(1_000), DONE));
        assert_eq!((ran.reports.len(), ran.bad()), (200, vec![]));
        let at_once = |then: &RecordedCall| {
            let others = ran.sent.iter();
            let with_it = others.filter(|sent| sent.from <= then.from && then.from < sent.to);
            with_it.map(|sent| sent.links.len()).sum::<usize>()
        };
        ran.sent.iter().map(at_once).max()
    };
    let wide = RowCells::from_iter(["x".repeat(1 << 20).as_str()]);
    // At most 24 MiB, with rows of one MiB and some overhead.
    assert_eq!(in_flight_of(&wide), Some(24));
    assert_eq!(in_flight_of(&RowCells::default()), Some(100));
}

#[test]
fn the_rest_of_a_batch_is_sent_before_new_rows() {
    let ran = run_calls(rows(300), ONE, |links, n| {
        let unnamed = || Verdict::PerLink(vec![ItemResult::NotNamed; links.len()]);
        (ms(10), if n == 0 { unnamed() } else { DONE })
    });
    assert_eq!(ran.sizes(), [100, 50, 50, 100, 100]);
}

#[test]
fn a_row_does_not_wait_for_rows_that_cannot_be_read() {
    // All rows belong to one record, so that waiting rows take up the space.
    let rows = (1..=3_000).map(|n| (Duration::ZERO, (1, n, 1)));
    let ran = run_calls(rows.collect(), ONE, |_, _| (ms(10), DONE));
    assert_eq!(ran.sent.len(), 3_000);
    assert_eq!(ran.sent.last().unwrap().to, ms(30_000));
}

#[test]
fn rows_behind_another_of_their_record_wait_no_longer_for_a_batch() {
    let mut rows: Vec<_> = (1..=3).map(|company| (ms(0), (1, company, 1))).collect();
    // The input stays open.
    rows.extend((1..=10).map(|n| (ms(n * 300), (n + 1, 7, 3))));
    let ran = run_calls(rows, ONE, |_, _| (ms(10), DONE));
    let of_contact = ran
        .sent
        .iter()
        .filter(|sent| sent.links.iter().any(|link| link.0 == 1));
    let last = of_contact.map(|sent| sent.from).max().unwrap();
    assert!(last <= ms(1_050), "{last:?}");
}
