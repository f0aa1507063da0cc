//! Opens an input: detects its format and reads its header.
//!
//! Connects the stages before the first row. Reads no more than the header needs.

use std::sync::Arc;

use crate::lookalike::show_exact;

use super::{
    columns::InputColumns,
    definition_source,
    error::{
        ColumnFault, ColumnSuggestion, InputError, InputRefusal, SuggestedColumn, SuggestedType,
    },
    format_types::{InputShape, NamedColumn},
    header_names::NAME_CHARS,
    link::LinkReader,
    link_columns::{RowColumns, SideColumn},
    options::{InputOptions, InputSetting},
    records,
    row_builder::RowBuilder,
    row_splitter::RowSplitter,
    rows::{InputReader, ReadPosition},
    source::{self, InputSource},
    usual_names::column_separator,
};

/// Opens the input and reads its header.
///
/// # Errors
///
/// If it is not a file of rows with the needed columns.
pub fn open(options: &InputOptions) -> Result<InputReader, InputError> {
    let refused = |refusal| InputError::Refused {
        path: options.path.clone(),
        refusal,
    };
    refuse_two_definition_sources(options).map_err(refused)?;
    let input = source::open(&options.path)
        .and_then(|source| read_header(source, options))
        .map_err(refused)?;
    if input
        .row_builder
        .link_reader
        .has_label_references_in_columns()
        && !input.is_repeatable()
    {
        return Err(refused(InputRefusal::TypesInStream));
    }
    if let Some(suggestion) = usual_names_suggestion(&input, options)
        && !input.is_repeatable()
    {
        return Err(refused(
            ColumnFault::UsualNamesInStream(suggestion.into()).into(),
        ));
    }
    Ok(input)
}

/// The columns and object types that only the names of columns say.
fn usual_names_suggestion(input: &InputReader, options: &InputOptions) -> Option<ColumnSuggestion> {
    let columns = &input.row_builder.columns;
    if !columns.has_usual_names || options.definition.is_some() || options.from_type.is_some() {
        return None;
    }
    let RowColumns { from, to, source } = columns.link;
    let [from_type, to_type] = source.object_types();
    let column = |column: SideColumn, object_type| SuggestedColumn {
        name: columns.header[column.index].trim().to_owned(),
        object_type: SuggestedType::Guessed(object_type),
        property: column.property,
    };
    let names = [from, to].map(|column| &columns.header[column.index]);
    Some(ColumnSuggestion {
        from: column(from, from_type?),
        to: column(to, to_type?),
        label_column: None,
        api: None,
        split: column_separator(names.into_iter(), options),
    })
}

/// Refuses options that contradict each other for any file.
fn refuse_two_definition_sources(options: &InputOptions) -> Result<(), InputRefusal> {
    let column = options.definition_column.is_some();
    let definition = options.definition.is_some();
    let refuse = |definition, types| Err(InputRefusal::DefinitionOptions { definition, types });
    match (
        definition_source::types_setting(options),
        column,
        definition,
    ) {
        (None, true, true) => refuse(InputSetting::DefinitionColumn, InputSetting::Definition),
        (Some(types), true, _) => refuse(InputSetting::DefinitionColumn, types),
        (Some(types), _, true) => refuse(InputSetting::Definition, types),
        (None, ..) | (Some(_), false, false) => Ok(()),
    }
}

/// Reads the same file again from its first row, with the options that it was opened with.
///
/// # Errors
///
/// If it cannot be read again, as with a pipe.
pub fn reopen(input: InputReader, options: &InputOptions) -> Result<InputReader, InputError> {
    let refused = |refusal| InputError::Refused {
        path: options.path.clone(),
        refusal,
    };
    source::reopen(input.watch)
        .and_then(|source| read_header(source, options))
        .map_err(refused)
}

/// The columns of from and to, as they are shown.
fn named_columns(columns: &InputColumns) -> [NamedColumn; 2] {
    let RowColumns { from, to, source } = columns.link;
    let [from_type, to_type] = source.object_types();
    [(from, from_type), (to, to_type)].map(|(column, object_type)| NamedColumn {
        name: show_exact(columns.header[column.index].trim(), NAME_CHARS),
        object_type,
        property: column.property,
    })
}

/// The part of [`open`] after the file system.
pub(super) fn read_header(
    source: InputSource,
    options: &InputOptions,
) -> Result<InputReader, InputRefusal> {
    let bytes_read = Arc::default();
    let (records, opened) = records::open(source.bytes, &bytes_read, options)?;
    let columns = opened.columns;
    let link_reader = LinkReader::new(columns.link, options);
    let is_shown = columns.has_usual_names || columns.link.have_keys();
    let shape = InputShape {
        named_columns: is_shown.then(|| named_columns(&columns)),
        header: columns.header.iter().collect(),
        key_columns: columns.link.indexes().collect(),
        delimiter: opened.delimiter,
        bom: opened.bom,
        format: opened.format,
        bytes_total: source.size,
        from_results: columns.original.is_some(),
    };
    let splitter = options.split.filter(|_| !options.recorded);
    Ok(InputReader {
        path: options.path.clone(),
        records,
        row_builder: RowBuilder {
            splitter: splitter.map(|separator| RowSplitter::new(separator, columns.link)),
            columns,
            link_reader,
            shape,
        },
        limit: options.limit,
        watch: source.watch,
        bytes_read,
        position: ReadPosition::default(),
        ended: false,
    })
}
