//! The small CRM: which links are allowed, and which exist.
//!
//! Knows nothing of quotas, tokens, faults or HTTP, nor of how each API changes it.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use jiff::Timestamp;

use super::{
    association_input::{AssociationInput, record_id},
    catalogue::{Catalogue, TypePair},
    error::SandboxError,
    forms::ResponseForms,
    initial_links,
    invalid_association::InvalidAssociation,
    links::{LinkStore, RecordPair},
    merged_ids::MergedIds,
    object::ObjectType,
    options::SandboxOptions,
    record_options::UniqueProperty,
    record_set::RecordSet,
    records::AccountRecords,
    search_rules::SearchRules,
};
use crate::association::AssociationType;

/// The account's data.
#[derive(Debug)]
pub(super) struct Crm {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) records: AccountRecords,
    /// Creates for these records are answered but not written.
    unwritten: RecordSet,
    pub(super) merged: MergedIds,
    /// Object types whose records cannot be read.
    pub(super) unreadable: Vec<ObjectType>,
    pub(super) forms: ResponseForms,
    pub(super) search_rules: SearchRules,
    pub(super) links: LinkStore,
}

/// What a call needs besides the account's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallContext {
    pub(super) date: Timestamp,
    /// The random bits of its correlation id.
    pub(super) id: u128,
    /// Whether a create is answered but not written.
    pub(super) silent: bool,
}

impl Crm {
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let catalogue = Arc::new(Catalogue::new(&options.labels));
        let read = |path: Option<&Path>| {
            let records = path.map(|path| RecordSet::read(path, &catalogue));
            records.transpose().map(Option::unwrap_or_default)
        };
        let missing = read(options.missing.as_deref())?;
        let merged = options.merged.as_deref();
        let merged = merged.map(|path| MergedIds::read(path, &catalogue));
        let mut merged = merged.transpose()?.unwrap_or_default();
        let of_records = &options.record_options;
        let records = AccountRecords::new(missing, of_records, &catalogue, &mut merged)?;
        let object_type = |text: &String| {
            let known = catalogue.object_type(text);
            known.ok_or_else(|| SandboxError::ObjectType(text.clone()))
        };
        let unreadable = options.unreadable.iter().map(object_type);
        let unreadable = unreadable.collect::<Result<_, _>>()?;
        let limits = options.association_limits.iter();
        let limits = limits.map(|limit| catalogue.resolve_limit(limit));
        let limits = limits.collect::<Result<_, _>>()?;
        let mut links =
            LinkStore::new(Arc::clone(&catalogue), LinkStore::CAPACITY).with_limits(limits);
        if let Some(path) = &options.links {
            initial_links::read(path, &catalogue, &merged, &mut links)?;
        }
        Ok(Self {
            records,
            search_rules: SearchRules::new(of_records, Timestamp::now()),
            unwritten: read(options.unwritten.as_deref())?,
            forms: options.forms(),
            merged,
            unreadable,
            links,
            catalogue,
        })
    }

    /// Makes the values of these properties unique. An object type that the account lacks stays
    /// unknown.
    pub(super) fn add_unique_properties(
        &mut self,
        properties: &[UniqueProperty],
    ) -> Result<(), SandboxError> {
        for UniqueProperty { object_type, name } in properties {
            if let Some(object_type) = self.catalogue.object_type(object_type) {
                self.records.add_unique(object_type, name);
            }
        }
        self.records.check_unique()
    }

    /// The error for an association if a record already has as many as an administrator allows.
    pub(super) fn limit_error(
        &self,
        ends: TypePair,
        item: &AssociationInput,
        types: &[AssociationType],
    ) -> Option<InvalidAssociation> {
        let (from, to) = record_id(item.from).zip(record_id(item.to))?;
        let (full, maximum) = self
            .links
            .exceeded_limit(RecordPair { ends, from, to }, types)?;
        Some(InvalidAssociation::LimitReached {
            object_type: full.ends.0.upper(),
            id: full.from,
            maximum,
        })
    }

    /// Whether a create for this association is answered but not written.
    pub(super) fn is_unwritten(&self, ends: TypePair, item: &AssociationInput) -> bool {
        let sides = [(ends.0, item.from), (ends.1, item.to)];
        sides.into_iter().any(|side| self.unwritten.contains(side))
    }

    /// Every existing link as text.
    pub(super) fn link_descriptions(&self) -> BTreeSet<String> {
        self.links.descriptions()
    }
}
