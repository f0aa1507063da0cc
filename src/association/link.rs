//! One link: two records, and the definition that says how they belong together. Also the record
//! that can have only one such link.

use std::{fmt, num::NonZeroU64};

use smallvec::SmallVec;

use super::definition::{Definition, DefinitionKind, LinkEnd, SingleLinkRule};
use crate::cell::clean;

/// How much of a label is shown.
const LABEL_CHARS: usize = 60;

/// The id of one CRM record: a positive integer of at most 2^63-1, unique only
/// within its object type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(NonZeroU64);

impl RecordId {
    /// The largest id that HubSpot's 64-bit signed integers can hold.
    pub const MAX: u64 = i64::MAX as u64;

    /// `None` for 0 and for anything above [`RecordId::MAX`].
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id)
            .filter(|id| id.get() <= Self::MAX)
            .map(Self)
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One link from `from` to `to`, with a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Association {
    /// The record that the link starts from.
    pub from: RecordId,
    /// The record that the link leads to.
    pub to: RecordId,
    /// What the link means. It also determines the object types of both ends.
    pub definition: Definition,
}

/// A record that can have only one link of a kind: a primary company, a parent, or what
/// administrators have limited. It is identified by the definition in [`SingleLinkRule`] and its
/// own id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SingleLinkRecord {
    definition: Definition,
    record: RecordId,
    is_admin_limit: bool,
}

impl Association {
    /// The record whose primary company or parent this link sets, if it sets one. The last write
    /// wins.
    #[must_use]
    pub fn exclusive_record(&self) -> Option<SingleLinkRecord> {
        self.exclusive_with_other().map(|(record, _)| record)
    }

    /// The record whose primary company or parent this link sets, and the record at the other end.
    /// HubSpot reports success for each write, and keeps only the last.
    #[must_use]
    pub fn exclusive_with_other(&self) -> Option<(SingleLinkRecord, RecordId)> {
        self.definition
            .exclusive_rule()
            .map(|rule| rule.record_of(self))
    }

    /// Whether administrators have limited it to one per record.
    #[must_use]
    pub fn has_limit(&self) -> bool {
        let info = self.definition.info();
        info.is_some_and(|info| !info.limits.is_empty())
    }

    /// Each record that can have only one such link, by HubSpot's rules or by limits of
    /// administrators, with the record at the other end.
    #[must_use]
    pub fn single_link_records(&self) -> SmallVec<[(SingleLinkRecord, RecordId); 2]> {
        let rules = self.definition.single_link_rules();
        rules.iter().map(|rule| rule.record_of(self)).collect()
    }
}

impl SingleLinkRule {
    /// The record of a link that has the rule, and the record at the other end.
    fn record_of(&self, link: &Association) -> (SingleLinkRecord, RecordId) {
        let (record, other) = match self.end {
            LinkEnd::From => (link.from, link.to),
            LinkEnd::To => (link.to, link.from),
        };
        let record = SingleLinkRecord {
            definition: self.definition,
            record,
            is_admin_limit: self.is_admin_limit,
        };
        (record, other)
    }
}

impl SingleLinkRecord {
    /// Whether the limit is one of administrators.
    #[must_use]
    pub fn is_admin_limit(&self) -> bool {
        self.is_admin_limit
    }

    /// Whether the link is a primary company and not a parent.
    #[must_use]
    pub fn is_primary(&self) -> bool {
        self.definition.sets_primary()
    }

    /// What the record has one of: `primary company`, `parent company`.
    #[must_use]
    pub fn describe(&self) -> String {
        let Some(info) = self.definition.info() else {
            return "association".to_owned();
        };
        if self.is_admin_limit {
            let label = match info.names.description {
                _ if info.kind == DefinitionKind::Unlabeled => String::new(),
                label => format!(" '{}'", clean(label, LABEL_CHARS)),
            };
            return format!("{}{label} (limited to one in HubSpot)", info.to_singular());
        }
        let other = match info.exclusive_end() {
            Some(LinkEnd::To) => info.from_singular(),
            Some(LinkEnd::From) | None => info.to_singular(),
        };
        let kind = if info.sets_primary() {
            "primary"
        } else {
            "parent"
        };
        format!("{kind} {other}")
    }
}

impl fmt::Display for SingleLinkRecord {
    /// `contact 123`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.definition.info().map_or("record", |info| {
            match info.exclusive_end().filter(|_| !self.is_admin_limit) {
                Some(LinkEnd::To) => info.to_singular(),
                Some(LinkEnd::From) | None => info.from_singular(),
            }
        });
        write!(out, "{kind} {}", self.record)
    }
}

impl fmt::Display for Association {
    /// The direction in words: `contact 123 → company 456`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = match self.definition.info() {
            Some(info) => (info.from_singular(), info.to_singular()),
            None => ("record", "record"),
        };
        write!(out, "{from} {} → {to} {}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::v1;

    fn exclusive_record(from: u64, to: u64, definition: u32) -> Option<String> {
        let id = |id| RecordId::new(id).unwrap();
        let link = Association {
            from: id(from),
            to: id(to),
            definition: v1::table().definition(definition).unwrap(),
        };
        link.exclusive_record().map(|record| record.to_string())
    }

    #[test]
    fn both_directions_set_the_primary_company_or_the_parent_of_the_same_record() {
        for (definition, inverse, record) in
            [(1, 2, "contact 7"), (5, 6, "deal 7"), (14, 13, "company 7")]
        {
            assert_eq!(exclusive_record(7, 8, definition).as_deref(), Some(record));
            assert_eq!(exclusive_record(8, 7, inverse).as_deref(), Some(record));
        }
        assert_eq!(exclusive_record(7, 8, 26).as_deref(), Some("ticket 7"));
        assert_eq!(exclusive_record(8, 7, 25).as_deref(), Some("ticket 7"));
        assert_eq!(exclusive_record(7, 8, 3), None);
        assert_eq!(exclusive_record(7, 8, 4711), None);
    }
}
