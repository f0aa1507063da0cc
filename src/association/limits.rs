//! What an account allows once per record: limits of one that its administrators set on association
//! types. Knows nothing of how they were read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    definition::{Definition, DefinitionInfo, End, Limit},
    labels::{Labels, Wish},
    link::Association,
    spec::{Category, Spec},
    table::Table,
};

/// How many records of the other type an administrator allows, as the account told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitInfo {
    /// The type, in the direction from the record that is limited.
    pub spec: Spec,
    /// Its label; `None` for the association without one.
    pub label: Option<String>,
    /// So many; `None` where no limit is set.
    pub most: Option<u64>,
}

/// The limits of one. Others are not told apart here: rows do not take anything from each other as
/// long as there is room for more than one.
#[derive(Debug, Default)]
pub struct Limits {
    /// The definitions that HubSpot publishes; nothing while nothing is limited.
    table: Option<&'static Table>,
    once: Vec<LimitInfo>,
    /// What the account told of its labels, if it was asked.
    labels: Option<Arc<Labels>>,
    /// Definitions that were seen, with the limits that hold for them. A run meets a handful.
    seen: Mutex<HashMap<Definition, Definition>>,
}

impl Limits {
    /// Of what the account told.
    #[must_use]
    pub fn of(table: &'static Table, told: Vec<LimitInfo>, labels: Option<Arc<Labels>>) -> Self {
        let once = told.into_iter().filter(|info| info.most == Some(1));
        Self {
            table: Some(table),
            once: once.collect(),
            labels,
            seen: Mutex::default(),
        }
    }

    /// Whether nothing is limited to one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.once.is_empty()
    }

    /// Lets an association know of the limits that hold for it.
    pub fn tell(&self, link: &mut Association) {
        if self.once.is_empty() {
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
        let plain = info.unlabeled().map(Definition::spec);
        let plain_back = info.unlabeled_back().map(Definition::spec);
        let there = [Some(info.spec), plain];
        let back = [self.inverse(info), plain_back];
        let sides = [
            (End::From, there, (info.from, info.to)),
            (End::To, back, (info.to, info.from)),
        ];
        let mut limits: Vec<Limit> = Vec::new();
        for (end, specs, types) in sides {
            for spec in specs.into_iter().flatten() {
                let told = self.once.iter().find(|told| told.spec == spec);
                let definition = told.and_then(|told| self.named(told, types));
                let Some(definition) = definition else {
                    continue;
                };
                let limit = Limit { end, definition };
                let is_known = |known: &Limit| known.end == end && known.definition.spec() == spec;
                if !limits.iter().any(is_known) {
                    limits.push(limit);
                }
            }
        }
        if limits.is_empty() {
            return definition;
        }
        Definition::of(info.with_limits(limits))
    }

    /// The type of the other direction. The account tells its own types without it, but they are
    /// numbered in pairs: the neighbour of the same name, or else one whose name this direction
    /// does not have.
    fn inverse(&self, info: &DefinitionInfo) -> Option<Spec> {
        if info.spec.category == Category::HubSpotDefined {
            let id = info.inverse?;
            return Some(Spec { id, ..info.spec });
        }
        let own = info.spec;
        let neighbours = self.once.iter().filter(|told| {
            told.spec.category == own.category && told.spec.id.abs_diff(own.id) == 1
        });
        let mut other_name = None;
        for told in neighbours {
            let label = told.label.as_deref().unwrap_or_default().trim();
            if label == info.names.description {
                return Some(told.spec);
            }
            let wish = Wish::new(info.from, info.to, label);
            let labels = self.labels.as_ref();
            let is_of_this_direction = labels.is_none_or(|labels| labels.find(&wish).is_ok());
            if !is_of_this_direction {
                other_name = Some(told.spec);
            }
        }
        other_name
    }

    /// A limited type as a definition, from the record that is limited.
    fn named(&self, told: &LimitInfo, types: (&'static str, &'static str)) -> Option<Definition> {
        let table = self.table?;
        let label = told.label.as_deref().unwrap_or_default();
        let of_account = || table.of_account(told.spec, types, label);
        Some(table.of_spec(told.spec).unwrap_or_else(of_account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::RecordId, tables::v2026_09};

    fn spec(category: Category, id: u32) -> Spec {
        Spec { category, id }
    }

    fn once(spec: Spec, label: &str) -> LimitInfo {
        LimitInfo {
            spec,
            label: (!label.is_empty()).then(|| label.to_owned()),
            most: Some(1),
        }
    }

    /// What an association from record 1 to record 2 has one of, under these limits.
    fn limited(limits: Vec<LimitInfo>, definition: Definition) -> Vec<String> {
        let limits = Limits::of(v2026_09::table(), limits, None);
        let id = |id| RecordId::new(id).unwrap();
        let mut link = Association {
            from: id(1),
            to: id(2),
            definition,
        };
        limits.tell(&mut link);
        let once = link.once().into_iter();
        once.map(|(record, other)| format!("{record}: {} {other}", record.what()))
            .collect()
    }

    fn own(id: u32, label: &str) -> Definition {
        let spec = spec(Category::UserDefined, id);
        let types = ("contacts", "companies");
        v2026_09::table().of_account(spec, types, label)
    }

    #[test]
    fn a_limit_of_the_plain_type_holds_for_every_association_in_its_direction() {
        let plain = || vec![once(spec(Category::HubSpotDefined, 279), "")];
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
        let user = |id| spec(Category::UserDefined, id);
        let both = vec![once(user(26), "Boss"), once(user(27), "Boss")];
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
        let limit = vec![once(spec(Category::HubSpotDefined, 449), "")];
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
        let two = LimitInfo {
            most: Some(2),
            ..once(spec(Category::UserDefined, 26), "Boss")
        };
        assert_eq!(limited(vec![two], own(26, "Boss")), [] as [&str; 0]);
    }

    #[test]
    fn a_primary_company_that_is_limited_too_is_one_thing() {
        let of_table = v2026_09::table().definition(1).unwrap();
        let limit = vec![once(spec(Category::HubSpotDefined, 1), "Primary")];
        assert_eq!(limited(limit, of_table), ["contact 1: *primary* company 2"]);
    }
}
