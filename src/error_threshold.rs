//! The error threshold: how many bad rows a run allows before it stops. Pure policy on recorded
//! rows; other modules stop the run and write the message.

use std::{num::NonZeroU64, str::FromStr};

use crate::{
    failure::{FailureDetail, KeyFaultKind},
    rate::{digits_only, parse_percentage},
    row::{Failure, Outcome, RowReport},
};

/// A share is not meaningful for fewer rows.
const MIN_ROWS_FOR_SHARE: u64 = 100;

/// How many bad rows are allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxErrors {
    /// A number of rows that failed or are invalid.
    Rows(NonZeroU64),
    /// A share of all rows, above 0 and up to 1.
    Share(f64),
}

/// How many consecutive bad rows are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxConsecutive {
    /// They never stop the run.
    Off,
    /// A number of consecutive rows that HubSpot refused.
    Rows(NonZeroU64),
}

/// The text is not a threshold; what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidThreshold {
    /// It should be a number of rows or a share.
    RowsOrShare,
    /// It should be a number of rows or `off`.
    RowsOrOff,
}

/// Why a run has to stop: there were too many bad rows.
#[derive(Clone, Debug, PartialEq)]
pub enum ThresholdExceeded {
    /// Too many rows.
    Rows {
        /// Rows that failed or are invalid.
        bad: u64,
        /// The threshold.
        limit: NonZeroU64,
    },
    /// Too large a share.
    Share {
        /// Rows that failed or are invalid.
        bad: u64,
        /// All rows.
        all: u64,
        /// The threshold.
        limit: f64,
    },
    /// Too many consecutive rows.
    Consecutive {
        /// Rows that HubSpot refused.
        rows: u64,
        /// Why the last of them failed.
        last: Failure,
        /// The threshold.
        limit: NonZeroU64,
    },
}

/// No share is NaN.
impl Eq for ThresholdExceeded {}

/// The bad rows of this session so far.
#[derive(Debug)]
pub struct ErrorThreshold {
    max_errors: Option<MaxErrors>,
    max_consecutive: MaxConsecutive,
    rows: u64,
    bad: u64,
    consecutive_rows: u64,
}

impl ErrorThreshold {
    /// No rows yet.
    #[must_use]
    pub fn new(max_errors: Option<MaxErrors>, max_consecutive: MaxConsecutive) -> Self {
        Self {
            max_errors,
            max_consecutive,
            rows: 0,
            bad: 0,
            consecutive_rows: 0,
        }
    }

    /// Counts a recorded row, in order of completion. Returns the reason to stop if the threshold
    /// is exceeded.
    pub fn count(&mut self, report: &RowReport) -> Option<ThresholdExceeded> {
        let outcome = report.outcome.as_ref()?;
        self.rows += 1;
        let Some(failure) = outcome.failure() else {
            self.consecutive_rows = 0;
            return self.too_large_a_share();
        };
        self.bad += 1;
        // The row was never sent, HubSpot named it as the bad one, `verify` found it missing, or its
        // key leads to no record. Then nothing is wrong with the address, the account or the
        // definition.
        let is_fault_of_row = report.singled_out
            || matches!(outcome, Outcome::Invalid(_) | Outcome::Missing(_))
            || is_key_miss(failure);
        if is_fault_of_row {
            return self.too_many();
        }
        self.consecutive_rows += 1;
        self.too_many().or_else(|| self.too_many_in_a_row(failure))
    }

    fn too_many(&self) -> Option<ThresholdExceeded> {
        match self.max_errors? {
            MaxErrors::Rows(limit) if self.bad >= limit.get() => {
                let bad = self.bad;
                Some(ThresholdExceeded::Rows { bad, limit })
            }
            MaxErrors::Rows(_) => None,
            MaxErrors::Share(_) => self.too_large_a_share(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "rows are fewer than 2^53")]
    fn too_large_a_share(&self) -> Option<ThresholdExceeded> {
        let MaxErrors::Share(limit) = self.max_errors? else {
            return None;
        };
        let (all, bad) = (self.rows as f64, self.bad as f64);
        let is_too_large = self.rows >= MIN_ROWS_FOR_SHARE && bad >= limit * all;
        is_too_large.then_some(ThresholdExceeded::Share {
            bad: self.bad,
            all: self.rows,
            limit,
        })
    }

    fn too_many_in_a_row(&self, last: &Failure) -> Option<ThresholdExceeded> {
        let MaxConsecutive::Rows(limit) = self.max_consecutive else {
            return None;
        };
        (self.consecutive_rows >= limit.get()).then(|| ThresholdExceeded::Consecutive {
            rows: self.consecutive_rows,
            last: last.clone(),
            limit,
        })
    }
}

impl FromStr for MaxErrors {
    type Err = InvalidThreshold;

    /// `20` or `2.5%`.
    fn from_str(text: &str) -> Result<Self, InvalidThreshold> {
        if text.ends_with('%') {
            return parse_percentage(text)
                .map(Self::Share)
                .ok_or(InvalidThreshold::RowsOrShare);
        }
        digits_only(text)
            .map(Self::Rows)
            .ok_or(InvalidThreshold::RowsOrShare)
    }
}

impl FromStr for MaxConsecutive {
    type Err = InvalidThreshold;

    /// `100` or `off`.
    fn from_str(text: &str) -> Result<Self, InvalidThreshold> {
        match text {
            "off" => Ok(Self::Off),
            text => digits_only(text)
                .map(Self::Rows)
                .ok_or(InvalidThreshold::RowsOrOff),
        }
    }
}

/// Whether HubSpot said about the key of a row that it leads to no certain record.
fn is_key_miss(failure: &Failure) -> bool {
    let FailureDetail::Key(fault) = &*failure.detail else {
        return false;
    };
    !matches!(fault.kind, KeyFaultKind::NotLookedUp(_))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        association::{KeyProperty, RecordKey},
        code::Code,
        failure::{KeyFault, ResponseFault},
        http_status::HttpStatus,
        row::Row,
        row_cells::RowCells,
    };

    fn report(outcome: Outcome) -> RowReport {
        RowReport {
            row: Row {
                number: 1,
                line: 2,
                cells: RowCells::default(),
                link: Err(
                    Failure::new(Code::InvalidId, ResponseFault::Quoted(String::new())).into(),
                ),
                origin: None,
            },
            attempts: 1,
            singled_out: false,
            may_have_written: false,
            outcome: Some(outcome),
            finished_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    /// The rows after which the run stops: `.` succeeded, `f` failed, `s` failed
    /// and was singled out, `n` failed because nobody has its key, `i` invalid, `k` kept, `m` missing, `u` unreadable.
    fn stops_at(max_errors: &str, max_consecutive: &str, rows: &str) -> Option<usize> {
        let max_errors = (!max_errors.is_empty()).then(|| max_errors.parse().unwrap());
        let mut threshold = ErrorThreshold::new(max_errors, max_consecutive.parse().unwrap());
        let failure = || {
            Failure::new(
                Code::NotFound,
                ResponseFault::Quoted("no such path".to_owned()),
            )
        };
        rows.chars()
            .position(|row| {
                let outcome = match row {
                    'f' | 's' => Outcome::Failed(failure().into()),
                    'i' => Outcome::Invalid(failure().into()),
                    'n' => Outcome::Failed(key_miss().into()),
                    'k' => Outcome::Kept(failure().into()),
                    'm' => Outcome::Missing(failure().into()),
                    'u' => Outcome::Unreadable(failure().into()),
                    _ => Outcome::Succeeded {
                        http_status: HttpStatus::NO_CONTENT,
                    },
                };
                let singled_out = row == 's';
                let report = RowReport {
                    singled_out,
                    ..report(outcome)
                };
                threshold.count(&report).is_some()
            })
            .map(|at| at + 1)
    }

    fn key_miss() -> Failure {
        let property = KeyProperty {
            object_type: "contacts",
            name: "email",
        };
        let value = Arc::from("nobody@example.com");
        let key = RecordKey { property, value };
        let kind = KeyFaultKind::NotFound;
        Failure::new(Code::RecordNotFound, KeyFault { key, kind })
    }

    #[test]
    fn keys_without_a_record_do_not_stop_a_run_as_consecutive_failures() {
        assert_eq!(stops_at("", "3", "nnnnnn"), None);
        assert_eq!(stops_at("", "3", "fnfnf"), Some(5));
        assert_eq!(stops_at("4", "3", "nnnn"), Some(4));
    }

    #[test]
    fn the_run_stops_at_the_nth_bad_row_failed_or_invalid() {
        assert_eq!(stops_at("3", "off", "f.i..ff"), Some(6));
        assert_eq!(stops_at("1", "off", "...i"), Some(4));
        assert_eq!(stops_at("4", "off", "f.i..f"), None);
        assert_eq!(stops_at("", "off", &"f".repeat(1000)), None);
    }

    #[test]
    fn a_share_counts_from_a_hundred_rows_on() {
        assert_eq!(stops_at("10%", "off", &"f".repeat(99)), None);
        assert_eq!(stops_at("10%", "off", &"f".repeat(200)), Some(100));
        let tenth = ".........f".repeat(20);
        assert_eq!(stops_at("10%", "off", &tenth), Some(100));
        assert_eq!(stops_at("10.5%", "off", &tenth), None);
        let good_again = "f".repeat(10) + &".".repeat(90);
        assert_eq!(stops_at("10%", "off", &good_again), Some(100));
    }

    #[test]
    fn only_consecutive_refusals_count_and_invalid_rows_are_ignored() {
        assert_eq!(stops_at("", "3", "ff.fff"), Some(6));
        assert_eq!(stops_at("", "3", "fiifiif"), Some(7));
        assert_eq!(stops_at("", "3", "ii.iiiiii"), None);
        assert_eq!(stops_at("", "off", &"f".repeat(500)), None);
        assert_eq!(stops_at("", "3", &"s".repeat(500)), None);
        assert_eq!(stops_at("5", "3", "ssssss"), Some(5));
    }

    #[test]
    fn kept_rows_are_not_bad_and_missing_rows_are_not_consecutive_failures() {
        assert_eq!(stops_at("1", "1", "kkkkk"), None);
        assert_eq!(stops_at("3", "1", "mmm"), Some(3));
        assert_eq!(stops_at("", "3", "umumu"), Some(5));
    }

    #[test]
    fn texts_that_are_not_thresholds_are_refused() {
        for text in [
            "", "0", "-1", "+1", "1.5", "0%", "101%", "-1%", "%", "1e1%", "NaN%", "off",
        ] {
            assert!(text.parse::<MaxErrors>().is_err(), "{text}");
        }
        for text in ["", "0", "-1", "+1", "10%", "OFF"] {
            assert!(text.parse::<MaxConsecutive>().is_err(), "{text}");
        }
        assert_eq!("2.5%".parse(), Ok(MaxErrors::Share(0.025)));
    }
}
