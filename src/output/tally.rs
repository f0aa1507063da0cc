//! Counts of outcomes, and the problems by cause.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use roaring::RoaringTreemap;

use super::{outcome_counts::OutcomeCounts, row_log::CauseWordings};
use crate::{
    association::Definition,
    cause::{CauseTexts, FailureGroups, RowLocation},
    code::RowsByCode,
    row::{PerStatus, RowReport, Status},
};

/// The most unknown definitions that are named.
const DEFINITIONS_NAMED: usize = 10;

/// The counts of the recorder.
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

/// Numbers of results lines.
#[derive(Debug, Default)]
struct LineCounts {
    /// Rows recorded by earlier sessions.
    earlier_sessions: u64,
    /// Lines of this session.
    this_session: u64,
}

/// Rows that already have a line and may get another one. The last line counts.
#[derive(Debug, Default)]
struct EarlierRows {
    failed: RoaringTreemap,
    already: RoaringTreemap,
    /// Rows whose link exists, including those of `already`.
    linked: RoaringTreemap,
}

/// Rows that had a line and got another one, by their former status.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResentCounts {
    /// Rows that had failed.
    pub failed: u64,
    /// Rows whose link the run had made.
    pub succeeded: u64,
    /// Rows whose link had existed before.
    pub already: u64,
}

/// What earlier sessions of the run have recorded.
#[derive(Debug, Default)]
pub struct EarlierSessions {
    /// Rows per status; those of `resending` are among the failed ones.
    pub rows: PerStatus<u64>,
    /// Rows that failed or are invalid and cannot succeed unchanged.
    pub to_correct: u64,
    /// Failed rows that are sent again. Their last line will count.
    pub resending: RoaringTreemap,
    /// Rows whose link exists.
    pub linked: RoaringTreemap,
    /// Those of `linked` whose link existed before the run.
    pub already: RoaringTreemap,
    /// Rows that have several lines already.
    pub multi_line: RoaringTreemap,
    /// Rows whose last line has a code.
    pub by_code: RowsByCode,
}

impl Tally {
    /// Continues to count.
    #[must_use]
    pub fn resume_from(earlier: EarlierSessions) -> Self {
        let counts = OutcomeCounts::from_earlier(&earlier.rows);
        let recorded_before = counts.with_outcome();
        Self {
            counts: Arc::new(counts),
            lines: LineCounts {
                earlier_sessions: recorded_before,
                this_session: 0,
            },
            to_correct: earlier.to_correct,
            by_code: earlier.by_code,
            multi_line: earlier.multi_line | &earlier.resending,
            earlier: EarlierRows {
                failed: earlier.resending,
                already: earlier.already,
                linked: earlier.linked,
            },
            ..Self::default()
        }
    }

    /// Counts a report that is written. `wordings` turn its failure into messages.
    pub fn add(&mut self, report: &RowReport, wordings: CauseWordings) {
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
            .is_some_and(|failure| !failure.code.is_transient());
        self.to_correct += u64::from(to_correct);
        if let Some(failure) = outcome.problem() {
            let location = RowLocation {
                row: report.row.number,
                line: report.row.line,
            };
            let texts = CauseTexts {
                message: &(wordings.message)(failure),
                in_common: &(wordings.in_common)(failure),
            };
            self.problems.add(location, failure.code.as_str(), texts);
        }
        if let Some(link) = report.row.association()
            && link.definition.info().is_none()
            && self.unknown_definitions.len() < DEFINITIONS_NAMED
        {
            self.unknown_definitions.insert(link.definition);
        }
    }

    /// If the row already had a line, only the new one counts.
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

    /// The counts, shared with the progress display.
    #[must_use]
    pub fn counts(&self) -> Arc<OutcomeCounts> {
        Arc::clone(&self.counts)
    }

    /// Rows recorded by earlier sessions.
    #[must_use]
    pub fn recorded_before(&self) -> u64 {
        self.lines.earlier_sessions
    }

    /// Lines recorded by this session.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        self.lines.this_session
    }

    /// Rows that had a line and got another one in this session.
    #[must_use]
    pub fn resent(&self) -> ResentCounts {
        self.resent
    }

    /// Rows by the code of their last line, over all sessions.
    #[must_use]
    pub fn codes(&self) -> BTreeMap<&'static str, u64> {
        self.by_code.counts()
    }

    /// Rows that may have several lines, of which the last counts.
    #[must_use]
    pub fn multi_line_rows(&self) -> &RoaringTreemap {
        &self.multi_line
    }

    /// Rows that cannot succeed unchanged.
    #[must_use]
    pub fn to_correct(&self) -> u64 {
        self.to_correct
    }

    /// The bad rows of this session, by cause.
    #[must_use]
    pub fn problems(&self) -> &FailureGroups {
        &self.problems
    }

    /// Definitions that are not in the table. They are sent unchanged.
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
        input::InputReader,
        messages,
        row::{Outcome, Row},
    };

    #[test]
    fn the_last_line_of_a_resent_row_counts() {
        let one = || RoaringTreemap::from([1]);
        let earlier_with = |status| {
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
                ..earlier_with(Status::Succeeded)
            },
            EarlierSessions {
                linked: one(),
                already: one(),
                ..earlier_with(Status::Already)
            },
            EarlierSessions {
                resending: one(),
                ..earlier_with(Status::Failed)
            },
        ] {
            let mut tally = Tally::resume_from(before);
            tally.add(
                &RowReport {
                    singled_out: false,
                    may_have_written: false,
                    row: Row {
                        number: 1,
                        ..InputReader::empty_row()
                    },
                    attempts: 1,
                    outcome: Some(Outcome::Succeeded {
                        http_status: HttpStatus::NO_CONTENT,
                    }),
                    finished_at: jiff::Timestamp::now(),
                },
                CauseWordings {
                    message: messages::failure,
                    in_common: messages::failure,
                },
            );
            let counts = tally.counts();
            assert_eq!((counts.succeeded(), counts.with_outcome()), (1, 1));
        }
    }
}
