//! The names in a header: finds one, or reports that it is missing.
//!
//! Pure. Does not know what the columns are for.

use crate::{cell::fold, lookalike::show_exact};

use super::{error::ColumnFault, options::InputSetting};

/// How much of the name of a column is shown.
pub(super) const NAME_CHARS: usize = 40;

/// Why a header does not have the needed columns.
#[derive(Debug)]
pub(super) enum HeaderMismatch {
    /// Columns are missing; another delimiter may give them.
    Missing(Vec<MissingColumn>),
    /// An error that does not depend on the delimiter.
    Refused(ColumnFault),
    /// The header is data: its cells were given as names.
    Data,
}

/// A needed column that is missing.
#[derive(Clone, Debug)]
pub(super) struct MissingColumn {
    pub(super) name: String,
    /// The setting that names the column or replaces it.
    pub(super) option: InputSetting,
}

/// The index of the column with this name. An error if the name appears twice.
pub(super) fn find_column(
    header: &[String],
    name: &str,
    line: u64,
) -> Result<Option<usize>, HeaderMismatch> {
    let wanted = fold(name);
    let mut columns = (0..header.len()).filter(|&i| fold(&header[i]) == wanted);
    let column = columns.next();
    if columns.next().is_some() {
        let name = show_exact(name, NAME_CHARS);
        return Err(HeaderMismatch::Refused(ColumnFault::Twice { line, name }));
    }
    Ok(column)
}

/// Whether a header has a column with this name.
pub(super) fn has_column(header: &[String], name: &str) -> bool {
    let wanted = fold(name);
    header.iter().any(|cell| fold(cell) == wanted)
}

/// Whether a cell has only blanks.
pub(super) fn is_blank(cell: impl AsRef<[u8]>) -> bool {
    cell.as_ref()
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t'))
}
