//! Sentences about what the cells of a row hold.

use super::definitions::{list_types, unknown_definition};
use crate::failure::CellFault;

/// What is wrong with a cell, behind the name of its column.
pub(super) fn fault(fault: &CellFault) -> String {
    match fault {
        CellFault::DefinitionMissing => "the definition is missing; fill in the cell".to_owned(),
        CellFault::OlderDefinition(unknown) => unknown_definition(unknown),
        CellFault::NoDefinition(unknown) => format!(
            "'{}' is neither an id nor the name of a definition; `{}` lists them",
            unknown.text,
            list_types(unknown.api)
        ),
        CellFault::UnreadDefinition(definition) => {
            format!("'{definition}' could not be read as a definition")
        }
    }
}
