//! What a response says about a record that was asked for by its id.
//!
//! Plain data. Does not know how it is asked for, or what follows.

use crate::association::RecordId;

/// The record to which a requested id leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentifiedRecord {
    /// The id that was asked for.
    pub asked: RecordId,
    /// The id that the record has now.
    pub current: RecordId,
    /// Whether the response says that it was deleted.
    pub is_archived: bool,
}
