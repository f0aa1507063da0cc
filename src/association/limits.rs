//! What an account allows once per record: limits of one that its administrators set on association
//! types. Knows nothing of how they were read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    association_type::{AssociationType, Category},
    definition::{Definition, DefinitionInfo, DefinitionLimit, LinkEnd},
    labels::{AccountLabels, LabelReference},
    link::Association,
    table::DefinitionTable,
};

/// How many records of the other type an administrator allows, as the account told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminLimit {
    /// The type, in the direction from the record that is limited.
    pub association_type: AssociationType,
    /// Its label; `None` for the association without one.
    pub label: Option<String>,
    /// So many; `None` where no limit is set.
    pub max_records: Option<u64>,
}

/// The limits of one. Others are not told apart here: rows do not take anything from each other as
/// long as there is room for more than one.
#[derive(Debug, Default)]
pub struct AdminLimits {
    /// The definitions that HubSpot publishes; nothing while nothing is limited.
    table: Option<&'static DefinitionTable>,
    limits: Vec<AdminLimit>,
    /// What the account told of its labels, if it was asked.
    labels: Option<Arc<AccountLabels>>,
    /// Definitions that were seen, with the limits that hold for them. A run meets a handful.
    seen: Mutex<HashMap<Definition, Definition>>,
}

impl AdminLimits {
    /// Of what the account told.
    #[must_use]
    pub fn new(
        table: &'static DefinitionTable,
        limit: Vec<AdminLimit>,
        labels: Option<Arc<AccountLabels>>,
    ) -> Self {
        let limits = limit.into_iter().filter(|info| info.max_records == Some(1));
        Self {
            table: Some(table),
            limits: limits.collect(),
            labels,
            seen: Mutex::default(),
        }
    }

    /// Whether nothing is limited to one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// Lets an association know of the limits that hold for it.
    pub fn apply(&self, link: &mut Association) {
        if self.limits.is_empty() {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let definition = link.definition;
        let limited = seen.entry(definition);
        link.definition = *limited.or_insert_with(|| self.limited(definition));
    }

    /// The same definition, with the limits that hold for its associations: those of its own type,
    /// and of the type without a label, which every association has.
    fn limited(&self, definition: Definition) -> Definition {
        let Some(info) = definition.info() else {
            return definition;
        };
        let plain = info.unlabeled().map(Definition::association_type);
        let plain_back = info.unlabeled_back().map(Definition::association_type);
        let there = [Some(info.association_type), plain];
        let back = [self.inverse(info), plain_back];
        let sides = [
            (LinkEnd::From, there, (info.from, info.to)),
            (LinkEnd::To, back, (info.to, info.from)),
        ];
        let mut limits: Vec<DefinitionLimit> = Vec::new();
        for (end, association_types, types) in sides {
            for association_type in association_types.into_iter().flatten() {
                let limit = self
                    .limits
                    .iter()
                    .find(|limit| limit.association_type == association_type);
                let definition = limit.and_then(|limit| self.named(limit, types));
                let Some(definition) = definition else {
                    continue;
                };
                let limit = DefinitionLimit { end, definition };
                let is_known = |known: &DefinitionLimit| {
                    known.end == end && known.definition.association_type() == association_type
                };
                if !limits.iter().any(is_known) {
                    limits.push(limit);
                }
            }
        }
        if limits.is_empty() {
            return definition;
        }
        Definition::from_info(info.with_limits(limits))
    }

    /// The type of the other direction. The account tells its own types without it, but they are
    /// numbered in pairs: the neighbour of the same name, or else one whose name this direction
    /// does not have.
    fn inverse(&self, info: &DefinitionInfo) -> Option<AssociationType> {
        if info.association_type.category == Category::HubSpotDefined {
            let id = info.inverse?;
            return Some(AssociationType {
                id,
                ..info.association_type
            });
        }
        let own = info.association_type;
        let neighbours = self.limits.iter().filter(|limit| {
            limit.association_type.category == own.category
                && limit.association_type.id.abs_diff(own.id) == 1
        });
        let mut other_name = None;
        for limit in neighbours {
            let label = limit.label.as_deref().unwrap_or_default().trim();
            if label == info.names.description {
                return Some(limit.association_type);
            }
            let reference = LabelReference::new(info.from, info.to, label);
            let labels = self.labels.as_ref();
            let is_of_this_direction = labels.is_none_or(|labels| labels.find(&reference).is_ok());
            if !is_of_this_direction {
                other_name = Some(limit.association_type);
            }
        }
        other_name
    }

    /// A limited type as a definition, from the record that is limited.
    fn named(&self, limit: &AdminLimit, types: (&'static str, &'static str)) -> Option<Definition> {
        let table = self.table?;
        let label = limit.label.as_deref().unwrap_or_default();
        let account_definition = || table.account_definition(limit.association_type, types, label);
        Some(
            table
                .listed(limit.association_type)
                .unwrap_or_else(account_definition),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::RecordId, tables::v2026_09};

    fn association_type(category: Category, id: u32) -> AssociationType {
        AssociationType { category, id }
    }

    fn limit_of_one(association_type: AssociationType, label: &str) -> AdminLimit {
        AdminLimit {
            association_type,
            label: (!label.is_empty()).then(|| label.to_owned()),
            max_records: Some(1),
        }
    }

    /// What an association from record 1 to record 2 has one of, under these limits.
    fn limited(limits: Vec<AdminLimit>, definition: Definition) -> Vec<String> {
        let limits = AdminLimits::new(v2026_09::table(), limits, None);
        let id = |id| RecordId::new(id).unwrap();
        let mut link = Association {
            from: id(1),
            to: id(2),
            definition,
        };
        limits.apply(&mut link);
        let limits = link.single_link_records().into_iter();
        limits
            .map(|(record, other)| format!("{record}: {} {other}", record.what()))
            .collect()
    }

    fn own(id: u32, label: &str) -> Definition {
        let association_type = association_type(Category::UserDefined, id);
        let types = ("contacts", "companies");
        v2026_09::table().account_definition(association_type, types, label)
    }

    #[test]
    fn a_limit_of_the_plain_type_holds_for_every_association_in_its_direction() {
        let plain = || {
            vec![limit_of_one(
                association_type(Category::HubSpotDefined, 279),
                "",
            )]
        };
        let of_table = |id| v2026_09::table().definition(id).unwrap();
        let expected = ["contact 1: company (limited to one in HubSpot) 2"];
        assert_eq!(limited(plain(), of_table(279)), expected);
        assert_eq!(limited(plain(), own(26, "Boss")), expected);
        let turned = ["contact 2: company (limited to one in HubSpot) 1"];
        assert_eq!(limited(plain(), of_table(280)), turned);
        assert_eq!(limited(plain(), of_table(3)), [] as [&str; 0]);
    }

    #[test]
    fn a_label_may_be_limited_in_both_directions() {
        let user = |id| association_type(Category::UserDefined, id);
        let both = vec![
            limit_of_one(user(26), "Boss"),
            limit_of_one(user(27), "Boss"),
        ];
        assert_eq!(
            limited(both.clone(), own(26, "Boss")),
            [
                "contact 1: company 'Boss' (limited to one in HubSpot) 2",
                "company 2: contact 'Boss' (limited to one in HubSpot) 1"
            ]
        );
        assert_eq!(limited(both, own(28, "Owner")), [] as [&str; 0]);
    }

    #[test]
    fn between_records_of_one_type_the_limit_holds_for_both_ends() {
        let limit = vec![limit_of_one(
            association_type(Category::HubSpotDefined, 449),
            "",
        )];
        let of_table = v2026_09::table().definition(449).unwrap();
        assert_eq!(
            limited(limit, of_table),
            [
                "contact 1: contact (limited to one in HubSpot) 2",
                "contact 2: contact (limited to one in HubSpot) 1"
            ]
        );
    }

    #[test]
    fn what_is_limited_to_more_than_one_is_not_limited_here() {
        let two = AdminLimit {
            max_records: Some(2),
            ..limit_of_one(association_type(Category::UserDefined, 26), "Boss")
        };
        assert_eq!(limited(vec![two], own(26, "Boss")), [] as [&str; 0]);
    }

    #[test]
    fn a_primary_company_that_is_limited_too_is_one_thing() {
        let of_table = v2026_09::table().definition(1).unwrap();
        let limit = vec![limit_of_one(
            association_type(Category::HubSpotDefined, 1),
            "Primary",
        )];
        assert_eq!(limited(limit, of_table), ["contact 1: *primary* company 2"]);
    }
}
