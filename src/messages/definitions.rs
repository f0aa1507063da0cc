//! Sentences about definitions and labels that do not exist.

use crate::{
    association::{OlderDefinition, UnknownDefinition, UnknownLabel},
    tables,
};

/// The command that lists the definitions of an API. The oldest API needs no option.
#[must_use]
pub fn list_types(api: &str) -> String {
    if api == tables::oldest().api() {
        "hubassoc types".to_owned()
    } else {
        format!("hubassoc types --api {api}")
    }
}

/// Why a text is not a definition.
#[must_use]
pub fn unknown_definition(unknown: &UnknownDefinition) -> String {
    let UnknownDefinition {
        text,
        older,
        instead,
        api,
    } = unknown;
    let command = list_types(api);
    match older {
        None => {
            format!("'{text}' is not the id or name of a definition; `{command}` lists them all")
        }
        Some(OlderDefinition { name, api }) if instead.is_empty() => format!(
            "'{text}' ({name}) exists only in API {api}; choose another (`{command}` lists them \
             all)"
        ),
        Some(OlderDefinition { name, api }) => format!(
            "'{text}' ({name}) belongs to API {api} and has several counterparts in this one; \
             choose one of {}",
            instead.join(", ")
        ),
    }
}

/// Why an account has no definition for a label.
#[must_use]
pub fn unknown_label(unknown: &UnknownLabel) -> String {
    let (UnknownLabel::NotFound { label, .. } | UnknownLabel::Ambiguous { label, .. }) = unknown
    else {
        return label_fault(unknown, "", "");
    };
    label_fault(unknown, &format!("label {label}"), label)
}

/// Why an account has no definition for the label of a cell, without the text of the cell.
#[must_use]
pub fn unknown_label_of_cell(unknown: &UnknownLabel) -> String {
    label_fault(unknown, "such label", "the label")
}

/// `missing` and `ambiguous` are the label, in the words of a sentence.
fn label_fault(unknown: &UnknownLabel, missing: &str, ambiguous: &str) -> String {
    match unknown {
        UnknownLabel::NotFound {
            label: _,
            from,
            to,
            nearest,
            looks_same,
        } => {
            let instead = match (nearest.as_str(), looks_same) {
                ("", _) => "it has no labels between them: create the label in HubSpot, or leave \
                            the cell empty"
                    .to_owned(),
                (names, false) => {
                    format!("closest: {names}; use one of these, or create the label in HubSpot")
                }
                (names, true) => format!(
                    "closest: {names}; the first looks the same but uses other characters: copy it \
                     from HubSpot"
                ),
            };
            format!("this account has no {missing} from {from} to {to}; {instead}")
        }
        UnknownLabel::NoneUnlabeled { from, to, labels } => {
            let instead = match labels.as_str() {
                "" => {
                    "and no labels: check the object types, or create a label in HubSpot".to_owned()
                }
                names => format!("use a label, such as {names}"),
            };
            format!(
                "this account has no association without a label from {from} to {to}; {instead}"
            )
        }
        UnknownLabel::Ambiguous {
            label: _,
            from,
            to,
            matches,
        } => format!(
            "{ambiguous} matches several association types from {from} to {to} ({matches}); write it \
             exactly like one of them, or rename one in HubSpot"
        ),
    }
}
