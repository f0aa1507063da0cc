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
    let columns = input.row_builder.columns.link;
    if !columns.have_keys() {
        return Ok(Vec::new());
    }
    let types = columns.source.object_types();
    let sides = [columns.from, columns.to].into_iter().zip(types);
    let for_all_rows = sides.map(|(column, object_type)| {
        let Some(name) = column.property else {
            return Some(None);
        };
        let object_type = object_type?;
        Some(Some((KeyProperty { object_type, name }, 0)))
    });
    if let Some(properties) = for_all_rows.collect::<Option<Vec<_>>>() {
        return Ok(properties.into_iter().flatten().collect());
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
