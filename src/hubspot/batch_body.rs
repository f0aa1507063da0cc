//! The response to a batch, which has the same form for associations and for records. Every field is
//! optional, because real responses differ from the documentation.

use std::{slice, time::Duration};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    api_error::error_mentions,
    verdict::{ParsedResponse, failure},
};
use crate::{
    api::Verdict,
    association::{CanonicalLink, RecordId},
    cell::clean,
    code::Code,
    failure::ResponseFault,
};

/// The wait for HubSpot to finish a pending batch; our choice.
const PENDING_WAIT: Duration = Duration::from_secs(1);

/// The longest name of a status that is kept.
const MAX_STATUS: usize = 60;

/// The categories of errors that are not about what was sent. HubSpot publishes no list of them.
const TEMPORARY: [&str; 5] = [
    "INTERNAL_ERROR",
    "INTERNAL_SERVER_ERROR",
    "SERVICE_UNAVAILABLE",
    "TIMEOUT",
    "RATE_LIMITS",
];

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
    sub_category: Value,
    #[serde(default, deserialize_with = "or_default")]
    context: Map<String, Value>,
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

    /// Whether the error only means that some records do not exist.
    pub(super) fn is_not_found(&self) -> bool {
        self.category == "OBJECT_NOT_FOUND"
    }

    /// Whether HubSpot failed, and not the request: the same one may succeed later.
    pub(super) fn is_temporary(&self) -> bool {
        TEMPORARY.contains(&&*self.category)
    }

    /// What the error means for the records that it names.
    pub(super) fn code(&self) -> Code {
        if self.is_not_found() {
            Code::RecordNotFound
        } else if self.is_temporary() {
            Code::ServerError
        } else {
            Code::Rejected
        }
    }

    /// The values that the error names, by which records were looked up.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        ["ids", "id"].into_iter().flat_map(|name| self.texts(name))
    }

    /// The texts of this name in the context: a list, or a single one.
    fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = match self.context.get(name) {
            Some(Value::Array(values)) => &values[..],
            Some(value) => slice::from_ref(value),
            None => &[],
        };
        values.iter().filter_map(Value::as_str)
    }
}

/// HubSpot has not finished the batch, so it is sent again.
pub(super) fn unfinished(response: &ParsedResponse, status: Option<&str>) -> Verdict {
    let status = status.map(|status| clean(status, MAX_STATUS));
    let fault = ResponseFault::Unfinished(status);
    Verdict::Transient {
        failure: failure(response, Code::ServerError).with_detail(fault),
        wait: PENDING_WAIT,
    }
}
