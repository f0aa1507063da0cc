//! The association types that the account has: HubSpot's, and its own labels.
//!
//! Does not know which links exist.

use std::collections::{BTreeMap, HashMap};

use super::{
    association_limit::AssociationLimit, defined_label::DefinedLabel, error::SandboxError,
    object::ObjectType,
};
use crate::{
    association::{AssociationType, Category, Definition, DefinitionInfo, DefinitionKind, LinkEnd},
    tables::{v1, v2026_09},
};

/// The type id of the account's first label of its own. HubSpot uses the same ids in its own category, so an
/// id without its category identifies nothing.
const FIRST_ACCOUNT_TYPE_ID: u32 = 26;

/// The two object types that an association type links: from, to.
pub(super) type TypePair = (ObjectType, ObjectType);

/// One association type, in one direction.
#[derive(Debug)]
pub(super) struct LinkType {
    pub(super) association_type: AssociationType,
    pub(super) ends: TypePair,
    /// None for the unlabeled type.
    pub(super) label: Option<String>,
    /// The end whose record has at most one such link, for example a primary company or a parent.
    pub(super) exclusive_end: Option<LinkEnd>,
    /// The type in the other direction.
    pub(super) inverse: Option<AssociationType>,
    pub(super) definition: Definition,
    /// Whether only v1 has it.
    only_v1: bool,
}

/// All types.
#[derive(Debug)]
pub(super) struct Catalogue {
    types: BTreeMap<AssociationType, LinkType>,
    unlabeled: HashMap<TypePair, AssociationType>,
    custom: Vec<ObjectType>,
    next_type_id: u32,
}

impl Catalogue {
    /// HubSpot's types and these labels, each with a number for each direction.
    pub(super) fn new(labels: &[DefinedLabel]) -> Self {
        let mut catalogue = Self {
            types: BTreeMap::new(),
            unlabeled: HashMap::new(),
            custom: Vec::new(),
            next_type_id: FIRST_ACCOUNT_TYPE_ID,
        };
        let newer = v2026_09::table();
        for info in newer.all() {
            catalogue.add(LinkType::of(info, false));
        }
        let only_v1 = |info: &&DefinitionInfo| newer.info(info.association_type.id).is_none();
        for info in v1::table().all().iter().filter(only_v1) {
            catalogue.add(LinkType::of(info, true));
        }
        for DefinedLabel { from, to, name } in labels {
            let ends = (
                catalogue.object_type_or_new(from),
                catalogue.object_type_or_new(to),
            );
            if catalogue.unlabeled(ends).is_none() {
                catalogue.add_account_type(ends, None);
            }
            catalogue.add_account_type(ends, Some(name));
        }
        catalogue
    }

    /// Parses an object type from a path. A custom type is known only if a label uses it.
    pub(super) fn object_type(&self, text: &str) -> Option<ObjectType> {
        let mut custom = self.custom.iter().copied();
        let known = custom.find(|custom| custom.name() == text);
        known.or_else(|| ObjectType::standard(text))
    }

    /// The type, if v1 has it.
    pub(super) fn v1(&self, association_type: AssociationType) -> Option<&LinkType> {
        let known = association_type.category == Category::HubSpotDefined
            && v1::table().info(association_type.id).is_some();
        self.get(association_type).filter(|_| known)
    }

    /// The type, if the dated API has it between these object types.
    pub(super) fn dated(
        &self,
        association_type: AssociationType,
        ends: TypePair,
    ) -> Option<&LinkType> {
        let found = self.get(association_type);
        found.filter(|found| found.ends == ends && !found.only_v1)
    }

    /// All types that the dated API has between these object types, HubSpot's first.
    pub(super) fn between(&self, ends: TypePair) -> impl Iterator<Item = &LinkType> {
        let types = self.types.values();
        types.filter(move |found| found.ends == ends && !found.only_v1)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &LinkType> {
        self.types.values()
    }

    pub(super) fn get(&self, association_type: AssociationType) -> Option<&LinkType> {
        self.types.get(&association_type)
    }

    /// The unlabeled type, which every association between these object types has.
    pub(super) fn unlabeled(&self, ends: TypePair) -> Option<AssociationType> {
        self.unlabeled.get(&ends).copied()
    }

    /// The type of this label, ignoring case; the unlabeled type if the label is empty.
    pub(super) fn labelled(&self, ends: TypePair, label: &str) -> Option<AssociationType> {
        if label.is_empty() {
            return self.unlabeled(ends);
        }
        let lower_case = label.to_lowercase();
        let named = |found: &&LinkType| {
            let name = found.label.as_deref();
            name.is_some_and(|name| name.to_lowercase() == lower_case)
        };
        self.between(ends)
            .find(named)
            .map(|found| found.association_type)
    }

    /// Resolves a limit to its association type and maximum.
    pub(super) fn resolve_limit(
        &self,
        limit: &AssociationLimit,
    ) -> Result<(AssociationType, u32), SandboxError> {
        let AssociationLimit {
            from,
            to,
            maximum,
            label,
        } = limit;
        let ends = self.object_type(from).zip(self.object_type(to));
        let association_type = ends.and_then(|ends| self.labelled(ends, label));
        let shown = || SandboxError::AssociationLimit(format!("{from},{to},{maximum},{label}"));
        Ok((association_type.ok_or_else(shown)?, *maximum))
    }

    fn object_type_or_new(&mut self, text: &str) -> ObjectType {
        if let Some(known) = self.object_type(text) {
            return known;
        }
        // Leaks a handful of names for as long as the program runs.
        let name = &*Box::leak(text.to_owned().into_boxed_str());
        let custom = ObjectType::named(name);
        self.custom.push(custom);
        custom
    }

    fn add(&mut self, added: LinkType) {
        if added.label.is_none() {
            self.unlabeled.insert(added.ends, added.association_type);
        }
        self.types.insert(added.association_type, added);
    }

    /// Adds a type that belongs to the account, and its inverse.
    fn add_account_type(&mut self, ends: TypePair, label: Option<&str>) {
        let account_type = |id| AssociationType {
            category: Category::UserDefined,
            id,
        };
        let (forward, reverse) = (
            account_type(self.next_type_id),
            account_type(self.next_type_id + 1),
        );
        self.next_type_id += 2;
        let directions = [
            (forward, ends, reverse),
            (reverse, (ends.1, ends.0), forward),
        ];
        for (association_type, ends, inverse) in directions {
            let names = (ends.0.name(), ends.1.name());
            let label_name = label.unwrap_or_default();
            self.add(LinkType {
                association_type,
                ends,
                label: label.map(str::to_owned),
                exclusive_end: None,
                inverse: Some(inverse),
                definition: v2026_09::table().account_definition(
                    association_type,
                    names,
                    label_name,
                ),
                only_v1: false,
            });
        }
    }
}

impl LinkType {
    fn of(info: &'static DefinitionInfo, only_v1: bool) -> Self {
        let ends = (ObjectType::named(info.from), ObjectType::named(info.to));
        let inverse = info.inverse.map(|id| AssociationType {
            id,
            ..info.association_type
        });
        Self {
            association_type: info.association_type,
            ends,
            label: label_text(info, ends),
            exclusive_end: info.exclusive_end(),
            inverse,
            definition: Definition::from_info(info),
            only_v1,
        }
    }

    /// Whether the record with at most one such link is the from record.
    pub(super) fn starts_from_holder(&self) -> bool {
        self.exclusive_end == Some(LinkEnd::From)
    }
}

/// The labels of the primary types are recorded. The few others use HubSpot's descriptions.
fn label_text(info: &DefinitionInfo, ends: TypePair) -> Option<String> {
    if info.kind == DefinitionKind::Unlabeled {
        return None;
    }
    let name = match (info.sets_primary(), ends.0 == ObjectType::COMPANIES) {
        (true, true) => "Primary Company",
        (true, false) => "Primary",
        (false, _) => info.names.description,
    };
    Some(name.to_owned())
}
