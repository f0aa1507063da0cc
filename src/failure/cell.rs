//! What is wrong with a cell, or with the cells of a row: as they may be shown, and
//! shortened.

use crate::association::{Definition, UnknownDefinition};

/// What is wrong with the cell of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellFault {
    /// There is no definition in it.
    DefinitionMissing,
    /// It names a definition of another version of the API.
    OlderDefinition(UnknownDefinition),
    /// It names no definition.
    NoDefinition(UnknownDefinition),
    /// It names this one, and was not read as such.
    UnreadDefinition(Definition),
}
