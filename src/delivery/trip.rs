//! Parcels of rows: what is sent together, and how far each has come.

use std::{cell::Cell, rc::Rc};

use smallvec::SmallVec;
use tokio::sync::OwnedSemaphorePermit;
use tracing::trace;

use super::outage::Tries;
use crate::{
    api::{Call, Class, Part, Verdict},
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
#[derive(Debug, Default)]
pub struct Parcel {
    rows: SmallVec<[Row; 1]>,
    /// What each row asks for.
    links: SmallVec<[Association; 1]>,
    /// Whether it is what is left of a larger one.
    is_rest: bool,
    /// Requests sent for these rows as parts of larger parcels.
    attempts: u32,
    /// Tries that were used up then.
    tries: u32,
    /// Whether such a parcel failed while others got through.
    has_own_fault: bool,
    /// Whether another part of the same parcel got through.
    sibling_through: Rc<Cell<bool>>,
    /// Whether HubSpot named these rows, and not the others of their parcel.
    singled_out: bool,
}

impl Parcel {
    /// Adds a row that asks for this.
    pub fn push(&mut self, row: Row, link: Association) {
        self.rows.push(row);
        self.links.push(link);
    }

    /// Rows in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether it is what is left of a larger one.
    pub(super) fn is_rest(&self) -> bool {
        self.is_rest
    }
}

/// Of single rows, which most parcels are, without memory of their own.
pub type Reports = SmallVec<[RowReport; 1]>;

/// What came of a parcel.
#[derive(Debug)]
pub struct Delivered {
    /// A report for each row that has ended.
    pub reports: Reports,
    /// The other rows, in smaller parcels that are to be delivered in their
    /// turn.
    pub rest: Vec<Parcel>,
    /// Given back by dropping it, after the reports are recorded.
    pub slot: Option<Slot>,
}

/// How the rows of a trip end.
#[derive(Debug)]
pub(super) enum End {
    /// All of them so.
    Outcome(Outcome),
    /// Nobody knows.
    Unsettled,
    /// In two halves, to find out which of them is to blame.
    Halves,
    /// Nothing was written because of some of them, and this is said of each.
    Parts(Vec<Part>),
}

/// A parcel under way.
pub(super) struct Trip {
    pub(super) parcel: Parcel,
    /// While the tries are used up and nothing tells yet whose fault that is:
    /// the end that the trip then has.
    pub(super) held: Option<End>,
    pub(super) slot: Option<Slot>,
    pub(super) tries: Tries,
    ended: bool,
    reports: Reports,
    rest: Vec<Parcel>,
    /// Verdicts of the run when this parcel was last throttled.
    throttled_at: Option<u64>,
    /// Whether others got through between two of its 429s.
    throttled_alone: bool,
    /// The last attempt that was outdated, and how many in a row were.
    outdated: (u32, u32),
}

impl Trip {
    pub(super) fn start(parcel: Parcel, slot: Option<Slot>) -> Self {
        Self {
            tries: Tries::with_fault(parcel.has_own_fault),
            parcel,
            held: None,
            slot,
            ended: false,
            reports: Reports::new(),
            rest: Vec::new(),
            throttled_at: None,
            throttled_alone: false,
            outdated: (0, 0),
        }
    }

    pub(super) fn links(&self) -> &[Association] {
        &self.parcel.links
    }

    /// Which window its calls count in.
    pub(super) fn class(&self) -> Class {
        Call::Create(&self.parcel.links).class()
    }

    /// Requests sent for its rows.
    pub(super) fn attempts(&self) -> u32 {
        self.parcel.attempts
    }

    /// Counts a request, if one was sent.
    pub(super) fn count(&mut self, sent: bool) {
        self.parcel.attempts += u32::from(sent);
    }

    pub(super) fn trace(&self, verdict: &Verdict) {
        let (row, rows) = (self.parcel.rows.first(), self.parcel.len());
        let (row, attempt) = (row.map(|row| row.number), self.attempts());
        trace!(row, rows, attempt, ?verdict, "attempted");
    }

    /// Tries that it has, of so many for a row. A parcel of several has half
    /// of what is left, so that there are tries for its halves, and always one.
    pub(super) fn most_tries(&self, of_a_row: u32) -> u32 {
        let left = of_a_row.saturating_sub(self.parcel.tries);
        let own = if self.parcel.len() > 1 {
            left.div_ceil(2)
        } else {
            left
        };
        own.max(1)
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
        let attempts = self.attempts();
        let (last, in_a_row) = self.outdated;
        if last != attempts {
            let goes_on = last + 1 == attempts;
            self.outdated = (attempts, if goes_on { in_a_row + 1 } else { 1 });
        }
        self.outdated.1 > OUTDATED_IN_A_ROW
    }

    /// HubSpot has dealt with the call: what is left of the same parcel and
    /// fails has a fault of its own.
    pub(super) fn got_through(&self) {
        self.parcel.sibling_through.set(true);
    }

    /// A try failed, which is the trip's own fault if a sibling got through.
    pub(super) fn failed(&mut self) -> &mut Tries {
        if self.parcel.is_rest && self.parcel.sibling_through.get() {
            self.tries.blame();
        }
        &mut self.tries
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Nothing more is done for it.
    pub(super) fn end(&mut self, end: End) {
        self.ended = true;
        match end {
            End::Outcome(outcome) => self.report(Some(&outcome)),
            End::Unsettled => self.report(None),
            End::Halves => self.halve(),
            End::Parts(parts) => self.part_by_name(&parts),
        }
    }

    fn halve(&mut self) {
        let rows = self.parcel.len();
        let half = rows.div_ceil(2);
        self.part((0..rows).map(|row| usize::from(row >= half)));
    }

    /// Rows that are named go each alone, for a verdict of its own, and the
    /// others together; where none is named, only halves tell more.
    fn part_by_name(&mut self, parts: &[Part]) {
        if !parts.contains(&Part::Named) {
            return self.halve();
        }
        let singles_out = parts.contains(&Part::Unnamed);
        let mut alone = 0;
        self.part(parts.iter().map(|part| match part {
            Part::Unnamed => 0,
            Part::Named => {
                alone += 1;
                alone
            }
        }));
        for parcel in &mut self.rest {
            parcel.singled_out = singles_out && parcel.len() == 1;
        }
    }

    /// Sorts the rows into smaller parcels, of these numbers.
    fn part(&mut self, numbers: impl Iterator<Item = usize>) {
        let whole = std::mem::take(&mut self.parcel);
        let (attempts, tries) = (whole.attempts, whole.tries + self.tries.used());
        let has_own_fault = self.tries.has_own_fault();
        let sibling_through = Rc::<Cell<bool>>::default();
        for ((row, link), number) in whole.rows.into_iter().zip(whole.links).zip(numbers) {
            if self.rest.len() <= number {
                self.rest.resize_with(number + 1, || Parcel {
                    is_rest: true,
                    attempts,
                    tries,
                    has_own_fault,
                    sibling_through: Rc::clone(&sibling_through),
                    ..Parcel::default()
                });
            }
            self.rest[number].push(row, link);
        }
        self.rest.retain(|parcel| !parcel.is_empty());
    }

    fn report(&mut self, outcome: Option<&Outcome>) {
        let finished_at = jiff::Timestamp::now();
        let parcel = std::mem::take(&mut self.parcel);
        let (attempts, singled_out) = (parcel.attempts, parcel.singled_out);
        self.reports = parcel
            .rows
            .into_iter()
            .map(|row| RowReport {
                row,
                attempts,
                singled_out,
                outcome: outcome.cloned(),
                finished_at,
            })
            .collect();
    }

    pub(super) fn finish(self) -> Delivered {
        Delivered {
            reports: self.reports,
            rest: self.rest,
            slot: self.slot,
        }
    }
}
