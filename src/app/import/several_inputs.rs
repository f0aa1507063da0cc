//! The loop over the inputs of one command. Each has a run of its own that knows nothing of the
//! others: its own results, run log, failures, lock and closing text.

use super::{
    command::import_file,
    inputs_consent,
    inputs_end::{EndedInput, EndedInputs},
    prepared_inputs::{self, PreparedRun},
};
use crate::{
    app::{
        column_commands,
        error::AppError,
        failed_input,
        session::{
            command_context::{CommandContext, Console, StartTime},
            summary::{CommandEnd, EndedRun, SummaryRequest},
        },
    },
    cli::ImportArgs,
    exit::ExitCode,
    journal::Consent,
};

/// Imports one input, or several, one after the other.
pub(crate) fn import(args: &ImportArgs, console: Console<'_>) -> Result<CommandEnd, AppError> {
    let context = CommandContext::start(console, "--resume continues")?;
    if args.input.inputs.len() > 1 {
        return import_several(args, &context);
    }
    let ended = import_file(args, context, None).map(CommandEnd::from);
    ended.map_err(|error| column_commands::with_commands(error, console.typed))
}

fn import_several(args: &ImportArgs, context: &CommandContext<'_>) -> Result<CommandEnd, AppError> {
    let prepared = prepared_inputs::prepare(args, context.console)?;
    let agreed = inputs_consent::ask_once(args, &prepared, context)?;
    let mut ended = EndedInputs {
        started: StartTime::now(),
        runs: Vec::with_capacity(prepared.len()),
        not_begun: Vec::new(),
    };
    // From the first run on, the end is always told, also between two runs.
    context.start_writing();
    let count = prepared.len();
    for (run, number) in prepared.iter().zip(1_usize..) {
        let last = ended.runs.last().map(|run: &EndedInput| run.code);
        if context.stop.is_requested() || last.is_some_and(stops_the_rest) {
            ended.not_begun.push(run.name());
            continue;
        }
        let heading = format!("input {number} of {count}: {}", run.name());
        context.console.screen.say(&heading);
        ended
            .runs
            .push(import_one(run, context, agreed, number > 1)?);
    }
    Ok(ended.close(context))
}

/// Imports one of several inputs. A refusal concerns only this one.
fn import_one(
    run: &PreparedRun,
    context: &CommandContext<'_>,
    agreed: Option<Consent>,
    follows_run: bool,
) -> Result<EndedInput, AppError> {
    let request = SummaryRequest::import(&run.args);
    let console = Console {
        typed: &run.typed,
        ..context.console
    };
    let ended = import_file(&run.args, context.for_run(console, follows_run)?, agreed);
    let EndedRun { code, summary } = match ended {
        Ok(ended) => ended,
        Err(error) => {
            let error = column_commands::with_commands(error, &run.typed);
            failed_input::show(&error, console.screen);
            let code = error.exit_code();
            let summary = request.early_end_summary(code, &error.to_string());
            EndedRun { code, summary }
        }
    };
    Ok(EndedInput {
        name: run.name(),
        code,
        summary,
    })
}

/// Whether the other inputs would end in the same way, or must not begin.
fn stops_the_rest(code: ExitCode) -> bool {
    match code {
        ExitCode::Success
        | ExitCode::SomeRowsBad
        | ExitCode::Refused
        | ExitCode::InputBroken
        | ExitCode::InUse => false,
        ExitCode::Credentials
        | ExitCode::Unavailable
        | ExitCode::Internal
        | ExitCode::DayQuota
        | ExitCode::Hangup
        | ExitCode::Interrupt
        | ExitCode::Terminate => true,
    }
}
