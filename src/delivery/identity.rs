//! The current ids of records. A merge gives the surviving record a new id. The old ids lead to it,
//! and HubSpot answers under the new one. So if an association is not found under the requested id,
//! it counts as missing only if that id is known to be current.
//!
//! Keeps what was learned. Asks nothing.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::identity_cache::{CachedIdentity, IdentityCache};
use crate::{
    association::{Association, CanonicalLink, Merge, Merges, RecordId, TypedRecordId},
    code::Code,
    failure::{Failure, LinkFault},
};

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// It is the record's current id.
    Current,
    /// The record was merged and has this id now.
    Merged(RecordId),
    /// It could not be found out.
    Unknown(Failure),
}

/// What was learned about ids.
#[derive(Debug, Default)]
pub struct Identities {
    /// Ids that do not lead to another one.
    cache: RefCell<IdentityCache>,
    merges: RefCell<Merges>,
    /// Object types whose records the token may not read.
    denied_types: RefCell<BTreeMap<&'static str, Failure>>,
    /// Object types of which a record was read. If another record of such a type is not found, it
    /// does not exist.
    readable_types: RefCell<BTreeSet<&'static str>>,
}

impl Identities {
    /// A response called a record by this id.
    pub(super) fn mark_current(&self, record: TypedRecordId) {
        let mut cache = self.cache.borrow_mut();
        cache.insert(record, CachedIdentity::Current);
    }

    /// HubSpot says that there is no record with this id. Unless a record of this type was read,
    /// that does not prove that the id leads to no other one.
    pub(super) fn mark_missing(&self, record: TypedRecordId, failure: Failure) {
        let is_proven = self.is_readable(record.0);
        let doubt = (!is_proven).then(|| not_identified(record, failure).into());
        let mut cache = self.cache.borrow_mut();
        cache.insert(record, CachedIdentity::Missing(doubt));
    }

    /// What is known of an id, if anything.
    pub(super) fn identity_of(&self, record: TypedRecordId) -> Option<Identity> {
        if let Some(today) = self.merges.borrow().current_id(record) {
            return Some(Identity::Merged(today));
        }
        match self.cache.borrow().get(record) {
            // It leads to no other record.
            Some(CachedIdentity::Current | CachedIdentity::Missing(None)) => {
                return Some(Identity::Current);
            }
            Some(CachedIdentity::Missing(Some(failure)) | CachedIdentity::Unknown(failure)) => {
                return Some(Identity::Unknown((**failure).clone()));
            }
            None => {}
        }
        let denied = self.denied_types.borrow();
        let failure = denied.get(record.0)?.clone();
        Some(Identity::Unknown(not_identified(record, failure)))
    }

    /// A response gave the current id of a record.
    pub(super) fn record_merge(&self, object_type: &'static str, (old, new): (RecordId, RecordId)) {
        self.merges.borrow_mut().add(Merge {
            object_type,
            old,
            new,
        });
        self.mark_current((object_type, new));
        self.readable_types.borrow_mut().insert(object_type);
    }

    /// Whether a record of this type was read.
    pub(super) fn is_readable(&self, object_type: &str) -> bool {
        self.readable_types.borrow().contains(object_type)
    }

    /// Records of this type may not be read.
    pub(super) fn mark_type_denied(&self, object_type: &'static str, failure: Failure) {
        self.denied_types.borrow_mut().insert(object_type, failure);
    }

    /// It could not be found out.
    pub(super) fn mark_unknown(&self, record: TypedRecordId, failure: Failure) {
        let failure = not_identified(record, failure);
        let mut cache = self.cache.borrow_mut();
        cache.insert(record, CachedIdentity::Unknown(failure.into()));
    }

    /// Loads the merges that an earlier session learned.
    pub(super) fn load_merges(&self, merges: Merges) {
        self.merges.replace(merges);
    }

    /// The association with the current ids of its records, as far as they are known.
    #[must_use]
    pub fn resolve(&self, link: &Association) -> Association {
        self.merges.borrow().resolve(link)
    }

    /// Old ids that are known to lead to the record at the start of a link.
    #[must_use]
    pub fn former_from_ids(&self, link: &CanonicalLink) -> Vec<RecordId> {
        let merges = self.merges.borrow();
        let from = ends(link).next();
        from.map_or_else(Vec::new, |from| merges.old_ids(from).collect())
    }

    /// The merges that were learned after the first `known` ones.
    #[must_use]
    pub fn merges_after(&self, known: usize) -> Vec<Merge> {
        self.merges.borrow().added_after(known).to_vec()
    }

    /// Whether the records of a link are identified, or known to be unknowable.
    #[must_use]
    pub fn are_ends_known(&self, link: &CanonicalLink) -> bool {
        ends(link).all(|record| self.identity_of(record).is_some())
    }

    /// Whether both records of a link are known to have these ids, or to be unknowable.
    #[must_use]
    pub fn are_ids_current(&self, link: &CanonicalLink) -> bool {
        let named = link.in_row_direction();
        self.are_ends_known(link) && self.resolve(&named) == named
    }

    /// The first record of a link that does not exist, as far as that is known.
    #[must_use]
    pub fn missing_record(&self, link: &CanonicalLink) -> Option<TypedRecordId> {
        let cache = self.cache.borrow();
        let mut records = ends_of(&link.in_row_direction());
        records.find(|record| matches!(cache.get(*record), Some(CachedIdentity::Missing(_))))
    }

    /// Why the records of an association could not be identified, if they could not.
    #[must_use]
    pub fn unknown_reason(&self, link: &Association) -> Option<Failure> {
        ends_of(link).find_map(|record| match self.identity_of(record)? {
            Identity::Unknown(failure) => Some(failure),
            Identity::Current | Identity::Merged(_) => None,
        })
    }
}

/// Both ends of a link, if their object types are known.
pub(super) fn ends(link: &CanonicalLink) -> impl Iterator<Item = TypedRecordId> + use<> {
    ends_of(&link.to_association())
}

fn ends_of(link: &Association) -> impl Iterator<Item = TypedRecordId> + use<> {
    let info = link.definition.info();
    let ends = info.map(|info| [(info.from, link.from), (info.to, link.to)]);
    ends.into_iter().flatten()
}

/// Why nothing is known of an id.
fn not_identified((object_type, id): TypedRecordId, failure: Failure) -> Failure {
    Failure {
        code: Code::RecordNotRead,
        ..failure.wrap_detail(|why| LinkFault::MergeUnknown {
            object_type,
            id,
            why,
        })
    }
}
