//! Searches have a limit of their own, which no response reports: 5 per second and account.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::future::join_all;
use hubassoc::{
    api::{Api, ApiResponse, Operation, RateClass, ReportedQuota},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    rate_state::RateState,
    stop::StopSwitch,
};
use tokio::time::{Instant, sleep};

use crate::support::{
    run_result::most_in,
    verdicts::{DONE, ms},
};

/// The most searches in a second.
const SEARCHES: usize = 5;

/// A server whose responses report the limit of other calls. In these tests, each question about
/// limits counts as a search, and each other one as a single call.
struct SearchServer {
    started: Instant,
    /// When searches and other calls arrived.
    searches: Rc<RefCell<Vec<Duration>>>,
    others: Rc<RefCell<Vec<Duration>>>,
    random: RefCell<fastrand::Rng>,
}

impl Api for SearchServer {
    fn class(&self, call: Operation<'_>) -> RateClass {
        if matches!(call, Operation::Limits) {
            RateClass::Search
        } else {
            RateClass::Single
        }
    }

    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let travel = self.random.borrow_mut().u64(20..100);
        sleep(ms(travel)).await;
        let arrivals = match self.class(call) {
            RateClass::Search => &self.searches,
            RateClass::Single | RateClass::Batch => &self.others,
        };
        arrivals.borrow_mut().push(self.started.elapsed());
        sleep(ms(travel)).await;
        let quota = ReportedQuota {
            window: Some("190/10s".parse().unwrap()),
            window_remaining: Some(180),
            ..ReportedQuota::default()
        };
        ApiResponse {
            quota: Some(quota),
            ..ApiResponse::from_verdict(DONE)
        }
    }
}

/// When searches and other calls arrived that were all wanted at once, and the pace that was shown.
fn arrivals(pace: Pace, searches: usize, others: usize) -> (Vec<Duration>, Vec<Duration>, String) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (found, rest) = (Rc::default(), Rc::default());
        let server = SearchServer {
            started: Instant::now(),
            searches: Rc::clone(&found),
            others: Rc::clone(&rest),
            random: RefCell::new(fastrand::Rng::with_seed(7)),
        };
        let pacer = Pacer::new(pace, ms(900_000), RateState::in_memory());
        let retry = RetryPolicy { max_attempts: 8 };
        let caller = Caller::new(server, pacer, retry, StopSwitch::default());
        let calls = vec![Operation::Limits; searches].into_iter();
        let calls = calls.chain(vec![Operation::Scopes; others]);
        join_all(calls.map(|call| caller.ask_once(call))).await;
        let pace = caller.metrics().current_pace();
        let pace = pace.map_or("none".to_owned(), |pace| pace.to_string());
        let mut times = (found.take(), rest.take());
        times.0.sort();
        times.1.sort();
        (times.0, times.1, pace)
    })
}

#[test]
fn no_second_has_more_than_five_searches_at_any_pace() {
    for pace in [
        Pace::Auto,
        Pace::Unlimited,
        Pace::Limited("250/10s".parse().unwrap()),
        Pace::Limited("40/s".parse().unwrap()),
    ] {
        let (times, _, _) = arrivals(pace, 200, 0);
        let most = most_in(&times, ms(1_000));
        assert!(most <= SEARCHES, "{pace:?}: {most}");
        let used = times.len() as f64 / times.last().unwrap().as_secs_f64();
        assert!(used >= 4.4, "{pace:?}: {used} searches per second");
    }
}

#[test]
fn a_slower_rate_of_the_user_holds_for_searches_too() {
    let slow = Pace::Limited("2/s".parse().unwrap());
    let (times, _, _) = arrivals(slow, 40, 0);
    assert!(most_in(&times, ms(1_000)) <= 3, "{times:?}");
    assert!(*times.last().unwrap() >= ms(19_000), "{times:?}");
}

#[test]
fn searches_slow_down_no_other_calls() {
    let (searches, others, _) = arrivals(Pace::Unlimited, 30, 100);
    assert!(*others.last().unwrap() <= ms(100), "{others:?}");
    assert!(*searches.last().unwrap() >= ms(6_000), "{searches:?}");
}

#[test]
fn the_pace_of_searches_is_not_shown_as_that_of_rows() {
    let shown = |searches, others| arrivals(Pace::Auto, searches, others).2;
    assert_eq!(shown(10, 0), "none");
    assert_eq!(shown(10, 1), "100/10s");
}
