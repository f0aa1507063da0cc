//! Records that were merged: a merge gives the surviving record a new id, and the
//! old ids lead to it.
//!
//! Pure: how a merge is learnt is not known here.

use std::collections::HashMap;

use super::link::{Association, RecordId};

/// A record: its object type, and an id.
pub type TypedRecordId = (&'static str, RecordId);

/// A record that was merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Its object type.
    pub object_type: &'static str,
    /// An id that leads to it.
    pub old: RecordId,
    /// The id that it has today.
    pub new: RecordId,
}

/// All merges that are known.
#[derive(Clone, Debug, Default)]
pub struct Merges {
    today: HashMap<TypedRecordId, RecordId>,
    /// In the order in which they were learnt.
    learnt: Vec<Merge>,
}

impl Merges {
    /// Learns a merge.
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

    /// Those that were learnt after so many.
    #[must_use]
    pub fn after(&self, known: usize) -> &[Merge] {
        self.learnt.get(known..).unwrap_or_default()
    }

    /// The id that a record has today, where it was merged.
    #[must_use]
    pub fn today(&self, record: TypedRecordId) -> Option<RecordId> {
        let (object_type, old) = record;
        let mut id = old;
        // A chain is short, and a circle is not followed for ever.
        for _ in 0..self.learnt.len() {
            match self.today.get(&(object_type, id)) {
                Some(today) => id = *today,
                None => break,
            }
        }
        (id != old).then_some(id)
    }

    /// An association with the ids that its records have today.
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
    fn chains_are_followed_to_their_end_within_one_object_type() {
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
    fn a_circle_ends() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 2, 1)]);
        assert!(
            merges
                .today(("contacts", id(1)))
                .is_none_or(|today| today == id(2))
        );
    }

    #[test]
    fn what_was_learnt_before_is_not_learnt_again() {
        let merges = merges(&[("contacts", 1, 2), ("contacts", 1, 2), ("contacts", 4, 4)]);
        assert_eq!(merges.after(0).len(), 1);
        assert!(merges.after(1).is_empty());
    }
}
