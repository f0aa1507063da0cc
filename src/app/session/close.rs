//! The end of a session: of all reasons the gravest, and what is said of it.

use tracing::warn;

use crate::{
    app::error::of_input,
    cause::Causes,
    exit::ExitCode,
    input::InputError,
    journal::{self, Journal},
    output::{RowLog, Screen, Tally},
    stop::StopReason,
};

/// Writes down how the session ended. All it recorded stands without that, and a run that
/// goes on finds the end by itself.
pub(in crate::app) fn note_end(journal: Journal, ended: journal::Ended) {
    if let Err(error) = journal.end(ended) {
        warn!("{error}");
    }
}

/// The problems, unless they were all told as log events when they happened.
pub(in crate::app) fn untold<'a>(screen: &Screen, tally: &'a Tally) -> Option<&'a Causes> {
    let problems = tally.problems();
    let is_told = screen.is_json() && RowLog::tells(problems.rows());
    (!is_told).then_some(problems)
}

/// What has to be other before a command like this one gets further.
pub(in crate::app) fn cure(stop: Option<&StopReason>, input_complete: bool) -> &'static str {
    match stop {
        Some(StopReason::Credentials(_) | StopReason::WrongAccount { has_sent: true, .. }) => {
            "with a token and scopes that HubSpot accepts"
        }
        Some(StopReason::WrongAccount {
            has_sent: false, ..
        }) => "with a token of the right account",
        Some(StopReason::DayQuota { .. }) => "when the day's quota is back",
        Some(StopReason::ReserveTooLarge { .. }) => "with a smaller --daily-reserve",
        Some(StopReason::Output(_)) => "when that is mended",
        Some(StopReason::NotHubSpot(_) | StopReason::Away(_) | StopReason::Certificate(_)) => {
            "when HubSpot is reachable"
        }
        Some(StopReason::TooManyErrors(_)) => "when the cause is mended",
        None if !input_complete => "when the input can be read to its end",
        Some(StopReason::Signal(_)) | None => "to send the rest",
    }
}

/// Of all reasons the gravest; see [`ExitCode::graver`].
pub(in crate::app) fn exit_code(
    (unsettled, bad): (u64, u64),
    stop: Option<&StopReason>,
    broken_input: Option<&InputError>,
) -> ExitCode {
    let mut code = stop.map_or(ExitCode::Success, ExitCode::of_stop);
    if let Some(error) = broken_input {
        code = code.graver(of_input(error));
    }
    if unsettled > 0 && stop.is_none() {
        // Answers that are none, row by row; else the stop is the reason.
        code = code.graver(ExitCode::Unavailable);
    }
    if bad > 0 {
        code = code.graver(ExitCode::SomeRowsBad);
    }
    code
}
