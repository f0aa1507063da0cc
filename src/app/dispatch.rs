//! Runs the command that was typed, and sets up its output.

use std::ffi::OsString;

use super::{
    apply, check, doctor,
    error::AppError,
    explain, import, plan, print, sandbox,
    session::{command_context::Console, summary::SummaryRequest},
    types, undo, verify,
};
use crate::{
    cli::{Cli, Command, LogFormat, OutputFormat, ProgressWhen, ScreenArgs},
    config,
    exit::ExitCode,
    logging,
    messages::KeysInLog,
    output::{ProgressStyle, Screen},
};

/// Runs a command. `typed` is the command line as typed, to suggest commands that continue from
/// it.
///
/// # Errors
/// If the command could not begin, or could not read its input to the end.
pub fn run(cli: Cli, typed: &[OsString]) -> Result<ExitCode, AppError> {
    let ScreenArgs {
        quiet,
        verbose,
        redact,
        log_format,
        progress,
    } = cli.screen;
    let screen = Screen::new(quiet, log_format == LogFormat::Json);
    let filter = config::log_filter();
    logging::start(
        &screen,
        verbose,
        quiet,
        filter.as_deref(),
        !config::no_color(),
    );
    let console = Console {
        screen: &screen,
        style: progress_style(&screen, quiet, progress),
        keys_in_log: match (redact, verbose) {
            (true, _) => KeysInLog::Redacted,
            (false, 0) => KeysInLog::LeftOut,
            (false, _) => KeysInLog::Shown,
        },
        typed,
        metrics: None,
    };
    match cli.command {
        Command::Import(args) if args.dry_run => plan::plan(&args, OutputFormat::Text, console),
        Command::Plan(args) => plan::plan(&args.import, args.output.format, console),
        Command::Import(args) => SummaryRequest::import(&args)
            .run_with_summary(console, |console| import::import(&args, console)),
        Command::Check(args) => check::check(&args, console),
        Command::Apply(args) => SummaryRequest::apply(&args)
            .run_with_summary(console, |console| apply::apply(&args, console)),
        Command::Verify(args) => SummaryRequest::verify(&args)
            .run_with_summary(console, |console| verify::verify(&args, console)),
        Command::Undo(args) => SummaryRequest::undo(&args)
            .run_with_summary(console, |console| undo::undo(&args, console)),
        Command::Explain(args) => explain::explain(&args, console),
        Command::Doctor(args) => doctor::run(&args, &screen),
        Command::Sandbox(options) => sandbox::sandbox(options, &screen),
        Command::Types(args) => types::types(&args),
        Command::Completions { shell } => print::completions(shell),
        Command::Man => print::man(),
    }
}

fn progress_style(screen: &Screen, quiet: bool, when: ProgressWhen) -> ProgressStyle {
    let is_terminal = screen.is_terminal();
    match when {
        _ if quiet => ProgressStyle::Silent,
        ProgressWhen::Never => ProgressStyle::Silent,
        ProgressWhen::Always if is_terminal => ProgressStyle::Bar,
        // A bar needs a terminal.
        ProgressWhen::Always => ProgressStyle::LinesAndFinal,
        ProgressWhen::Auto if is_terminal && !screen.is_json() => ProgressStyle::Bar,
        ProgressWhen::Auto => ProgressStyle::Lines,
    }
}
