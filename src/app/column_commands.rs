//! The commands that read an input whose columns have other names: the typed one, with the
//! suggested columns.

use std::ffi::OsString;

use super::{command_line::CommandLine, error::AppError};
use crate::{
    input::{ColumnSuggestion, SuggestedType},
    messages,
};

/// Stands for an object type that only a person can say.
const TYPE: &str = "TYPE";

/// Adds the commands to an error, if the header suggests any.
pub(super) fn with_commands(error: AppError, typed: &[OsString]) -> AppError {
    let AppError::Input(input) = &error else {
        return error;
    };
    let suggestions = input.suggestions();
    if suggestions.is_empty() {
        return error;
    }
    let commands = suggestions.iter().map(|it| command(it, typed).to_string());
    let commands: Vec<_> = commands.collect();
    let needs_type = suggestions
        .iter()
        .flat_map(|it| [it.from.object_type, it.to.object_type])
        .any(|object_type| object_type == SuggestedType::Unknown);
    let problem = messages::input(input) + messages::with_commands(commands.len(), needs_type);
    AppError::OtherColumnNames { problem, commands }
}

/// The typed command with the columns and object types of this suggestion.
fn command(suggestion: &ColumnSuggestion, typed: &[OsString]) -> CommandLine {
    let ColumnSuggestion {
        from,
        to,
        label_column,
        api,
        split,
    } = suggestion;
    let split = split.map(|separator| separator.to_string());
    let object_type = |suggested| match suggested {
        SuggestedType::Stated => None,
        SuggestedType::Guessed(object_type) => Some(object_type),
        SuggestedType::Unknown => Some(TYPE),
    };
    let options = [
        ("--api", *api),
        ("--from-column", Some(from.name.as_str())),
        ("--from-key", from.property),
        ("--from-type", object_type(from.object_type)),
        ("--to-column", Some(to.name.as_str())),
        ("--to-key", to.property),
        ("--to-type", object_type(to.object_type)),
        ("--label-column", label_column.as_deref()),
        ("--split", split.as_deref()),
    ];
    let given = options
        .into_iter()
        .filter_map(|(option, value)| Some((option, value?)));
    given.fold(CommandLine::from_words(typed), |line, (option, value)| {
        line.without(&[option], &[]).with_option(option, value)
    })
}
