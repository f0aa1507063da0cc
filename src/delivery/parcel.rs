//! The rows of one call, and what is known of those that were a part of a
//! larger parcel before.
//!
//! Sends nothing and knows no verdicts.

use std::{cell::Cell, rc::Rc};

use smallvec::SmallVec;

use crate::{
    api::Part,
    association::Association,
    row::{Outcome, Row, RowReport},
};

/// Of single rows, which most parcels are, without memory of their own.
pub type Reports = SmallVec<[RowReport; 1]>;

/// The rows of one call.
#[derive(Debug, Default)]
pub struct Parcel {
    rows: SmallVec<[Row; 1]>,
    /// What each row asks for.
    links: SmallVec<[Association; 1]>,
    /// Requests sent for these rows, those as parts of larger parcels included.
    attempts: u32,
    /// What it is left of, if it is.
    origin: Option<Origin>,
}

/// What is known of a parcel that is left of a larger one.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// Tries that were used up then.
    pub(super) tries: u32,
    /// Whether it failed then while others got through.
    pub(super) has_own_fault: bool,
    /// Whether another part of it got through since.
    sibling_through: Rc<Cell<bool>>,
    /// Whether HubSpot named these rows, and not all of the parcel.
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

    pub(super) fn links(&self) -> &[Association] {
        &self.links
    }

    /// The number of its first row.
    pub(super) fn first(&self) -> Option<u64> {
        self.rows.first().map(|row| row.number)
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Counts a request.
    pub(super) fn count(&mut self) {
        self.attempts += 1;
    }

    pub(super) fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// A report for each row, all with the same end.
    pub(super) fn report(self, outcome: Option<&Outcome>) -> Reports {
        let finished_at = jiff::Timestamp::now();
        let attempts = self.attempts;
        let singled_out = self.origin.is_some_and(|origin| origin.singled_out);
        let report = |row| RowReport {
            row,
            attempts,
            singled_out,
            outcome: outcome.cloned(),
            finished_at,
        };
        self.rows.into_iter().map(report).collect()
    }

    /// Two parcels of half the rows each; `origin` is what is known of this.
    pub(super) fn halves(self, origin: &Origin) -> Vec<Self> {
        let half = self.len().div_ceil(2);
        let numbers = (0..self.len()).map(|row| usize::from(row >= half));
        self.part(origin, numbers)
    }

    /// Rows that are named go each alone, for a verdict of its own, and the
    /// others together; where none is named, only halves tell more.
    pub(super) fn parts(self, origin: &Origin, parts: &[Part]) -> Vec<Self> {
        if !parts.contains(&Part::Named) {
            return self.halves(origin);
        }
        let singled_out = parts.contains(&Part::Unnamed);
        let mut alone = 0;
        let numbers = parts.iter().map(|part| match part {
            Part::Unnamed => 0,
            Part::Named => {
                alone += 1;
                alone
            }
        });
        let mut left = self.part(origin, numbers);
        let named = left.iter_mut().skip(usize::from(singled_out));
        for origin in named.filter_map(|parcel| parcel.origin.as_mut()) {
            origin.singled_out = singled_out;
        }
        left
    }

    /// Sorts the rows into smaller parcels, of these numbers.
    fn part(self, origin: &Origin, numbers: impl Iterator<Item = usize>) -> Vec<Self> {
        let mut left = Vec::<Self>::new();
        for ((row, link), number) in self.rows.into_iter().zip(self.links).zip(numbers) {
            if left.len() <= number {
                left.resize_with(number + 1, || Self {
                    attempts: self.attempts,
                    origin: Some(origin.clone()),
                    ..Self::default()
                });
            }
            left[number].push(row, link);
        }
        left.retain(|parcel| !parcel.is_empty());
        left
    }
}

impl Origin {
    pub(super) fn new(tries: u32, has_own_fault: bool) -> Self {
        Self {
            tries,
            has_own_fault,
            ..Self::default()
        }
    }

    /// HubSpot has dealt with a part of the parcel.
    pub(super) fn got_through(&self) {
        self.sibling_through.set(true);
    }

    /// Whether it has dealt with any part of it.
    pub(super) fn has_got_through(&self) -> bool {
        self.sibling_through.get()
    }
}
