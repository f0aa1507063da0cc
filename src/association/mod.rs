//! What is to be linked: two records and the definition that says how.
//!
//! Knows nothing of files, HTTP or how a link is made.

mod definition;

pub use definition::{Definition, DefinitionInfo, UnknownDefinition, all_definitions};

use std::{fmt, num::NonZeroU64};

/// The id of one CRM record: a positive integer of at most 2^63-1, unique only
/// within its object type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(NonZeroU64);

impl RecordId {
    /// The largest id that HubSpot's 64-bit signed integers can hold.
    pub const MAX: u64 = i64::MAX as u64;

    /// `None` for 0 and for anything above [`RecordId::MAX`].
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id)
            .filter(|id| id.get() <= Self::MAX)
            .map(Self)
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One link that is to stand: `from` → `to`, under a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Association {
    /// The record that the link starts from.
    pub from: RecordId,
    /// The record that it leads to.
    pub to: RecordId,
    /// What the link means, and so the object types of both ends.
    pub definition: Definition,
}

impl fmt::Display for Association {
    /// The direction in words: `contact 123 → company 456`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = match self.definition.info() {
            Some(info) => (info.from_singular(), info.to_singular()),
            None => ("record", "record"),
        };
        write!(out, "{from} {} → {to} {}", self.from, self.to)
    }
}
