//! The command `explain`.

use super::{
    explanation::{CellTexts, Explanation},
    json::ExplainDocument,
    text,
};
use crate::{
    app::{
        command_line::CommandLine,
        error::AppError,
        print::{print, print_json},
        session::command_context::Console,
    },
    cli::{ConfigValues, ExplainArgs, OutputFormat},
    exit::ExitCode,
};

/// Explains a file of results.
pub(crate) fn explain(args: &ExplainArgs, console: Console<'_>) -> Result<ExitCode, AppError> {
    let cells = if console.keys_in_log.is_redacted() {
        CellTexts::LeftOut
    } else {
        CellTexts::Shown
    };
    // A configuration file that was typed is not read by the commands that are printed.
    let typed = CommandLine::from_words(console.typed);
    let config = if typed.has_option("--config") {
        ConfigValues::default()
    } else {
        args.config_file.values.clone()
    };
    let explanation = Explanation::read(&args.results, cells, &config)?;
    match args.output.format {
        OutputFormat::Text => print(text::of(&explanation).as_bytes()),
        OutputFormat::Json => print_json(&ExplainDocument::new(&explanation)),
    }
    .map(|()| ExitCode::Success)
}
