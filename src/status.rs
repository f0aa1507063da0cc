//! The values of `assoc_status`, and counts of them. Knows nothing about rows.

use std::ops::{Index, IndexMut};

/// The outcome of a row, as a stable word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// This run created the link.
    Succeeded,
    /// The link existed before the run.
    Already,
    /// HubSpot refused the row, or all tries failed.
    Failed,
    /// The row itself is wrong.
    Invalid,
    /// An import would write the link. Only a plan has such rows.
    Planned,
    /// The undo removed the link.
    Removed,
    /// The undo did not change the link.
    Kept,
    /// The link exists as the run wrote it.
    Present,
    /// HubSpot does not have the link.
    Missing,
    /// It is not known whether HubSpot has the link.
    Unreadable,
}

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Succeeded,
        Self::Already,
        Self::Failed,
        Self::Invalid,
        Self::Planned,
        Self::Removed,
        Self::Kept,
        Self::Present,
        Self::Missing,
        Self::Unreadable,
    ];

    /// The statuses of an import.
    pub const OF_IMPORT: &[Self] = &[Self::Succeeded, Self::Already, Self::Failed, Self::Invalid];

    /// The statuses of a plan.
    pub const OF_PLAN: &[Self] = &[Self::Planned, Self::Already, Self::Failed, Self::Invalid];

    /// The statuses of an undo.
    pub const OF_UNDO: &[Self] = &[Self::Removed, Self::Kept, Self::Failed];

    /// The statuses of a verification.
    pub const OF_VERIFY: &[Self] = &[Self::Present, Self::Missing, Self::Unreadable];

    /// The word in the column `assoc_status`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Already => "already",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::Planned => "planned",
            Self::Removed => "removed",
            Self::Kept => "kept",
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }

    /// The status for this word.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|status| status.word().as_bytes() == word)
    }

    /// Whether the user has to look at such a row.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        match self {
            Self::Failed | Self::Invalid | Self::Missing | Self::Unreadable => true,
            Self::Succeeded
            | Self::Already
            | Self::Planned
            | Self::Removed
            | Self::Kept
            | Self::Present => false,
        }
    }

    /// Whether such a row always has a code; any other may have one.
    #[must_use]
    pub const fn needs_code(self) -> bool {
        match self {
            Self::Failed | Self::Invalid | Self::Kept | Self::Missing | Self::Unreadable => true,
            Self::Succeeded | Self::Already | Self::Planned | Self::Removed | Self::Present => {
                false
            }
        }
    }
}

/// One value for each status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerStatus<T>([T; Status::ALL.len()]);

impl<T> PerStatus<T> {
    /// All values, in the order of [`Status::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Status, &T)> {
        Status::ALL.into_iter().zip(&self.0)
    }

    /// All values, mutable.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// Maps each value to another one.
    pub fn map<U>(&self, other: impl FnMut(&T) -> U) -> PerStatus<U> {
        PerStatus(self.0.each_ref().map(other))
    }
}

impl<T> Index<Status> for PerStatus<T> {
    type Output = T;

    fn index(&self, status: Status) -> &T {
        &self.0[status as usize]
    }
}

impl<T> IndexMut<Status> for PerStatus<T> {
    fn index_mut(&mut self, status: Status) -> &mut T {
        &mut self.0[status as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_parses_and_has_its_own_index() {
        for (at, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(Status::parse(status.word().as_bytes()), Some(status));
            assert_eq!(status as usize, at);
        }
        assert_eq!(Status::parse(b"Succeeded"), None);
    }
}
