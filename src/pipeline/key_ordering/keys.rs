//! Conflict keys: what rows that depend on each other have in common. Keys are short and quickly
//! found, because each row is looked up by its keys twice.
//!
//! What all keys of a definition share is worked out once.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    ptr,
    rc::Rc,
};

use crate::association::{
    CanonicalLink, ConflictRule, ConflictScope, Definition, RecordId, SingleLinkRule,
};

/// What a row has in common with the rows that conflict with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConflictKey {
    kind: u32,
    /// If true, a row with this key is written together with the other types that exist between its
    /// two records, so such rows go one by one. If false, the record can have only one such link
    /// (its primary company, its parent, or what administrators have limited to one), and the last
    /// write wins.
    pub(super) keeps_other_types: bool,
    record: RecordId,
    /// The other end. None if the key is about one record and all its links.
    other_record: Option<RecordId>,
}

/// Only the ids are hashed: the rest hardly ever tells two keys apart.
impl Hash for ConflictKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.record.hash(state);
        if let Some(other) = self.other_record {
            other.hash(state);
        }
    }
}

impl ConflictKey {
    /// Whether the key is about one record. Then a lookup of one of its rows shows the current id
    /// of that record.
    pub(super) fn is_of_record(&self) -> bool {
        self.other_record.is_none()
    }

    /// Whether the record of the key keeps only the last one of the rows that have a link like
    /// this.
    pub(super) fn is_exclusive_for(&self, link: &CanonicalLink) -> bool {
        self.is_of_record() && (!self.keeps_other_types || link.row_definition().sets_primary())
    }
}

/// What keys with the same number have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ConflictKeyKind {
    /// A record has at most one such link.
    SingleLink(Definition, bool),
    /// Links between records of these types are written together with the other types that exist.
    WithOtherTypes(&'static str, &'static str),
}

/// A key of all rows of a definition, without the ids.
#[derive(Clone, Copy, Debug)]
struct KeyPattern {
    kind: u32,
    keeps_other_types: bool,
    scope: ConflictScope,
}

/// Finds the keys of rows.
#[derive(Debug)]
pub(super) struct KeyFinder {
    /// Whether rows of one pair of records depend on each other.
    orders_pairs: bool,
    kinds: HashMap<ConflictKeyKind, u32>,
    /// By the address of the definition's info: with limits there are several for one definition.
    patterns: HashMap<usize, Rc<[KeyPattern]>>,
    /// The patterns of the last row: the next row mostly has the same definition.
    last: (usize, Rc<[KeyPattern]>),
}

impl KeyFinder {
    pub(super) fn new(orders_pairs: bool) -> Self {
        Self {
            orders_pairs,
            kinds: HashMap::new(),
            patterns: HashMap::new(),
            // For a link whose definition is unknown.
            last: (0, Rc::default()),
        }
    }

    /// The keys of a row with this link.
    pub(super) fn keys(
        &mut self,
        link: &CanonicalLink,
    ) -> impl Iterator<Item = ConflictKey> + use<> {
        let info = link.row_definition().info();
        let place = info.map_or(0, |info| ptr::from_ref(info).addr());
        if place != self.last.0 {
            if !self.patterns.contains_key(&place) {
                let patterns = self.patterns_of(link).into();
                self.patterns.insert(place, patterns);
            }
            self.last = (place, Rc::clone(&self.patterns[&place]));
        }
        let (from, to) = (link.from(), link.to());
        let patterns = Rc::clone(&self.last.1);
        (0..patterns.len()).map(move |place| patterns[place].key_for(from, to))
    }

    /// A row that sets the primary company already has a key of its record, the one for other types.
    /// So it needs no second key for its rule of a single link.
    fn patterns_of(&mut self, link: &CanonicalLink) -> Vec<KeyPattern> {
        let definition = link.definition();
        let mut patterns = Vec::new();
        let conflict_rule = definition.conflict_rule().filter(|_| self.orders_pairs);
        let is_ordered_by_types = conflict_rule.is_some() && definition.sets_primary();
        if let Some(ConflictRule { types, scope }) = conflict_rule {
            patterns.push(self.pattern(ConflictKeyKind::WithOtherTypes(types.0, types.1), scope));
        }
        for once in link.single_link_rules() {
            let SingleLinkRule {
                definition,
                end,
                is_admin_limit,
            } = once;
            if is_admin_limit || !is_ordered_by_types {
                patterns.push(self.pattern(
                    ConflictKeyKind::SingleLink(definition, is_admin_limit),
                    ConflictScope::Record(end),
                ));
            }
        }
        patterns
    }

    fn pattern(&mut self, kind: ConflictKeyKind, scope: ConflictScope) -> KeyPattern {
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        KeyPattern {
            kind: *self.kinds.entry(kind).or_insert(next),
            keeps_other_types: matches!(kind, ConflictKeyKind::WithOtherTypes(..)),
            scope,
        }
    }
}

impl KeyPattern {
    fn key_for(self, from: RecordId, to: RecordId) -> ConflictKey {
        let (record, other) = self.scope.ids(from, to);
        ConflictKey {
            kind: self.kind,
            keeps_other_types: self.keeps_other_types,
            record,
            other_record: other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{AdminLimit, AdminLimits},
        tables::{canonical_of_table as link, link_of_table, v2026_09},
    };

    fn have_equal_keys(one: (u64, u64, u32), other: (u64, u64, u32)) -> bool {
        let mut keying = KeyFinder::new(true);
        let mut keys = |(from, to, definition)| {
            let key = keying.keys(&link(from, to, definition)).next();
            assert!(key.is_some_and(|key| key.keeps_other_types));
            key
        };
        keys(one) == keys(other)
    }

    #[test]
    fn links_to_companies_conflict_by_the_record_that_has_a_primary_company() {
        assert!(have_equal_keys((1, 100, 1), (1, 200, 279)));
        assert!(have_equal_keys((1, 100, 1), (300, 1, 2)));
        assert!(!have_equal_keys((1, 100, 1), (2, 100, 1)));
        assert!(have_equal_keys((5, 9, 580), (5, 8, 580)), "a lead");
        assert!(have_equal_keys((9, 5, 583), (5, 8, 582)), "a lead's deal");
    }

    #[test]
    fn other_links_conflict_by_their_pair_in_either_direction() {
        assert!(have_equal_keys((1, 9, 3), (9, 1, 4)));
        assert!(!have_equal_keys((1, 9, 3), (1, 8, 3)));
        assert!(!have_equal_keys((1, 9, 3), (9, 1, 3)));
        assert!(have_equal_keys((7, 8, 13), (8, 7, 14)), "companies");
    }

    #[test]
    fn a_limit_adds_a_key_even_if_the_definition_was_seen_without_it() {
        let association_type = link(5, 9, 3).definition().association_type();
        let limit = AdminLimit {
            association_type,
            label: None,
            max_records: Some(1),
        };
        let limits = AdminLimits::new(v2026_09::table(), vec![limit], None);
        let (free, mut limited) = (link(5, 9, 3), link_of_table(5, 9, 3));
        limits.apply(&mut limited.definition);
        let limited = CanonicalLink::new(&limited);
        let mut keying = KeyFinder::new(false);
        let counts = [free, limited, free].map(|link| keying.keys(&link).count());
        assert_eq!(counts, [0, 1, 0]);
    }
}
