//! Log events of rows: one that somebody has to look at is a warning, one that was left
//! as it is for a reason is information, and any other is for debugging.
//!
//! Owns the target of these events and how many there are. Knows nothing of who wants
//! to see them; `logging` does.

use tracing::{Level, debug, enabled, info, warn};

use super::words::number;
use crate::{failure::Wording, row::RowReport};

/// The target of events about rows, by which a filter names them.
pub const ROWS: &str = "hubassoc::rows";

/// So many bad rows of a session are logged, and so many others that have a code: all
/// are in the results. By default journald drops what comes after 10,000 lines within
/// 30 s, and the last of them say how the run ended.
const MOST_LOGGED: u64 = 1_000;

/// What was logged of rows.
#[derive(Debug, Default)]
pub struct RowLog {
    bad: u64,
    others: u64,
}

impl RowLog {
    /// Logs how a row ended.
    pub fn log(&mut self, report: &RowReport, words: Wording) {
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
            if self.bad <= MOST_LOGGED || are_all_wanted() {
                warn!(target: ROWS, row, line, status, code, "{}", words(note));
            } else if self.bad == MOST_LOGGED + 1 {
                warn!(
                    target: ROWS,
                    "{} bad rows are logged, and more are only counted (-vv logs each)",
                    number(MOST_LOGGED)
                );
            }
        } else {
            self.others += 1;
            if self.others <= MOST_LOGGED || are_all_wanted() {
                info!(target: ROWS, row, line, status, code, "{}", words(note));
            } else if self.others == MOST_LOGGED + 1 {
                info!(
                    target: ROWS,
                    "{} rows that are not bad and have a code are logged, and more are only counted \
                     (-vv logs each)",
                    number(MOST_LOGGED)
                );
            }
        }
    }

    /// Whether events tell of all these bad rows.
    #[must_use]
    pub fn tells(bad_rows: u64) -> bool {
        let is_whole = bad_rows <= MOST_LOGGED || are_all_wanted();
        is_whole && enabled!(target: ROWS, Level::WARN)
    }
}

/// Whether somebody wants to see each row.
fn are_all_wanted() -> bool {
    enabled!(target: ROWS, Level::DEBUG)
}
