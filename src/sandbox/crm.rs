//! The small CRM: which links may stand, and which do; and what v1 does to
//! them.
//!
//! Knows nothing of quotas, tokens, faults or HTTP.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::Timestamp;

use super::{
    answer::{Answer, Refusal},
    call::{Item, TypeNamed, record},
    carried::Carried,
    catalogue::{Catalogue, Ends, LinkType},
    endpoint::{Act, Read},
    error::SandboxError,
    forms::Forms,
    initial,
    links::{Links, Pair},
    merged::Merged,
    object::ObjectType,
    options::SandboxOptions,
    records::{Missing, Records},
    wrong::Wrong,
};
use crate::association::Spec;

/// The account's data.
#[derive(Debug)]
pub(super) struct Crm {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) missing: Missing,
    /// Creates for these are answered and not written.
    unwritten: Records,
    pub(super) merged: Merged,
    /// Types whose records cannot be read by themselves.
    pub(super) unreadable: Vec<ObjectType>,
    pub(super) forms: Forms,
    pub(super) links: Links,
}

/// What a call meets besides the account's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) date: Timestamp,
    /// The random bits of its correlation id.
    pub(super) id: u128,
    /// Whether a create is answered and not written.
    pub(super) silent: bool,
}

impl Crm {
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let catalogue = Arc::new(Catalogue::new(&options.labels));
        let read = |path: Option<&Path>| {
            let records = path.map(|path| Records::read(path, &catalogue));
            records.transpose().map(Option::unwrap_or_default)
        };
        let listed = read(options.missing.as_deref())?;
        let merged = options.merged.as_deref();
        let merged = merged.map(|path| Merged::read(path, &catalogue));
        let merged = merged.transpose()?.unwrap_or_default();
        let object_type = |text: &String| {
            let known = catalogue.object_type(text);
            known.ok_or_else(|| SandboxError::ObjectType(text.clone()))
        };
        let unreadable = options.unreadable.iter().map(object_type);
        let unreadable = unreadable.collect::<Result<_, _>>()?;
        let limits = options.association_limits.iter();
        let limits = limits.map(|limit| catalogue.limited(limit));
        let limits = limits.collect::<Result<_, _>>()?;
        let mut links = Links::new(Arc::clone(&catalogue), Links::CAPACITY).under(limits);
        if let Some(path) = &options.links {
            initial::read(path, &catalogue, &merged, &mut links)?;
        }
        Ok(Self {
            missing: Missing { listed },
            unwritten: read(options.unwritten.as_deref())?,
            forms: Forms::of(options),
            merged,
            unreadable,
            links,
            catalogue,
        })
    }

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
        let Some((spec, ends)) = self.known(item).map(|known| (known.spec, known.ends)) else {
            return false;
        };
        let Some((from, to)) = record(item.from).zip(record(item.to)) else {
            return false;
        };
        let pair = Pair { ends, from, to };
        match act {
            Act::Create if self.is_unwritten(ends, item) => return false,
            Act::Create => self.links.add(pair, &[spec]),
            Act::Delete => self.links.remove_as_v1(pair, spec),
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
                missing.or_else(|| self.above_limit(known.ends, item, &[known.spec]))
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

    /// What keeps an association from standing because a record has as many as an administrator
    /// allows.
    pub(super) fn above_limit(&self, ends: Ends, item: &Item, types: &[Spec]) -> Option<Wrong> {
        let (from, to) = record(item.from).zip(record(item.to))?;
        let (full, most) = self.links.full(Pair { ends, from, to }, types)?;
        Some(Wrong::Limit {
            object_type: full.ends.0.upper(),
            id: full.from,
            most,
        })
    }

    /// The type of an association of v1.
    fn known(&self, item: &Item) -> Option<&LinkType> {
        let spec = item.types.first().and_then(TypeNamed::spec)?;
        self.catalogue.v1(spec)
    }

    /// Whether a create is answered as if it were written.
    pub(super) fn is_unwritten(&self, ends: Ends, item: &Item) -> bool {
        let sides = [(ends.0, item.from), (ends.1, item.to)];
        sides.into_iter().any(|side| self.unwritten.hold(side))
    }

    /// A record that does not exist has no links, which is not an error.
    pub(super) fn page(&self, read: &Read) -> Result<Answer, Refusal> {
        let known = read.named.spec().and_then(|spec| self.catalogue.v1(spec));
        let Some(LinkType { spec, ends, .. }) = known else {
            let wrongs = [unknown(&read.named)].into_iter();
            return Err(Refusal::associations(self.forms.refusals, wrongs));
        };
        let (limit, after) = read.page()?;
        let mut results = Vec::new();
        if let Some(from) = record(self.merged.today(ends.0, read.object)) {
            let links = self.links.read(*ends, from, after);
            let linked = links.filter(|(_, types): &(_, &[Spec])| types.contains(spec));
            // One more than asked for tells whether there are more.
            results.extend(linked.map(|(to, _)| to).take(limit + 1));
        }
        let more = results.len() > limit;
        results.truncate(limit);
        Ok(Answer::Page { results, more })
    }

    /// Every link that stands, in words.
    pub(super) fn told(&self) -> BTreeSet<String> {
        self.links.told()
    }
}

fn unknown(named: &TypeNamed) -> Wrong {
    Wrong::Definition {
        category: named.category.clone(),
        number: named.number,
    }
}
