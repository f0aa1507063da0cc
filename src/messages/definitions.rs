//! Sentences about definitions and labels that there are not.

use crate::association::UnknownDefinition;

/// What lists the definitions of an API, which may have labels.
#[must_use]
pub fn list_types(has_labels: bool) -> &'static str {
    if has_labels {
        "hubassoc types --api 2026-09"
    } else {
        "hubassoc types"
    }
}

/// Why a text names no definition.
#[must_use]
pub fn unknown_definition(unknown: &UnknownDefinition) -> String {
    let UnknownDefinition {
        text,
        older,
        instead,
        has_labels,
    } = unknown;
    let command = list_types(*has_labels);
    match older {
        None => format!(
            "'{text}' is neither an id nor the name of a definition; `{command}` lists them all"
        ),
        Some(name) if instead.is_empty() => format!(
            "'{text}' ({name}) is of API v1 and has no counterpart in this one; choose another \
             (`{command}` lists them all)"
        ),
        Some(name) => format!(
            "'{text}' ({name}) is of API v1 and has no single counterpart in this one; choose one \
             of {}",
            instead.join(", ")
        ),
    }
}
