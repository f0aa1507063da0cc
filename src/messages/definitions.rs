//! Sentences about definitions and labels that there are not.

use crate::{
    association::{OlderDefinition, UnknownDefinition, UnknownLabel},
    tables,
};

/// What lists the definitions of an API: of the oldest it needs no option.
#[must_use]
pub fn list_types(api: &str) -> String {
    if api == tables::oldest().api() {
        "hubassoc types".to_owned()
    } else {
        format!("hubassoc types --api {api}")
    }
}

/// Why a text names no definition.
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
        None => format!(
            "'{text}' is neither an id nor the name of a definition; `{command}` lists them all"
        ),
        Some(OlderDefinition { name, api }) if instead.is_empty() => format!(
            "'{text}' ({name}) is of API {api} and has no counterpart in this one; choose another \
             (`{command}` lists them all)"
        ),
        Some(OlderDefinition { name, api }) => format!(
            "'{text}' ({name}) is of API {api} and has no single counterpart in this one; choose one \
             of {}",
            instead.join(", ")
        ),
    }
}

/// Why an account has no definition for a label.
#[must_use]
pub fn unknown_label(unknown: &UnknownLabel) -> String {
    match unknown {
        UnknownLabel::NotThere {
            label,
            from,
            to,
            nearest,
            looks_same,
        } => {
            let instead = match (nearest.as_str(), looks_same) {
                ("", _) => "it has none between them: create it in HubSpot, or leave the label out"
                    .to_owned(),
                (names, false) => {
                    format!("nearest: {names}; write one of these, or create it in HubSpot")
                }
                (names, true) => format!(
                    "nearest: {names}; the first looks the same, but is written with other \
                     characters: copy it from HubSpot"
                ),
            };
            format!("the account has no label {label} from {from} to {to}; {instead}")
        }
        UnknownLabel::NoneUnlabeled { from, to, labels } => {
            let instead = match labels.as_str() {
                "" => {
                    "nor any label: check the object types, or create a label in HubSpot".to_owned()
                }
                names => format!("give a label, such as {names}"),
            };
            format!("the account has no association without a label from {from} to {to}; {instead}")
        }
        UnknownLabel::Ambiguous {
            label,
            from,
            to,
            all,
        } => format!(
            "{label} may be one of several association types from {from} to {to} ({all}); write \
             it exactly as one of them, or rename one in HubSpot"
        ),
    }
}
