//! The id of a record as answers have it: a number, or a text.

use serde::{Deserialize, Deserializer, de};

use crate::association::RecordId;

/// An id, as a number or as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(pub(super) RecordId);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl de::Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an id as a number or as a text")
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<Id, E> {
        let unfit = || E::invalid_value(de::Unexpected::Unsigned(id), &self);
        RecordId::new(id).map(Id).ok_or_else(unfit)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
        let id = text.parse().ok().and_then(RecordId::new).map(Id);
        id.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
