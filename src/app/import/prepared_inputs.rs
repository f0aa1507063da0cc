//! What is known of several inputs before the first row of the first one is sent: where their
//! results go, and that each can be read. Whatever can be refused by then is refused.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{
    app::{
        column_commands, error::AppError, past::recorded_options, preview::min_rows,
        session::command_context::Console, typed_inputs,
    },
    cli::ImportArgs,
    config::{self, SeveralInputsError},
    input::{self, InputOptions, InputShape},
    journal::{self, RecordedRun},
    sandbox::Sandbox,
};

/// The run of one of several inputs, before it begins.
pub(super) struct PreparedRun {
    pub(super) args: ImportArgs,
    /// The command line without the other inputs.
    pub(super) typed: Vec<OsString>,
    pub(super) results: PathBuf,
    pub(super) options: InputOptions,
    pub(super) shape: InputShape,
}

impl PreparedRun {
    /// The name of the input.
    pub(super) fn name(&self) -> String {
        self.options.path.to_string()
    }
}

/// Prepares the run of each input, in their order.
///
/// Fails at the first one that cannot be imported, before any of them is.
pub(super) fn prepare(
    args: &ImportArgs,
    console: Console<'_>,
) -> Result<Vec<PreparedRun>, AppError> {
    let results = config::results_paths(args)?;
    let inputs = &args.input.inputs;
    let files = inputs.iter().map(Path::new);
    let files: Vec<_> = files.chain(results.iter().map(PathBuf::as_path)).collect();
    config::check_summary(args.sending.summary.as_deref(), &files)?;
    config::check_batch(args.input.api, args.sending.pace.batch)?;
    if args.sandbox {
        Sandbox::check(&args.sandbox_options())?;
    }
    let typed = typed_inputs::words_of_each(console.typed, inputs);
    let runs = inputs.iter().zip(results).zip(typed);
    let runs = runs.map(|((input, results), typed)| {
        let prepared = prepare_run(args.for_input(input), results, &typed);
        prepared.map_err(|error| column_commands::with_commands(error, &typed))
    });
    runs.collect()
}

fn prepare_run(
    args: ImportArgs,
    results: PathBuf,
    typed: &[OsString],
) -> Result<PreparedRun, AppError> {
    let (options, shape) = match open(&args) {
        // The columns may be among the options of the run that is resumed.
        Err(error) => match recorded_arguments(&args, &results, typed) {
            Some(recorded) => open(&recorded)?,
            None => return Err(error),
        },
        Ok(opened) => opened,
    };
    min_rows::check_file(&options, args.input.min_rows)?;
    // A rehearsal replaces the last one.
    if !args.resume && !args.sandbox && journal::refuse_existing(&results).is_err() {
        let input = PathBuf::from(&args.input.input);
        return Err(SeveralInputsError::ResultsExist { results, input }.into());
    }
    Ok(PreparedRun {
        args,
        typed: typed.to_vec(),
        results,
        options,
        shape,
    })
}

/// Opens the input and reads its header.
fn open(args: &ImportArgs) -> Result<(InputOptions, InputShape), AppError> {
    let options = config::input(&args.input)?;
    let shape = input::open(&options)?.shape().clone();
    Ok((options, shape))
}

/// The arguments with the options of the run that is resumed, if there is one and it can be read.
fn recorded_arguments(
    args: &ImportArgs,
    results: &Path,
    typed: &[OsString],
) -> Option<Box<ImportArgs>> {
    let past = recorded_run(args, results)?;
    recorded_options::arguments_typed(&past, typed, &args.config_file.values).ok()
}

/// The run that would be resumed, if it can be read now. Whatever is wrong with it is reported
/// when it is resumed.
pub(super) fn recorded_run(args: &ImportArgs, results: &Path) -> Option<RecordedRun> {
    if !args.resume || !journal::files_exist(results) || journal::lacks_run_log(results) {
        return None;
    }
    let locked = journal::lock(results, |_| ()).ok()?;
    locked.recorded_run().ok().flatten()
}
