//! How many rows there will be, as far as that is known.

use std::fmt;

use super::words::plural;

/// How many rows there will be.
#[derive(Clone, Debug)]
pub enum Total {
    /// Counted.
    Exact(u64),
    /// Reckoned from the size of the file.
    About(u64),
    /// Nobody knows, as with a pipe.
    Unknown,
}

impl Total {
    /// The number, as far as it is known.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        match self {
            Self::Exact(rows) | Self::About(rows) => Some(*rows),
            Self::Unknown => None,
        }
    }

    /// What is left of it after so many.
    #[must_use]
    pub fn after(&self, done: u64) -> Self {
        match self {
            Self::Exact(rows) => Self::Exact(rows.saturating_sub(done)),
            Self::About(rows) => Self::About(rows.saturating_sub(done)),
            Self::Unknown => Self::Unknown,
        }
    }
}

/// `1,200 rows`, `about 1,200 rows`, or nothing known.
impl fmt::Display for Total {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(rows) => out.write_str(&plural(*rows, "row", "rows")),
            Self::About(rows) => write!(out, "about {}", plural(*rows, "row", "rows")),
            Self::Unknown => out.write_str("an unknown number of rows"),
        }
    }
}
