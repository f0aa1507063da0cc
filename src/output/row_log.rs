//! Log events of rows: a bad row is a warning, a row that was left unchanged for a reason is
//! information, and any other row is debug.
//!
//! Owns the target of these events and how many there are. `logging` knows who wants to see
//! them.

use tracing::{Level, debug, enabled, info, warn};

use crate::{failure::FailureWording, row::RowReport};

/// The target of row events, for filters.
pub const ROWS: &str = concat!(env!("CARGO_PKG_NAME"), "::rows");

/// The most bad rows of a session that are logged, and the most other rows that have a code.
/// The results have all of them. By default journald drops what comes after 10,000 lines within
/// 30 s, and the last lines say how the run ended.
const MAX_LOGGED: u64 = 1_000;

/// The functions that word row events.
#[derive(Clone, Copy, Debug)]
pub struct RowMessages {
    /// Words in the results why a row has no link, or was left unchanged.
    pub recorded: FailureWording,
    /// Words it in log events.
    pub logged: FailureWording,
    /// Words it where rows are grouped by their causes.
    pub grouped: CauseWordings,
    /// Words that no more rows of a kind are logged.
    pub unlogged: fn(UnloggedRows) -> String,
}

/// The functions that word the cause of several rows.
#[derive(Clone, Copy, Debug)]
pub struct CauseWordings {
    /// Words why one of them has no link.
    pub message: FailureWording,
    /// Words it without what only its row has, such as the text of a cell.
    pub in_common: FailureWording,
}

/// A kind of rows that are only counted from now on.
#[derive(Clone, Copy, Debug)]
pub struct UnloggedRows {
    /// Whether they are bad rows.
    pub are_bad: bool,
    /// How many of them were logged.
    pub logged: u64,
}

/// How many rows were logged.
#[derive(Debug, Default)]
pub struct RowLog {
    bad: u64,
    others: u64,
}

impl RowLog {
    /// Logs the outcome of a row.
    pub fn log(&mut self, report: &RowReport, messages: RowMessages) {
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
            if self.bad <= MAX_LOGGED || logs_every_row() {
                warn!(target: ROWS, row, line, status, code, "{}", (messages.logged)(note));
            } else if self.bad == MAX_LOGGED + 1 {
                warn!(target: ROWS, "{}", (messages.unlogged)(unlogged(true)));
            }
        } else {
            self.others += 1;
            if self.others <= MAX_LOGGED || logs_every_row() {
                info!(target: ROWS, row, line, status, code, "{}", (messages.logged)(note));
            } else if self.others == MAX_LOGGED + 1 {
                info!(target: ROWS, "{}", (messages.unlogged)(unlogged(false)));
            }
        }
    }

    /// Whether log events cover all of these bad rows.
    #[must_use]
    pub fn covers_all(bad_rows: u64) -> bool {
        let is_whole = bad_rows <= MAX_LOGGED || logs_every_row();
        is_whole && enabled!(target: ROWS, Level::WARN)
    }
}

fn unlogged(are_bad: bool) -> UnloggedRows {
    UnloggedRows {
        are_bad,
        logged: MAX_LOGGED,
    }
}

/// Whether a filter asks for every row.
fn logs_every_row() -> bool {
    enabled!(target: ROWS, Level::DEBUG)
}
