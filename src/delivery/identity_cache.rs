//! What was learnt last of records, in bounded memory: of ten million rows each may be about
//! two others.
//!
//! Knows nothing of what is asked again once it is forgotten.

use std::{collections::HashMap, mem};

// Who names records here harms nobody but himself.
use foldhash::fast::RandomState;

use crate::{association::TypedRecordId, failure::Failure};

/// Records that are remembered for certain, and half of those that may be: more than rows
/// have that are here at once, so that nothing is forgotten while it is needed. As many as a
/// map of 2^17 places takes before it grows.
const REMEMBERED: usize = (1 << 17) / 8 * 7;

/// Nothing if the id is the record's own, or else why that is not known.
type CachedIdentity = Option<Box<Failure>>;

/// What was learnt of these, and of those before them.
#[derive(Debug, Default)]
pub(super) struct IdentityCache {
    newer: HashMap<TypedRecordId, CachedIdentity, RandomState>,
    older: HashMap<TypedRecordId, CachedIdentity, RandomState>,
}

impl IdentityCache {
    /// This is so of a record, whatever was thought before.
    pub(super) fn insert(&mut self, record: TypedRecordId, learnt: CachedIdentity) {
        if self.newer.len() == REMEMBERED {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(record, learnt);
    }

    /// What was learnt of a record, if it is remembered.
    pub(super) fn get(&self, record: TypedRecordId) -> Option<&CachedIdentity> {
        self.newer.get(&record).or_else(|| self.older.get(&record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::RecordId, code::Code, failure::ResponseFault};

    fn record(id: usize) -> TypedRecordId {
        ("contacts", RecordId::new(id as u64 + 1).unwrap())
    }

    #[test]
    fn the_last_ones_are_remembered_and_no_more_than_twice_as_many() {
        let mut recent = IdentityCache::default();
        for id in 0..3 * REMEMBERED {
            recent.insert(record(id), None);
            let first = id.saturating_sub(REMEMBERED - 1);
            assert!(recent.get(record(first)).is_some());
        }
        let places = recent.newer.capacity() + recent.older.capacity();
        assert!(places <= 2 * REMEMBERED, "{places}");
        assert!(recent.get(record(0)).is_none());
    }

    #[test]
    fn what_is_learnt_last_counts() {
        let mut recent = IdentityCache::default();
        recent.insert(record(1), None);
        for id in 2..=REMEMBERED {
            recent.insert(record(id), None);
        }
        let failure = Failure::new(Code::NotRead, ResponseFault::IdMissing);
        recent.insert(record(1), Some(failure.into()));
        assert!(matches!(recent.get(record(1)), Some(Some(_))));
        recent.insert(record(1), None);
        assert!(matches!(recent.get(record(1)), Some(None)));
    }
}
