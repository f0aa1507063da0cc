//! What an import that skips existing links does for a link, given what exists. Pure.

use crate::{
    association::CanonicalLink,
    code::Code,
    delivery::Existing,
    failure::{Failure, LinkFault},
    plan_action::{LinksBefore, PlanAction},
    row::PlannedRow,
};

/// What is done for a link, given what exists where it goes.
///
/// # Errors
/// If the two records have a type that a write would erase.
pub fn judge(link: &CanonicalLink, existing: &Existing) -> Result<PlannedRow, Failure> {
    let own_type = link.definition().association_type();
    let before = links_before(link, existing);
    if existing.association_types.contains(&own_type) {
        return Ok(PlannedRow {
            action: PlanAction::None,
            before,
            note: Some(Failure::new(Code::LinkExists, LinkFault::Exists)),
        });
    }
    if let Some(name) = &existing.unknown_type {
        let unknown = LinkFault::UnknownType(name.clone());
        return Err(Failure::new(Code::UnknownType, unknown));
    }
    let action = match (before.replaced, before.types.as_slice()) {
        (Some(_), _) => PlanAction::ReplacePrimary,
        (None, []) => PlanAction::Create,
        (None, _) => PlanAction::AddLabel,
    };
    Ok(PlannedRow {
        action,
        before,
        note: None,
    })
}

/// What exists, in a form that can be compared.
fn links_before(link: &CanonicalLink, existing: &Existing) -> LinksBefore {
    let mut types = existing.association_types.clone();
    types.sort_unstable();
    let other = existing.primary.as_ref().map(|(other, _)| *other);
    LinksBefore {
        types,
        replaced: other.filter(|other| *other != link.to()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{AssociationType, Category, RecordId},
        tables::canonical_of_table as link,
    };

    const PRIMARY: u32 = 1;
    const UNLABELED: u32 = 279;

    fn hubspot(id: u32) -> AssociationType {
        let category = Category::HubSpotDefined;
        AssociationType { category, id }
    }

    /// The action for a link from contact 1 to company 7.
    fn action(definition: u32, types: &[u32], primary: Option<u64>) -> PlanAction {
        let existing = Existing {
            association_types: types.iter().copied().map(hubspot).collect(),
            primary: primary.map(|id| (RecordId::new(id).unwrap(), Vec::new())),
            ..Existing::default()
        };
        judge(&link(1, 7, definition), &existing).unwrap().action
    }

    #[test]
    fn what_exists_decides_on_the_action() {
        for (definition, types, primary, expected) in [
            (PRIMARY, &[][..], None, PlanAction::Create),
            (UNLABELED, &[], None, PlanAction::Create),
            (PRIMARY, &[UNLABELED], None, PlanAction::AddLabel),
            (PRIMARY, &[], Some(8), PlanAction::ReplacePrimary),
            (PRIMARY, &[UNLABELED], Some(8), PlanAction::ReplacePrimary),
            (PRIMARY, &[PRIMARY, UNLABELED], Some(7), PlanAction::None),
            (UNLABELED, &[PRIMARY, UNLABELED], None, PlanAction::None),
        ] {
            let found = action(definition, types, primary);
            assert_eq!(found, expected, "{definition} {types:?} {primary:?}");
        }
    }

    #[test]
    fn a_type_that_would_be_erased_prevents_a_write_but_no_existing_link() {
        let unknown = |types: &[u32]| Existing {
            association_types: types.iter().copied().map(hubspot).collect(),
            unknown_type: Some("NEW=1".to_owned()),
            ..Existing::default()
        };
        let link = link(1, 7, UNLABELED);
        let refused = judge(&link, &unknown(&[])).unwrap_err();
        assert_eq!(refused.code, Code::UnknownType);
        let planned = judge(&link, &unknown(&[UNLABELED])).unwrap();
        assert_eq!(planned.action, PlanAction::None);
    }
}
