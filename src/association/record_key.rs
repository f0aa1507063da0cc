//! Keys by which people know records instead of by their ids: an e-mail address, a domain, the id of
//! another system in a unique property.
//!
//! Plain values. Does not know how a cell becomes a key, nor how its record is found.

use std::sync::Arc;

use jiff::Timestamp;

use super::{kept_names::KeptNames, link::RecordId, merges::TypedRecordId};
use crate::account::AccountId;

/// The most names of properties that are kept; a run sees only a few.
const MAX_PROPERTIES: usize = 1_000;

/// HubSpot's names of properties are shorter.
const MAX_NAME_BYTES: usize = 100;

/// Names that are not properties in HubSpot, but stand for the address of a record's page.
const RECORD_URL: &str = "record_url";

static PROPERTY_NAMES: KeptNames = KeptNames::with_limit(MAX_PROPERTIES);

/// The property of an object type by whose values records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyProperty {
    /// The object type.
    pub object_type: &'static str,
    /// The name of the property, as [`property_name`] gives it.
    pub name: &'static str,
}

/// What is known of the values of a property, and how records are found by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// The e-mail address of a contact. A contact may have several.
    Email,
    /// The domain of a company. Several companies may have the same.
    Domain,
    /// The address of a record's page in HubSpot, which has its id.
    RecordUrl,
    /// Any other property, whose values are unique.
    Unique,
}

impl KeyProperty {
    /// How records are found by it.
    #[must_use]
    pub fn kind(self) -> KeyKind {
        match (self.object_type, self.name) {
            (_, RECORD_URL) => KeyKind::RecordUrl,
            ("contacts", "email") => KeyKind::Email,
            ("companies", "domain") => KeyKind::Domain,
            (_, _) => KeyKind::Unique,
        }
    }
}

/// The name of a property as HubSpot writes it: `external_id` for `External ID`. `None` if no
/// property can have this name.
#[must_use]
pub fn property_name(text: &str) -> Option<&'static str> {
    let text = text.trim_matches([' ', '\t']).to_ascii_lowercase();
    let name = text.replace([' ', '-'], "_");
    let is_part = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !name.bytes().all(is_part) {
        return None;
    }
    PROPERTY_NAMES.keep(name)
}

/// A key: a property, and the value that the record has, in its usual form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// The property.
    pub property: KeyProperty,
    /// The value: an e-mail address in lower case, a domain in lower case without `www.`, account and
    /// id of a record's address as `7/351`, or what stands in the cell.
    pub value: Arc<str>,
}

/// One end of a link, as a row names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RecordReference {
    /// By its id.
    Id(RecordId),
    /// By a key.
    Key(RecordKey),
}

impl From<RecordId> for RecordReference {
    fn from(id: RecordId) -> Self {
        Self::Id(id)
    }
}

/// What HubSpot says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAnswer {
    /// One record has it.
    Found(RecordId),
    /// The record with this id was merged into one that has another id now.
    Merged {
        /// The id that was asked for.
        old: RecordId,
        /// The id of today.
        new: RecordId,
    },
    /// Several records have it.
    Ambiguous(Candidates),
    /// Only a deleted record that can be restored has it.
    Archived(RecordId),
    /// No record has it.
    NotFound,
}

/// Several records that have the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// The one that was created first, or of several the one with the lowest id.
    pub oldest: RecordId,
    /// How many there are.
    pub total: u64,
    /// The first of them, oldest first: at most [`Candidates::SHOWN`].
    pub shown: Vec<CandidateRecord>,
}

/// A record that has a key which others have, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateRecord {
    /// Its id.
    pub id: RecordId,
    /// Its name, shortened and ready to be shown, if it has one.
    pub name: Option<String>,
    /// When it was created, if HubSpot said that.
    pub created_at: Option<Timestamp>,
}

impl Candidates {
    /// The most candidates that are shown.
    pub const SHOWN: usize = 5;
}

impl RecordKey {
    /// The account and the id that a record's address has.
    #[must_use]
    pub fn address(&self) -> Option<(AccountId, TypedRecordId)> {
        if self.property.kind() != KeyKind::RecordUrl {
            return None;
        }
        let (account, id) = self.value.split_once('/')?;
        let id = id.parse().ok().and_then(RecordId::new)?;
        let account = account.parse().ok()?;
        Some((account, (self.property.object_type, id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_properties_are_written_as_hubspot_writes_them() {
        for (text, name) in [
            ("email", Some("email")),
            (" External ID ", Some("external_id")),
            ("hs-old-id", Some("hs_old_id")),
            ("Record-URL", Some("record_url")),
            ("", None),
            ("größe", None),
            ("a.b", None),
        ] {
            assert_eq!(property_name(text), name, "{text}");
        }
        assert_eq!(property_name(&"x".repeat(MAX_NAME_BYTES + 1)), None);
    }

    #[test]
    fn a_property_is_special_only_for_its_object_type() {
        let kind = |object_type, name| KeyProperty { object_type, name }.kind();
        assert_eq!(kind("contacts", "email"), KeyKind::Email);
        assert_eq!(kind("companies", "domain"), KeyKind::Domain);
        assert_eq!(kind("companies", "email"), KeyKind::Unique);
        assert_eq!(kind("p1_cars", "domain"), KeyKind::Unique);
        assert_eq!(kind("deals", "record_url"), KeyKind::RecordUrl);
    }
}
