//! Whether the first row has data instead of names of columns.
//!
//! Pure: cells and options in. Does not know how columns are found.

use crate::cell::fold;

use super::{
    key_cell,
    link_columns::RowColumns,
    options::{InputOptions, InputSetting, LabelColumn},
};

/// Whether a header has the columns of from and to only because cells of data were given as their
/// names. A column with a name of its own, or a person who says which row is the header, proves that it
/// is one.
pub(super) fn is_read_as_header(
    header: &[String],
    columns: RowColumns,
    options: &InputOptions,
) -> bool {
    let has_given_name = |column: usize| is_given(&header[column], options);
    options.header_row.is_none() && names_data(options) && columns.indexes().all(has_given_name)
}

/// The settings that name a column, if that of from or to is data. All of them name cells of one row.
pub(super) fn given_settings(options: &InputOptions) -> Vec<InputSetting> {
    if !names_data(options) {
        return Vec::new();
    }
    let given = [
        (&options.from_column, InputSetting::FromColumn),
        (&options.to_column, InputSetting::ToColumn),
        (&options.definition_column, InputSetting::DefinitionColumn),
    ];
    let given = given.iter().filter(|(name, _)| name.is_some());
    given.map(|(_, setting)| *setting).collect()
}

/// The options without the names of columns, if these are data.
pub(super) fn without_data_names(options: &InputOptions) -> InputOptions {
    let mut options = options.clone();
    if names_data(&options) {
        options.from_column = None;
        options.to_column = None;
        options.definition_column = None;
    }
    options
}

/// Whether a cell has only digits and points.
pub(super) fn is_number(cell: impl AsRef<str>) -> bool {
    let digits = cell.as_ref().trim_matches([' ', '\t', '\'', '"']);
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether the name of from or of to is an e-mail address, a domain, the address of a page, or a number.
fn names_data(options: &InputOptions) -> bool {
    let names = [&options.from_column, &options.to_column];
    let mut names = names.into_iter().flatten();
    names.any(|name| is_number(name) || key_cell::looks_like_key(name))
}

/// Whether a column was given by its name.
fn is_given(name: &str, options: &InputOptions) -> bool {
    let label_column = match &options.label_column {
        LabelColumn::Named(name) => Some(name),
        LabelColumn::IfPresent | LabelColumn::AlreadyChecked | LabelColumn::Off => None,
    };
    let given = [
        options.from_column.as_ref(),
        options.to_column.as_ref(),
        options.definition_column.as_ref(),
        label_column,
    ];
    let mut given = given.into_iter().flatten();
    given.any(|given| fold(given) == fold(name))
}
