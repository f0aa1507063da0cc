//! Sentences about definitions and labels that there are not.

use crate::{
    association::{OlderDefinition, UnknownDefinition},
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
