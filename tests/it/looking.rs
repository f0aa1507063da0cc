//! Rows that are looked at before they are sent: by the same rules as writes,
//! without starving these, and in the order that their records need.

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

/// Contacts of deals, none of which depends on another.
fn rows(count: u64) -> Vec<Link> {
    (1..=count).map(|n| (n, 7, 4)).collect()
}

fn ends(left: &LinkedRunResult, expected: &[(&'static str, usize)]) {
    let expected = expected.iter().copied().collect();
    assert_eq!(left.outcome_counts(), expected, "{:?}", left.stop);
}

#[test]
fn what_stands_is_not_sent_and_the_rest_is() {
    for rows_per_call in [1, 100] {
        let world = LinkedRun {
            existing: rows(300),
            ..LinkedRun::new(rows(500), rows_per_call).reading_first()
        };
        let left = world.run(|_, _| ServerBehavior::Complete);
        ends(&left, &[("already", 300), ("succeeded", 200)]);
        assert_eq!(left.sizes(LinkOperation::Create).iter().sum::<usize>(), 200);
    }
}

#[test]
fn a_look_that_is_throttled_or_fails_is_repeated() {
    for verdict in [throttled(Some(ms(500))), transient()] {
        let world = LinkedRun {
            existing: rows(300),
            ..LinkedRun::new(rows(300), 1).reading_first()
        };
        let left = world.run(move |_, n| match n {
            0 | 2 => ServerBehavior::Respond(verdict.clone()),
            _ => ServerBehavior::Complete,
        });
        ends(&left, &[("already", 300)]);
    }
}

#[test]
fn an_outage_while_looking_stops_the_run_and_fails_no_row() {
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
        let ends = left.outcome_counts();
        assert!(ends.keys().all(|word| *word == "unsettled"), "{ends:?}");
    }
}

#[test]
fn a_refused_token_while_looking_stops_the_run_at_once() {
    let refused = || Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into()));
    let world = LinkedRun::new(rows(3_000), 100).reading_first();
    let left = world.run(move |_, _| ServerBehavior::Respond(refused()));
    assert!(matches!(left.stop, Some(StopReason::Credentials(_))));
    assert_eq!(left.sent.len(), 1);
}

#[test]
fn each_page_has_tries_of_its_own() {
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
    ends(&left, &[("already", 1)]);
    assert_eq!(left.sizes(LinkOperation::Read).len(), 60);
}

#[test]
fn looks_and_writes_together_keep_the_pace() {
    for rows_per_call in [1, 5] {
        let world = LinkedRun {
            pace: Pace::Limited("20/1s".parse().unwrap()),
            ..LinkedRun::new(rows(700), rows_per_call).reading_first()
        };
        let left = world.run(|_, _| ServerBehavior::Complete);
        ends(&left, &[("succeeded", 700)]);
        let most = most_in(&left, ms(1_000));
        assert!(most <= 20, "{most}");
    }
}

#[test]
fn writes_go_on_while_there_is_more_to_look_at() {
    let left = LinkedRun::new(rows(5_000), 1)
        .reading_first()
        .run(|_, _| ServerBehavior::Complete);
    ends(&left, &[("succeeded", 5_000)]);
    let starts: Vec<_> = left
        .calls(LinkOperation::Create)
        .map(|sent| sent.from)
        .collect();
    let gaps = starts.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(gaps.max().unwrap() <= LATENCY * 2);
    // The first look and its write, then four at once without a break.
    let took = left.reports.last().unwrap().0;
    assert!(took <= LATENCY * 5_000 / 4 * 11 / 10, "{took:?}");
}

#[test]
fn what_was_seen_is_soon_acted_upon() {
    // Batches are faster, and looks as large as they can be.
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

/// Each row is looked at only when the one before it of the same key is recorded.
fn takes_turns(left: &LinkedRunResult, rows: &[Link], key: fn(&Link) -> u64) {
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

/// These rows are looked at and sent in turns, also where calls fail.
fn are_sent_in_turns(rows: &[Link], key: fn(&Link) -> u64) {
    for rows_per_call in [1, 100] {
        let world = LinkedRun::new(rows.to_vec(), rows_per_call).reading_first();
        let left = world.run(|_, n| match n % 7 {
            3 => ServerBehavior::Respond(transient()),
            _ => ServerBehavior::Complete,
        });
        ends(&left, &[("succeeded", rows.len())]);
        takes_turns(&left, rows, key);
    }
}

#[test]
fn a_row_for_the_same_primary_company_is_looked_at_when_the_one_before_is_recorded() {
    let rows: Vec<_> = (0..200).map(|n| (n % 10 + 1, 1_000 + n, 1)).collect();
    are_sent_in_turns(&rows, |link| link.0);
}

#[test]
fn another_link_of_a_pair_is_looked_at_when_the_one_before_is_recorded() {
    let deals: Vec<_> = (1..=10).map(|n| (n, 99, 4)).collect();
    let back = deals.iter().map(|(n, ..)| (99, *n, 3)).collect();
    are_sent_in_turns(&[deals, back].concat(), |link| link.0 + link.1);
}

#[test]
fn a_row_without_an_outcome_keeps_those_that_depend_on_it_out_of_the_run() {
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
    let asked: Vec<_> = left
        .calls(LinkOperation::Read)
        .map(|sent| sent.links.clone())
        .collect();
    assert_eq!(asked, [vec![(1, 1_000, 1)]]);
    ends(&left, &[("unsettled", 1)]);
}

#[test]
fn after_a_stop_what_was_looked_at_is_not_sent() {
    let world = LinkedRun {
        // While the first look is under way.
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
