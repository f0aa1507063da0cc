//! The API whose paths say v1: its paths, and what it does to the links.
//!
//! It shares the records, the types and the links with the dated API, and knows nothing of
//! quotas, tokens or faults.

use axum::http::Uri;

use super::{
    answer::{Answer, Refusal},
    call::{Item, TypeNamed, record},
    catalogue::LinkType,
    crm::{Crm, Moment},
    deed::Carried,
    links::Pair,
    wrong::Wrong,
};
use crate::association::AssociationType;

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Create,
    Delete,
}

/// A read as its path and query say it.
#[derive(Debug, PartialEq)]
pub(super) struct Read {
    pub(super) object: i64,
    pub(super) named: TypeNamed,
    pub(super) query: String,
}

impl Read {
    /// Ids in a page, by default and at most; likely, from the same client.
    const LIMIT: u64 = 100;

    /// Of `/{objectId}/{category}/{definitionId}`.
    pub(super) fn of(below: &str, uri: &Uri) -> Option<Self> {
        let mut parts = below.strip_prefix('/')?.split('/');
        let (object, category, definition) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(())?;
        Some(Self {
            object: object.parse().ok()?,
            named: TypeNamed {
                category: category.to_owned(),
                number: definition.parse().ok()?,
            },
            query: uri.query().unwrap_or_default().to_owned(),
        })
    }

    /// The page asked for: ids at most, and the id that it follows.
    pub(super) fn page(&self) -> Result<(usize, u64), Refusal> {
        let limit = self.number("limit")?.unwrap_or(Self::LIMIT);
        let offset = self.number("offset")?.unwrap_or(0);
        let limit = usize::try_from(limit.clamp(1, Self::LIMIT)).unwrap_or(usize::MAX);
        Ok((limit, offset))
    }

    /// An empty parameter (`offset=`) counts as none, as recorded.
    fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let value = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty());
        value
            .map(|(_, value)| value.parse().map_err(|_| Refusal::parameter(name)))
            .transpose()
    }
}

impl Crm {
    /// Makes associations stand, or removes them.
    pub(super) fn write(
        &mut self,
        act: Act,
        items: &[Item],
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        if moment.silent && act == Act::Create {
            return Ok((Answer::Done, Carried::Nothing));
        }
        let items = &*self.today(items);
        self.check(act, items)?;
        let marks = items.iter().map(|item| self.carry_out(act, item)).collect();
        Ok((
            Answer::Done,
            match act {
                Act::Create => Carried::Some(marks),
                Act::Delete => Carried::Whole,
            },
        ))
    }

    /// The associations of v1 between the records of today. Of one without a type nobody knows
    /// what it is between.
    fn today(&self, items: &[Item]) -> Vec<Item> {
        let today = items.iter().map(|item| match self.known(item) {
            Some(known) => self.merged.item(known.ends, item),
            None => item.clone(),
        });
        today.collect()
    }

    /// Whether it was written.
    fn carry_out(&mut self, act: Act, item: &Item) -> bool {
        let Some((association_type, ends)) = self
            .known(item)
            .map(|known| (known.association_type, known.ends))
        else {
            return false;
        };
        let Some((from, to)) = record(item.from).zip(record(item.to)) else {
            return false;
        };
        let pair = Pair { ends, from, to };
        match act {
            Act::Create if self.is_unwritten(ends, item) => return false,
            Act::Create => self.links.add(pair, &[association_type]),
            Act::Delete => self.links.remove_as_v1(pair, association_type),
        }
        true
    }

    /// All or nothing: one bad association refuses the whole batch. That a
    /// record does not exist only matters to a create.
    fn check(&self, act: Act, items: &[Item]) -> Result<(), Refusal> {
        let wrong = |item: &Item| match self.known(item) {
            None => item.types.first().map(unknown),
            Some(known) if act == Act::Create => {
                let (one, other) = known.ends;
                let missing = self.missing.side_of([(one, item.from), (other, item.to)]);
                missing.or_else(|| self.above_limit(known.ends, item, &[known.association_type]))
            }
            Some(_) => None,
        };
        let mut wrongs = items.iter().filter_map(wrong).peekable();
        if wrongs.peek().is_none() {
            Ok(())
        } else {
            Err(Refusal::associations(self.forms.refusals, wrongs))
        }
    }

    /// The type of an association of v1.
    fn known(&self, item: &Item) -> Option<&LinkType> {
        let association_type = item.types.first().and_then(TypeNamed::association_type)?;
        self.catalogue.v1(association_type)
    }

    /// A record that does not exist has no links, which is not an error.
    pub(super) fn page(&self, read: &Read) -> Result<Answer, Refusal> {
        let known = read
            .named
            .association_type()
            .and_then(|association_type| self.catalogue.v1(association_type));
        let Some(LinkType {
            association_type,
            ends,
            ..
        }) = known
        else {
            let wrongs = [unknown(&read.named)].into_iter();
            return Err(Refusal::associations(self.forms.refusals, wrongs));
        };
        let (limit, after) = read.page()?;
        let mut results = Vec::new();
        if let Some(from) = record(self.merged.today(ends.0, read.object)) {
            let links = self.links.read(*ends, from, after);
            let linked = links
                .filter(|(_, types): &(_, &[AssociationType])| types.contains(association_type));
            // One more than asked for tells whether there are more.
            results.extend(linked.map(|(to, _)| to).take(limit + 1));
        }
        let more = results.len() > limit;
        results.truncate(limit);
        Ok(Answer::Page { results, more })
    }
}

fn unknown(named: &TypeNamed) -> Wrong {
    Wrong::Definition {
        category: named.category.clone(),
        number: named.number,
    }
}
