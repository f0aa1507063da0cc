//! A record that was found: what the answers say of it.
//!
//! Knows neither how it was found nor JSON.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    super::{object::ObjectType, record_set::RecordRef},
    invented::InventedKey,
    properties::{self, CREATED, ID},
    table::{RecordTable, StoredRecord},
};
use crate::association::RecordId;

/// When a record was created whose time is not listed; our choice.
const CREATED_AT: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A listed or invented record.
#[derive(Clone, Debug)]
pub(crate) struct FoundRecord<'a> {
    pub(crate) object_type: ObjectType,
    pub(crate) id: RecordId,
    origin: RecordOrigin<'a>,
}

#[derive(Clone, Debug)]
enum RecordOrigin<'a> {
    Listed(&'a RecordTable, &'a StoredRecord),
    /// With the key for which it was invented.
    Invented(Option<InventedKey>),
}

impl<'a> FoundRecord<'a> {
    pub(super) fn listed(
        object_type: ObjectType,
        table: &'a RecordTable,
        stored: &'a StoredRecord,
    ) -> Self {
        Self {
            object_type,
            id: stored.id,
            origin: RecordOrigin::Listed(table, stored),
        }
    }

    pub(super) fn invented(
        object_type: ObjectType,
        id: RecordId,
        key: Option<InventedKey>,
    ) -> Self {
        Self {
            object_type,
            id,
            origin: RecordOrigin::Invented(key),
        }
    }

    /// As a request would name it.
    pub(crate) fn reference(&self) -> RecordRef {
        // No record id is larger than HubSpot's signed numbers.
        (
            self.object_type,
            i64::try_from(self.id.get()).unwrap_or(i64::MAX),
        )
    }

    pub(crate) fn is_archived(&self) -> bool {
        match &self.origin {
            RecordOrigin::Listed(_, stored) => stored.archived,
            RecordOrigin::Invented(_) => false,
        }
    }

    /// When it was created, if the file says so.
    pub(crate) fn created(&self) -> Option<Timestamp> {
        match &self.origin {
            RecordOrigin::Listed(_, stored) => stored.created,
            RecordOrigin::Invented(_) => None,
        }
    }

    /// When it was created, as the answers say.
    pub(crate) fn created_at(&self) -> Timestamp {
        self.created().unwrap_or(CREATED_AT)
    }

    /// The value of a property.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        if name == ID {
            return Some(self.id.to_string().into());
        }
        if name == CREATED || name == properties::changed(self.object_type) {
            return Some(format!("{:.3}", self.created_at()).into());
        }
        match &self.origin {
            RecordOrigin::Listed(table, stored) => table.value(stored, name).map(Cow::from),
            RecordOrigin::Invented(key) => {
                let key = key.as_ref().filter(|key| key.property == name);
                key.map(|key| Cow::from(&*key.value))
            }
        }
    }

    /// Whether a search for a value finds it: texts are compared in lower case, so that a value
    /// with capitals finds nothing.
    pub(crate) fn matches(&self, name: &str, value: &str) -> bool {
        if name == ID {
            return self.id.to_string() == value;
        }
        match &self.origin {
            RecordOrigin::Listed(table, stored) => {
                table.parts(stored, name).any(|part| part == value)
            }
            RecordOrigin::Invented(key) => {
                let key = key.as_ref();
                key.is_some_and(|key| key.matches(name, value))
            }
        }
    }
}
