//! Log events of rows: one that somebody has to look at is a warning, one that was left
//! as it is for a reason is information, and any other is for debugging.
//!
//! Owns the target of these events and how many there are. Knows nothing of who wants
//! to see them; `logging` does.

use tracing::{Level, debug, enabled, info, warn};

use crate::{failure::FailureWording, row::RowReport};

/// The target of events about rows, by which a filter names them.
pub const ROWS: &str = concat!(env!("CARGO_PKG_NAME"), "::rows");

/// So many bad rows of a session are logged, and so many others that have a code: all
/// are in the results. By default journald drops what comes after 10,000 lines within
/// 30 s, and the last of them say how the run ended.
const MAX_LOGGED: u64 = 1_000;

/// How what is told of rows is put into words.
#[derive(Clone, Copy, Debug)]
pub struct RowMessages {
    /// Why a row has no link, or was left as it is.
    pub failure: FailureWording,
    /// That no more rows of a kind are logged.
    pub unlogged: fn(UnloggedRows) -> String,
}

/// Rows of a kind that are only counted from now on.
#[derive(Clone, Copy, Debug)]
pub struct UnloggedRows {
    /// Whether they are those that somebody has to look at.
    pub are_bad: bool,
    /// So many of them are logged.
    pub logged: u64,
}

/// What was logged of rows.
#[derive(Debug, Default)]
pub struct RowLog {
    bad: u64,
    others: u64,
}

impl RowLog {
    /// Logs how a row ended.
    pub fn log(&mut self, report: &RowReport, words: RowMessages) {
        let (row, line) = (report.row.number, report.row.line);
        let Some(outcome) = &report.outcome else {
            debug!(target: ROWS, row, line, "unsettled");
            return;
        };
        let status = outcome.word();
        let Some(note) = outcome.note() else {
            debug!(target: ROWS, row, line, attempts = report.attempts, "{status}");
            return;
        };
        let code = note.code.as_str();
        if outcome.problem().is_some() {
            self.bad += 1;
            if self.bad <= MAX_LOGGED || are_all_wanted() {
                warn!(target: ROWS, row, line, status, code, "{}", (words.failure)(note));
            } else if self.bad == MAX_LOGGED + 1 {
                warn!(target: ROWS, "{}", (words.unlogged)(unlogged(true)));
            }
        } else {
            self.others += 1;
            if self.others <= MAX_LOGGED || are_all_wanted() {
                info!(target: ROWS, row, line, status, code, "{}", (words.failure)(note));
            } else if self.others == MAX_LOGGED + 1 {
                info!(target: ROWS, "{}", (words.unlogged)(unlogged(false)));
            }
        }
    }

    /// Whether events tell of all these bad rows.
    #[must_use]
    pub fn covers_all(bad_rows: u64) -> bool {
        let is_whole = bad_rows <= MAX_LOGGED || are_all_wanted();
        is_whole && enabled!(target: ROWS, Level::WARN)
    }
}

fn unlogged(are_bad: bool) -> UnloggedRows {
    UnloggedRows {
        are_bad,
        logged: MAX_LOGGED,
    }
}

/// Whether somebody wants to see each row.
fn are_all_wanted() -> bool {
    enabled!(target: ROWS, Level::DEBUG)
}
