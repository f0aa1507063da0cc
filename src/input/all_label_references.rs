//! All label references of a file. They are collected before anything is sent, so that only their
//! labels are read from the account. Knows nothing about accounts.

use crate::association::LabelReference;

use super::{
    error::{InputError, InputRefusal},
    label_references::MAX_LABEL_REFERENCES,
    open::open,
    options::InputOptions,
    rows::InputReader,
    source,
};

/// The different label references of the rows, each with the line of its first row, or 0 if no
/// column is used for it. Empty if the rows use definitions.
///
/// A stream is not read, because it can be read only once; its columns must not have label
/// references.
///
/// # Errors
///
/// If the input is refused or has too many label references. If it breaks off, the references
/// before that point are returned, and the error is reported when the rows are read.
pub fn label_references(options: &InputOptions) -> Result<Vec<(LabelReference, u64)>, InputError> {
    let for_all_rows = options.from_type.zip(options.to_type);
    let for_all_rows = for_all_rows.map(|(from, to)| {
        let label = options.label.as_deref().unwrap_or_default();
        vec![(LabelReference::new(from, to, label), 0)]
    });
    if source::is_stream(&options.path) {
        return Ok(for_all_rows.unwrap_or_default());
    }
    match for_all_rows {
        Some(for_all_rows) if options.label.is_some() => Ok(for_all_rows),
        Some(_) | None => read(&InputOptions {
            labels: None,
            ..options.clone()
        }),
    }
}

fn read(options: &InputOptions) -> Result<Vec<(LabelReference, u64)>, InputError> {
    let mut input = open(options)?;
    let Some(label_references) = input.row_builder.link_reader.label_references() else {
        return Ok(Vec::new());
    };
    if let Some(reference) = label_references.for_all_rows() {
        return Ok(vec![(reference, 0)]);
    }
    let mut found = Vec::new();
    let mut row = InputReader::empty_row();
    while let Ok(true) = input.next_row(&mut row) {
        let Some(label_references) = input.row_builder.link_reader.label_references() else {
            break;
        };
        let new = label_references.all().iter().skip(found.len());
        found.extend(new.map(|reference| (reference.clone(), row.line)));
        if label_references.too_many() {
            return Err(InputError::Refused {
                path: options.path.clone(),
                refusal: InputRefusal::TooManyLabels {
                    line: row.line,
                    limit: MAX_LABEL_REFERENCES,
                },
            });
        }
    }
    Ok(found)
}
