//! A query for records by the values of a property, and a page of its result. Plain data.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    association::{KeyProperty, RecordId},
    row::Failure,
};

/// A query for the records that have one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyQuery {
    /// The property.
    pub property: KeyProperty,
    /// The values, or ids as text for the addresses of records: at most [`KeyQuery::MAX_VALUES`].
    /// They are sent as they are.
    pub values: Vec<Arc<str>>,
    /// Whether to read deleted records that can be restored, instead of all others. A search never
    /// finds them.
    pub archived: bool,
    /// The page of a search to start from.
    pub after: Option<String>,
}

impl KeyQuery {
    /// The most values in one call: HubSpot's limit of a batch read, and of the values of a filter
    /// (its guide).
    pub const MAX_VALUES: usize = 100;
}

/// What a response says about the values of a query. Of a read, a value of which it says nothing is
/// unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyPage {
    /// The records: those of a search by their age, the oldest first, others in any order.
    pub records: Vec<KeyedRecord>,
    /// The values that errors name.
    pub faults: Vec<FailedKeys>,
    /// What failed, if an error does not name its values.
    pub unattributed: Option<Failure>,
    /// The page of the search to continue from.
    pub next: Option<String>,
    /// How many records a search finds in all.
    pub total: Option<u64>,
}

impl KeyPage {
    /// Calls `see` with every text of a failure that may quote the response. The values are left:
    /// they have to equal those of the query.
    pub fn visit_failures(&mut self, mut see: impl FnMut(&mut String)) {
        let faults = self.faults.iter_mut().map(|fault| &mut fault.failure);
        for failure in faults.chain(&mut self.unattributed) {
            failure.detail.visit_quoted_texts(&mut see);
        }
    }

    /// Calls `see` with the name of every record.
    pub fn visit_names(&mut self, see: impl FnMut(&mut String)) {
        let names = self.records.iter_mut();
        names
            .filter_map(|record| record.name.as_mut())
            .for_each(see);
    }
}

/// A record in a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedRecord {
    /// Its id.
    pub id: RecordId,
    /// The values that it has in the property and in those that go with it, as HubSpot writes them,
    /// without blanks around them. For the addresses of records, its id.
    pub values: Vec<String>,
    /// Its name, shortened and ready to be shown, if it has one.
    pub name: Option<String>,
    /// When it was created, if the response says that.
    pub created_at: Option<Timestamp>,
    /// Whether it was deleted. Where the response does not say, what was asked for counts.
    pub is_archived: bool,
}

/// Values of a query that an error of the response names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedKeys {
    /// The values, as in the query.
    pub values: Vec<Arc<str>>,
    /// Whether the error only says that no record has them.
    pub not_found: bool,
    /// The error.
    pub failure: Failure,
}
