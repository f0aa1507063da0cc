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

/// All known merges.
#[derive(Clone, Debug, Default)]
pub struct Merges {
    today: HashMap<TypedRecordId, RecordId>,
    /// In the order in which they were added.
    learnt: Vec<Merge>,
}

impl Merges {
    /// Adds a merge.
    pub fn learn(&mut self, merge: Merge) {
        let Merge {
            object_type,
            old,
            new,
        } = merge;
        if old != new && self.today.insert((object_type, old), new) != Some(new) {
            self.learnt.push(merge);
        }
    }

    /// The merges that were added after the first `known` ones.
    #[must_use]
    pub fn after(&self, known: usize) -> &[Merge] {
        self.learnt.get(known..).unwrap_or_default()
    }

    /// The current id of a record, if it was merged.
    #[must_use]
    pub fn today(&self, record: TypedRecordId) -> Option<RecordId> {
        let (object_type, old) = record;
        let mut id = old;
        // Chains are short; the bound keeps a cycle from running forever.
        for _ in 0..self.learnt.len() {
            match self.today.get(&(object_type, id)) {
                Some(today) => id = *today,
                None => break,
            }
        }
        (id != old).then_some(id)
    }

    /// The association with the current ids of its records.
    #[must_use]
    pub fn resolve(&self, link: &Association) -> Association {
        let Some(info) = link.definition.info().filter(|_| !self.learnt.is_empty()) else {
            return *link;
        };
        let today = |object_type, id| self.today((object_type, id)).unwrap_or(id);
        Association {
            from: today(info.from, link.from),
            to: today(info.to, link.to),
            definition: link.definition,
        }
    }

    /// Old ids that lead to this one.
    pub fn former(&self, (object_type, today): TypedRecordId) -> impl Iterator<Item = RecordId> {
        let of_type = self
            .learnt
            .iter()
            .map(|merge| (merge.object_type, merge.old));
        of_type
            .filter(move |record| record.0 == object_type && self.today(*record) == Some(today))
            .map(|(_, old)| old)
    }
}

impl FromIterator<Merge> for Merges {
    fn from_iter<I: IntoIterator<Item = Merge>>(merges: I) -> Self {
        let mut all = Self::default();
        merges.into_iter().for_each(|merge| all.learn(merge));
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
        let former: Vec<_> = merges.former(("contacts", id(3))).collect();
        assert_eq!(former, [id(1), id(2)]);
    }

    #[test]
    fn a_cycle_of_merges_ends() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 2, 1)]);
        assert!(
            merges
                .today(("contacts", id(1)))
                .is_none_or(|today| today == id(2))
        );
    }

    #[test]
    fn a_known_merge_is_not_added_again() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 1, 2), ("contacts", 4, 4)]);
        assert_eq!(merges.after(0).len(), 1);
        assert!(merges.after(1).is_empty());
    }
}
