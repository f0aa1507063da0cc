//! Merged records: a merge gives the surviving record a new id, and the old ids still lead to it.
//!
//! Does not know how a merge is detected.

use std::collections::HashMap;

use super::link::{Association, RecordId};

/// A record: its object type and an id.
pub type TypedRecordId = (&'static str, RecordId);

/// A record that was merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Its object type.
    pub object_type: &'static str,
    /// An old id that leads to it.
    pub old: RecordId,
    /// Its current id.
    pub new: RecordId,
}

/// All known merges. A record may have been merged several times.
#[derive(Clone, Debug, Default)]
pub struct Merges {
    /// Each old id, with the id that it was merged into, which may be old too.
    next_ids: HashMap<TypedRecordId, RecordId>,
    /// In the order in which they were added.
    merges: Vec<Merge>,
}

impl Merges {
    /// Adds a merge.
    pub fn add(&mut self, merge: Merge) {
        let Merge {
            object_type,
            old,
            new,
        } = merge;
        if old != new && self.next_ids.insert((object_type, old), new) != Some(new) {
            self.merges.push(merge);
        }
    }

    /// The merges that were added after the first `known` ones.
    #[must_use]
    pub fn added_after(&self, known: usize) -> &[Merge] {
        self.merges.get(known..).unwrap_or_default()
    }

    /// The current id of a record, if it was merged.
    #[must_use]
    pub fn current_id(&self, record: TypedRecordId) -> Option<RecordId> {
        let (object_type, old) = record;
        let mut id = old;
        // Chains are short; the bound keeps a cycle from running forever.
        for _ in 0..self.merges.len() {
            match self.next_ids.get(&(object_type, id)) {
                Some(next) => id = *next,
                None => break,
            }
        }
        (id != old).then_some(id)
    }

    /// The association with the current ids of its records.
    #[must_use]
    pub fn resolve(&self, link: &Association) -> Association {
        let Some(info) = link.definition.info().filter(|_| !self.merges.is_empty()) else {
            return *link;
        };
        let current_id = |object_type, id| self.current_id((object_type, id)).unwrap_or(id);
        Association {
            from: current_id(info.from, link.from),
            to: current_id(info.to, link.to),
            definition: link.definition,
        }
    }

    /// Old ids that lead to this one.
    pub fn old_ids(&self, (object_type, current): TypedRecordId) -> impl Iterator<Item = RecordId> {
        let merged = self
            .merges
            .iter()
            .map(|merge| (merge.object_type, merge.old));
        merged
            .filter(move |record| {
                record.0 == object_type && self.current_id(*record) == Some(current)
            })
            .map(|(_, old)| old)
    }
}

impl FromIterator<Merge> for Merges {
    fn from_iter<I: IntoIterator<Item = Merge>>(merges: I) -> Self {
        let mut all = Self::default();
        merges.into_iter().for_each(|merge| all.add(merge));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::v2026_09;

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn merges(pairs: &[(&'static str, u64, u64)]) -> Merges {
        let merge = |(object_type, old, new): &(&'static str, u64, u64)| Merge {
            object_type,
            old: id(*old),
            new: id(*new),
        };
        pairs.iter().map(merge).collect()
    }

    #[test]
    fn chains_are_followed_within_one_object_type() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 2, 3), ("companies", 7, 8)]);
        let link = |from, to| Association {
            from: id(from),
            to: id(to),
            definition: v2026_09::table().definition(279).unwrap(),
        };
        assert_eq!(merges.resolve(&link(1, 7)), link(3, 8));
        assert_eq!(merges.resolve(&link(7, 1)), link(7, 1));
        let old_ids: Vec<_> = merges.old_ids(("contacts", id(3))).collect();
        assert_eq!(old_ids, [id(1), id(2)]);
    }

    #[test]
    fn a_cycle_of_merges_ends() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 2, 1)]);
        assert!(
            merges
                .current_id(("contacts", id(1)))
                .is_none_or(|current| current == id(2))
        );
    }

    #[test]
    fn a_known_merge_is_not_added_again() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 1, 2), ("contacts", 4, 4)]);
        assert_eq!(merges.added_after(0).len(), 1);
        assert!(merges.added_after(1).is_empty());
    }
}
