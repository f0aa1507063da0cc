//! The associations between pairs of records: a bounded store in memory.
//!
//! Knows nothing of requests or of which records exist.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use smallvec::SmallVec;

use super::catalogue::{Catalogue, LinkType, TypePair};
use crate::association::{AssociationType, RecordId};

/// Two records, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordPair {
    pub(super) ends: TypePair,
    pub(super) from: RecordId,
    pub(super) to: RecordId,
}

/// The association types of a pair in one direction.
pub(super) type LinkTypes = SmallVec<[AssociationType; 2]>;

/// The existing associations. Above the capacity the oldest pairs are dropped.
#[derive(Debug)]
pub(super) struct LinkStore {
    capacity: usize,
    catalogue: Arc<Catalogue>,
    /// Each pair in both directions, so that reads are in order, with the number of the pair.
    pairs: BTreeMap<RecordPair, (LinkTypes, u64)>,
    /// One direction of each pair, by number, which is the order of age.
    ages: BTreeMap<u64, RecordPair>,
    /// The only primary record, or the only parent, that a record has of another type.
    primaries: BTreeMap<(TypePair, RecordId), RecordId>,
    /// The limits that administrators set on the links of a type that a record has.
    limits: BTreeMap<AssociationType, u32>,
    created: u64,
}

impl LinkStore {
    /// Maximum number of pairs; our choice, at most some 60 MB.
    pub(super) const CAPACITY: usize = 200_000;

    pub(super) fn new(catalogue: Arc<Catalogue>, capacity: usize) -> Self {
        Self {
            capacity,
            catalogue,
            pairs: BTreeMap::new(),
            ages: BTreeMap::new(),
            primaries: BTreeMap::new(),
            limits: BTreeMap::new(),
            created: 0,
        }
    }

    /// Sets the limits.
    pub(super) fn with_limits(self, limits: BTreeMap<AssociationType, u32>) -> Self {
        Self { limits, ..self }
    }

    /// The limit of a type, if it has one.
    pub(super) fn limit(&self, association_type: AssociationType) -> Option<u32> {
        self.limits.get(&association_type).copied()
    }

    /// The limit that these types would exceed, and in which direction. A limit of one is never
    /// exceeded: the new link replaces the old one.
    pub(super) fn exceeded_limit(
        &self,
        pair: RecordPair,
        types: &[AssociationType],
    ) -> Option<(RecordPair, u32)> {
        if self.limits.is_empty() {
            return None;
        }
        let there = types.iter().copied();
        let there: LinkTypes = there.chain(self.catalogue.unlabeled(pair.ends)).collect();
        let reversed = pair.reversed();
        let back = self.inverses(types);
        let back: LinkTypes = back
            .chain(self.catalogue.unlabeled(reversed.ends))
            .collect();
        [(pair, there), (reversed, back)]
            .into_iter()
            .find_map(|(pair, types)| {
                let limits = types.iter().filter_map(|association_type| {
                    Some((*association_type, self.limit(*association_type)?))
                });
                let mut limits = limits.filter(|(_, maximum)| *maximum > 1);
                let full = limits.find(|(association_type, maximum)| {
                    self.others(pair, *association_type).len() >= *maximum as usize
                });
                full.map(|(_, maximum)| (pair, maximum))
            })
    }

    /// The records other than `to` that the from record is linked to by a type.
    fn others(&self, pair: RecordPair, association_type: AssociationType) -> Vec<RecordId> {
        let links = self.read(pair.ends, pair.from, 0);
        let others =
            links.filter(|(to, types)| *to != pair.to && types.contains(&association_type));
        others.map(|(to, _)| to).collect()
    }

    /// Adds these types to a pair.
    pub(super) fn add(&mut self, pair: RecordPair, types: &[AssociationType]) {
        let (mut there, back) = (self.types(pair), self.types(pair.reversed()));
        there.extend_from_slice(types);
        self.put(pair, there, back);
    }

    /// Replaces the types of a pair. The unlabeled type is always added.
    pub(super) fn replace(&mut self, pair: RecordPair, types: &[AssociationType]) {
        self.put(pair, types.into(), LinkTypes::new());
    }

    /// Removes a pair. A pair that does not exist is not an error.
    pub(super) fn remove(&mut self, pair: RecordPair) {
        let back = self.pairs.remove(&pair.reversed());
        if let Some((_, number)) = self.pairs.remove(&pair).or(back) {
            self.ages.remove(&number);
        }
        self.forget_primary(pair);
    }

    /// Removes types of a pair. Removing the unlabeled type removes the whole pair.
    pub(super) fn remove_types(&mut self, pair: RecordPair, types: &[AssociationType]) {
        let existing = self.types(pair);
        if !types
            .iter()
            .any(|association_type| existing.contains(association_type))
        {
            return;
        }
        let unlabeled = self.catalogue.unlabeled(pair.ends);
        if types
            .iter()
            .any(|association_type| Some(*association_type) == unlabeled)
        {
            return self.remove(pair);
        }
        let inverses: LinkTypes = self.inverses(types).collect();
        let remaining = |mut existing: LinkTypes, gone: &[AssociationType]| {
            existing.retain(|association_type| !gone.contains(association_type));
            existing
        };
        let there = remaining(existing, types);
        let back = remaining(self.types(pair.reversed()), &inverses);
        if there.is_empty() && back.is_empty() {
            return self.remove(pair);
        }
        self.put_exactly(pair, there, back);
    }

    /// Removes a type as v1 does: a pair that is left with only the unlabeled type is removed too.
    pub(super) fn remove_as_v1(&mut self, pair: RecordPair, association_type: AssociationType) {
        if !self.types(pair).contains(&association_type) {
            return;
        }
        self.remove_types(pair, &[association_type]);
        let unlabeled = self.catalogue.unlabeled(pair.ends);
        if self.types(pair).iter().all(|left| Some(*left) == unlabeled) {
            self.remove(pair);
        }
    }

    /// The records that a record is linked to and their types, in order of id, starting after
    /// `after`.
    pub(super) fn read(
        &self,
        ends: TypePair,
        from: RecordId,
        after: u64,
    ) -> impl Iterator<Item = (RecordId, &[AssociationType])> {
        let first = after.checked_add(1).and_then(RecordId::new);
        let pairs = first.map(|to| self.pairs.range(RecordPair { ends, from, to }..));
        pairs
            .into_iter()
            .flatten()
            .take_while(move |(pair, _)| (pair.ends, pair.from) == (ends, from))
            .map(|(pair, (types, _))| (pair.to, types.as_slice()))
    }

    /// Every type of every pair, as text.
    pub(super) fn descriptions(&self) -> BTreeSet<String> {
        let pairs = self.pairs.iter();
        let lines = pairs.flat_map(|(pair, (types, _))| {
            let RecordPair { ends, from, to } = pair;
            let link = format!("{} {from} -> {} {to}", ends.0, ends.1);
            types
                .iter()
                .map(move |association_type| format!("{link} {association_type}"))
        });
        lines.collect()
    }

    /// The types of a pair; empty if it does not exist.
    fn types(&self, pair: RecordPair) -> LinkTypes {
        let found = self.pairs.get(&pair);
        found.map_or_else(LinkTypes::new, |(types, _)| types.clone())
    }

    fn inverses(&self, types: &[AssociationType]) -> impl Iterator<Item = AssociationType> {
        let known = types
            .iter()
            .filter_map(|association_type| self.catalogue.get(*association_type));
        known.filter_map(|known| known.inverse)
    }

    /// Stores these types of a pair, their inverses and the unlabeled types.
    fn put(&mut self, pair: RecordPair, mut there: LinkTypes, mut back: LinkTypes) {
        back.extend(self.inverses(&there));
        there.extend(self.catalogue.unlabeled(pair.ends));
        back.extend(self.catalogue.unlabeled(pair.reversed().ends));
        self.put_exactly(pair, there, back);
    }

    fn put_exactly(&mut self, pair: RecordPair, mut there: LinkTypes, mut back: LinkTypes) {
        if pair == pair.reversed() {
            there.append(&mut back);
            back.clone_from(&there);
        }
        self.enforce_single_primary(pair, &there, &back);
        self.enforce_limits_of_one(pair, &there);
        self.enforce_limits_of_one(pair.reversed(), &back);
        let number = self.pairs.get(&pair).map(|(_, number)| *number);
        let number = number.unwrap_or_else(|| {
            self.created += 1;
            self.ages.insert(self.created, pair);
            self.created
        });
        for (pair, mut types) in [(pair, there), (pair.reversed(), back)] {
            types.sort_unstable();
            types.dedup();
            self.pairs.insert(pair, (types, number));
        }
        while self.ages.len() > self.capacity
            && let Some((_, oldest)) = self.ages.first_key_value()
        {
            self.remove(*oldest);
        }
    }

    /// Under a limit of one, the new link replaces the old one.
    fn enforce_limits_of_one(&mut self, pair: RecordPair, types: &[AssociationType]) {
        if self.limits.is_empty() {
            return;
        }
        for association_type in types
            .iter()
            .filter(|association_type| self.limit(**association_type) == Some(1))
            .copied()
            .collect::<LinkTypes>()
        {
            for to in self.others(pair, association_type) {
                self.remove_types(RecordPair { to, ..pair }, &[association_type]);
            }
        }
    }

    /// A record has only one primary record, or one parent: if this pair gets it, another pair
    /// loses it.
    fn enforce_single_primary(
        &mut self,
        pair: RecordPair,
        there: &[AssociationType],
        back: &[AssociationType],
    ) {
        let mut types = there.iter().chain(back);
        let primary = types.find_map(|association_type| self.primary(*association_type));
        let Some(link) = primary else {
            return self.forget_primary(pair);
        };
        let as_link = link.ends == pair.ends;
        let from_holder = link.starts_from_holder() == as_link;
        let existing = if from_holder { pair } else { pair.reversed() };
        let key = (existing.ends, existing.from);
        let Some(old) = self
            .primaries
            .insert(key, existing.to)
            .filter(|old| *old != existing.to)
        else {
            return;
        };
        let old = RecordPair {
            to: old,
            ..existing
        };
        for direction in [old, old.reversed()] {
            let mut types = self.types(direction);
            types.retain(|association_type| self.primary(*association_type).is_none());
            if let Some((existing, _)) = self.pairs.get_mut(&direction) {
                *existing = types;
            }
        }
    }

    /// Forgets that the pair has a primary type.
    fn forget_primary(&mut self, pair: RecordPair) {
        for RecordPair { ends, from, to } in [pair, pair.reversed()] {
            if self.primaries.get(&(ends, from)) == Some(&to) {
                self.primaries.remove(&(ends, from));
            }
        }
    }

    fn primary(&self, association_type: AssociationType) -> Option<&LinkType> {
        let found = self.catalogue.get(association_type);
        found.filter(|found| found.exclusive_end.is_some())
    }
}

impl RecordPair {
    /// The pair in the other direction.
    pub(super) fn reversed(self) -> Self {
        Self {
            ends: (self.ends.1, self.ends.0),
            from: self.to,
            to: self.from,
        }
    }
}
