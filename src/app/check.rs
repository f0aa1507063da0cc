//! `check`: reads and judges rows like `import`, without any connection. Bad rows go to
//! standard output as CSV (or what was found out, as JSON), messages to standard error.

use std::{
    cell::Cell,
    io::{self, Write as _},
    iter,
    path::Path,
};

use super::{
    check_document::{CheckedInput, CheckedInputs, add_cause},
    check_online, column_commands,
    error::AppError,
    failed_input,
    preview::{
        checked_options::checked_options,
        labels, min_rows,
        preview_lines::{self, SendEstimate},
        single_link_conflicts::SingleLinkConflicts,
    },
    print::print_json,
    session::command_context::Console,
    typed_inputs,
};
use crate::{
    association::LabelReference,
    cause::FailureGroups,
    cli::{CheckArgs, ImportArgs, OutputFormat},
    config,
    exit::ExitCode,
    input::{self, InputError, InputOptions, InputReader, InputShape},
    journal,
    output::{
        Notice, ResultsError, ResultsSink, ResultsWriter, RowLog, RowMessages, TotalRows, path,
        plural,
    },
    row::RowReport,
};

/// Checks one input, or several, one after the other.
pub(super) fn check(args: &CheckArgs, console: Console<'_>) -> Result<ExitCode, AppError> {
    let parts = BadRowParts {
        has_begun: Cell::new(false),
        are_of_several: args.import.input.inputs.len() > 1,
        document: (args.output.format == OutputFormat::Json).then(CheckedInputs::default),
    };
    let code = if parts.are_of_several {
        check_several(args, &parts, console)?
    } else {
        let checked = check_one(args, &args.import, &parts, console);
        checked.map_err(|error| column_commands::with_commands(error, console.typed))?
    };
    if let Some(inputs) = parts.document {
        print_json(&inputs.document(code))?;
    }
    Ok(code)
}

/// Checks all inputs, whatever is wrong with one of them. The gravest exit code counts.
fn check_several(
    check_args: &CheckArgs,
    parts: &BadRowParts,
    console: Console<'_>,
) -> Result<ExitCode, AppError> {
    let args = &check_args.import;
    config::results_paths(args)?;
    let (screen, inputs) = (console.screen, &args.input.inputs);
    let typed = typed_inputs::words_of_each(console.typed, inputs);
    let mut ended = Vec::with_capacity(inputs.len());
    for ((input, typed), number) in inputs.iter().zip(typed).zip(1_usize..) {
        let name = path(Path::new(input));
        screen.say(&format!("input {number} of {}: {name}", inputs.len()));
        let checked = check_one(check_args, &args.for_input(input), parts, console);
        let code = checked.unwrap_or_else(|error| {
            let error = column_commands::with_commands(error, &typed);
            failed_input::show(&error, screen);
            if let Some(inputs) = &parts.document {
                inputs.add(CheckedInput {
                    error: Some(error.to_string()),
                    ..CheckedInput::new(Path::new(input), error.exit_code())
                });
            }
            error.exit_code()
        });
        ended.push((name, code));
    }
    let codes = ended.iter().map(|(_, code)| *code);
    let gravest = codes.fold(ExitCode::Success, ExitCode::graver);
    let lines = ended.iter().map(|(name, code)| {
        let how = if *code == ExitCode::Success {
            "ready to import".to_owned()
        } else if *code == ExitCode::SomeRowsBad {
            "some rows are invalid".to_owned()
        } else {
            format!("cannot be imported (exit code {})", code.get())
        };
        Notice::info(format!("  {name}: {how}"))
    });
    let count = Notice::info(plural(inputs.len() as u64, "input:", "inputs:"));
    let notices: Vec<_> = iter::once(count).chain(lines).collect();
    screen.conclude(&notices, gravest == ExitCode::Success);
    Ok(gravest)
}

/// Checks one input, in the way that is asked for.
fn check_one(
    check_args: &CheckArgs,
    args: &ImportArgs,
    parts: &BadRowParts,
    console: Console<'_>,
) -> Result<ExitCode, AppError> {
    let read = checked_options(args, console)?;
    if check_args.online {
        check_online::check(args, read, parts.document.as_ref(), console)
    } else {
        check_input(args, read, parts, console)
    }
}

/// Checks an input from beginning to end, without a connection.
fn check_input(
    args: &ImportArgs,
    (options, references): (InputOptions, Vec<(LabelReference, u64)>),
    parts: &BadRowParts,
    console: Console<'_>,
) -> Result<ExitCode, AppError> {
    let screen = console.screen;
    let mut input = input::open(&options)?;
    let shape = input.shape().clone();
    preview_lines::what_is_read(&options, &shape, console.keys_in_log)
        .for_each(|line| screen.say(&line));
    let mut conflicts = SingleLinkConflicts::default();
    let mut causes = parts.document.is_some().then(FailureGroups::default);
    let checked = check_rows(
        &mut input,
        || parts.begin(&shape),
        (&mut conflicts, causes.as_mut()),
        console.row_messages(shape.has_keys()),
    );
    let (rows, bad, ended) = match checked {
        Ok(counts) => counts,
        // The reader of the bad rows has closed the pipe (`| head`).
        Err(error) if error.is_broken_pipe() => return Ok(ExitCode::SomeRowsBad),
        Err(error) => return Err(error.into()),
    };
    screen.conclude(&[counts_notice(rows, bad)], bad == 0);
    let merged = preview_lines::merged_cells_line(input.merged_cells());
    for words in conflicts.notes().into_iter().chain(merged) {
        screen.say(&words);
    }
    ended?;
    if let (Some(min_rows), false) = (args.input.min_rows, input.is_repeatable()) {
        min_rows::refuse_fewer(&options, input.records_read(), min_rows)?;
    }
    let total = TotalRows::Exact(rows - bad);
    say_what_follows(
        args,
        &conflicts,
        (&shape, &references, &total),
        parts,
        console,
    );
    let code = if bad > 0 {
        ExitCode::SomeRowsBad
    } else {
        ExitCode::Success
    };
    if let (Some(inputs), Some(causes)) = (&parts.document, causes) {
        inputs.add_whole(Path::new(&args.input.input), code, (rows, bad), &causes);
    }
    Ok(code)
}

/// Says what an import of the rows would take, and what is not known yet.
fn say_what_follows(
    args: &ImportArgs,
    conflicts: &SingleLinkConflicts,
    (shape, references, total): (&InputShape, &[(LabelReference, u64)], &TotalRows),
    parts: &BadRowParts,
    console: Console<'_>,
) {
    let pace = &args.sending.pace;
    let estimate = SendEstimate::new(pace, args.input.api, args.reads_before_write(), conflicts);
    let amount = preview_lines::amount_line(total, shape, estimate);
    let notes = [
        preview_lines::batch_hint(total, estimate),
        Some(labels::unchecked_line(
            args.input.api,
            shape,
            references,
            console.keys_in_log,
        )),
        existing_results_note(args, parts.are_of_several),
    ];
    console.screen.say(&format!("import: {amount}"));
    for line in notes.into_iter().flatten() {
        console.screen.say(&line);
    }
}

/// How many rows are ready, and how many are not.
fn counts_notice(rows: u64, bad: u64) -> Notice {
    let invalid = match bad {
        0 => String::new(),
        bad => format!("; {} invalid", plural(bad, "row is", "rows are")),
    };
    Notice::info(format!(
        "{} ready to import{invalid}",
        plural(rows - bad, "row is", "rows are")
    ))
}

/// The bad rows on standard output: a part for each input that has some, because their columns
/// may differ.
struct BadRowParts {
    has_begun: Cell<bool>,
    /// Whether there are several inputs, so that their results cannot be named.
    are_of_several: bool,
    /// What is printed in their place, if a program reads it.
    document: Option<CheckedInputs>,
}

impl BadRowParts {
    /// The writer of the bad rows of one input. It writes the header at once, after a blank line
    /// if another part comes before.
    fn begin(
        &self,
        shape: &InputShape,
    ) -> Result<ResultsWriter<impl ResultsSink + use<>>, ResultsError> {
        let name = Path::new("standard output");
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        let is_first = !self.has_begun.replace(true);
        if !is_first {
            let written = stdout.write_all(b"\n");
            written.map_err(|error| ResultsError::Write(name.to_owned(), error))?;
        }
        let (header, delimiter) = (&shape.header, shape.delimiter.byte());
        ResultsWriter::create(stdout, name, header, delimiter, shape.bom && is_first)
    }
}

/// A note if results already exist.
fn existing_results_note(args: &ImportArgs, is_one_of_several: bool) -> Option<String> {
    let results = config::results_path(args, &args.input.input.clone().into()).ok()?;
    let other_way = if is_one_of_several {
        "give the input another name"
    } else {
        "start another with -o"
    };
    (!args.resume && journal::files_exist(&results)).then(|| {
        format!(
            "note: {} exists: continue that run with --resume, or {other_way}",
            path(&results)
        )
    })
}

type CheckCounts = (u64, u64, Result<(), InputError>);

/// Counts rows and bad rows, and returns how reading ended. Without a bad row nothing is written,
/// not even the header: it would stand among the messages of a terminal. With `causes`, bad rows are
/// only grouped.
fn check_rows<W: ResultsSink>(
    input: &mut InputReader,
    open_writer: impl Fn() -> Result<ResultsWriter<W>, ResultsError>,
    (conflicts, mut causes): (&mut SingleLinkConflicts, Option<&mut FailureGroups>),
    messages: RowMessages,
) -> Result<CheckCounts, ResultsError> {
    let (mut rows, mut bad) = (0, 0);
    let mut log = RowLog::default();
    let mut row = InputReader::empty_row();
    let mut bad_rows = None;
    let ended = loop {
        match input.next_row(&mut row) {
            Ok(true) => rows += 1,
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
        conflicts.add_row(&row);
        if let Err(failure) = &row.link {
            bad += 1;
            let report = RowReport::invalid(row.clone(), failure.clone());
            log.log(&report, messages);
            if let Some(causes) = &mut causes {
                add_cause(causes, &report, messages);
                continue;
            }
            let writer = match &mut bad_rows {
                Some(writer) => writer,
                none @ None => none.insert(open_writer()?),
            };
            writer.write(&[report], messages.recorded)?;
        }
    };
    Ok((rows, bad, ended))
}
