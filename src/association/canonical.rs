//! The one direction of a link: which of its two records it is told from, in whichever way its
//! row says it; and in which order a pair of records stands whose links depend on each other.
//!
//! It goes by the definition alone, so that a record may get another id without turning a link.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use super::{
    definition::{Definition, End, Once},
    link::{Association, PrimaryOf, RecordId},
    spec::Spec,
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
    worded: Definition,
}

impl CanonicalLink {
    /// Of a link whose ids are final: they are those that its records have today.
    #[must_use]
    pub fn of(link: &Association) -> Self {
        let worded = link.definition;
        let (from, to) = match worded.turned_to() {
            Some(_) => (link.to, link.from),
            None => (link.from, link.to),
        };
        Self { from, to, worded }
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
        self.worded.turned_to().unwrap_or(self.worded)
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

    /// The link as its row says it: for messages, and for requests that are worded so.
    #[must_use]
    pub fn worded(&self) -> Association {
        let (from, to) = match self.worded.turned_to() {
            Some(_) => (self.to, self.from),
            None => (self.from, self.to),
        };
        let definition = self.worded;
        Association {
            from,
            to,
            definition,
        }
    }

    /// The definition by which its row says it; with what is limited, if that was told.
    #[must_use]
    pub fn worded_by(&self) -> Definition {
        self.worded
    }

    /// See [`Association::primary_of`].
    #[must_use]
    pub fn primary_of(&self) -> Option<PrimaryOf> {
        self.worded().primary_of()
    }

    /// See [`Association::has_limit`].
    #[must_use]
    pub fn has_limit(&self) -> bool {
        self.worded().has_limit()
    }

    /// Which of its ends have one such link at most, by HubSpot's rules or by limits that
    /// administrators have set.
    #[must_use]
    pub fn once(&self) -> SmallVec<[Once; 2]> {
        let mut once = self.worded.once();
        if self.worded.turned_to().is_some() {
            for once in &mut once {
                once.end = once.end.other();
            }
        }
        once
    }

    /// The lower of both ways in which it can be said.
    fn identity(&self) -> (Spec, RecordId, RecordId) {
        let definition = self.definition();
        let here = (definition.spec(), self.from, self.to);
        let there = definition.inverse();
        let there = there.map(|inverse| (inverse.spec(), self.to, self.from));
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
pub struct Sharing {
    /// The types of both ends, in the same order for both directions.
    pub types: (&'static str, &'static str),
    /// Who shares it.
    pub whose: Whose,
}

/// Whose a thing is that links have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The record's at this end, whatever it is linked to.
    Record(End),
    /// The pair's, whichever way its links go: the record at this end comes first.
    Pair(End),
    /// The same of two records of one type: the lower id comes first.
    PairById,
}

impl Whose {
    /// The ids that tell it from others of its kind, of a link between these.
    #[must_use]
    pub fn ids(self, from: RecordId, to: RecordId) -> (RecordId, Option<RecordId>) {
        match self {
            Self::Record(End::From) => (from, None),
            Self::Record(End::To) => (to, None),
            Self::Pair(End::From) => (from, Some(to)),
            Self::Pair(End::To) => (to, Some(from)),
            Self::PairById => (from.min(to), Some(from.max(to))),
        }
    }
}

impl Definition {
    /// The definition of the direction in which its links are told, where that is the other one.
    fn turned_to(self) -> Option<Self> {
        let info = self.info()?;
        match info.kin.primary.or(info.one_of())? {
            End::To => self.inverse(),
            End::From => None,
        }
    }

    /// The definition of the other direction, where its table has it.
    fn inverse(self) -> Option<Self> {
        self.info()?.turned().map(Self::of)
    }

    /// What its links share with others: those of a record that may have one primary company among
    /// all that it is linked to, else those of the pair.
    #[must_use]
    pub fn sharing(self) -> Option<Sharing> {
        let info = self.info()?;
        let (there, back) = ((info.from, info.to), (info.to, info.from));
        let (types, whose) = match info.kin.primary {
            Some(End::From) => (there, Whose::Record(End::From)),
            Some(End::To) => (back, Whose::Record(End::To)),
            None if info.from == info.to => (there, Whose::PairById),
            None if info.from < info.to => (there, Whose::Pair(End::From)),
            None => (back, Whose::Pair(End::To)),
        };
        Some(Sharing { types, whose })
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};

    use super::*;
    use crate::{
        association::{Category, DefinitionInfo, LimitInfo, Limits, Table},
        tables::{self, link_of_table as link, v1, v2026_09},
    };

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn of(info: &'static DefinitionInfo, (from, to): (u64, u64)) -> Association {
        Association {
            from: id(from),
            to: id(to),
            definition: Definition::of(info),
        }
    }

    /// What a link says, to the number.
    fn said(link: Association) -> (u64, u64, Spec) {
        (link.from.get(), link.to.get(), link.definition.spec())
    }

    fn read(link: Association) -> (u64, u64, Spec) {
        said(CanonicalLink::of(&link).to_association())
    }

    /// Each definition of every table, with that of the other direction.
    fn definitions()
    -> impl Iterator<Item = (&'static DefinitionInfo, Option<&'static DefinitionInfo>)> {
        let all = |table: &'static Table| {
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
                let canonical = CanonicalLink::of(&link);
                assert_eq!(said(canonical.worded()), said(link), "{link:?}");
                let again = CanonicalLink::of(&canonical.to_association());
                let fields = |link: CanonicalLink| (link.from(), link.to(), link.definition());
                assert_eq!(fields(again), fields(canonical), "{link:?}");
                assert_eq!(again, canonical, "{link:?}");
                assert_eq!(said(again.worded()), read(link), "{link:?}");
            }
        }
    }

    #[test]
    fn a_link_and_its_inverse_are_one_and_no_others_are() {
        let hasher = RandomState::new();
        let mut inverses = 0;
        for (info, inverse) in definitions() {
            let link = CanonicalLink::of(&of(info, (7, 300)));
            if let Some(inverse) = inverse {
                inverses += 1;
                let other = CanonicalLink::of(&of(inverse, (300, 7)));
                assert_eq!(link, other);
                assert_eq!(hasher.hash_one(link), hasher.hash_one(other));
                // Where one end decides, it is the same one in the same role.
                if info.kin.primary.is_some() || info.one_of().is_some() {
                    let plain = CanonicalLink::to_association;
                    assert_eq!(said(plain(link)), said(plain(other)), "{link:?}");
                }
            }
            let is_its_own = info.inverse == Some(info.spec.id);
            let back = CanonicalLink::of(&of(info, (300, 7)));
            assert_eq!(link == back, is_its_own, "{link:?}");
            for pair in [(7, 301), (8, 300)] {
                assert_ne!(link, CanonicalLink::of(&of(info, pair)));
            }
        }
        assert!(inverses > 60, "{inverses}");
    }

    #[test]
    fn of_v1_only_what_a_record_has_one_of_is_turned() {
        for info in v1::table().all() {
            let link = of(info, (300, 7));
            let is_turned = read(link) != said(link);
            let has_one = info.one_of() == Some(End::To);
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
        let spec = Spec {
            category: Category::UserDefined,
            id: 37,
        };
        let label = |types| v2026_09::table().of_account(spec, types, "Boss");
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
        let limit = LimitInfo {
            spec: link(1, 300, 279).definition.spec(),
            label: None,
            most: Some(1),
        };
        let limits = Limits::of(v2026_09::table(), vec![limit], None);
        for (mut row, is_limited) in [(link(300, 1, 280), true), (link(9, 1, 3), false)] {
            limits.tell(&mut row);
            let link = CanonicalLink::of(&row);
            assert_eq!(link.has_limit(), is_limited);
            let ends: Vec<_> = link.once().iter().map(|once| once.end).collect();
            let expected: &[End] = if is_limited { &[End::From] } else { &[] };
            assert_eq!(ends, expected, "{row}");
        }
    }
}
