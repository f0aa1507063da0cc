//! What `doctor` checks.

use std::path::PathBuf;

use crate::{
    account::AccountId,
    association::Definition,
    hubspot::{ApiVersion, ClientOptions},
};

/// What to check.
#[derive(Debug)]
pub struct Checkup {
    /// How HubSpot is reached.
    pub client: ClientOptions,
    /// The links that an import would write.
    pub links: CheckedLinks,
    /// Whether the rows name their from records, and their to records, by keys.
    pub by_key: [bool; 2],
    /// The expected account.
    pub account: Option<AccountId>,
    /// The folder for results.
    pub folder: PathBuf,
}

/// The links that an import would write.
#[derive(Clone, Debug)]
pub enum CheckedLinks {
    /// Links of a definition.
    Definition(Definition),
    /// Links from one object type to another.
    ObjectTypes(String, String),
}

impl CheckedLinks {
    /// The object types of both ends, if known.
    pub(super) fn types(&self) -> Option<(&str, &str)> {
        match self {
            Self::Definition(definition) => definition.info().map(|info| (info.from, info.to)),
            Self::ObjectTypes(from, to) => Some((from, to)),
        }
    }

    /// A definition that this API can be asked about.
    pub(super) fn definition(&self, api_version: ApiVersion) -> Option<Definition> {
        match self {
            Self::Definition(definition) => Some(*definition),
            Self::ObjectTypes(from, to) => {
                let mut infos = api_version.definitions().all().iter();
                let info = infos.find(|info| info.from == from && info.to == to);
                info.map(Definition::from_info)
            }
        }
    }
}
