//! The options for records and how they are found.
//!
//! Only values. Other modules act on them.

use std::{num::NonZeroU32, path::PathBuf, str::FromStr, time::Duration};

use jiff::SignedDuration;

use super::{error::SandboxError, limit::CallLimit};
use crate::rate::Rate;

/// Which records there are, and how lookups behave.
#[derive(Clone, Debug, clap::Args)]
pub struct RecordOptions {
    /// File of the records that exist: CSV (columns `object_type`, `id`; optional `merged_ids`,
    /// `archived`, `created`; every other column is a property) or one JSON object per line. Object
    /// types that are not in it are not limited
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// Property whose values are unique, repeatable (`contacts:external_id`)
    #[arg(long = "unique-property", value_name = "TYPE:NAME")]
    pub unique_properties: Vec<UniqueProperty>,
    /// What a batch read by the old id of a merged record finds
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub old_ids: OldIdForm,
    /// Searches allowed in any rolling window (5/s), or off
    #[arg(long, value_name = "RATE", default_value = "5/s")]
    pub search_limit: CallLimit,
    /// How long a new record is not found by a search (3s): after its time in --records, or after
    /// the start of the sandbox [default: found at once]
    #[arg(long, value_name = "DURATION")]
    pub search_lag: Option<SearchLag>,
    /// Maximum bytes of the body of a search [default: no limit]
    #[arg(long, value_name = "N")]
    pub search_body: Option<usize>,
}

/// A property of an object type whose values are unique.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueProperty {
    /// The object type, as the user wrote it.
    pub object_type: String,
    /// The name of the property.
    pub name: String,
}

/// How long a new record is not found by a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLag(pub Duration);

/// What a batch read by the old id of a merged record finds. It is not known what HubSpot does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OldIdForm {
    /// Nothing; only a read of the single record follows the merge
    #[default]
    Missing,
    /// The record under its current id
    Found,
}

impl RecordOptions {
    /// HubSpot's limit of searches per account.
    fn default_search_limit() -> CallLimit {
        const CALLS: NonZeroU32 = NonZeroU32::new(5).unwrap();
        CallLimit::Calls(Rate {
            calls: CALLS,
            window: Duration::from_secs(1),
        })
    }
}

impl Default for RecordOptions {
    /// Every record exists.
    fn default() -> Self {
        Self {
            records: None,
            unique_properties: Vec::new(),
            old_ids: OldIdForm::default(),
            search_limit: Self::default_search_limit(),
            search_lag: None,
            search_body: None,
        }
    }
}

impl FromStr for UniqueProperty {
    type Err = SandboxError;

    /// `contacts:external_id`.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let parts = text.split_once(':');
        let parts = parts.map(|(of, name)| (of.trim(), name.trim()));
        let parts = parts.filter(|(of, name)| !of.is_empty() && !name.is_empty());
        let (object_type, name) =
            parts.ok_or_else(|| SandboxError::UniqueProperty(text.to_owned()))?;
        Ok(Self {
            object_type: object_type.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl FromStr for SearchLag {
    type Err = SandboxError;

    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let span = text.parse::<SignedDuration>().ok();
        span.and_then(|span| Duration::try_from(span).ok())
            .map(Self)
            .ok_or_else(|| SandboxError::SearchLag(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_property_has_a_type_and_a_name() {
        let property: UniqueProperty = "contacts: external_id".parse().unwrap();
        assert_eq!(
            (&*property.object_type, &*property.name),
            ("contacts", "external_id")
        );
        for text in ["", "contacts", "contacts:", ":external_id"] {
            let error = text.parse::<UniqueProperty>().unwrap_err().to_string();
            assert!(error.contains("write TYPE:NAME"), "{error}");
        }
    }

    #[test]
    fn an_invalid_lag_is_refused() {
        assert_eq!("3s".parse::<SearchLag>().unwrap().0, Duration::from_secs(3));
        for text in ["", "3", "-3s"] {
            let error = text.parse::<SearchLag>().unwrap_err().to_string();
            assert!(error.contains("write a duration"), "{error}");
        }
    }
}
