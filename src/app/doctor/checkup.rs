//! What is to be looked at.

use std::path::PathBuf;

use crate::{
    account::AccountId,
    association::Definition,
    hubspot::{ApiVersion, ClientOptions},
};

/// What is to be looked at.
#[derive(Debug)]
pub struct Checkup {
    /// How HubSpot is reached.
    pub client: ClientOptions,
    /// What is to be written.
    pub links: CheckedLinks,
    /// The account that it should be.
    pub account: Option<AccountId>,
    /// Where results would go.
    pub folder: PathBuf,
}

/// The links that are to be written.
#[derive(Clone, Debug)]
pub enum CheckedLinks {
    /// Those of a definition.
    Definition(Definition),
    /// Those from one object type to another.
    ObjectTypes(String, String),
}

impl CheckedLinks {
    /// The object types of both ends, if they are known.
    pub(super) fn types(&self) -> Option<(&str, &str)> {
        match self {
            Self::Definition(definition) => definition.info().map(|info| (info.from, info.to)),
            Self::ObjectTypes(from, to) => Some((from, to)),
        }
    }

    /// A definition of theirs that this API can be asked about.
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
