//! Parts of response bodies of the dated API. Every field is optional, because real responses
//! differ from the documentation.

use serde::Deserialize;

use crate::{
    association::{AssociationType, Category},
    cell::clean,
    hubspot::batch_body::or_default,
};

/// The longest name of an unknown type that is kept.
const MAX_TYPE: usize = 60;

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
