//! One function per command: it builds the parts and joins them.

mod check;
mod ending;
mod import;
mod next_step;
mod pace;
mod preamble;
mod primaries;
mod print;
mod resume;
mod run;
mod sandbox;
mod signals;
mod survey;
mod types;
mod wanted;

use std::{ffi::OsString, io, path::PathBuf};

use crate::{
    cli::{Cli, Command, LogFormat, ProgressWhen, ScreenArgs},
    config::{self, ConfigError},
    exit::ExitCode,
    hubspot::ClientError,
    input::{Fault, InputError},
    journal::JournalError,
    logging,
    output::{ProgressStyle, ResultsError, Screen},
    sandbox::SandboxError,
};

/// Why a command ended without a result of its own.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Options or environment.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The results file.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The files of the run.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A stream is not kept in memory without bound.
    #[error(
        "{0} cannot be read twice, and too many of its rows are still to be sent; write it to a \
         file, and give the file"
    )]
    TooManyHeld(String),
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The local HubSpot.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// An object type that the table does not have.
    #[error("no definition is known from or to '{0}'; `hubassoc types` lists them all")]
    UnknownType(String),
    /// Standard output is full or broken.
    #[error("standard output could not be written: {0}")]
    Stdout(#[source] io::Error),
    /// The summary could not be written; the results stand.
    #[error("the summary {0} could not be written: {1}; the results stand without it")]
    Summary(PathBuf, #[source] io::Error),
    /// Threads or signals are not to be had.
    #[error("the program could not be set up: {0}")]
    Setup(#[source] io::Error),
}

impl AppError {
    /// The code that the program ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Input(error) => of_input(error),
            Self::Results(ResultsError::Write(..))
            | Self::Stdout(_)
            | Self::Summary(..)
            | Self::Setup(_) => ExitCode::Internal,
            Self::Journal(error) if error.is_write() => ExitCode::Internal,
            Self::Config(_)
            | Self::Results(_)
            | Self::Journal(_)
            | Self::TooManyHeld(_)
            | Self::Client(_)
            | Self::Sandbox(_)
            | Self::UnknownType(_) => ExitCode::Refused,
        }
    }
}

/// The code for an input that was refused or broke off.
fn of_input(error: &InputError) -> ExitCode {
    match error {
        InputError::Refused { .. } => ExitCode::Refused,
        InputError::BrokeOff {
            fault: Fault::Panicked(_),
            ..
        } => ExitCode::Internal,
        InputError::BrokeOff { .. } => ExitCode::InputBroken,
    }
}

/// Does what the command line says. `typed` is the command line as it was,
/// to print commands that continue from it.
///
/// # Errors
/// If the command could not begin, or could not read its input to the end.
pub fn run(cli: Cli, typed: &[OsString]) -> Result<ExitCode, AppError> {
    let ScreenArgs {
        quiet,
        verbose,
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
    match cli.command {
        Command::Import(args) => import::import(
            &args,
            &screen,
            progress_style(&screen, quiet, progress),
            typed,
        ),
        Command::Check(args) => check::check(&args, &screen),
        Command::Sandbox(options) => sandbox::sandbox(options, &screen),
        Command::Types(args) => types::types(&args),
        Command::Completions { shell } => print::completions(shell),
        Command::Man => print::man(),
    }
}

/// What a command waits on: one thread, see ARCHITECTURE.md.
fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(AppError::Setup)
}

fn progress_style(screen: &Screen, quiet: bool, when: ProgressWhen) -> ProgressStyle {
    match when {
        _ if quiet => ProgressStyle::Silent,
        ProgressWhen::Never => ProgressStyle::Silent,
        ProgressWhen::Always => ProgressStyle::Bar,
        ProgressWhen::Auto if screen.is_terminal() && !screen.is_json() => ProgressStyle::Bar,
        ProgressWhen::Auto => ProgressStyle::Lines,
    }
}
