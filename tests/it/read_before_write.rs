//! Read-before-write: reads follow the rules of writes, do not starve them, and keep the order that
//! the records need.

use std::{collections::HashSet, time::Duration};

use hubassoc::{
    api::{LinkOperation, Verdict},
    caller::Pace,
    failure::AccessDenied,
    stop::StopReason,
};

use crate::support::{
    Link,
    linked_run::{LATENCY, LinkedRun, LinkedRunResult, ServerBehavior, most_in},
    verdicts::{ms, throttled, transient},
};

/// Contacts of deals, in independent rows.
fn rows(count: u64) -> Vec<Link> {
    (1..=count).map(|n| (n, 7, 4)).collect()
}

fn assert_outcomes(left: &LinkedRunResult, expected: &[(&'static str, usize)]) {
    let expected = expected.iter().copied().collect();
    assert_eq!(left.outcome_counts(), expected, "{:?}", left.stop);
}

#[test]
fn existing_links_are_not_sent_and_missing_ones_are() {
    for rows_per_call in [1, 100] {
        let world = LinkedRun {
            existing: rows(300),
            ..LinkedRun::new(rows(500), rows_per_call).reading_first()
        };
        let left = world.run(|_, _| ServerBehavior::Complete);
        assert_outcomes(&left, &[("already", 300), ("succeeded", 200)]);
        assert_eq!(left.sizes(LinkOperation::Create).iter().sum::<usize>(), 200);
    }
}

#[test]
fn a_throttled_or_failed_read_is_retried() {
    for verdict in [throttled(Some(ms(500))), transient()] {
        let world = LinkedRun {
            existing: rows(300),
            ..LinkedRun::new(rows(300), 1).reading_first()
        };
        let left = world.run(move |_, n| match n {
            0 | 2 => ServerBehavior::Respond(verdict.clone()),
            _ => ServerBehavior::Complete,
        });
        assert_outcomes(&left, &[("already", 300)]);
    }
}

#[test]
fn an_outage_during_reads_stops_the_run_and_fails_no_row() {
    for answered in [0, 1] {
        let world = LinkedRun {
            max_wait: Duration::from_secs(120),
            ..LinkedRun::new(rows(3_000), 100).reading_first()
        };
        let left = world.run(move |_, n| {
            if n < answered {
                ServerBehavior::Complete
            } else {
                ServerBehavior::Respond(transient())
            }
        });
        assert!(
            matches!(left.stop, Some(StopReason::Unreachable(_))),
            "{:?}",
            left.stop
        );
        let outcomes = left.outcome_counts();
        assert!(
            outcomes.keys().all(|word| *word == "unsettled"),
            "{outcomes:?}"
        );
    }
}

#[test]
fn a_refused_token_during_reads_stops_the_run_at_once() {
    let refused = || Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into()));
    let world = LinkedRun::new(rows(3_000), 100).reading_first();
    let left = world.run(move |_, _| ServerBehavior::Respond(refused()));
    assert!(matches!(left.stop, Some(StopReason::Credentials(_))));
    assert_eq!(left.sent.len(), 1);
}

#[test]
fn each_page_has_its_own_attempts() {
    let world = LinkedRun {
        existing: vec![(1, 7, 4)],
        pages: 30,
        max_attempts: 3,
        ..LinkedRun::new(rows(1), 1).reading_first()
    };
    let left = world.run(|_, n| match n % 2 {
        0 => ServerBehavior::Respond(transient()),
        _ => ServerBehavior::Complete,
    });
    assert_outcomes(&left, &[("already", 1)]);
    assert_eq!(left.sizes(LinkOperation::Read).len(), 60);
}

#[test]
fn reads_and_writes_together_keep_the_pace() {
    for rows_per_call in [1, 5] {
        let world = LinkedRun {
            pace: Pace::Limited("20/1s".parse().unwrap()),
            ..LinkedRun::new(rows(700), rows_per_call).reading_first()
        };
        let left = world.run(|_, _| ServerBehavior::Complete);
        assert_outcomes(&left, &[("succeeded", 700)]);
        let most = most_in(&left, ms(1_000));
        assert!(most <= 20, "{most}");
    }
}

#[test]
fn writes_continue_while_more_rows_are_read() {
    let left = LinkedRun::new(rows(5_000), 1)
        .reading_first()
        .run(|_, _| ServerBehavior::Complete);
    assert_outcomes(&left, &[("succeeded", 5_000)]);
    let starts: Vec<_> = left
        .calls(LinkOperation::Create)
        .map(|sent| sent.from)
        .collect();
    let gaps = starts.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.max().unwrap() <= LATENCY * 2);
    // The first read and its write, then four at a time without a break.
    let took = left.reports.last().unwrap().0;
    assert!(took <= LATENCY * 5_000 / 4 * 11 / 10, "{took:?}");
}

#[test]
fn a_write_soon_follows_its_read() {
    // Batches are faster, and reads are as large as possible.
    for (rows_per_call, bound) in [(1, 404), (100, 3_400)] {
        let left = LinkedRun::new(rows(5_000), rows_per_call)
            .reading_first()
            .run(|_, _| ServerBehavior::Complete);
        let mut seen = HashSet::new();
        let mut most = 0;
        for sent in &left.sent {
            for (from, ..) in &sent.links {
                match sent.act {
                    LinkOperation::Read => drop(seen.insert(*from)),
                    LinkOperation::Identify => {}
                    LinkOperation::Create | LinkOperation::Remove => drop(seen.remove(from)),
                }
            }
            most = most.max(seen.len());
        }
        assert!(seen.is_empty());
        assert!(most <= bound, "{rows_per_call}: {most}");
    }
}

/// Asserts that a row is read only after the previous row with its conflict key was recorded.
fn assert_in_order(left: &LinkedRunResult, rows: &[Link], key: fn(&Link) -> u64) {
    let recorded = |place: usize| {
        let mut reports = left.reports.iter();
        let found = reports.find(|(_, report)| report.row.number == place as u64 + 1);
        found.unwrap().0
    };
    for (place, row) in rows.iter().enumerate() {
        let mut before = rows[..place].iter();
        if let Some(before) = before.rposition(|other| key(other) == key(row)) {
            let mut looks = left.calls(LinkOperation::Read);
            let look = looks.find(|sent| sent.links.contains(row)).unwrap();
            assert!(look.from >= recorded(before), "row {}", place + 1);
        }
    }
}

/// Asserts that these rows are read and sent one after another, even if calls fail.
fn assert_sent_in_order(rows: &[Link], key: fn(&Link) -> u64) {
    for rows_per_call in [1, 100] {
        let world = LinkedRun::new(rows.to_vec(), rows_per_call).reading_first();
        let left = world.run(|_, n| match n % 7 {
            3 => ServerBehavior::Respond(transient()),
            _ => ServerBehavior::Complete,
        });
        assert_outcomes(&left, &[("succeeded", rows.len())]);
        assert_in_order(&left, rows, key);
    }
}

#[test]
fn a_row_for_the_same_primary_company_is_read_after_the_previous_one_is_recorded() {
    let rows: Vec<_> = (0..200).map(|n| (n % 10 + 1, 1_000 + n, 1)).collect();
    assert_sent_in_order(&rows, |link| link.0);
}

#[test]
fn another_link_of_a_pair_is_read_after_the_previous_one_is_recorded() {
    let deals: Vec<_> = (1..=10).map(|n| (n, 99, 4)).collect();
    let back = deals.iter().map(|(n, ..)| (99, *n, 3)).collect();
    assert_sent_in_order(&[deals, back].concat(), |link| link.0 + link.1);
}

#[test]
fn a_row_without_an_outcome_keeps_dependent_rows_out_of_the_run() {
    let rows: Vec<_> = (0..6).map(|n| (1, 1_000 + n, 1)).collect();
    let left = LinkedRun::new(rows, 1)
        .reading_first()
        .run(|sent, _| match sent.act {
            LinkOperation::Create => {
                ServerBehavior::Respond(crate::support::verdicts::unexpected_answer())
            }
            LinkOperation::Read | LinkOperation::Identify | LinkOperation::Remove => {
                ServerBehavior::Complete
            }
        });
    let read_sizes: Vec<_> = left
        .calls(LinkOperation::Read)
        .map(|sent| sent.links.clone())
        .collect();
    assert_eq!(read_sizes, [vec![(1, 1_000, 1)]]);
    assert_outcomes(&left, &[("unsettled", 1)]);
}

#[test]
fn after_a_stop_rows_that_were_read_are_not_sent() {
    let world = LinkedRun {
        // While the first read is in flight.
        stops_at: Some(LATENCY / 2),
        ..LinkedRun::new(rows(3_000), 100).reading_first()
    };
    let left = world.run(|_, _| ServerBehavior::Complete);
    assert_eq!(left.sizes(LinkOperation::Create), Vec::<usize>::new());
    assert!(
        left.reports
            .iter()
            .all(|(_, report)| report.outcome.is_none())
    );
    assert!(left.existing.is_empty());
}
