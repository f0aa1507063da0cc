//! The small CRM: which links may stand, and which do.
//!
//! Knows nothing of quotas, tokens, faults or HTTP.

use super::{
    answer::{Answer, Refusal},
    call::{self, CATEGORY, Item},
    endpoint::{Act, Read},
    links::Links,
    records::Missing,
    wrong::{RefusalForm, Wrong},
};
use crate::association::{Definition, DefinitionInfo, RecordId};

/// The account's data.
#[derive(Debug)]
pub(super) struct Crm {
    missing: Missing,
    form: RefusalForm,
    links: Links,
}

impl Crm {
    pub(super) fn new(missing: Missing, form: RefusalForm) -> Self {
        Self {
            missing,
            form,
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
    /// record does not exist only matters to a create.
    fn check(&self, act: Act, items: &[Item]) -> Result<(), Refusal> {
        let wrong = |item: &Item| match known(&item.category, item.definition) {
            Err(wrong) => Some(wrong),
            Ok(info) if act == Act::Create => self.missing.side_of(item.from, item.to, info),
            Ok(_) => None,
        };
        let mut wrongs = items.iter().filter_map(wrong).peekable();
        if wrongs.peek().is_none() {
            Ok(())
        } else {
            Err(Refusal::associations(self.form, wrongs))
        }
    }

    /// A record that does not exist has no links, which is not an error.
    pub(super) fn page(&self, read: &Read) -> Result<Answer, Refusal> {
        let info = known(&read.category, read.definition)
            .map_err(|wrong| Refusal::associations(self.form, [wrong].into_iter()))?;
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

/// What the table says of a definition, if it has it.
fn known(category: &str, number: i64) -> Result<&'static DefinitionInfo, Wrong> {
    call::definition(number)
        .filter(|_| category == CATEGORY)
        .and_then(Definition::info)
        .ok_or_else(|| Wrong::Definition {
            category: category.to_owned(),
            number,
        })
}
