//! A cache of what was learned last about ids, in bounded memory: each of ten million rows may be
//! about two other records.
//!
//! Does not know how to find out again what it forgot.

use std::{collections::HashMap, mem};

// Somebody who chooses ids to slow this map down only harms himself.
use foldhash::fast::RandomState;

use crate::{association::TypedRecordId, failure::Failure};

/// This many records are kept for certain, and up to twice as many in all. That is more than the
/// rows in memory can have, so nothing is forgotten while it is needed. It is as many as a map of
/// 2^17 places takes before it grows.
const REMEMBERED: usize = (1 << 17) / 8 * 7;

/// What was learned about an id that does not lead to another one.
#[derive(Clone, Debug)]
pub(super) enum CachedIdentity {
    /// It is the record's current id.
    Current,
    /// HubSpot says that there is no such record. If no record of its type was read before, it may
    /// as well be that the token may not read the type; this is the reason then.
    Missing(Option<Box<Failure>>),
    /// The reason why it is not known.
    Unknown(Box<Failure>),
}

/// Entries are added to the newer map. When it is full, it replaces the older one.
#[derive(Debug, Default)]
pub(super) struct IdentityCache {
    newer: HashMap<TypedRecordId, CachedIdentity, RandomState>,
    older: HashMap<TypedRecordId, CachedIdentity, RandomState>,
}

impl IdentityCache {
    /// Adds what is now known of a record, and replaces what was known.
    pub(super) fn insert(&mut self, record: TypedRecordId, identity: CachedIdentity) {
        if self.newer.len() == REMEMBERED {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(record, identity);
    }

    /// What was learned about a record, if it was not forgotten.
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
    fn the_last_entries_are_kept_and_at_most_twice_as_many() {
        let mut recent = IdentityCache::default();
        for id in 0..3 * REMEMBERED {
            recent.insert(record(id), CachedIdentity::Current);
            let first = id.saturating_sub(REMEMBERED - 1);
            assert!(recent.get(record(first)).is_some());
        }
        let places = recent.newer.capacity() + recent.older.capacity();
        assert!(places <= 2 * REMEMBERED, "{places}");
        assert!(recent.get(record(0)).is_none());
    }

    #[test]
    fn the_last_entry_for_a_record_counts() {
        let mut recent = IdentityCache::default();
        recent.insert(record(1), CachedIdentity::Current);
        for id in 2..=REMEMBERED {
            recent.insert(record(id), CachedIdentity::Current);
        }
        let failure = Failure::new(Code::NotRead, ResponseFault::IdMissing);
        recent.insert(record(1), CachedIdentity::Unknown(failure.into()));
        assert!(matches!(
            recent.get(record(1)),
            Some(CachedIdentity::Unknown(_))
        ));
        recent.insert(record(1), CachedIdentity::Current);
        assert!(matches!(
            recent.get(record(1)),
            Some(CachedIdentity::Current)
        ));
    }
}
