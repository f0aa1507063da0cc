//! The daily quota on tokio's paused clock: when a waiting run continues, and what it sends before.

use std::time::Duration;

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};

use crate::support::{
    quota_reset::{DAILY, ONE_ROW, QuotaResetRun, used_up},
    verdicts::{DONE, ms},
};

const SECOND: Duration = Duration::from_secs(1);

/// The wait if no usable reset time is known.
const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(15 * 60);

/// Asserts that a time is right, with some tolerance: wall-clock times are late by as much as the
/// test is slow.
fn about(time: Duration) -> std::ops::Range<Duration> {
    time - ms(100)..time + SECOND * 5
}

#[test]
fn the_run_continues_one_second_after_the_reported_reset() {
    let waits = QuotaResetRun {
        reset: Some(100),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(0), if n == 0 { used_up() } else { DONE }, None));
    assert!(about(SECOND * 101).contains(&ran.sent[1]), "{:?}", ran.sent);
}

/// A time zone whose next midnight is this many seconds away.
fn zone_before_midnight(seconds: i64) -> TimeZone {
    const DAY: i64 = 24 * 3_600;
    let of_utc = Timestamp::now().as_second().rem_euclid(DAY);
    let offset = i32::try_from(DAY - seconds - of_utc).unwrap();
    TimeZone::fixed(Offset::from_seconds(offset).unwrap())
}

#[test]
fn without_a_reported_reset_it_continues_after_the_accounts_next_midnight() {
    let waits = QuotaResetRun {
        zone: Some(zone_before_midnight(7_200)),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(0), if n == 0 { used_up() } else { DONE }, None));
    // A little of the two hours may have passed already.
    let expected = SECOND * (7_201 - 10)..SECOND * (7_201 + 2);
    assert!(expected.contains(&ran.sent[1]), "{:?}", ran.sent);
}

#[test]
fn without_any_information_it_tries_again_after_a_quarter_of_an_hour() {
    let ran = ONE_ROW.run(|n, _| (ms(0), if n == 0 { used_up() } else { DONE }, None));
    assert!(about(QUARTER_OF_AN_HOUR).contains(&ran.sent[1]));
}

#[test]
fn after_a_reset_without_effect_it_tries_again_after_a_quarter_of_an_hour() {
    // The reported reset stays in the future, because it uses the wall clock, which does not follow
    // the paused clock.
    let waits = QuotaResetRun {
        zone: Some(zone_before_midnight(60)),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(0), if n < 3 { used_up() } else { DONE }, None));
    assert!(ran.sent[1] < SECOND * 62, "{:?}", ran.sent);
    for n in [1, 2] {
        let waited = ran.sent[n + 1] - ran.sent[n];
        assert!(about(QUARTER_OF_AN_HOUR).contains(&waited), "{waited:?}");
    }
}

#[test]
fn after_a_successful_reset_the_next_one_is_trusted_again() {
    let waits = QuotaResetRun {
        rows: 2,
        concurrency: 1,
        reset: Some(10),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(0), if n % 2 == 0 { used_up() } else { DONE }, None));
    assert_eq!(ran.succeeded, 2);
    let waited = ran.sent[3] - ran.sent[2];
    assert!(about(SECOND * 11).contains(&waited), "{waited:?}");
}

#[test]
fn a_used_up_quota_never_costs_a_row_an_attempt() {
    let ran = ONE_ROW.run(|n, _| (ms(0), if n < 20 { used_up() } else { DONE }, None));
    assert_eq!((ran.succeeded, ran.stop), (1, None));
}

#[test]
fn rows_that_wait_for_the_pace_are_not_sent_before_the_reset() {
    let waits = QuotaResetRun {
        rows: 100,
        rate: "10/10s",
        reset: Some(1_000),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(10), if n == 1 { used_up() } else { DONE }, None));
    let early = ran.sent.iter().filter(|at| **at < SECOND * 1_000);
    assert_eq!((early.count(), ran.succeeded), (2, 100));
}

#[test]
fn the_reserve_applies_again_on_the_next_day() {
    let waits = QuotaResetRun {
        rows: 100,
        reserve: Some("990"),
        reset: Some(1_000),
        ..ONE_ROW
    };
    // Ten calls are left above the reserve before the reset, and all calls after it.
    let ran = waits.run(|n, at| {
        let left = if at < SECOND * 1_000 {
            999 - n as u64
        } else {
            DAILY
        };
        (ms(10), DONE, Some(left))
    });
    let early = ran.sent.iter().filter(|at| **at < SECOND * 1_000);
    assert_eq!((early.count(), ran.succeeded), (10, 100));
}

#[test]
fn an_old_answer_does_not_hide_later_calls() {
    let waits = QuotaResetRun {
        rows: 200,
        rate: "10/1s",
        reserve: Some("940"),
        reset: Some(1_000),
        ..ONE_ROW
    };
    // Each answer says what was left when its request arrived.
    let ran = waits.run(|n, at| {
        let early = at < SECOND * 1_000;
        let left = if early { 999 - n as u64 } else { DAILY };
        (ms(1_500), DONE, Some(left))
    });
    let early = ran.sent.iter().filter(|at| **at < SECOND * 1_000);
    assert_eq!(early.count(), 60);
}

#[test]
fn a_reported_reset_without_effect_is_not_trusted_again_at_once() {
    let waits = QuotaResetRun {
        reset: Some(-3_600),
        ..ONE_ROW
    };
    let ran = waits.run(|n, _| (ms(0), if n < 3 { used_up() } else { DONE }, None));
    let waited = ran.sent[2] - ran.sent[1];
    assert!(
        about(QUARTER_OF_AN_HOUR).contains(&waited),
        "{:?}",
        ran.sent
    );
}
