//! The small CRM: which links may stand, and which do.
//!
//! Knows nothing of quotas, tokens, faults or HTTP.

use std::collections::HashSet;

use super::{
    answer::{Answer, Refusal},
    call::{self, CATEGORY, Item},
    endpoint::{Act, Read},
    links::Links,
    records::Missing,
};
use crate::association::{Definition, DefinitionInfo, RecordId};

/// The account's data.
#[derive(Debug)]
pub(super) struct Crm {
    missing: Missing,
    links: Links,
}

impl Crm {
    pub(super) fn new(missing: Missing) -> Self {
        Self {
            missing,
            links: Links::default(),
        }
    }

    /// Makes associations stand, or removes them.
    pub(super) fn write(&mut self, act: Act, items: &[Item]) -> Result<Answer, Refusal> {
        self.check(act, items)?;
        let links = items.iter().filter_map(Item::association);
        match act {
            Act::Create => links.for_each(|link| self.links.create(link)),
            Act::Delete => links.for_each(|link| self.links.delete(link)),
        }
        Ok(Answer::Done)
    }

    /// All or nothing: one bad association refuses the whole batch. That a
    /// record does not exist only matters to a create. Each error comes once.
    fn check(&self, act: Act, items: &[Item]) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        let mut errors = Vec::new();
        for item in items {
            let error = match known(&item.category, item.definition) {
                Err(error) => Some(error),
                Ok(info) if act == Act::Create => self.missing.side_of(item.from, item.to, info),
                Ok(_) => None,
            };
            if let Some(error) = error
                && seen.insert(error.clone())
            {
                errors.push(error);
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::associations(&errors))
        }
    }

    /// A record that does not exist has no links, which is not an error.
    pub(super) fn page(&self, read: &Read) -> Result<Answer, Refusal> {
        let info = known(&read.category, read.definition)
            .map_err(|error| Refusal::associations(&[error]))?;
        let (limit, after) = read.page()?;
        let mut results = match u64::try_from(read.object).ok().and_then(RecordId::new) {
            // One more than asked for tells whether there are more.
            Some(from) => self.links.read(from, info.definition, after, limit + 1),
            None => Vec::new(),
        };
        let more = results.len() > limit;
        results.truncate(limit);
        Ok(Answer::Page { results, more })
    }
}

/// What the table says of a definition, or HubSpot's words for one that it does
/// not have (recorded of v4; v1's own are not known).
fn known(category: &str, number: i64) -> Result<&'static DefinitionInfo, String> {
    call::definition(number)
        .filter(|_| category == CATEGORY)
        .and_then(Definition::info)
        .ok_or_else(|| format!("{category}={number} is not a valid association definition id"))
}
