//! The refusal of a first row that has data instead of names of columns.
//!
//! Keeps none of its cells. Does not know how the row was found.

use super::{
    columns::needed_names,
    data_row::{self, is_number},
    error::{DataRow, HeaderFault},
    header_names::is_blank,
    key_cell,
    options::InputOptions,
};

/// Where a first row stands.
#[derive(Clone, Copy)]
pub(super) struct FirstRow<'a> {
    pub(super) cells: &'a [String],
    pub(super) line: u64,
    pub(super) in_sheet: bool,
}

/// The refusal of a row that lacks needed columns, if it is data. `has_suggestions` says that names of
/// columns are in it, so an address among other words is an example in a name.
pub(super) fn without_names(
    row: FirstRow<'_>,
    has_suggestions: bool,
    options: &InputOptions,
) -> Option<HeaderFault> {
    let numbers = row.cells.iter().filter(|cell| is_number(cell)).count();
    let mut cells = row.cells.iter();
    let has_keys = cells.any(|cell| {
        key_cell::looks_like_key(cell) || !has_suggestions && key_cell::contains_key(cell)
    });
    let is_data = has_keys || numbers > 1;
    is_data.then(|| refusal(row, false, options))
}

/// The refusal of a row whose cells were given as the names of columns.
pub(super) fn with_given_names(row: FirstRow<'_>, options: &InputOptions) -> HeaderFault {
    refusal(row, true, options)
}

fn refusal(row: FirstRow<'_>, has_given_names: bool, options: &InputOptions) -> HeaderFault {
    let named = row.cells.iter().filter(|cell| !is_blank(cell));
    HeaderFault::Data(DataRow {
        line: row.line,
        cells: named.count(),
        needed: needed_names(&data_row::without_data_names(options)),
        has_keys: has_keys(row.cells),
        data_names: data_row::given_settings(options),
        has_given_names,
        in_sheet: row.in_sheet,
    })
}

fn has_keys(cells: &[String]) -> bool {
    cells
        .iter()
        .any(|cell| key_cell::looks_like_key(cell) || key_cell::contains_key(cell))
}
