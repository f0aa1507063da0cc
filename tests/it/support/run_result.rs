//! The result of a scripted run.

use std::time::Duration;

use hubassoc::{
    account::AccountId,
    code::Code,
    row::{Outcome, RowReport},
    stop::StopReason,
};

use super::scripted_api::ScriptedRequest;

/// The result of a scripted run.
#[derive(Debug, Default)]
pub(crate) struct RunResult {
    pub(crate) reports: Vec<RowReport>,
    pub(crate) arrivals: Vec<ScriptedRequest>,
    pub(crate) stop: Option<StopReason>,
    pub(crate) took: Duration,
    /// Calls for rows.
    pub(crate) calls: u64,
    /// Calls for the account.
    pub(crate) questions: u64,
    /// Requests that were sent again, as the run counts them.
    pub(crate) retries: u64,
    pub(crate) account: Option<AccountId>,
}

impl RunResult {
    pub(crate) fn succeeded(&self) -> usize {
        let is_good = |r: &&RowReport| matches!(r.outcome, Some(Outcome::Succeeded { .. }));
        self.reports.iter().filter(is_good).count()
    }

    pub(crate) fn failed(&self) -> Vec<(u64, Code)> {
        let failures = self.reports.iter().filter_map(|report| {
            let failure = report.outcome.as_ref()?.failure()?;
            Some((report.row.number, failure.code))
        });
        failures.collect()
    }

    pub(crate) fn unsettled(&self) -> usize {
        self.reports
            .iter()
            .filter(|report| report.outcome.is_none())
            .count()
    }

    /// The largest number of requests in any window of this length.
    pub(crate) fn most_in(&self, window: Duration) -> usize {
        let mut times: Vec<_> = self.arrivals.iter().map(|arrival| arrival.at).collect();
        times.sort();
        most_in(&times, window)
    }
}

/// The largest number of these sorted times in any window of this length.
pub(crate) fn most_in(times: &[Duration], window: Duration) -> usize {
    let counts = times
        .iter()
        .enumerate()
        .map(|(i, start)| times[i..].partition_point(|time| *time - *start <= window));
    counts.max().unwrap_or(0)
}
