//! The links that stand between pairs of records: a bounded store in memory.
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

/// The types of one direction of a pair.
pub(super) type LinkTypes = SmallVec<[AssociationType; 2]>;

/// What stands, the oldest pairs forgotten when there are too many.
#[derive(Debug)]
pub(super) struct LinkStore {
    capacity: usize,
    catalogue: Arc<Catalogue>,
    /// Each pair in both directions, so that reads are in order; with its number.
    pairs: BTreeMap<RecordPair, (LinkTypes, u64)>,
    /// One direction of each pair, by number: the order of age.
    ages: BTreeMap<u64, RecordPair>,
    /// The one primary of a record among those of another type, or its one parent.
    primaries: BTreeMap<(TypePair, RecordId), RecordId>,
    /// How many links of a type a record may have, as administrators set it.
    limits: BTreeMap<AssociationType, u32>,
    created: u64,
}

impl LinkStore {
    /// Pairs kept at most; our choice, some 60 MB at the very most.
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

    /// The same under these limits.
    pub(super) fn with_limits(self, limits: BTreeMap<AssociationType, u32>) -> Self {
        Self { limits, ..self }
    }

    /// How many links of a type a record may have, where that is limited.
    pub(super) fn limit(&self, association_type: AssociationType) -> Option<u32> {
        self.limits.get(&association_type).copied()
    }

    /// Whether a pair cannot have these types because one of its records has as many of them as it
    /// may have: in which direction, and how many. A limit of one is none of these: the last link
    /// stays.
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
                let mut limits = limits.filter(|(_, most)| *most > 1);
                let full = limits.find(|(association_type, most)| {
                    self.others(pair, *association_type).len() >= *most as usize
                });
                full.map(|(_, most)| (pair, most))
            })
    }

    /// The other records that the first of a pair is linked to by a type.
    fn others(&self, pair: RecordPair, association_type: AssociationType) -> Vec<RecordId> {
        let links = self.read(pair.ends, pair.from, 0);
        let others =
            links.filter(|(to, types)| *to != pair.to && types.contains(&association_type));
        others.map(|(to, _)| to).collect()
    }

    /// Lets these types stand too.
    pub(super) fn add(&mut self, pair: RecordPair, types: &[AssociationType]) {
        let (mut there, back) = (self.types(pair), self.types(pair.reversed()));
        there.extend_from_slice(types);
        self.put(pair, there, back);
    }

    /// Lets these types stand and no others, but for the unlabeled one.
    pub(super) fn replace(&mut self, pair: RecordPair, types: &[AssociationType]) {
        self.put(pair, types.into(), LinkTypes::new());
    }

    /// Removes a pair; one that does not stand is fine too.
    pub(super) fn remove(&mut self, pair: RecordPair) {
        let back = self.pairs.remove(&pair.reversed());
        if let Some((_, number)) = self.pairs.remove(&pair).or(back) {
            self.ages.remove(&number);
        }
        self.forget_primary(pair);
    }

    /// Removes types of a pair; the unlabeled one takes all others with it.
    pub(super) fn remove_types(&mut self, pair: RecordPair, types: &[AssociationType]) {
        let held = self.types(pair);
        if !types
            .iter()
            .any(|association_type| held.contains(association_type))
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
        let without = |mut held: LinkTypes, gone: &[AssociationType]| {
            held.retain(|association_type| !gone.contains(association_type));
            held
        };
        let there = without(held, types);
        let back = without(self.types(pair.reversed()), &inverses);
        if there.is_empty() && back.is_empty() {
            return self.remove(pair);
        }
        self.put_exactly(pair, there, back);
    }

    /// The same as v1 sees it: a pair that has no more than the unlabeled type
    /// is none, unless the type is that.
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

    /// The records that one is linked to, and how, in order of id, those after
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

    /// Every type of every pair, in words.
    pub(super) fn descriptions(&self) -> BTreeSet<String> {
        let pairs = self.pairs.iter();
        let told = pairs.flat_map(|(pair, (types, _))| {
            let RecordPair { ends, from, to } = pair;
            let link = format!("{} {from} -> {} {to}", ends.0, ends.1);
            types
                .iter()
                .map(move |association_type| format!("{link} {association_type}"))
        });
        told.collect()
    }

    /// The types of a pair; none where it does not stand.
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

    /// Lets a pair have these types, their inverses and the unlabeled ones.
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

    /// Where a record has one link of a type at most, the last one stays.
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

    /// A record has one primary, or one parent: if this pair gets it, another pair loses it.
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
        let held = if from_holder { pair } else { pair.reversed() };
        let key = (held.ends, held.from);
        let Some(old) = self
            .primaries
            .insert(key, held.to)
            .filter(|old| *old != held.to)
        else {
            return;
        };
        let old = RecordPair { to: old, ..held };
        for direction in [old, old.reversed()] {
            let mut types = self.types(direction);
            types.retain(|association_type| self.primary(*association_type).is_none());
            if let Some((held, _)) = self.pairs.get_mut(&direction) {
                *held = types;
            }
        }
    }

    /// The pair has no primary type any more.
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
    /// Seen from its other end.
    pub(super) fn reversed(self) -> Self {
        Self {
            ends: (self.ends.1, self.ends.0),
            from: self.to,
            to: self.from,
        }
    }
}
