//! The one direction of a link: which of its two records it is told from, in whichever way its
//! row says it; and in which order a pair of records stands whose links depend on each other.
//!
//! It goes by the definition alone, so that a record may get another id without turning a link.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use super::{
    association_type::AssociationType,
    definition::{Definition, LinkEnd, SingleLinkRule},
    link::{Association, RecordId, SingleLinkRecord},
};

/// A link in the direction in which it is put in order, asked for, compared and taken back: from
/// the record that may have one primary company, or one parent, which tells that company too.
/// Where there is none, or where nobody knows the definition of the other direction (a label of
/// the account's own), as its row says it.
///
/// Two are equal if they are one link, however their rows say it.
#[derive(Clone, Copy, Debug)]
pub struct CanonicalLink {
    from: RecordId,
    to: RecordId,
    /// That of this direction or, where the row says it the other way round, of that one.
    written: Definition,
}

impl CanonicalLink {
    /// Of a link whose ids are final: they are those that its records have today.
    #[must_use]
    pub fn new(link: &Association) -> Self {
        let written = link.definition;
        let (from, to) = match written.canonical_inverse() {
            Some(_) => (link.to, link.from),
            None => (link.from, link.to),
        };
        Self { from, to, written }
    }

    /// The record that it is told from.
    #[must_use]
    pub fn from(&self) -> RecordId {
        self.from
    }

    /// The record that it leads to.
    #[must_use]
    pub fn to(&self) -> RecordId {
        self.to
    }

    /// The definition in this direction.
    #[must_use]
    pub fn definition(&self) -> Definition {
        self.written.canonical_inverse().unwrap_or(self.written)
    }

    /// The same as a plain link, which says it in this direction.
    #[must_use]
    pub fn to_association(self) -> Association {
        Association {
            from: self.from,
            to: self.to,
            definition: self.definition(),
        }
    }

    /// The link as its row says it: for messages, and for requests that are written so.
    #[must_use]
    pub fn as_written(&self) -> Association {
        let (from, to) = match self.written.canonical_inverse() {
            Some(_) => (self.to, self.from),
            None => (self.from, self.to),
        };
        let definition = self.written;
        Association {
            from,
            to,
            definition,
        }
    }

    /// The definition by which its row says it; with what is limited, if that was told.
    #[must_use]
    pub fn definition_as_written(&self) -> Definition {
        self.written
    }

    /// See [`Association::exclusive_record`].
    #[must_use]
    pub fn exclusive_record(&self) -> Option<SingleLinkRecord> {
        self.as_written().exclusive_record()
    }

    /// See [`Association::has_limit`].
    #[must_use]
    pub fn has_limit(&self) -> bool {
        self.as_written().has_limit()
    }

    /// Which of its ends have one such link at most, by HubSpot's rules or by limits that
    /// administrators have set.
    #[must_use]
    pub fn single_link_rules(&self) -> SmallVec<[SingleLinkRule; 2]> {
        let mut once = self.written.single_link_rules();
        if self.written.canonical_inverse().is_some() {
            for rule in &mut once {
                rule.end = rule.end.other();
            }
        }
        once
    }

    /// The lower of both ways in which it can be said.
    fn identity(&self) -> (AssociationType, RecordId, RecordId) {
        let definition = self.definition();
        let here = (definition.association_type(), self.from, self.to);
        let there = definition.inverse();
        let there = there.map(|inverse| (inverse.association_type(), self.to, self.from));
        there.map_or(here, |there| here.min(there))
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

/// Which links depend on what others have left, so that they are written one after the
/// other, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConflictRule {
    /// The types of both ends, in the same order for both directions.
    pub types: (&'static str, &'static str),
    /// Who shares it.
    pub scope: ConflictScope,
}

/// Whose a thing is that links have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictScope {
    /// The record's at this end, whatever it is linked to.
    Record(LinkEnd),
    /// The pair's, whichever way its links go: the record at this end comes first.
    Pair(LinkEnd),
    /// The same of two records of one type: the lower id comes first.
    PairById,
}

impl ConflictScope {
    /// The ids that tell it from others of its kind, of a link between these.
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
    /// The definition of the direction in which its links are told, where that is the other one.
    fn canonical_inverse(self) -> Option<Self> {
        let info = self.info()?;
        match info.related.primary.or(info.exclusive_end())? {
            LinkEnd::To => self.inverse(),
            LinkEnd::From => None,
        }
    }

    /// The definition of the other direction, where its table has it.
    fn inverse(self) -> Option<Self> {
        self.info()?.inverse_info().map(Self::from_info)
    }

    /// What its links share with others: those of a record that may have one primary company among
    /// all that it is linked to, else those of the pair.
    #[must_use]
    pub fn conflict_rule(self) -> Option<ConflictRule> {
        let info = self.info()?;
        let (there, back) = ((info.from, info.to), (info.to, info.from));
        let (types, scope) = match info.related.primary {
            Some(LinkEnd::From) => (there, ConflictScope::Record(LinkEnd::From)),
            Some(LinkEnd::To) => (back, ConflictScope::Record(LinkEnd::To)),
            None if info.from == info.to => (there, ConflictScope::PairById),
            None if info.from < info.to => (there, ConflictScope::Pair(LinkEnd::From)),
            None => (back, ConflictScope::Pair(LinkEnd::To)),
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

    fn of(info: &'static DefinitionInfo, (from, to): (u64, u64)) -> Association {
        Association {
            from: id(from),
            to: id(to),
            definition: Definition::from_info(info),
        }
    }

    /// What a link says, to the number.
    fn said(link: Association) -> (u64, u64, AssociationType) {
        (
            link.from.get(),
            link.to.get(),
            link.definition.association_type(),
        )
    }

    fn read(link: Association) -> (u64, u64, AssociationType) {
        said(CanonicalLink::new(&link).to_association())
    }

    /// Each definition of every table, with that of the other direction.
    fn definitions()
    -> impl Iterator<Item = (&'static DefinitionInfo, Option<&'static DefinitionInfo>)> {
        let all = |table: &'static DefinitionTable| {
            let infos = table.all().iter();
            infos.map(|info| (info, info.inverse.and_then(|id| table.info(id))))
        };
        tables::ALL.into_iter().flat_map(move |table| all(table()))
    }

    #[test]
    fn it_takes_no_more_room_than_a_plain_link() {
        assert_eq!(size_of::<CanonicalLink>(), size_of::<Association>());
    }

    #[test]
    fn what_is_canonical_stays_as_it_is_and_the_rows_words_are_kept() {
        for (info, _) in definitions() {
            for pair in [(7, 300), (300, 7), (5, 5)] {
                let link = of(info, pair);
                let canonical = CanonicalLink::new(&link);
                assert_eq!(said(canonical.as_written()), said(link), "{link:?}");
                let again = CanonicalLink::new(&canonical.to_association());
                let fields = |link: CanonicalLink| (link.from(), link.to(), link.definition());
                assert_eq!(fields(again), fields(canonical), "{link:?}");
                assert_eq!(again, canonical, "{link:?}");
                assert_eq!(said(again.as_written()), read(link), "{link:?}");
            }
        }
    }

    #[test]
    fn a_link_and_its_inverse_are_one_and_no_others_are() {
        let hasher = RandomState::new();
        let mut inverses = 0;
        for (info, inverse) in definitions() {
            let link = CanonicalLink::new(&of(info, (7, 300)));
            if let Some(inverse) = inverse {
                inverses += 1;
                let other = CanonicalLink::new(&of(inverse, (300, 7)));
                assert_eq!(link, other);
                assert_eq!(hasher.hash_one(link), hasher.hash_one(other));
                // Where one end decides, it is the same one in the same role.
                if info.related.primary.is_some() || info.exclusive_end().is_some() {
                    let plain = CanonicalLink::to_association;
                    assert_eq!(said(plain(link)), said(plain(other)), "{link:?}");
                }
            }
            let is_its_own = info.inverse == Some(info.association_type.id);
            let back = CanonicalLink::new(&of(info, (300, 7)));
            assert_eq!(link == back, is_its_own, "{link:?}");
            for pair in [(7, 301), (8, 300)] {
                assert_ne!(link, CanonicalLink::new(&of(info, pair)));
            }
        }
        assert!(inverses > 60, "{inverses}");
    }

    #[test]
    fn of_v1_only_what_a_record_has_one_of_is_turned() {
        for info in v1::table().all() {
            let link = of(info, (300, 7));
            let is_turned = read(link) != said(link);
            let has_one = info.exclusive_end() == Some(LinkEnd::To);
            assert_eq!(is_turned, has_one && info.inverse.is_some(), "{link:?}");
        }
        let unlisted = Association {
            definition: v1::table().definition(4711).unwrap(),
            ..link(300, 7, 3)
        };
        assert_eq!(read(unlisted), said(unlisted));
    }

    #[test]
    fn a_link_is_told_from_the_record_that_has_a_primary_company() {
        for (row, told) in [
            (link(300, 1, 2), link(1, 300, 1)),
            (link(300, 1, 280), link(1, 300, 279)),
            (link(1, 300, 1), link(1, 300, 1)),
            (link(9, 1, 3), link(9, 1, 3)),
        ] {
            assert_eq!(read(row), said(told));
        }
    }

    #[test]
    fn a_link_to_a_parent_is_told_from_the_child() {
        for row in [link(11, 100, 14), link(100, 11, 13)] {
            assert_eq!(read(row), said(link(11, 100, 14)));
        }
        assert_eq!(read(link(100, 11, 450)), said(link(100, 11, 450)));
    }

    #[test]
    fn a_label_of_the_account_is_told_as_its_row_says_it() {
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
            assert_eq!(read(link), said(link));
        }
    }

    #[test]
    fn what_is_limited_is_known_of_a_link_that_is_turned_at_its_other_end() {
        let limit = AdminLimit {
            association_type: link(1, 300, 279).definition.association_type(),
            label: None,
            max_records: Some(1),
        };
        let limits = AdminLimits::new(v2026_09::table(), vec![limit], None);
        for (mut row, is_limited) in [(link(300, 1, 280), true), (link(9, 1, 3), false)] {
            limits.apply(&mut row);
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
