//! A success that confirms no link does not count: the links are read back, and rows without a link
//! are sent again or fail.

use std::time::Duration;

use hubassoc::{
    api::{LinkOperation, Verdict},
    caller::Pace,
    code::Code,
    delivery::RowTask,
    failure::AccessDenied,
    stop::StopReason,
};

use crate::support::{
    Link,
    linked_run::{LinkedRun, LinkedRunResult, MOST_ASKED, RecordedCall, ServerBehavior, most_in},
    verdicts::{failure, ms, throttled, transient},
};

/// Contacts of deals, in independent rows.
fn rows(count: u64) -> Vec<Link> {
    (1..=count).map(|n| (n, 7, 4)).collect()
}

fn assert_all_outcomes(left: &LinkedRunResult, word: &'static str, count: usize) {
    assert_eq!(
        left.outcome_counts(),
        [(word, count)].into(),
        "{:?}",
        left.stop
    );
}

fn is_write(sent: &RecordedCall) -> bool {
    matches!(sent.act, LinkOperation::Create | LinkOperation::Remove)
}

/// Runs with unconfirmed writes. `reads` says how the server reacts to the n-th read, counted from
/// 0.
fn run_unconfirmed(
    left: LinkedRun,
    reads: impl Fn(usize) -> ServerBehavior + 'static,
) -> LinkedRunResult {
    let read_count = std::cell::Cell::new(0);
    left.run(move |sent, _| {
        if is_write(sent) {
            return ServerBehavior::CompleteUnconfirmed;
        }
        read_count.set(read_count.get() + 1);
        reads(read_count.get() - 1)
    })
}

#[test]
fn unconfirmed_rows_are_read_back_and_not_sent_twice() {
    for rows_per_call in [1, 100] {
        let left = run_unconfirmed(LinkedRun::new(rows(250), rows_per_call), |_| {
            ServerBehavior::Complete
        });
        assert_all_outcomes(&left, "succeeded", 250);
        assert_eq!(left.sizes(LinkOperation::Create).iter().sum::<usize>(), 250);
    }
}

#[test]
fn a_few_missing_links_are_each_sent_alone_once_more() {
    let left = LinkedRun::new(rows(16), 16).run(|_, n| match n {
        0 => ServerBehavior::NothingUnconfirmed,
        _ => ServerBehavior::Complete,
    });
    assert_all_outcomes(&left, "succeeded", 16);
    assert_eq!(
        left.sizes(LinkOperation::Create),
        [vec![16], vec![1; 16]].concat()
    );
}

#[test]
fn many_missing_links_are_sent_together_once_more() {
    let left = LinkedRun::new(rows(40), 40).run(|_, n| match n {
        0 => ServerBehavior::NothingUnconfirmed,
        _ => ServerBehavior::Complete,
    });
    assert_all_outcomes(&left, "succeeded", 40);
    assert_eq!(left.sizes(LinkOperation::Create), [40, 40]);
}

#[test]
fn a_link_that_never_exists_fails_as_not_written() {
    for (count, rows_per_call, expected) in [
        (1, 1, vec![1]),
        (5, 5, [vec![5], vec![1; 5]].concat()),
        (20, 20, [vec![20, 20], vec![1; 20]].concat()),
    ] {
        let left = LinkedRun::new(rows(count), rows_per_call)
            .run(|_, _| ServerBehavior::NothingUnconfirmed);
        assert_all_outcomes(&left, "not_written", rows_per_call);
        assert_eq!(left.sizes(LinkOperation::Create), expected);
        assert!(left.existing.is_empty());
    }
}

#[test]
fn more_records_than_fit_into_a_read_take_several_reads() {
    let left = run_unconfirmed(LinkedRun::new(rows(2_000), 2_000), |_| {
        ServerBehavior::Complete
    });
    assert_all_outcomes(&left, "succeeded", 2_000);
    let reads: Vec<_> = left
        .calls(LinkOperation::Read)
        .map(|sent| sent.records)
        .collect();
    assert_eq!(reads, [MOST_ASKED; 2]);
}

#[test]
fn a_row_whose_link_could_not_be_read_back_fails_and_is_not_sent_again() {
    let refused = Verdict::Refused(failure(Code::Rejected));
    for does in [
        ServerBehavior::AllReadsFail,
        ServerBehavior::Respond(refused),
    ] {
        let left = run_unconfirmed(LinkedRun::new(rows(3), 3), move |_| does.clone());
        assert_all_outcomes(&left, "not_confirmed", 3);
        assert_eq!(left.sizes(LinkOperation::Create), [3]);
    }
}

#[test]
fn a_throttled_or_failed_read_is_retried() {
    let window = Duration::from_secs(10);
    for (verdict, at_least) in [(throttled(Some(window)), window), (transient(), ms(0))] {
        let left = run_unconfirmed(LinkedRun::new(rows(10), 10), move |n| match n {
            0 | 1 => ServerBehavior::Respond(verdict.clone()),
            _ => ServerBehavior::Complete,
        });
        assert_all_outcomes(&left, "succeeded", 10);
        let reads: Vec<_> = left
            .calls(LinkOperation::Read)
            .map(|sent| sent.from)
            .collect();
        assert_eq!(reads.len(), 3);
        assert!(reads[1] - reads[0] >= at_least, "{reads:?}");
    }
}

#[test]
fn a_refused_token_stops_the_run_and_fails_no_row() {
    let refused = || Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into()));
    let left = run_unconfirmed(LinkedRun::new(rows(10), 10), move |_| {
        ServerBehavior::Respond(refused())
    });
    assert_all_outcomes(&left, "unsettled", 10);
    assert!(matches!(left.stop, Some(StopReason::Credentials(_))));
}

#[test]
fn an_outage_while_reading_back_stops_the_run_and_fails_no_row() {
    let world = LinkedRun {
        max_wait: Duration::from_secs(120),
        ..LinkedRun::new(rows(40), 4)
    };
    let left = run_unconfirmed(world, |_| ServerBehavior::Respond(transient()));
    assert!(
        matches!(left.stop, Some(StopReason::Unreachable(_))),
        "{:?}",
        left.stop
    );
    assert!(
        left.outcome_counts()
            .keys()
            .all(|word| *word == "unsettled"),
        "{:?}",
        left.outcome_counts()
    );
}

#[test]
fn reading_back_keeps_the_pace() {
    let world = LinkedRun {
        pace: Pace::Limited("20/1s".parse().unwrap()),
        ..LinkedRun::new(rows(300), 1)
    };
    let left = run_unconfirmed(world, |_| ServerBehavior::Complete);
    assert_all_outcomes(&left, "succeeded", 300);
    let most = most_in(&left, ms(1_000));
    assert!(most <= 20, "{most}");
}

#[test]
fn a_restored_link_is_read_back_and_its_row_is_removed() {
    let world = LinkedRun {
        first: RowTask::RestoreDisplaced,
        ..LinkedRun::new(rows(10), 10)
    };
    assert_all_outcomes(
        &run_unconfirmed(world.clone(), |_| ServerBehavior::Complete),
        "removed",
        10,
    );
    let left = world.run(|_, _| ServerBehavior::NothingUnconfirmed);
    assert_all_outcomes(&left, "not_restored", 10);
}

#[test]
fn pending_writes_are_read_back_after_a_wait() {
    for rows_per_call in [1, 10] {
        let left = LinkedRun::new(rows(10), rows_per_call).run(|sent, _| {
            if is_write(sent) {
                ServerBehavior::PendingUnconfirmed { writes: true }
            } else {
                ServerBehavior::Complete
            }
        });
        assert_all_outcomes(&left, "succeeded", 10);
        let (first_write, first_read) = (
            left.calls(LinkOperation::Create).next(),
            left.calls(LinkOperation::Read).next(),
        );
        let waited = first_read.unwrap().from - first_write.unwrap().from;
        assert!(waited >= Duration::from_secs(1), "{waited:?}");
    }
}

#[test]
fn pending_writes_are_waited_for_no_longer_than_max_wait() {
    let max_wait = Duration::from_secs(120);
    let world = LinkedRun {
        max_wait,
        ..LinkedRun::new(rows(1), 1)
    };
    let left = world.run(|_, _| ServerBehavior::PendingUnconfirmed { writes: false });
    assert_all_outcomes(&left, "not_written", 1);
    let last = left.calls(LinkOperation::Read).last().unwrap().from;
    assert!(last >= max_wait && last < 3 * max_wait, "{last:?}");
    // Each wait is twice as long as the one before.
    assert!(left.calls(LinkOperation::Read).count() < 12);
    assert_eq!(left.sizes(LinkOperation::Create), [1]);
}

#[test]
fn a_removal_that_is_not_confirmed_is_read_back() {
    let removing = || LinkedRun {
        existing: rows(10),
        first: RowTask::Remove,
        ..LinkedRun::new(rows(10), 10)
    };
    assert_all_outcomes(
        &run_unconfirmed(removing(), |_| ServerBehavior::Complete),
        "removed",
        10,
    );
    let left = removing().run(|sent, _| match sent.act {
        LinkOperation::Remove => ServerBehavior::NothingUnconfirmed,
        LinkOperation::Create | LinkOperation::Read | LinkOperation::Identify => {
            ServerBehavior::Complete
        }
    });
    assert_all_outcomes(&left, "not_removed", 10);
    assert_eq!(left.existing.len(), 10);
    assert!(
        removing()
            .run(|_, _| ServerBehavior::Complete)
            .existing
            .is_empty()
    );
}
