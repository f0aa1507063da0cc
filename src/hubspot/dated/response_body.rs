//! Parts of response bodies of the dated API. Every field is optional, because real responses
//! differ from the documentation.

use serde::{Deserialize, Deserializer};

use crate::{
    association::{AssociationType, CanonicalLink, Category, RecordId},
    cell::clean,
    hubspot::api_error::error_mentions,
};

/// The longest name of an unknown type that is kept.
const MAX_TYPE: usize = 60;

/// The response to a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "struct Batch")]
pub(super) struct BatchBody<T> {
    /// The status of the batch. The specification of 2026-09 requires it.
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default = "none")]
    pub(super) results: Option<Vec<T>>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) errors: Vec<BatchError>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) num_errors: usize,
}

/// The status of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchStatus {
    /// HubSpot has finished it.
    Complete,
    /// HubSpot has not finished it yet.
    Pending,
    /// It was cancelled, or has another status.
    Other,
    /// The response has no status.
    Missing,
}

/// Accepts `null` as a missing field.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A default that does not need `T: Default`.
fn none<T>() -> Option<T> {
    None
}

impl<T> BatchBody<T> {
    /// The status of the batch.
    pub(super) fn batch_status(&self) -> BatchStatus {
        match self.status.as_deref() {
            Some("COMPLETE") => BatchStatus::Complete,
            Some("PENDING" | "PROCESSING") => BatchStatus::Pending,
            Some(_) => BatchStatus::Other,
            None => BatchStatus::Missing,
        }
    }

    /// Whether it counts more errors than it lists.
    pub(super) fn has_unlisted_errors(&self) -> bool {
        self.num_errors > self.errors.len()
    }

    /// The number of errors.
    pub(super) fn error_count(&self) -> usize {
        self.num_errors.max(self.errors.len())
    }
}

/// One error of a batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "struct Complaint")]
pub(super) struct BatchError {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) message: String,
    #[serde(default, deserialize_with = "or_default")]
    category: String,
    /// A text in real responses, an object in the specification.
    #[serde(default)]
    sub_category: serde_json::Value,
    #[serde(default, deserialize_with = "or_default")]
    context: serde_json::Map<String, serde_json::Value>,
}

impl BatchError {
    /// Whether the error names a link.
    pub(super) fn names(&self, link: &CanonicalLink) -> bool {
        let texts = ["INVALID_OBJECT_IDS", "INVALID_ASSOCIATION_TYPE_ID"];
        let mut texts = texts.into_iter().flat_map(|name| self.texts(name));
        error_mentions(&self.message, link) || texts.any(|text| error_mentions(text, link))
    }

    /// Whether the error means that a record has no such associations.
    pub(super) fn is_no_associations(&self) -> bool {
        const NONE: &str = "NO_ASSOCIATIONS_FOUND";
        let kind = &self.sub_category;
        let is_named = match kind.as_object() {
            Some(fields) => fields.iter().any(|(name, value)| {
                name.ends_with(NONE) || value.as_str().is_some_and(|text| text.ends_with(NONE))
            }),
            None => kind.as_str().is_some_and(|text| text.ends_with(NONE)),
        };
        // Recognises the error by its context if its category cannot be read.
        let is_about_none = self.category == "OBJECT_NOT_FOUND"
            && self.context.contains_key("fromObjectId")
            && self.context.contains_key("toObjectType");
        is_named || is_about_none
    }

    /// The records that the error names.
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

/// An association type in a response.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "struct Type")]
pub(super) struct TypeField {
    #[serde(default, deserialize_with = "or_default")]
    category: String,
    /// A number, or possibly a text.
    #[serde(default, rename = "typeId")]
    id: serde_json::Value,
    #[serde(default)]
    pub(super) label: Option<String>,
}

impl TypeField {
    /// The association type, or the text that names an unknown one.
    pub(super) fn association_type(&self) -> Result<AssociationType, String> {
        let number = || self.id.as_u64().and_then(|id| u32::try_from(id).ok());
        let id = match self.id.as_str() {
            Some(text) => text.parse().ok(),
            None => number(),
        };
        match (self.category.parse::<Category>(), id) {
            (Ok(category), Some(id)) => Ok(AssociationType { category, id }),
            _ => Err(clean(&format!("{}={}", self.category, self.id), MAX_TYPE)),
        }
    }
}
