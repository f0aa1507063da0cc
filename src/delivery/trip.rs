//! Parcels of rows: what is sent together, and how far each has come.

use tokio::sync::OwnedSemaphorePermit;

use super::outage::Tries;
use crate::{
    association::Association,
    row::{Outcome, Row, RowReport},
};

/// The right to one request in flight. It travels with the report and is
/// given back when that is recorded, so that no more outcomes can be waiting
/// for the results file than there are slots.
pub type Slot = OwnedSemaphorePermit;

/// So often in a row is a parcel tried again because what proved our right was
/// out of date. A token may expire on the way, but not every time.
const OUTDATED_IN_A_ROW: u32 = 3;

/// The rows of one call.
#[derive(Debug)]
pub struct Parcel {
    rows: Vec<Row>,
}

impl Parcel {
    /// A parcel of a single row.
    #[must_use]
    pub fn single(row: Row) -> Self {
        Self { rows: vec![row] }
    }

    /// No rows: for a question that is not about any.
    pub(super) fn empty() -> Self {
        Self { rows: Vec::new() }
    }

    /// Whether nothing of it is to be sent.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.rows.iter().all(|row| row.link.is_err())
    }
}

/// What came of a parcel: a report per row.
#[derive(Debug)]
pub struct Delivered {
    /// The reports, one for each row.
    pub reports: Vec<RowReport>,
    /// Given back by dropping it, after the reports are recorded.
    pub slot: Option<Slot>,
}

/// A parcel under way.
pub(super) struct Trip {
    pub(super) pending: Vec<(Row, Association)>,
    /// Rows whose tries are used up, while nothing tells yet whose fault that
    /// is, each with the outcome that it then has.
    pub(super) held: Vec<(Row, Association, Option<Outcome>)>,
    reports: Vec<RowReport>,
    pub(super) slot: Option<Slot>,
    /// Requests sent.
    pub(super) attempts: u32,
    pub(super) tries: Tries,
    /// Verdicts of the run when this parcel was last throttled.
    throttled_at: Option<u64>,
    /// Whether others got through between two of its 429s.
    throttled_alone: bool,
    /// The last attempt that was outdated, and how many in a row were.
    outdated: (u32, u32),
}

impl Trip {
    pub(super) fn start(parcel: Parcel, slot: Option<Slot>) -> Self {
        let mut trip = Self {
            pending: Vec::with_capacity(parcel.rows.len()),
            held: Vec::new(),
            reports: Vec::with_capacity(parcel.rows.len()),
            slot,
            attempts: 0,
            tries: Tries::default(),
            throttled_at: None,
            throttled_alone: false,
            outdated: (0, 0),
        };
        for row in parcel.rows {
            match &row.link {
                Ok(link) => {
                    let link = *link;
                    trip.pending.push((row, link));
                }
                Err(failure) => {
                    let outcome = Outcome::Invalid(failure.clone());
                    trip.settle(row, Some(outcome));
                }
            }
        }
        trip
    }

    /// A 429 after so many verdicts of the run. Once others got through between
    /// two of them, the limit is the parcel's own and not everybody's.
    pub(super) fn throttled_alone(&mut self, verdicts: u64) -> bool {
        let before = self.throttled_at.replace(verdicts);
        self.throttled_alone |= before.is_some_and(|before| verdicts > before);
        self.throttled_alone
    }

    /// This attempt was outdated; whether too many in a row were.
    pub(super) fn is_outdated_again(&mut self) -> bool {
        let (last, in_a_row) = self.outdated;
        if last != self.attempts {
            let goes_on = last + 1 == self.attempts;
            self.outdated = (self.attempts, if goes_on { in_a_row + 1 } else { 1 });
        }
        self.outdated.1 > OUTDATED_IN_A_ROW
    }

    pub(super) fn settle(&mut self, row: Row, outcome: Option<Outcome>) {
        let finished_at = jiff::Timestamp::now();
        self.reports.push(RowReport {
            row,
            attempts: self.attempts,
            outcome,
            finished_at,
        });
    }

    /// The held rows are sent again after all.
    pub(super) fn resume_held(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.pending
            .extend(held.into_iter().map(|(row, link, _)| (row, link)));
    }

    /// The held rows end as their tries say.
    pub(super) fn settle_held(&mut self) {
        for (row, _, outcome) in std::mem::take(&mut self.held) {
            self.settle(row, outcome);
        }
    }

    pub(super) fn leave_unsettled(&mut self) {
        self.resume_held();
        for (row, _) in std::mem::take(&mut self.pending) {
            self.settle(row, None);
        }
    }

    pub(super) fn finish(self) -> Delivered {
        Delivered {
            reports: self.reports,
            slot: self.slot,
        }
    }
}
