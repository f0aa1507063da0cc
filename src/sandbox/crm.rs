//! The small CRM: which links may stand, and which do.
//!
//! Knows nothing of quotas, tokens, faults or HTTP, nor of what each API does to it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::Timestamp;

use super::{
    call::{Item, record},
    catalogue::{Catalogue, Ends},
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
use crate::association::AssociationType;

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
            forms: options.forms(),
            merged,
            unreadable,
            links,
            catalogue,
        })
    }

    /// What keeps an association from standing because a record has as many as an administrator
    /// allows.
    pub(super) fn above_limit(
        &self,
        ends: Ends,
        item: &Item,
        types: &[AssociationType],
    ) -> Option<Wrong> {
        let (from, to) = record(item.from).zip(record(item.to))?;
        let (full, most) = self.links.full(Pair { ends, from, to }, types)?;
        Some(Wrong::Limit {
            object_type: full.ends.0.upper(),
            id: full.from,
            most,
        })
    }

    /// Whether a create is answered as if it were written.
    pub(super) fn is_unwritten(&self, ends: Ends, item: &Item) -> bool {
        let sides = [(ends.0, item.from), (ends.1, item.to)];
        sides.into_iter().any(|side| self.unwritten.hold(side))
    }

    /// Every link that stands, in words.
    pub(super) fn told(&self) -> BTreeSet<String> {
        self.links.told()
    }
}
