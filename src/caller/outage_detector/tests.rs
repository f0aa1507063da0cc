//! The policy by example: rows that fail and responses that succeed, at given times.

use super::*;

/// A few rows and the policy, with a clock of their own.
struct Scene {
    start: Instant,
    outage: OutageDetector,
    rows: Vec<Tries>,
}

impl Scene {
    fn of(rows: usize) -> Self {
        Self {
            start: Instant::now(),
            outage: OutageDetector::default(),
            rows: (0..rows).map(|_| Tries::default()).collect(),
        }
    }

    fn at(&self, seconds: f64) -> Instant {
        self.start + Duration::from_secs_f64(seconds)
    }

    /// A try of this row fails, a tenth of a second after it was sent.
    fn fails(&mut self, row: usize, seconds: f64) {
        let (failed, now) = (FailedTry::sent(self.at(seconds)), self.at(seconds + 0.1));
        self.outage.record_failure(&mut self.rows[row], failed, now);
    }

    /// A request of some other row succeeds.
    fn gets_through(&mut self, seconds: f64) {
        let (sent_at, now) = (self.at(seconds), self.at(seconds + 0.1));
        self.outage.record_sign_of_life(sent_at, now);
    }

    /// The tries that each row has used up.
    fn used(&mut self) -> Vec<u32> {
        self.rows.iter_mut().for_each(Tries::update);
        self.rows.iter().map(Tries::used).collect()
    }

    fn is_down(&self) -> bool {
        self.outage.open_since().is_some()
    }
}

#[test]
fn three_rows_that_fail_together_get_their_tries_back() {
    let mut scene = Scene::of(3);
    for time in [0.0, 1.0] {
        scene.fails(0, time);
        scene.fails(1, time);
    }
    assert_eq!(scene.used(), [2, 2, 0]);
    scene.fails(2, 2.0);
    assert_eq!(scene.used(), [0, 0, 0]);
    scene.fails(0, 3.0);
    assert_eq!(scene.used(), [0, 0, 0]);
}

#[test]
fn a_row_that_fails_while_others_get_through_uses_up_its_tries() {
    let mut scene = Scene::of(1);
    for n in 0..8 {
        scene.fails(0, f64::from(n));
        scene.gets_through(f64::from(n) + 0.5);
    }
    assert_eq!(scene.used(), [8]);
}

#[test]
fn tries_are_in_doubt_until_others_fail_or_get_through() {
    let mut scene = Scene::of(4);
    scene.fails(0, 0.0);
    assert!(scene.rows[0].may_be_given_back());
    scene.gets_through(1.0);
    assert!(!scene.rows[0].may_be_given_back());
    for (row, in_doubt) in [(1, true), (2, true), (3, false)] {
        scene.fails(row, 2.0);
        assert_eq!(scene.rows[1].may_be_given_back(), in_doubt, "row {row}");
    }
    assert_eq!(scene.used(), [1, 0, 0, 0]);
}

#[test]
fn a_request_sent_before_the_first_failure_proves_nothing() {
    let mut scene = Scene::of(1);
    scene.fails(0, 5.0);
    scene.gets_through(4.9);
    assert!(scene.rows[0].may_be_given_back());
}

#[test]
fn one_success_among_many_failures_ends_the_outage_but_not_the_doubt() {
    let mut scene = Scene::of(5);
    for time in [0.0, 11.0] {
        (0..5).for_each(|row| scene.fails(row, time));
    }
    assert!(scene.is_down());
    scene.gets_through(12.0);
    assert!(!scene.is_down());
    scene.fails(0, 13.0);
    scene.fails(0, 14.0);
    assert_eq!(scene.used(), [0; 5]);
}

#[test]
fn it_is_an_outage_when_three_rows_fail_and_nothing_gets_through_for_ten_seconds() {
    for (rows, seconds, expected) in [
        (3, 10.0, true),
        (3, 9.8, false),
        (2, 60.0, false),
        (16, 10.0, true),
    ] {
        let mut scene = Scene::of(rows);
        (0..rows).for_each(|row| scene.fails(row, 0.0));
        scene.fails(0, seconds);
        assert_eq!(scene.is_down(), expected, "{rows} rows, {seconds} s");
    }
}

#[test]
fn an_outage_counts_from_the_last_answer_that_got_through() {
    let mut scene = Scene::of(5);
    (0..5).for_each(|row| scene.fails(row, 0.0));
    scene.gets_through(8.0);
    scene.fails(0, 17.0);
    assert!(!scene.is_down());
    scene.fails(0, 18.1);
    assert_eq!(scene.outage.open_since(), Some(scene.at(8.1)));
}

#[test]
fn rows_that_failed_while_others_succeeded_do_not_count_for_an_outage() {
    let mut scene = Scene::of(4);
    (0..3).for_each(|row| scene.fails(row, 0.0));
    (0..3).for_each(|_| scene.gets_through(1.0));
    // Now they are alone.
    for n in 0..20 {
        (0..3).for_each(|row| scene.fails(row, f64::from(n) + 2.0));
    }
    assert!(!scene.is_down());
    assert_eq!(scene.used()[..3], [20; 3]);
}

#[test]
fn they_get_those_tries_back_that_others_failed_with_as_well() {
    let mut scene = Scene::of(4);
    scene.fails(0, 0.0);
    scene.gets_through(1.0);
    scene.fails(0, 2.0);
    (1..4).for_each(|row| scene.fails(row, 3.0));
    scene.fails(0, 4.0);
    assert_eq!(scene.used(), [1, 0, 0, 0]);
}

#[test]
fn rows_that_failed_in_a_silence_are_not_suspected_afterwards() {
    let mut scene = Scene::of(3);
    for n in 0..9 {
        for time in [0.0, 3.0] {
            (0..3).for_each(|row| scene.fails(row, f64::from(n) * 6.0 + time));
        }
        (0..3).for_each(|_| scene.gets_through(f64::from(n) * 6.0 + 5.0));
    }
    assert_eq!(scene.used(), [0; 3]);
}

#[test]
fn the_last_two_rows_count_their_tries_again() {
    let mut scene = Scene::of(3);
    for time in [0.0, 11.0] {
        (0..3).for_each(|row| scene.fails(row, time));
    }
    scene.gets_through(12.0);
    let first = scene.rows.remove(0);
    scene.outage.operation_finished(&first);
    for time in [13.0, 30.0] {
        (0..2).for_each(|row| scene.fails(row, time));
    }
    assert!(!scene.is_down());
    assert_eq!(scene.used(), [2, 2]);
}
