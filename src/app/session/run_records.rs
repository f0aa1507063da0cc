//! The books of a session: the file that says how its rows ended, and its run log.

use jiff::Timestamp;
use tracing::warn;

use super::run::Session;
use crate::{
    account::AccountId,
    caller::Metrics,
    error_threshold::ErrorThreshold,
    journal::{self, CallCounters, Journal, ResultsFile},
    messages,
    output::Recorder,
    row::RowReport,
    stop::{StopReason, StopSwitch},
};

/// What records, and what remembers.
pub(crate) struct RunRecords {
    pub(crate) journal: Journal,
    pub(crate) recorder: Recorder<ResultsFile>,
}

impl RunRecords {
    /// Those of a session, which notes there what it calls.
    pub(crate) fn new(
        session: &Session<'_>,
        journal: Journal,
        recorder: Recorder<ResultsFile>,
    ) -> Self {
        let metrics = session.delivery.caller().metrics();
        journal.set_counters(move || counters(&metrics));
        Self { journal, recorder }
    }

    /// Writes down how rows ended, and the account before the first of them.
    pub(crate) fn record(
        &mut self,
        reports: &[RowReport],
        account: Option<AccountId>,
    ) -> Result<(), String> {
        let noted = self.journal.write_account(account);
        noted.map_err(|error| messages::journal(&error))?;
        let written = self.recorder.record(reports);
        written.map_err(|error| messages::results(&error))
    }

    /// Brings all of it to the disk.
    pub(crate) fn sync(&mut self, stop: &StopSwitch) {
        if let Err(error) = self.journal.sync() {
            stop.request(StopReason::Output(messages::journal(&error).into()));
        }
    }
}

/// What was called so far.
fn counters(metrics: &Metrics) -> CallCounters {
    let calls = metrics.calls_by_kind().into_iter();
    CallCounters {
        at: Timestamp::now(),
        calls: calls
            .map(|of| (of.kind.as_str().to_owned(), of.calls))
            .collect(),
        retries: metrics.retries(),
        throttled: metrics.throttled_calls(),
    }
}

/// Writes down how the session ended. All it recorded stands without that, and a run that
/// goes on finds the end by itself.
pub(crate) fn write_end(journal: Journal, ended: journal::SessionEnd) {
    if let Err(error) = journal.end(ended) {
        warn!("{}", messages::journal(&error));
    }
}

/// Stops the session if too many of its rows ended badly.
pub(crate) fn stop_on_too_many_errors(
    reports: &[RowReport],
    tolerance: &mut ErrorThreshold,
    stop: &StopSwitch,
) {
    let too_bad = reports.iter().filter_map(|report| tolerance.take(report));
    too_bad.for_each(|why| stop.request(StopReason::TooManyErrors(why.into())));
}
