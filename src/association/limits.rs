//! Limits of one: association types of which the administrators of an account allow only one per
//! record. Does not know how the limits were read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    association_type::{AssociationType, Category},
    definition::{Definition, DefinitionInfo, DefinitionLimit, LinkEnd},
    labels::{AccountLabels, LabelReference},
    table::DefinitionTable,
};

/// How many records of the other type an administrator allows, as the API reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminLimit {
    /// The association type, in the direction from the limited record.
    pub association_type: AssociationType,
    /// Its label; `None` for the unlabeled association.
    pub label: Option<String>,
    /// The limit; `None` if there is none.
    pub max_records: Option<u64>,
}

/// All limits of one. Higher limits do not matter here, because then rows do not replace each
/// other's links.
#[derive(Debug, Default)]
pub struct AdminLimits {
    /// The definitions that HubSpot publishes; `None` if there are no limits.
    table: Option<&'static DefinitionTable>,
    limits: Vec<AdminLimit>,
    /// The account's labels, if they were read.
    labels: Option<Arc<AccountLabels>>,
    /// Cache: definitions and their copies with limits. A run sees only a few.
    cache: Mutex<HashMap<Definition, Definition>>,
}

impl AdminLimits {
    /// Keeps the limits of one out of those that the account has.
    #[must_use]
    pub fn new(
        table: &'static DefinitionTable,
        limits: Vec<AdminLimit>,
        labels: Option<Arc<AccountLabels>>,
    ) -> Self {
        let limits = limits
            .into_iter()
            .filter(|limit| limit.max_records == Some(1));
        Self {
            table: Some(table),
            limits: limits.collect(),
            labels,
            cache: Mutex::default(),
        }
    }

    /// Whether there are no limits of one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }

    /// Adds to a definition the limits that apply to it.
    pub fn apply(&self, definition: &mut Definition) {
        if self.limits.is_empty() {
            return;
        }
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let limited = cache.entry(*definition);
        *definition = *limited.or_insert_with(|| self.limited(*definition));
    }

    /// The definition with the limits that apply to it: those of its own type, and those of the
    /// unlabeled type, which every association has as well.
    fn limited(&self, definition: Definition) -> Definition {
        let Some(info) = definition.info() else {
            return definition;
        };
        let unlabeled = info.unlabeled().map(Definition::association_type);
        let unlabeled_back = info.unlabeled_back().map(Definition::association_type);
        let forward = [Some(info.association_type), unlabeled];
        let backward = [self.inverse(info), unlabeled_back];
        let sides = [
            (LinkEnd::From, forward, (info.from, info.to)),
            (LinkEnd::To, backward, (info.to, info.from)),
        ];
        let mut limits: Vec<DefinitionLimit> = Vec::new();
        for (end, association_types, types) in sides {
            for association_type in association_types.into_iter().flatten() {
                let limit = self
                    .limits
                    .iter()
                    .find(|limit| limit.association_type == association_type);
                let definition = limit.and_then(|limit| self.limited_definition(limit, types));
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

    /// The type of the other direction. The API does not report it for types of the account, but
    /// they are numbered in pairs. So it is the neighbour with the same label, or else the
    /// neighbour whose label does not exist in this direction.
    fn inverse(&self, info: &DefinitionInfo) -> Option<AssociationType> {
        if info.association_type.category == Category::HubSpotDefined {
            let id = info.inverse?;
            return Some(AssociationType {
                id,
                ..info.association_type
            });
        }
        let association_type = info.association_type;
        let neighbours = self.limits.iter().filter(|limit| {
            limit.association_type.category == association_type.category
                && limit.association_type.id.abs_diff(association_type.id) == 1
        });
        let mut with_other_label = None;
        for limit in neighbours {
            let label = limit.label.as_deref().unwrap_or_default().trim();
            if label == info.names.description {
                return Some(limit.association_type);
            }
            let reference = LabelReference::new(info.from, info.to, label);
            let labels = self.labels.as_ref();
            let is_of_this_direction = labels.is_none_or(|labels| labels.find(&reference).is_ok());
            if !is_of_this_direction {
                with_other_label = Some(limit.association_type);
            }
        }
        with_other_label
    }

    /// The definition of a limited type, from the limited record.
    fn limited_definition(
        &self,
        limit: &AdminLimit,
        types: (&'static str, &'static str),
    ) -> Option<Definition> {
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
    use crate::{
        association::{Association, RecordId},
        tables::v2026_09,
    };

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

    /// The single-link records of an association from record 1 to record 2 under these limits.
    fn limited(limits: Vec<AdminLimit>, definition: Definition) -> Vec<String> {
        let limits = AdminLimits::new(v2026_09::table(), limits, None);
        let id = |id| RecordId::new(id).unwrap();
        let mut link = Association {
            from: id(1),
            to: id(2),
            definition,
        };
        limits.apply(&mut link.definition);
        let limits = link.single_link_records().into_iter();
        limits
            .map(|(record, other)| format!("{record}: {} {other}", record.describe()))
            .collect()
    }

    fn account_definition(id: u32, label: &str) -> Definition {
        let association_type = association_type(Category::UserDefined, id);
        let types = ("contacts", "companies");
        v2026_09::table().account_definition(association_type, types, label)
    }

    #[test]
    fn a_limit_of_the_unlabeled_type_applies_to_every_association_in_its_direction() {
        let plain = || {
            vec![limit_of_one(
                association_type(Category::HubSpotDefined, 279),
                "",
            )]
        };
        let of_table = |id| v2026_09::table().definition(id).unwrap();
        let expected = ["contact 1: company (limited to one in HubSpot) 2"];
        assert_eq!(limited(plain(), of_table(279)), expected);
        assert_eq!(limited(plain(), account_definition(26, "Boss")), expected);
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
            limited(both.clone(), account_definition(26, "Boss")),
            [
                "contact 1: company 'Boss' (limited to one in HubSpot) 2",
                "company 2: contact 'Boss' (limited to one in HubSpot) 1"
            ]
        );
        assert_eq!(
            limited(both, account_definition(28, "Owner")),
            [] as [&str; 0]
        );
    }

    #[test]
    fn between_records_of_one_type_a_limit_applies_to_both_ends() {
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
    fn limits_of_more_than_one_are_ignored() {
        let two = AdminLimit {
            max_records: Some(2),
            ..limit_of_one(association_type(Category::UserDefined, 26), "Boss")
        };
        assert_eq!(
            limited(vec![two], account_definition(26, "Boss")),
            [] as [&str; 0]
        );
    }

    #[test]
    fn a_limit_on_primary_companies_adds_no_second_rule() {
        let of_table = v2026_09::table().definition(1).unwrap();
        let limit = vec![limit_of_one(
            association_type(Category::HubSpotDefined, 1),
            "Primary",
        )];
        assert_eq!(limited(limit, of_table), ["contact 1: primary company 2"]);
    }
}
