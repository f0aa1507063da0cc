//! The records that the sandbox invents for a key: one key always leads to the same record.
//!
//! Pure. Knows nothing of listed records.

use twox_hash::XxHash3_64;

use super::super::object::ObjectType;
use crate::association::RecordId;

/// What a key ends in that has no record.
const MISSING: &str = "404";

/// Invented ids are so many from here on: with fifteen digits, exact in JavaScript too.
const FIRST_ID: u64 = 100_000_000_000_000;
const IDS: u64 = 800_000_000_000_000;

/// A key of an invented record: the property and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InventedKey {
    pub(super) property: String,
    pub(super) value: String,
}

impl InventedKey {
    /// `None` if no record has this key: it ends in 404, or its part before the `@` or before the
    /// last dot does (`gone404@example.com`, `shop404.com`).
    pub(super) fn new(property: &str, key: &str) -> Option<Self> {
        let value = normal(property, key);
        let before = |mark| value.rsplit_once(mark).map(|(before, _)| before);
        let parts = [Some(value), before('@'), before('.')];
        let mut parts = parts.into_iter().flatten();
        if value.is_empty() || parts.any(|part| part.ends_with(MISSING)) {
            return None;
        }
        Some(Self {
            property: property.to_owned(),
            value: value.to_owned(),
        })
    }

    /// The id of the record, which never ends in 404.
    pub(super) fn id(&self, object_type: ObjectType) -> Option<RecordId> {
        let text = [object_type.name(), &self.property, &self.value].join("\0");
        let number = FIRST_ID + XxHash3_64::oneshot(text.as_bytes()) % IDS;
        RecordId::new(if number % 1000 == 404 {
            number + 1
        } else {
            number
        })
    }

    /// Whether a record with this key matches a search for a value.
    pub(super) fn matches(&self, property: &str, value: &str) -> bool {
        self.property == property && normal(property, value) == self.value
    }
}

/// The key without blanks around it. A domain is the same with and without `www.`.
fn normal<'a>(property: &str, key: &'a str) -> &'a str {
    let key = key.trim();
    if property == "domain" {
        return key.strip_prefix("www.").unwrap_or(key);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(object_type: ObjectType, property: &str, key: &str) -> Option<u64> {
        let id = InventedKey::new(property, key)?.id(object_type)?;
        Some(id.get())
    }

    #[test]
    fn a_key_always_leads_to_the_same_record_of_its_type() {
        let contacts = ObjectType::standard("contacts").unwrap();
        let known = id(contacts, "email", "ann@example.com").unwrap();
        assert_eq!(
            known, 764_953_964_421_553,
            "the same in every build and on every machine"
        );
        assert_eq!(id(contacts, "email", " ann@example.com "), Some(known));
        for other in [
            id(contacts, "email", "bob@example.com"),
            id(contacts, "external_id", "ann@example.com"),
            id(ObjectType::COMPANIES, "email", "ann@example.com"),
        ] {
            assert_ne!(other.unwrap(), known);
        }
        let www = id(ObjectType::COMPANIES, "domain", "www.example.com");
        assert_eq!(www, id(ObjectType::COMPANIES, "domain", "example.com"));
    }

    #[test]
    fn keys_with_404_at_an_end_have_no_record() {
        let contacts = ObjectType::standard("contacts").unwrap();
        for key in [
            "K-404",
            "ann404@example.com",
            "ann@shop404.com",
            "shop404.com",
            " ",
        ] {
            assert_eq!(id(contacts, "email", key), None, "{key}");
        }
        assert!(id(contacts, "email", "404@example.com").is_none());
        assert!(id(contacts, "email", "4040@example.com").is_some());
    }
}
