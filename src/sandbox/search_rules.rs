//! What searches find and accept, from the options.
//!
//! Pure: the time is an argument. Knows nothing of filters.

use std::time::Duration;

use jiff::Timestamp;

use super::{record_options::RecordOptions, records::FoundRecord};

/// The rules of all searches.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchRules {
    lag: Duration,
    /// The time of creation of records whose own is not known.
    start: Timestamp,
    max_body: Option<usize>,
}

impl SearchRules {
    pub(super) fn new(options: &RecordOptions, start: Timestamp) -> Self {
        Self {
            lag: options.search_lag.map(|lag| lag.0).unwrap_or_default(),
            start,
            max_body: options.search_body,
        }
    }

    /// Whether a search finds a record already. Archived ones are never found.
    pub(super) fn finds(&self, record: &FoundRecord<'_>, now: Timestamp) -> bool {
        let found_from = record.created().unwrap_or(self.start).checked_add(self.lag);
        !record.is_archived() && found_from.is_ok_and(|at| at <= now)
    }

    /// Whether a body is short enough.
    pub(super) fn accepts(&self, body: &[u8]) -> bool {
        self.max_body.is_none_or(|maximum| body.len() <= maximum)
    }
}
