//! What a scripted run left, and what can be counted of it.

use std::time::Duration;

use hubassoc::{
    account::AccountId,
    code::Code,
    row::{Outcome, RowReport},
    stop::StopReason,
};

use super::scripted_api::ScriptedRequest;

/// What a scripted run left.
#[derive(Debug, Default)]
pub(crate) struct RunResult {
    pub(crate) reports: Vec<RowReport>,
    pub(crate) arrivals: Vec<ScriptedRequest>,
    pub(crate) stop: Option<StopReason>,
    pub(crate) took: Duration,
    /// Those for rows.
    pub(crate) calls: u64,
    /// Those that asked which account it is.
    pub(crate) questions: u64,
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

    /// The most requests that arrived in any window of this length.
    pub(crate) fn most_in(&self, window: Duration) -> usize {
        let mut times: Vec<_> = self.arrivals.iter().map(|arrival| arrival.at).collect();
        times.sort();
        most_in(&times, window)
    }
}

/// The most of these sorted times that lie in any window of this length.
pub(crate) fn most_in(times: &[Duration], window: Duration) -> usize {
    let counts = times
        .iter()
        .enumerate()
        .map(|(i, start)| times[i..].partition_point(|time| *time - *start <= window));
    counts.max().unwrap_or(0)
}
