//! Rows per status, in the order of a command.

use serde::{Serialize, Serializer};

use super::outcome_counts::OutcomeCounts;
use crate::row::Status;

/// Rows per status, in the order of the command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts(Vec<(Status, u64)>);

impl StatusCounts {
    /// The counts of these statuses.
    #[must_use]
    pub fn new(statuses: &[Status], counts: &OutcomeCounts) -> Self {
        let counted = statuses
            .iter()
            .map(|status| (*status, counts.with_status(*status)));
        Self(counted.collect())
    }

    /// Rows with this status.
    #[must_use]
    pub fn with_status(&self, status: Status) -> u64 {
        let mut counts = self.iter();
        let entry = counts.find(|(one, _)| *one == status);
        entry.map_or(0, |(_, rows)| rows)
    }

    /// Each status with its number of rows.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        self.0.iter().copied()
    }

    /// Rows that have an outcome, whatever it is.
    #[must_use]
    pub fn with_outcome(&self) -> u64 {
        self.iter().map(|(_, rows)| rows).sum()
    }

    /// Bad rows.
    #[must_use]
    pub fn bad(&self) -> u64 {
        let bad = self.iter().filter(|(status, _)| status.is_bad());
        bad.map(|(_, rows)| rows).sum()
    }
}

impl Serialize for StatusCounts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter().map(|(status, rows)| (status.word(), rows)))
    }
}

impl FromIterator<(Status, u64)> for StatusCounts {
    fn from_iter<I: IntoIterator<Item = (Status, u64)>>(outcomes: I) -> Self {
        Self(outcomes.into_iter().collect())
    }
}
