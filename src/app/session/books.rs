//! The files that a session writes: how rows ended, and what it remembers.

use crate::{
    account::AccountId,
    journal::{Journal, ResultsFile},
    messages,
    output::Recorder,
    row::RowReport,
    stop::{Stop, StopReason},
    tolerance::Tolerance,
};

/// Writes down how rows ended, and the account before the first of them.
pub(in crate::app) fn write_down(
    reports: &[RowReport],
    account: Option<AccountId>,
    (journal, recorder): (&mut Journal, &mut Recorder<ResultsFile>),
) -> Result<(), String> {
    let noted = journal.note_account(account);
    noted.map_err(|error| error.to_string())?;
    let written = recorder.record(reports);
    written.map_err(|error| messages::results(&error))
}

/// Stops the run if too many of its rows ended badly.
pub(in crate::app) fn stop_if_too_bad(
    reports: &[RowReport],
    tolerance: &mut Tolerance,
    stop: &Stop,
) {
    let too_bad = reports.iter().filter_map(|report| tolerance.take(report));
    too_bad.for_each(|why| stop.request(StopReason::TooManyErrors(why.into())));
}
