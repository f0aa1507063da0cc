//! The names in a header: where one stands, and that one is missing.
//!
//! Pure. Knows nothing of what the columns are for.

use crate::{cell::fold, lookalike::show_exact};

use super::{error::ColumnFault, options::InputSetting};

/// How much of a column's name is shown.
pub(super) const NAME_CHARS: usize = 40;

/// Why the columns of a header are not the ones that are needed.
#[derive(Debug)]
pub(super) enum HeaderMismatch {
    /// These are not there; another delimiter may find them.
    Missing(Vec<MissingColumn>),
    /// This would not be another with another delimiter.
    Refused(ColumnFault),
}

/// A column that is needed and not there.
#[derive(Clone, Debug)]
pub(super) struct MissingColumn {
    pub(super) name: String,
    /// The setting that gives it another name, or says what it would say.
    pub(super) option: InputSetting,
}

/// Where a name stands; refused if at two places.
pub(super) fn place(
    header: &[String],
    name: &str,
    line: u64,
) -> Result<Option<usize>, HeaderMismatch> {
    let wanted = fold(name);
    let mut places = (0..header.len()).filter(|&i| fold(&header[i]) == wanted);
    let place = places.next();
    if places.next().is_some() {
        let name = show_exact(name, NAME_CHARS);
        return Err(HeaderMismatch::Refused(ColumnFault::Twice { line, name }));
    }
    Ok(place)
}

/// Whether a header has a column of this name.
pub(super) fn has(header: &[String], name: &str) -> bool {
    let wanted = fold(name);
    header.iter().any(|cell| fold(cell) == wanted)
}

/// Whether a cell holds nothing but blanks.
pub(super) fn is_blank(cell: impl AsRef<[u8]>) -> bool {
    cell.as_ref()
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t'))
}
