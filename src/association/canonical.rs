//! The canonical direction of a link, and the records that links have to share for them to
//! conflict.
//!
//! The direction depends only on the definition, so it stays the same when a record gets another
//! id.

use std::hash::{DefaultHasher, Hash, Hasher};

use smallvec::SmallVec;

use super::{
    association_type::AssociationType,
    definition::{Definition, LinkEnd, SingleLinkRule},
    link::{Association, RecordId, SingleLinkRecord},
};

/// A link in its canonical direction. Ordering, reading, comparing and undoing all use it.
///
/// The link starts from the record that can have only one primary company or parent. If there is no
/// such record, or the inverse definition is unknown (labels of an account), the direction of the
/// row is kept.
///
/// Two values are equal if they are the same link, whichever direction their rows use.
#[derive(Clone, Copy, Debug)]
pub struct CanonicalLink {
    from: RecordId,
    to: RecordId,
    /// The definition that the row uses. It is the inverse one if the row has the other direction.
    row_definition: Definition,
}

impl CanonicalLink {
    /// The ids of the link have to be the current ids of its records.
    #[must_use]
    pub fn new(link: &Association) -> Self {
        let row_definition = link.definition;
        let (from, to) = match row_definition.canonical_inverse() {
            Some(_) => (link.to, link.from),
            None => (link.from, link.to),
        };
        Self {
            from,
            to,
            row_definition,
        }
    }

    /// The link as one number, so that many fit into memory.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// The record that the link starts from.
    #[must_use]
    pub fn from(&self) -> RecordId {
        self.from
    }

    /// The record that the link leads to.
    #[must_use]
    pub fn to(&self) -> RecordId {
        self.to
    }

    /// The definition in the canonical direction.
    #[must_use]
    pub fn definition(&self) -> Definition {
        self.row_definition
            .canonical_inverse()
            .unwrap_or(self.row_definition)
    }

    /// A plain link in the canonical direction.
    #[must_use]
    pub fn to_association(self) -> Association {
        Association {
            from: self.from,
            to: self.to,
            definition: self.definition(),
        }
    }

    /// The link in the direction of its row, for messages and for APIs that get links in this form.
    #[must_use]
    pub fn in_row_direction(&self) -> Association {
        let (from, to) = match self.row_definition.canonical_inverse() {
            Some(_) => (self.to, self.from),
            None => (self.from, self.to),
        };
        let definition = self.row_definition;
        Association {
            from,
            to,
            definition,
        }
    }

    /// The definition that the row uses, with the administrators' limits if they were applied.
    #[must_use]
    pub fn row_definition(&self) -> Definition {
        self.row_definition
    }

    /// See [`Association::exclusive_record`].
    #[must_use]
    pub fn exclusive_record(&self) -> Option<SingleLinkRecord> {
        self.in_row_direction().exclusive_record()
    }

    /// See [`Association::has_limit`].
    #[must_use]
    pub fn has_limit(&self) -> bool {
        self.in_row_direction().has_limit()
    }

    /// The ends that can have only one such link, by HubSpot's rules or by limits of
    /// administrators.
    #[must_use]
    pub fn single_link_rules(&self) -> SmallVec<[SingleLinkRule; 2]> {
        let mut rules = self.row_definition.single_link_rules();
        if self.row_definition.canonical_inverse().is_some() {
            for rule in &mut rules {
                rule.end = rule.end.opposite();
            }
        }
        rules
    }

    /// The lower of the two forms of the link, so that both directions give the same value.
    fn identity(&self) -> (AssociationType, RecordId, RecordId) {
        let definition = self.definition();
        let kept = (definition.association_type(), self.from, self.to);
        let inverse = definition.inverse();
        let turned = inverse.map(|inverse| (inverse.association_type(), self.to, self.from));
        turned.map_or(kept, |turned| kept.min(turned))
    }
}

impl PartialEq for CanonicalLink {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for CanonicalLink {}

impl Hash for CanonicalLink {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// Links with the same key change the same thing. They are written one after the other, in the
/// order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConflictRule {
    /// The object types of both ends, in the same order for both directions.
    pub types: (&'static str, &'static str),
    /// Which ids are part of the key.
    pub scope: ConflictScope,
}

/// Which ids of a link are part of its conflict key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictScope {
    /// Only the record at this end, whatever it is linked to.
    Record(LinkEnd),
    /// Both records, for either direction. The record at this end comes first.
    Pair(LinkEnd),
    /// Both records, if they have the same object type. The lower id comes first.
    PairById,
}

impl ConflictScope {
    /// The ids of the key, for a link between these two records.
    #[must_use]
    pub fn ids(self, from: RecordId, to: RecordId) -> (RecordId, Option<RecordId>) {
        match self {
            Self::Record(LinkEnd::From) => (from, None),
            Self::Record(LinkEnd::To) => (to, None),
            Self::Pair(LinkEnd::From) => (from, Some(to)),
            Self::Pair(LinkEnd::To) => (to, Some(from)),
            Self::PairById => (from.min(to), Some(from.max(to))),
        }
    }
}

impl Definition {
    /// The inverse definition, if the canonical direction is the other one.
    fn canonical_inverse(self) -> Option<Self> {
        let info = self.info()?;
        match info.related.primary.or(info.exclusive_end())? {
            LinkEnd::To => self.inverse(),
            LinkEnd::From => None,
        }
    }

    /// The definition of the other direction, if the table has one.
    #[must_use]
    pub fn inverse(self) -> Option<Self> {
        self.info()?.inverse_info().map(Self::from_info)
    }

    /// The conflict rule of links with this definition. If one record can have a primary company,
    /// all its links conflict; otherwise only links of the same pair do.
    #[must_use]
    pub fn conflict_rule(self) -> Option<ConflictRule> {
        let info = self.info()?;
        let (forward, backward) = ((info.from, info.to), (info.to, info.from));
        let (types, scope) = match info.related.primary {
            Some(LinkEnd::From) => (forward, ConflictScope::Record(LinkEnd::From)),
            Some(LinkEnd::To) => (backward, ConflictScope::Record(LinkEnd::To)),
            None if info.from == info.to => (forward, ConflictScope::PairById),
            None if info.from < info.to => (forward, ConflictScope::Pair(LinkEnd::From)),
            None => (backward, ConflictScope::Pair(LinkEnd::To)),
        };
        Some(ConflictRule { types, scope })
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;
    use crate::{
        association::{AdminLimit, AdminLimits, Category, DefinitionInfo, DefinitionTable},
        tables::{self, link_of_table as link, v1, v2026_09},
    };

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn link_with(info: &'static DefinitionInfo, (from, to): (u64, u64)) -> Association {
        Association {
            from: id(from),
            to: id(to),
            definition: Definition::from_info(info),
        }
    }

    /// The ids and the type of a link.
    fn fields_of(link: Association) -> (u64, u64, AssociationType) {
        (
            link.from.get(),
            link.to.get(),
            link.definition.association_type(),
        )
    }

    fn read(link: Association) -> (u64, u64, AssociationType) {
        fields_of(CanonicalLink::new(&link).to_association())
    }

    /// Each definition of every table, with its inverse.
    fn definitions()
    -> impl Iterator<Item = (&'static DefinitionInfo, Option<&'static DefinitionInfo>)> {
        let all = |table: &'static DefinitionTable| {
            let infos = table.all().iter();
            infos.map(|info| (info, info.inverse.and_then(|id| table.info(id))))
        };
        tables::ALL.into_iter().flat_map(move |table| all(table()))
    }

    #[test]
    fn a_canonical_link_is_as_small_as_a_plain_link() {
        assert_eq!(size_of::<CanonicalLink>(), size_of::<Association>());
    }

    #[test]
    fn canonical_links_are_stable_and_keep_the_form_of_the_row() {
        for (info, _) in definitions() {
            for pair in [(7, 300), (300, 7), (5, 5)] {
                let link = link_with(info, pair);
                let canonical = CanonicalLink::new(&link);
                assert_eq!(
                    fields_of(canonical.in_row_direction()),
                    fields_of(link),
                    "{link:?}"
                );
                let again = CanonicalLink::new(&canonical.to_association());
                let fields = |link: CanonicalLink| (link.from(), link.to(), link.definition());
                assert_eq!(fields(again), fields(canonical), "{link:?}");
                assert_eq!(again, canonical, "{link:?}");
                assert_eq!(fields_of(again.in_row_direction()), read(link), "{link:?}");
            }
        }
    }

    #[test]
    fn only_a_link_and_its_inverse_are_equal() {
        let hasher = RandomState::new();
        let mut inverses = 0;
        for (info, inverse) in definitions() {
            let link = CanonicalLink::new(&link_with(info, (7, 300)));
            if let Some(inverse) = inverse {
                inverses += 1;
                let other = CanonicalLink::new(&link_with(inverse, (300, 7)));
                assert_eq!(link, other);
                assert_eq!(hasher.hash_one(link), hasher.hash_one(other));
                // If one end determines the direction, both forms agree on it.
                if info.related.primary.is_some() || info.exclusive_end().is_some() {
                    let plain = CanonicalLink::to_association;
                    assert_eq!(fields_of(plain(link)), fields_of(plain(other)), "{link:?}");
                }
            }
            let is_its_own = info.inverse == Some(info.association_type.id);
            let back = CanonicalLink::new(&link_with(info, (300, 7)));
            assert_eq!(link == back, is_its_own, "{link:?}");
            for pair in [(7, 301), (8, 300)] {
                assert_ne!(link, CanonicalLink::new(&link_with(info, pair)));
            }
        }
        assert!(inverses > 60, "{inverses}");
    }

    #[test]
    fn v1_inverts_only_single_link_definitions() {
        for info in v1::table().all() {
            let link = link_with(info, (300, 7));
            let is_turned = read(link) != fields_of(link);
            let has_one = info.exclusive_end() == Some(LinkEnd::To);
            assert_eq!(is_turned, has_one && info.inverse.is_some(), "{link:?}");
        }
        let unlisted = Association {
            definition: v1::table().definition(4711).unwrap(),
            ..link(300, 7, 3)
        };
        assert_eq!(read(unlisted), fields_of(unlisted));
    }

    #[test]
    fn a_link_starts_from_the_record_with_a_primary_company() {
        for (row, canonical) in [
            (link(300, 1, 2), link(1, 300, 1)),
            (link(300, 1, 280), link(1, 300, 279)),
            (link(1, 300, 1), link(1, 300, 1)),
            (link(9, 1, 3), link(9, 1, 3)),
        ] {
            assert_eq!(read(row), fields_of(canonical));
        }
    }

    #[test]
    fn a_link_to_a_parent_starts_from_the_child() {
        for row in [link(11, 100, 14), link(100, 11, 13)] {
            assert_eq!(read(row), fields_of(link(11, 100, 14)));
        }
        assert_eq!(read(link(100, 11, 450)), fields_of(link(100, 11, 450)));
    }

    #[test]
    fn a_label_of_the_account_keeps_the_direction_of_its_row() {
        let association_type = AssociationType {
            category: Category::UserDefined,
            id: 37,
        };
        let label = |types| v2026_09::table().account_definition(association_type, types, "Boss");
        for types in [("contacts", "companies"), ("companies", "contacts")] {
            let definition = label(types);
            let link = Association {
                definition,
                ..link(1, 300, 279)
            };
            assert_eq!(read(link), fields_of(link));
        }
    }

    #[test]
    fn an_inverted_link_has_the_limit_at_its_other_end() {
        let limit = AdminLimit {
            association_type: link(1, 300, 279).definition.association_type(),
            label: None,
            max_records: Some(1),
        };
        let limits = AdminLimits::new(v2026_09::table(), vec![limit], None);
        for (mut row, is_limited) in [(link(300, 1, 280), true), (link(9, 1, 3), false)] {
            limits.apply(&mut row.definition);
            let link = CanonicalLink::new(&row);
            assert_eq!(link.has_limit(), is_limited);
            let ends: Vec<_> = link
                .single_link_rules()
                .iter()
                .map(|rule| rule.end)
                .collect();
            let expected: &[LinkEnd] = if is_limited { &[LinkEnd::From] } else { &[] };
            assert_eq!(ends, expected, "{row}");
        }
    }
}
