//! The parts that bodies of the dated API are made of. Every field is optional,
//! for the documentation and the wire differ.

use serde::{Deserialize, Deserializer, de};

use crate::{
    association::{Association, Category, RecordId, Spec},
    hubspot::complaint::is_about,
};

/// An answer to a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Batch<T> {
    #[serde(default = "none")]
    pub(super) results: Option<Vec<T>>,
    #[serde(default)]
    pub(super) errors: Vec<Complaint>,
    #[serde(default)]
    pub(super) num_errors: usize,
}

/// The default without a bound on what the results are.
fn none<T>() -> Option<T> {
    None
}

impl<T> Batch<T> {
    /// How many errors it speaks of.
    pub(super) fn complaints(&self) -> usize {
        self.num_errors.max(self.errors.len())
    }
}

/// One error of a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Complaint {
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) sub_category: serde_json::Value,
    #[serde(default)]
    context: serde_json::Map<String, serde_json::Value>,
}

impl Complaint {
    /// Whether it names a link.
    pub(super) fn names(&self, link: &Association) -> bool {
        let told = ["INVALID_OBJECT_IDS", "INVALID_ASSOCIATION_TYPE_ID"];
        let mut told = told.into_iter().flat_map(|name| self.texts(name));
        is_about(&self.message, link) || told.any(|text| is_about(text, link))
    }

    /// Whether it is that a record has no links of the kind that is asked for.
    pub(super) fn is_of_none(&self) -> bool {
        let kind = self.sub_category.as_str().unwrap_or_default();
        kind.ends_with("NO_ASSOCIATIONS_FOUND")
    }

    /// The records that it is about, as far as it says.
    pub(super) fn records(&self) -> impl Iterator<Item = RecordId> {
        let ids = ["fromObjectId", "objectId", "ids"];
        let ids = ids.into_iter().flat_map(|name| self.texts(name));
        ids.filter_map(|id| id.parse().ok().and_then(RecordId::new))
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.context.get(name).and_then(|value| value.as_array());
        values
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str())
    }
}

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

/// A type, as an answer names it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Type {
    category: String,
    #[serde(rename = "typeId")]
    id: u32,
    pub(super) label: Option<String>,
}

impl Type {
    /// `None` for a category that is not known.
    pub(super) fn spec(&self) -> Option<Spec> {
        let category: Category = self.category.parse().ok()?;
        let id = self.id;
        Some(Spec { category, id })
    }
}
