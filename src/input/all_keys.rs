//! All properties by which the rows of a file name records. They are collected before anything is
//! sent, so that they can be checked. Knows nothing about accounts.

use crate::{
    association::{KeyProperty, RecordReference},
    row::RowLink,
};

use super::{error::InputError, open::open, options::InputOptions, rows::InputReader, source};

/// The different properties by which rows name records, each with the line of the first row, or 0 if
/// it is the same for all rows. Empty if the rows have ids.
///
/// A stream is not read, because it can be read only once: of it, only what is the same for all rows
/// is known.
///
/// # Errors
///
/// If the input is refused. If it breaks off, the properties before that point are returned, and the
/// error is reported when the rows are read.
pub fn key_properties(options: &InputOptions) -> Result<Vec<(KeyProperty, u64)>, InputError> {
    if source::is_stream(&options.path) {
        return Ok(Vec::new());
    }
    let mut input = open(options)?;
    let for_all_rows = input.shape().key_properties();
    if for_all_rows.len() == input.row_builder.columns.link.key_count() {
        return Ok(for_all_rows);
    }
    let mut found: Vec<(KeyProperty, u64)> = Vec::new();
    let mut row = InputReader::empty_row();
    while let Ok(true) = input.next_row(&mut row) {
        let Ok(RowLink::Keyed(link)) = &row.link else {
            continue;
        };
        for end in [&link.from, &link.to] {
            if let RecordReference::Key(key) = end
                && found.iter().all(|(known, _)| *known != key.property)
            {
                found.push((key.property, row.line));
            }
        }
    }
    Ok(found)
}
