//! The records of a session: the file that says how its rows ended, and the run log.

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

/// The recorder and the journal of a session.
pub(crate) struct RunRecords {
    pub(crate) journal: Journal,
    pub(crate) recorder: Recorder<ResultsFile>,
}

impl RunRecords {
    /// The records of a session. Its call counters go to the run log.
    pub(crate) fn new(
        session: &Session<'_>,
        journal: Journal,
        recorder: Recorder<ResultsFile>,
    ) -> Self {
        let metrics = session.delivery.caller().metrics();
        journal.set_counters(move || counters(&metrics));
        Self { journal, recorder }
    }

    /// Records how rows ended, and the account before the first of them.
    pub(crate) fn record(
        &mut self,
        reports: &[RowReport],
        account: Option<AccountId>,
    ) -> Result<(), String> {
        let written = self.journal.write_account(account);
        written.map_err(|error| messages::journal(&error))?;
        let written = self.recorder.record(reports);
        written.map_err(|error| messages::results(&error))?;
        self.journal.end_rows(reports);
        Ok(())
    }

    /// Syncs everything to the disk.
    pub(crate) fn sync(&mut self, stop: &StopSwitch) {
        if let Err(error) = self.journal.sync() {
            stop.request(StopReason::Output(messages::journal(&error).into()));
        }
    }
}

/// The calls so far.
fn counters(metrics: &Metrics) -> CallCounters {
    let calls = metrics.calls_by_kind().into_iter();
    CallCounters {
        at: Timestamp::now(),
        calls: calls
            .map(|counted| (counted.kind.as_str().to_owned(), counted.calls))
            .collect(),
        retries: metrics.retries(),
        throttled: metrics.throttled_calls(),
    }
}

/// Writes the end of the session to the run log. A failure is only a warning: the records are
/// complete without it, and a resumed run finds the end by itself.
pub(crate) fn write_end(journal: Journal, ended: journal::SessionEnd) {
    if let Err(error) = journal.end(ended) {
        warn!("{}", messages::journal(&error));
    }
}

/// Stops the session if there are too many bad rows.
pub(crate) fn stop_on_too_many_errors<'a>(
    reports: impl IntoIterator<Item = &'a RowReport>,
    threshold: &mut ErrorThreshold,
    stop: &StopSwitch,
) {
    let exceeded = reports
        .into_iter()
        .filter_map(|report| threshold.count(report));
    exceeded.for_each(|why| stop.request(StopReason::TooManyErrors(why.into())));
}
