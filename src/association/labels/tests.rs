//! Which label a text finds, and what the errors say.

use super::*;
use crate::{messages, tables::v2026_09};

const PAIR: (&str, &str) = ("contacts", "companies");

fn association_type(category: Category, id: u32) -> AssociationType {
    AssociationType { category, id }
}

/// What a label finds in an account with these labels.
fn found(existing: &[(Category, u32, &str)], label: &str) -> Result<AssociationType, String> {
    let infos = existing.iter().map(|(category, id, label)| AccountLabel {
        association_type: association_type(*category, *id),
        label: (!label.is_empty()).then(|| (*label).to_owned()),
    });
    let mut labels = AccountLabels::new(v2026_09::table());
    labels.insert(PAIR.0, PAIR.1, infos.collect());
    let found = labels.find(&LabelReference::new(PAIR.0, PAIR.1, label));
    found
        .map(Definition::association_type)
        .map_err(|error| messages::unknown_label(&error))
}

use Category::{HubSpotDefined as HubSpot, IntegratorDefined as App, UserDefined as Own};

const USUAL: [(Category, u32, &str); 5] = [
    (HubSpot, 1, "Primary"),
    (HubSpot, 279, ""),
    (Own, 26, "Decision maker"),
    (Own, 28, "Billing contact"),
    (App, 5, "Assistant "),
];

#[test]
fn case_and_surrounding_blanks_are_ignored() {
    for label in ["Decision maker", "DECISION MAKER", " decision Maker\t"] {
        assert_eq!(
            found(&USUAL, label),
            Ok(association_type(Own, 26)),
            "{label}"
        );
    }
    assert_eq!(found(&USUAL, "assistant"), Ok(association_type(App, 5)));
}

#[test]
fn labels_that_differ_only_in_case_must_match_exactly() {
    let two = [(Own, 7, "boss"), (Own, 8, "Boss")];
    assert_eq!(found(&two, "Boss"), Ok(association_type(Own, 8)));
    let message = found(&two, "BOSS").unwrap_err();
    assert!(
        message.contains("'boss' USER_DEFINED=7, 'Boss' USER_DEFINED=8"),
        "{message}"
    );
}

#[test]
fn no_label_means_the_unlabeled_association() {
    assert_eq!(found(&USUAL, " "), Ok(association_type(HubSpot, 279)));
    assert_eq!(
        found(&[], ""),
        Ok(association_type(HubSpot, 279)),
        "as published"
    );
    assert_eq!(found(&[(Own, 9, "")], ""), Ok(association_type(Own, 9)));
}

#[test]
fn a_pair_without_an_unlabeled_association_lists_its_labels() {
    let mut labels = AccountLabels::new(v2026_09::table());
    let label = Some("Owner".to_owned());
    labels.insert(
        "contacts",
        "2-5",
        vec![AccountLabel {
            association_type: association_type(Own, 3),
            label,
        }],
    );
    let error = labels
        .find(&LabelReference::new("contacts", "2-5", ""))
        .unwrap_err();
    assert_eq!(
        messages::unknown_label(&error),
        "this account has no association without a label from contacts to 2-5; use a label, such \
         as 'Owner'"
    );
}

#[test]
fn of_two_categories_the_accounts_own_label_is_preferred() {
    let two = [(HubSpot, 1, "Primary"), (Own, 33, "Primary")];
    assert_eq!(found(&two, "primary"), Ok(association_type(Own, 33)));
    let alike = [(Own, 33, "Boss"), (Own, 34, "Boss")];
    let message = found(&alike, "Boss").unwrap_err();
    assert!(
        message.contains("write it exactly like one of them, or rename one in HubSpot"),
        "{message}"
    );
}

#[test]
fn an_unknown_label_is_reported_with_the_three_most_similar() {
    let message = found(&USUAL, "Decison makr").unwrap_err();
    assert_eq!(
        message,
        "this account has no label 'Decison makr' from contacts to companies; closest: 'Decision \
         maker', 'Assistant', 'Primary'; use one of these, or create the label in HubSpot"
    );
}

#[test]
fn an_account_without_labels_is_reported_as_such() {
    let message = found(&[(HubSpot, 279, "")], "Boss").unwrap_err();
    assert!(
        message.contains(
            "it has no labels between them: create the label in HubSpot, or leave the cell empty"
        ),
        "{message}"
    );
}

#[test]
fn only_the_published_type_1_sets_the_primary_company() {
    let mut labels = AccountLabels::new(v2026_09::table());
    let info = |category, label: &str| AccountLabel {
        association_type: association_type(category, 1),
        label: Some(label.to_owned()),
    };
    labels.insert(
        PAIR.0,
        PAIR.1,
        vec![info(HubSpot, "Primary"), info(Own, "Boss")],
    );
    let sets = |label| {
        let found = labels
            .find(&LabelReference::new(PAIR.0, PAIR.1, label))
            .unwrap();
        found.sets_primary()
    };
    assert_eq!([sets("Primary"), sets("Boss")], [true, false]);
}

#[test]
fn a_lookalike_of_a_label_is_shown_differently() {
    for (label, shown) in [
        ("Decision\u{a0}maker", r"'Decision\u{a0}maker'"),
        ("Decis\u{456}on maker", r"'Decis\u{456}on maker'"),
        ("Decision\u{200b} maker", r"'Decision\u{200b} maker'"),
    ] {
        let why = found(&USUAL, label).unwrap_err();
        assert!(why.contains(&format!("no label {shown}")), "{why}");
        assert!(why.contains("closest: 'Decision maker', "), "{why}");
        assert!(why.contains("looks the same"), "{why}");
    }
}

#[test]
fn decomposed_letters_are_shown_differently() {
    let existing = [(Own, 1, "D\u{e9}cideur"), (Own, 2, "Acheteur")];
    let why = found(&existing, "De\u{301}cideur").unwrap_err();
    let shown =
        r"no label 'De\u{301}cideur' from contacts to companies; closest: 'D\u{e9}cideur', ";
    assert!(why.contains(shown), "{why}");
}
