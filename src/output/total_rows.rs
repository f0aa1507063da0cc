//! The total number of rows, as far as it is known.

use std::fmt;

use super::formatting::plural;
use crate::input::RowCount;

/// The total number of rows.
#[derive(Clone, Debug)]
pub enum TotalRows {
    /// It is known.
    Exact(u64),
    /// It is being counted during the run. Some of the rows are already done.
    Counted {
        /// The count, once it is known.
        count: RowCount,
        /// Rows to subtract from it.
        done: u64,
    },
    /// It is unknown, as with a pipe.
    Unknown,
}

impl TotalRows {
    /// The total, if it is known.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Exact(rows) => Some(*rows),
            Self::Counted { count, done } => Some(count.rows()?.saturating_sub(*done)),
            Self::Unknown => None,
        }
    }

    /// Whether the rows are still being counted.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        match self {
            Self::Exact(_) | Self::Unknown => false,
            Self::Counted { count, .. } => count.is_counting(),
        }
    }

    /// What remains after this many more rows.
    #[must_use]
    pub fn minus(&self, more: u64) -> Self {
        match self {
            Self::Exact(rows) => Self::Exact(rows.saturating_sub(more)),
            Self::Counted { count, done } => Self::Counted {
                count: count.clone(),
                done: done + more,
            },
            Self::Unknown => Self::Unknown,
        }
    }
}

/// `1,200 rows`, or a text while the total is not known.
impl fmt::Display for TotalRows {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows() {
            Some(rows) => out.write_str(&plural(rows, "row", "rows")),
            None if self.is_counting() => out.write_str("rows (still counting)"),
            None => out.write_str("an unknown number of rows"),
        }
    }
}
