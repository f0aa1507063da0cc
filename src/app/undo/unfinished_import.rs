//! Imports by keys that were stopped while rows were under way. Only the import finds the records
//! of these rows, and it cannot be completed after an undo. So it has to be completed first.

use std::{collections::HashMap, path::Path};

use roaring::RoaringTreemap;

use crate::{
    app::{
        command_line::CommandLine,
        error::AppError,
        past::{past_run::PastRun, rows_from_input::RowsFromInput},
    },
    cli::UndoArgs,
    config,
    input::{self, InputOptions, InputPath, InputReader},
    output::{number, path, plural},
};

/// So many rows are named.
const NAMED_ROWS: usize = 3;

/// Refuses to undo an import whose rows under way could be found out by completing it. If its
/// input is not there, a person may decide to go on without these rows.
pub(super) fn refuse(run: &PastRun, args: &UndoArgs) -> Result<(), AppError> {
    let rows = rows_with_unknown_records(run);
    // After an undo has begun, the import cannot be completed any more.
    if rows.is_empty() || run.recorded.is_undone() {
        return Ok(());
    }
    let found = run.rows_from_input.as_ref().and_then(RowsFromInput::path);
    if found.is_none() && !args.yes {
        return Ok(());
    }
    let input = found.unwrap_or(&run.recorded.info().input.name);
    let options = run.rows_from_input.as_ref();
    let options = options.and_then(|from_input| from_input.input.as_ref().ok());
    Err(AppError::UnfinishedImport {
        problem: problem(&rows, options, found.is_none().then_some(input)),
        commands: vec![resume_command(run, args, input).to_string()],
    })
}

/// Rows by keys that were under way. A row that was sent again is one of them, even if it has a
/// line with ids: its keys may have led to other records.
pub(super) fn rows_with_unknown_records(run: &PastRun) -> RoaringTreemap {
    if run.has_keys {
        run.recorded.possibly_sent() | run.recorded.interrupted_resends()
    } else {
        RoaringTreemap::new()
    }
}

/// What to do about rows whose records are not known, where an undo goes on.
pub(super) fn remedy_in_preview(run: &PastRun, args: &UndoArgs) -> String {
    if run.recorded.is_undone() || rows_with_unknown_records(run).is_empty() {
        return "look in HubSpot whether their records are linked".to_owned();
    }
    let input = &run.recorded.info().input.name;
    format!(
        "the input {} was not found: if you have it, answer no, and complete the import first ({})",
        path(input),
        resume_command(run, args, input)
    )
}

/// What is wrong with these rows, as far as the colon before the command.
fn problem(rows: &RoaringTreemap, input: Option<&InputOptions>, lost: Option<&Path>) -> String {
    let named = first_rows(rows, input).join(", ");
    let more = match rows.len().saturating_sub(NAMED_ROWS as u64) {
        0 => String::new(),
        more => format!(" and {} more", number(more)),
    };
    let (its_link, it_names) = if rows.len() == 1 {
        ("its link", "It names")
    } else {
        ("their links", "They name")
    };
    let remedy = lost.map_or_else(
        || "Complete the import first, then run undo again:".to_owned(),
        |lost| {
            format!(
                "The input {} was not found. Complete the import first, with the same input, then \
                 run undo again. If the input is lost, run undo without --yes: it asks before it \
                 removes the other links. To complete the import:",
                path(lost)
            )
        },
    );
    format!(
        "nothing was removed: {} under way when the import stopped, so HubSpot may have {its_link}. \
         {it_names} records by keys, and only the import finds these records: {named}{more}. \
         {remedy}",
        plural(rows.len(), "row was", "rows were")
    )
}

/// The first rows, with their lines in the input if it can be read.
fn first_rows(rows: &RoaringTreemap, input: Option<&InputOptions>) -> Vec<String> {
    let rows = || rows.iter().take(NAMED_ROWS);
    // A message without lines is better than none.
    let lines = input.and_then(|options| find_lines(rows(), options).ok());
    let lines = lines.unwrap_or_default();
    let text = |row| match lines.get(&row) {
        Some(line) => format!("row {} (line {})", number(row), number(*line)),
        None => format!("row {}", number(row)),
    };
    rows().map(text).collect()
}

/// The lines where these rows begin.
fn find_lines(
    rows: impl Iterator<Item = u64>,
    options: &InputOptions,
) -> Result<HashMap<u64, u64>, AppError> {
    let (mut input, mut row) = (input::open(options)?, InputReader::empty_row());
    let mut lines = HashMap::new();
    for wanted in rows {
        while row.number < wanted && input.next_row(&mut row)? {}
        if row.number == wanted {
            lines.insert(wanted, row.line);
        }
    }
    Ok(lines)
}

/// The command that completes the import.
fn resume_command(run: &PastRun, args: &UndoArgs, input: &Path) -> CommandLine {
    let beside = config::results_path(&run.args, &InputPath::File(input.to_owned()));
    let is_beside = beside.is_ok_and(|path| path == run.path());
    let is_named = args.config_file.values.get("results").is_some();
    let line = CommandLine::new("import");
    let line = if input == Path::new("-") {
        line.with(input)
    } else {
        line.with_file(input)
    };
    let line = if is_beside && !is_named && !config::has_variable("results") {
        line
    } else {
        line.with("-o").with_file(run.path())
    };
    line.resuming()
}
