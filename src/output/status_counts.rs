//! Rows by how they ended, in a command's own order.

use serde::{Serialize, Serializer};

use super::outcome_counts::OutcomeCounts;
use crate::row::Status;

/// Rows by how they ended, in the command's own order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts(Vec<(Status, u64)>);

impl StatusCounts {
    /// Of these statuses.
    #[must_use]
    pub fn new(statuses: &[Status], counts: &OutcomeCounts) -> Self {
        let counted = statuses
            .iter()
            .map(|status| (*status, counts.with_status(*status)));
        Self(counted.collect())
    }

    /// Rows that ended so.
    #[must_use]
    pub fn with_status(&self, status: Status) -> u64 {
        let mut all = self.iter();
        let found = all.find(|(one, _)| *one == status);
        found.map_or(0, |(_, rows)| rows)
    }

    /// Each status, and how many rows ended with it.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        self.0.iter().copied()
    }

    /// Rows that ended.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.iter().map(|(_, rows)| rows).sum()
    }

    /// Rows that somebody has to look at.
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
