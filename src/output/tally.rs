//! Counts of outcomes, and the problems by their cause.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use roaring::RoaringTreemap;

use super::outcome_counts::OutcomeCounts;
use crate::{
    association::Definition,
    cause::{FailureGroups, RowLocation},
    code::RowsByCode,
    failure::FailureWording,
    row::{PerStatus, RowReport, Status},
};

/// So many unknown definitions are named.
const DEFINITIONS_NAMED: usize = 10;

/// What the recorder has seen so far.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Arc<OutcomeCounts>,
    lines: LineCounts,
    earlier: EarlierRows,
    resent: ResentCounts,
    multi_line: RoaringTreemap,
    by_code: RowsByCode,
    problems: FailureGroups,
    to_correct: u64,
    unknown_definitions: BTreeSet<Definition>,
}

/// Lines of the results.
#[derive(Debug, Default)]
struct LineCounts {
    /// Rows that earlier sessions have recorded.
    earlier_sessions: u64,
    /// Those of this session.
    this_session: u64,
}

/// Rows that have a line already, and may get another: their last one counts.
#[derive(Debug, Default)]
struct EarlierRows {
    failed: RoaringTreemap,
    already: RoaringTreemap,
    /// Those of `already` among them.
    linked: RoaringTreemap,
}

/// Rows that had a line and got another one, by how they had ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResentCounts {
    /// Those that had failed.
    pub failed: u64,
    /// Those whose link the run had made.
    pub succeeded: u64,
    /// Those whose link had stood before.
    pub already: u64,
}

/// What earlier sessions of the run have recorded.
#[derive(Debug, Default)]
pub struct EarlierSessions {
    /// Rows by how they ended, those of `retrying` among the failed ones.
    pub rows: PerStatus<u64>,
    /// Those that failed or are invalid, and will not succeed as they are.
    pub to_correct: u64,
    /// Rows that failed and are sent again: their last line will count.
    pub resending: RoaringTreemap,
    /// Rows whose link stands.
    pub linked: RoaringTreemap,
    /// Those of them whose link stood before the run.
    pub already: RoaringTreemap,
    /// Rows that have several lines already.
    pub multi_line: RoaringTreemap,
    /// Rows whose last line has a code.
    pub by_code: RowsByCode,
}

impl Tally {
    /// Goes on counting.
    #[must_use]
    pub fn resume_from(before: EarlierSessions) -> Self {
        let counts = OutcomeCounts::from_earlier(&before.rows);
        let before_this = counts.settled();
        Self {
            counts: Arc::new(counts),
            lines: LineCounts {
                earlier_sessions: before_this,
                this_session: 0,
            },
            to_correct: before.to_correct,
            by_code: before.by_code,
            multi_line: before.multi_line | &before.resending,
            earlier: EarlierRows {
                failed: before.resending,
                already: before.already,
                linked: before.linked,
            },
            ..Self::default()
        }
    }

    /// Counts one report that is written; `words` are those of its failure.
    pub fn add(&mut self, report: &RowReport, words: FailureWording) {
        let Some(outcome) = &report.outcome else {
            return;
        };
        self.counts.add(outcome.status());
        self.lines.this_session += 1;
        self.remove_earlier(report.row.number);
        if let Some(note) = report.note() {
            self.by_code.insert(report.row.number, note.code);
        }
        let to_correct = outcome
            .failure()
            .is_some_and(|failure| !failure.code.is_passing());
        self.to_correct += u64::from(to_correct);
        if let Some(failure) = outcome.problem() {
            let place = RowLocation {
                row: report.row.number,
                line: report.row.line,
            };
            let code = failure.code.as_str();
            self.problems.add(place, code, &words(failure));
        }
        if let Ok(link) = &report.row.link
            && link.definition.info().is_none()
            && self.unknown_definitions.len() < DEFINITIONS_NAMED
        {
            self.unknown_definitions.insert(link.definition);
        }
    }

    /// Of a row that has a line already only the last one counts.
    fn remove_earlier(&mut self, row: u64) {
        if self.earlier.failed.remove(row) {
            self.by_code.remove(row);
            self.resent.failed += 1;
            self.counts.remove(Status::Failed);
        } else if self.earlier.linked.remove(row) {
            self.by_code.remove(row);
            self.multi_line.insert(row);
            if self.earlier.already.contains(row) {
                self.resent.already += 1;
                self.counts.remove(Status::Already);
            } else {
                self.resent.succeeded += 1;
                self.counts.remove(Status::Succeeded);
            }
        }
    }

    /// The counts, shared with whoever shows them.
    #[must_use]
    pub fn counts(&self) -> Arc<OutcomeCounts> {
        Arc::clone(&self.counts)
    }

    /// Rows that earlier sessions have recorded.
    #[must_use]
    pub fn recorded_before(&self) -> u64 {
        self.lines.earlier_sessions
    }

    /// Lines that this session has recorded.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        self.lines.this_session
    }

    /// Rows that had a line and got another one in this session.
    #[must_use]
    pub fn resent(&self) -> ResentCounts {
        self.resent
    }

    /// Rows by the code of their last line, of all sessions.
    #[must_use]
    pub fn codes(&self) -> BTreeMap<&'static str, u64> {
        self.by_code.counts()
    }

    /// Rows that may have several lines, of which the last counts.
    #[must_use]
    pub fn multi_line_rows(&self) -> &RoaringTreemap {
        &self.multi_line
    }

    /// Rows that will not succeed as they are.
    #[must_use]
    pub fn to_correct(&self) -> u64 {
        self.to_correct
    }

    /// The rows of this session that somebody has to look at, by their cause.
    #[must_use]
    pub fn problems(&self) -> &FailureGroups {
        &self.problems
    }

    /// Definitions that the table does not know; they were sent all the same.
    #[must_use]
    pub fn unknown_definitions(&self) -> &BTreeSet<Definition> {
        &self.unknown_definitions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        http_status::HttpStatus,
        input::Input,
        messages,
        row::{Outcome, Row},
    };

    #[test]
    fn of_a_row_that_is_sent_again_the_last_line_counts() {
        let one = || RoaringTreemap::from([1]);
        let ended = |status| {
            let mut rows = PerStatus::default();
            rows[status] = 1;
            EarlierSessions {
                rows,
                ..EarlierSessions::default()
            }
        };
        for before in [
            EarlierSessions {
                linked: one(),
                ..ended(Status::Succeeded)
            },
            EarlierSessions {
                linked: one(),
                already: one(),
                ..ended(Status::Already)
            },
            EarlierSessions {
                resending: one(),
                ..ended(Status::Failed)
            },
        ] {
            let mut tally = Tally::resume_from(before);
            tally.add(
                &RowReport {
                    singled_out: false,
                    row: Row {
                        number: 1,
                        ..Input::empty_row()
                    },
                    attempts: 1,
                    outcome: Some(Outcome::Succeeded {
                        http_status: HttpStatus::NO_CONTENT,
                    }),
                    finished_at: jiff::Timestamp::now(),
                },
                messages::failure,
            );
            let counts = tally.counts();
            assert_eq!((counts.succeeded(), counts.settled()), (1, 1));
        }
    }
}
