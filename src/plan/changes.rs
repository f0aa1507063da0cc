//! What the writes that are planned so far change in the account, so that later rows of the file
//! are judged as if these writes had been made.
//!
//! Pairs are kept by a hash of 64 bits. A million of them were measured to take 46 MB. Two of ten million pairs have one hash in three of a million plans; then a row
//! is planned wrongly, and the apply reports it as changed.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash},
    sync::Arc,
};

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::judge::judge;
use crate::{
    association::{
        AccountLabels, AssociationType, CanonicalLink, DefinitionInfo, DefinitionTable, LinkEnd,
        RecordId,
    },
    code::Code,
    delivery::Existing,
    failure::{Failure, LinkFault},
    plan_action::PlanAction,
    row::PlannedRow,
};

/// Stands for several rows.
const SEVERAL_ROWS: u32 = u32::MAX;

/// Types of a pair, each with its direction.
type TypeSet = SmallVec<[(Direction, AssociationType); 2]>;

/// The direction of a type. A pair has the same two directions whichever end a link starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Direction {
    Ascending,
    Descending,
}

/// What is planned for a pair.
#[derive(Clone, Copy, Debug)]
struct PairChange {
    /// The types that are added, as an index into the sets.
    types: u32,
    /// The row that adds them, or [`SEVERAL_ROWS`].
    row: u32,
}

/// What the planned writes change.
#[derive(Debug)]
pub struct PlannedChanges {
    table: &'static DefinitionTable,
    /// The labels of the account, if rows refer to some.
    labels: Option<Arc<AccountLabels>>,
    hasher: RandomState,
    pairs: HashMap<u64, PairChange, RandomState>,
    /// There are only a few different sets.
    sets: Vec<TypeSet>,
    indexes: HashMap<TypeSet, u32>,
    /// The record at the other end, by a hash of a type and a record that can have only one such
    /// link.
    singles: HashMap<u64, OnlyLink, RandomState>,
    /// The most writes that replace each other. They go one after the other.
    most_writes_in_turn: u32,
}

/// What is planned for a record that can have only one link of a kind.
#[derive(Clone, Copy, Debug)]
struct OnlyLink {
    other: RecordId,
    /// How many rows have set it.
    writes: u32,
}

impl PlannedChanges {
    /// Nothing is planned yet.
    #[must_use]
    pub fn new(table: &'static DefinitionTable) -> Self {
        Self {
            table,
            labels: None,
            hasher: RandomState::default(),
            pairs: HashMap::default(),
            sets: Vec::new(),
            indexes: HashMap::new(),
            singles: HashMap::default(),
            most_writes_in_turn: 0,
        }
    }

    /// With these labels, of which the types of the other direction are known.
    #[must_use]
    pub fn with_labels(self, labels: Option<Arc<AccountLabels>>) -> Self {
        Self { labels, ..self }
    }

    /// What is done for a link, given what exists in the account and what is planned before it.
    ///
    /// # Errors
    /// If the two records have a type that a write would erase.
    pub fn judge(&self, link: &CanonicalLink, mut found: Existing) -> Result<PlannedRow, Failure> {
        let own_type = link.definition().association_type();
        let existed = found.association_types.contains(&own_type);
        let change = self.apply_to(link, &mut found);
        let mut planned = judge(link, &found)?;
        if planned.action == PlanAction::None
            && !existed
            && let Some(change) = change
        {
            let row = (change.row != SEVERAL_ROWS).then(|| change.row.into());
            let repeats = LinkFault::RepeatsRow(row);
            planned.note = Some(Failure::new(Code::RepeatsRow, repeats));
        }
        Ok(planned)
    }

    /// A link is to be written by this row.
    pub fn add(&mut self, row: u64, link: &CanonicalLink) {
        let (key, direction) = self.pair_key(link);
        let definition = link.definition();
        let unlabeled = definition.info().and_then(DefinitionInfo::unlabeled);
        let own = [Some(definition), unlabeled].into_iter().flatten();
        let own = own.map(|definition| (direction, definition.association_type()));
        let before = self.pairs.get(&key).copied();
        let mut types: TypeSet = self.types_of(before).iter().copied().chain(own).collect();
        types.sort_unstable();
        types.dedup();
        let row = match before {
            None => u32::try_from(row).unwrap_or(SEVERAL_ROWS),
            Some(_) => SEVERAL_ROWS,
        };
        let types = self.index_of(types);
        self.pairs.insert(key, PairChange { types, row });
        for rule in link.single_link_rules() {
            // HubSpot's own rules are those of the record that a canonical link starts from.
            let limited = if rule.is_admin_limit {
                rule.definition
            } else {
                definition
            };
            let (record, other) = match rule.end {
                LinkEnd::From => (link.from(), link.to()),
                LinkEnd::To => (link.to(), link.from()),
            };
            let key = self.hash((limited.association_type(), record));
            let only = self.singles.entry(key);
            let only = only.or_insert(OnlyLink { other, writes: 0 });
            *only = OnlyLink {
                other,
                writes: only.writes.saturating_add(1),
            };
            self.most_writes_in_turn = self.most_writes_in_turn.max(only.writes);
        }
    }

    /// The most writes that replace each other, and so go one after the other.
    #[must_use]
    pub fn most_writes_in_turn(&self) -> u64 {
        self.most_writes_in_turn.into()
    }

    /// Changes what was found into what will exist once the planned writes are made. Returns what is
    /// planned for the pair, if anything is.
    fn apply_to(&self, link: &CanonicalLink, found: &mut Existing) -> Option<PairChange> {
        let (key, direction) = self.pair_key(link);
        let own_type = link.definition().association_type();
        let change = self.pairs.get(&key).copied();
        for (planned_direction, planned) in self.types_of(change) {
            let planned = if *planned_direction == direction {
                Some(*planned)
            } else {
                self.inverse(*planned)
            };
            // Without labels, an answer tells only of the type that was asked for.
            let is_told =
                |planned: &AssociationType| self.table.has_labels() || *planned == own_type;
            let is_new = |planned: &AssociationType| {
                is_told(planned) && !found.association_types.contains(planned)
            };
            if let Some(planned) = planned.filter(is_new) {
                found.association_types.push(planned);
            }
        }
        self.remove_displaced(link, found);
        if link.definition().is_exclusive()
            && let Some(other) = self.only_link(own_type, link.from())
        {
            found.primary = Some((other, Vec::new()));
        }
        change
    }

    /// Removes types that a pair loses because another link takes their place.
    fn remove_displaced(&self, link: &CanonicalLink, found: &mut Existing) {
        if self.singles.is_empty() {
            return;
        }
        let is_lost = |one: AssociationType, (from, to)| {
            let only = self.only_link(one, from);
            only.is_some_and(|only| only != to)
        };
        let (from, to) = (link.from(), link.to());
        let is_displaced = |one: AssociationType| {
            let inverse = self.inverse(one);
            is_lost(one, (from, to)) || inverse.is_some_and(|inverse| is_lost(inverse, (to, from)))
        };
        let types = &mut found.association_types;
        let lost: Vec<_> = types.extract_if(.., |one| is_displaced(*one)).collect();
        // Without the unlabeled type, which every association has, nothing is left.
        let unlabeled = link.definition().info().and_then(DefinitionInfo::unlabeled);
        if unlabeled.is_some_and(|unlabeled| lost.contains(&unlabeled.association_type())) {
            types.clear();
        }
    }

    /// The record at the other end of the only link of this type that the record can have, if one
    /// is planned.
    fn only_link(&self, of_type: AssociationType, record: RecordId) -> Option<RecordId> {
        let only = self.singles.get(&self.hash((of_type, record)))?;
        Some(only.other)
    }

    fn types_of(&self, change: Option<PairChange>) -> &[(Direction, AssociationType)] {
        let set = change.and_then(|change| self.sets.get(change.types as usize));
        set.map_or(&[], SmallVec::as_slice)
    }

    fn index_of(&mut self, types: TypeSet) -> u32 {
        let next = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        let index = *self.indexes.entry(types.clone()).or_insert(next);
        if index == next {
            self.sets.push(types);
        }
        index
    }

    /// The type of the other direction, if it is known.
    fn inverse(&self, association_type: AssociationType) -> Option<AssociationType> {
        let Some(listed) = self.table.listed(association_type) else {
            return self.labels.as_ref()?.inverse(association_type);
        };
        Some(listed.inverse()?.association_type())
    }

    /// The pair of a link, and the direction of the link in it.
    fn pair_key(&self, link: &CanonicalLink) -> (u64, Direction) {
        let types = link.definition().info().map(|info| (info.from, info.to));
        let Some((from, to)) = types else {
            // Nothing is known of its records, so only the same definition has the same pair.
            let key = (link.definition(), link.from(), link.to());
            return (self.hash(key), Direction::Ascending);
        };
        let (one, other) = ((from, link.from()), (to, link.to()));
        if one <= other {
            (self.hash((one, other)), Direction::Ascending)
        } else {
            (self.hash((other, one)), Direction::Descending)
        }
    }

    fn hash(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::Category,
        tables::{canonical_of_table as link, v2026_09},
    };

    const PRIMARY: u32 = 1;
    const UNLABELED: u32 = 279;

    fn types(ids: &[u32]) -> Vec<AssociationType> {
        let category = Category::HubSpotDefined;
        let types = ids.iter().map(|id| AssociationType { category, id: *id });
        types.collect()
    }

    /// The account has these types for the pair, and this primary company.
    fn found(ids: &[u32], primary: Option<u64>) -> Existing {
        Existing {
            association_types: types(ids),
            primary: primary.map(|id| (RecordId::new(id).unwrap(), Vec::new())),
            ..Existing::default()
        }
    }

    /// A row: its link, the types of its pair in the account, and the primary company there.
    type TestRow<'a> = ((u64, u64, u32), &'a [u32], Option<u64>);

    /// Plans these rows one after the other. Returns the action and the code of each.
    fn plan(rows: &[TestRow<'_>]) -> Vec<String> {
        let mut changes = PlannedChanges::new(v2026_09::table());
        let rows = rows.iter().zip(1..);
        let planned = rows.map(|(((from, to, definition), types, primary), row)| {
            let link = link(*from, *to, *definition);
            let planned = changes.judge(&link, found(types, *primary)).unwrap();
            if planned.action.writes() {
                changes.add(row, &link);
            }
            let code = planned.note.map_or("", |note| note.code.as_str());
            let replaced = planned.before.replaced;
            let replaced = replaced.map_or(String::new(), |id| id.to_string());
            format!("{} {code}{replaced}", planned.action.word())
                .trim()
                .to_owned()
        });
        planned.collect()
    }

    #[test]
    fn a_repeated_row_is_found_in_either_direction() {
        let rows = [
            ((1, 7, UNLABELED), &[][..], None),
            ((1, 7, UNLABELED), &[], None),
            ((7, 1, 280), &[], None),
            ((1, 8, UNLABELED), &[], None),
        ];
        let repeats = "none repeats_row";
        assert_eq!(plan(&rows), ["create", repeats, repeats, "create"]);
    }

    #[test]
    fn a_label_makes_the_unlabeled_link_too_and_a_second_label_is_added() {
        let rows = [
            ((1, 7, PRIMARY), &[][..], None),
            ((1, 7, UNLABELED), &[], None),
        ];
        assert_eq!(plan(&rows), ["create", "none repeats_row"]);
        let rows = [
            ((1, 7, UNLABELED), &[][..], None),
            ((1, 7, PRIMARY), &[], None),
        ];
        assert_eq!(plan(&rows), ["create", "add_label"]);
    }

    #[test]
    fn each_row_replaces_the_primary_company_that_the_one_before_set() {
        let rows = [
            ((1, 7, PRIMARY), &[][..], Some(9)),
            ((1, 8, PRIMARY), &[], Some(9)),
            ((1, 7, PRIMARY), &[], Some(9)),
            ((1, 7, PRIMARY), &[], Some(9)),
            ((1, 9, PRIMARY), &[PRIMARY, UNLABELED], Some(9)),
        ];
        let expected = [
            "replace_primary 9",
            "replace_primary 7",
            "replace_primary 8",
            "none repeats_row",
            "replace_primary 7",
        ];
        assert_eq!(plan(&rows), expected);
    }

    #[test]
    fn a_pair_that_loses_its_primary_type_is_judged_without_it() {
        let mut changes = PlannedChanges::new(v2026_09::table());
        changes.add(1, &link(1, 7, PRIMARY));
        let planned = changes
            .judge(&link(1, 9, UNLABELED), found(&[PRIMARY, UNLABELED], None))
            .unwrap();
        assert_eq!(planned.before.types, types(&[UNLABELED]));
    }

    #[test]
    fn links_that_exist_in_the_account_are_told_apart_from_planned_ones() {
        let mut changes = PlannedChanges::new(v2026_09::table());
        changes.add(1, &link(1, 7, PRIMARY));
        let planned = changes
            .judge(&link(1, 7, UNLABELED), found(&[UNLABELED], None))
            .unwrap();
        assert_eq!(planned.note.map(|note| note.code), Some(Code::LinkExists));
    }
}
