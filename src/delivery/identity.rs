//! Under which id a record is known today. A merge gives the surviving record a new
//! id; the old ones lead to it, and HubSpot answers under the new one. So an
//! association that is not found under the id that was asked for is not known to
//! be missing before that id is known to be the record's own.
//!
//! Holds what was learnt; asks nothing.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::identity_cache::IdentityCache;
use crate::{
    association::{Association, CanonicalLink, Merge, Merges, RecordId, TypedRecordId},
    code::Code,
    failure::{Failure, LinkFault},
};

/// What is known of an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// It is the record's own.
    Current,
    /// The record was merged, and has this id today.
    Merged(RecordId),
    /// It could not be found out.
    Unknown(Failure),
}

/// What has been learnt of ids.
#[derive(Debug, Default)]
pub struct Identities {
    /// What was learnt of ids that lead nowhere else.
    cache: RefCell<IdentityCache>,
    merges: RefCell<Merges>,
    /// Object types whose records the token may not read.
    denied_types: RefCell<BTreeMap<&'static str, Failure>>,
    /// Object types of which it has read a record: one that is not found there does not
    /// exist.
    readable_types: RefCell<BTreeSet<&'static str>>,
}

impl Identities {
    /// An answer has spoken of a record by this id.
    pub(super) fn mark_current(&self, record: TypedRecordId) {
        self.cache.borrow_mut().insert(record, None);
    }

    /// What is known of an id, if anything is.
    pub(super) fn identity_of(&self, record: TypedRecordId) -> Option<Identity> {
        if let Some(today) = self.merges.borrow().today(record) {
            return Some(Identity::Merged(today));
        }
        match self.cache.borrow().get(record) {
            Some(None) => return Some(Identity::Current),
            Some(Some(failure)) => return Some(Identity::Unknown((**failure).clone())),
            None => {}
        }
        let denied = self.denied_types.borrow();
        let failure = denied.get(record.0)?.clone();
        Some(Identity::Unknown(not_identified(record, failure)))
    }

    /// An answer has told the id that a record has today.
    pub(super) fn record_merge(&self, object_type: &'static str, (old, new): (RecordId, RecordId)) {
        self.merges.borrow_mut().learn(Merge {
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

    /// No records of this type may be read.
    pub(super) fn mark_type_denied(&self, object_type: &'static str, failure: Failure) {
        self.denied_types.borrow_mut().insert(object_type, failure);
    }

    /// It could not be found out.
    pub(super) fn mark_unknown(&self, record: TypedRecordId, failure: Failure) {
        let failure = not_identified(record, failure);
        self.cache.borrow_mut().insert(record, Some(failure.into()));
    }

    /// Merges that an earlier session has learnt.
    pub(super) fn load_merges(&self, merges: Merges) {
        self.merges.replace(merges);
    }

    /// An association with the ids that its records have today, as far as that is
    /// known.
    #[must_use]
    pub fn resolve(&self, link: &Association) -> Association {
        self.merges.borrow().resolve(link)
    }

    /// Old ids that are known to lead to the record that a link is told from.
    #[must_use]
    pub fn former_from_ids(&self, link: &CanonicalLink) -> Vec<RecordId> {
        let merges = self.merges.borrow();
        let from = ends(link).next();
        from.map_or_else(Vec::new, |from| merges.former(from).collect())
    }

    /// Merges that were learnt after so many.
    #[must_use]
    pub fn merges_after(&self, known: usize) -> Vec<Merge> {
        self.merges.borrow().after(known).to_vec()
    }

    /// Whether it is known, or known to be unknowable, which records a link is
    /// between.
    #[must_use]
    pub fn are_ends_known(&self, link: &CanonicalLink) -> bool {
        ends(link).all(|record| self.identity_of(record).is_some())
    }

    /// Why it could not be found out which records an association is between, if it
    /// could not.
    #[must_use]
    pub fn unknown_reason(&self, link: &Association) -> Option<Failure> {
        ends_of(link).find_map(|record| match self.identity_of(record)? {
            Identity::Unknown(failure) => Some(failure),
            Identity::Current | Identity::Merged(_) => None,
        })
    }
}

/// Both ends of a link, where their object types are known.
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
