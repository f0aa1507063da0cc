//! What the options say about rows: how they are read, which links they mean, and how many go
//! into a call.

use std::num::NonZeroU64;

use super::error::ConfigError;
use crate::{
    association,
    cli::{Batch, InputArgs, Limit},
    hubspot::ApiVersion,
    input::{InputLimit, InputOptions, InputPath, LabelColumn, SharedStringsCache},
};

/// The longest part of an option's text that is shown.
const SHOWN_CHARS: usize = 60;

/// How the input is to be read.
///
/// # Errors
/// If the API does not have the definition or labels, or a text cannot be an object type.
pub fn input(args: &InputArgs) -> Result<InputOptions, ConfigError> {
    let table = args.api.definitions();
    let types = [&args.from_type, &args.to_type, &args.label];
    if !table.has_labels() && types.iter().any(|option| option.is_some()) {
        return Err(ConfigError::LabelsNeedNewerApi);
    }
    let label_column = args.label_column.as_deref();
    let label_column = label_column.map_or(LabelColumn::IfPresent, LabelColumn::from);
    if !table.has_labels() && matches!(label_column, LabelColumn::Named(_)) {
        return Err(ConfigError::LabelsNeedNewerApi);
    }
    let definition = args.definition.as_deref().map(|text| table.parse(text));
    let object_type = |option, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| object_type(option, text)).transpose()
    };
    Ok(InputOptions {
        path: InputPath::from(args.input.clone()),
        from_column: args.from_column.clone(),
        to_column: args.to_column.clone(),
        definition_column: args.definition_column.clone(),
        from_key: args.from_key,
        to_key: args.to_key,
        allow_free_mail: args.allow_free_mail,
        definition: definition.transpose()?,
        from_type: object_type("from-type", &args.from_type)?,
        to_type: object_type("to-type", &args.to_type)?,
        label: args.label.clone(),
        label_column,
        labels: None,
        recorded: false,
        table,
        delimiter: args.delimiter,
        encoding: args.encoding,
        sheet: args.sheet.clone(),
        shared_strings: SharedStringsCache::default(),
        header_row: args.header_row.map(NonZeroU64::get),
        split: args.split,
        limit: args.limit.and_then(Limit::rows).map(InputLimit::Records),
    })
}

/// The object type that the text of an option names.
///
/// # Errors
/// If the text cannot be one.
pub fn object_type(option: &'static str, text: &str) -> Result<&'static str, ConfigError> {
    association::object_type(text).ok_or_else(|| ConfigError::ObjectType {
        option,
        text: association::show_unknown_object_type(text, SHOWN_CHARS),
    })
}

/// Checks that the API accepts this many rows per call.
///
/// # Errors
/// If it does not.
pub fn check_batch(api: ApiVersion, batch: Batch) -> Result<(), ConfigError> {
    let max = api.max_links_per_call();
    match batch {
        Batch::Rows(rows) if rows.get() > max => Err(ConfigError::BatchTooLarge {
            rows: rows.get(),
            api: api.name(),
            max,
        }),
        Batch::Rows(_) | Batch::Max => Ok(()),
    }
}
