//! Servers that are unavailable for a while, and checks of runs against them.

use std::time::Duration;

use hubassoc::api::Verdict;

use super::scripted_api::{DONE, RunResult, ScriptedRequest, ms};

/// A server that is unavailable from one second to another.
pub(crate) fn unavailable_between(
    from: u64,
    to: u64,
    answer: impl Fn() -> (Duration, Verdict) + 'static,
) -> impl Fn(ScriptedRequest) -> (Duration, Verdict) + 'static {
    move |a| {
        if (ms(from * 1_000)..ms(to * 1_000)).contains(&a.at) {
            answer()
        } else {
            (ms(20), DONE)
        }
    }
}

/// The times of requests from one second to another.
pub(crate) fn arrivals_between(ran: &RunResult, from: u64, to: u64) -> Vec<Duration> {
    let times = ran.arrivals.iter().map(|a| a.at);
    times
        .filter(|at| (ms(from * 1_000)..ms(to * 1_000)).contains(at))
        .collect()
}

pub(crate) fn assert_all_succeeded(ran: &RunResult, rows: usize, case: &str) {
    let ended = (ran.failed(), ran.succeeded(), ran.stop.clone());
    assert_eq!(ended, (vec![], rows, None), "{case}");
}
