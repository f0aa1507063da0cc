//! One record, read by its id: which record it is today.
//!
//! Knows nothing of links; of properties it has the few that HubSpot always sends.

use super::{
    answer::{Answer, Refusal},
    crm::Crm,
    records::Named,
};
use crate::association::RecordId;

/// The versions whose objects can be read, in the same words.
const OBJECTS: [&str; 2] = ["/crm/objects/2026-09/", "/crm/v3/objects/"];

/// When every record of the account was made; our choice.
const MADE: &str = "2026-01-01T00:00:00.000Z";

/// A record as a path names it.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) object_type: String,
    pub(super) id: i64,
}

impl Asked {
    /// `…/contacts/101`.
    pub(super) fn of(path: &str) -> Option<Self> {
        let mut versions = OBJECTS.iter();
        let below = versions.find_map(|version| path.strip_prefix(version))?;
        let (object_type, id) = below.split_once('/')?;
        Some(Self {
            object_type: object_type.to_owned(),
            id: id.parse().ok()?,
        })
    }
}

impl Crm {
    /// The record under its id of today. A type that cannot be read is refused as where a scope is
    /// lacking.
    pub(super) fn record(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let object_type = self.catalogue.object_type(&asked.object_type);
        let object_type = object_type.ok_or_else(|| Refusal::object_type(&asked.object_type))?;
        if self.unreadable.contains(&object_type) {
            return Err(Refusal::scopes(&object_type.scope("read")));
        }
        let id = self.merged.today(object_type, asked.id);
        if self.missing.lacks((object_type, id)) {
            return Err(Refusal::no_record());
        }
        let old = self.merged.old(object_type, id);
        let body = told((object_type, id), &old);
        Ok(Answer::Told { status: 200, body })
    }
}

/// `hs_merged_object_ids` names the ids of before, where there are any.
fn told((object_type, id): Named, old: &[RecordId]) -> String {
    let changed = match object_type.name() {
        "contacts" => "lastmodifieddate",
        _ => "hs_lastmodifieddate",
    };
    let old: Vec<_> = old.iter().map(RecordId::to_string).collect();
    let merged = if old.is_empty() {
        String::new()
    } else {
        format!(r#","hs_merged_object_ids":"{}""#, old.join(";"))
    };
    format!(
        r#"{{"id":"{id}","properties":{{"createdate":"{MADE}","hs_object_id":"{id}","{changed}":"{MADE}"{merged}}},"createdAt":"{MADE}","updatedAt":"{MADE}","archived":false}}"#
    )
}
