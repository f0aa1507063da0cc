//! The command line as clap reads it. What it means is up to `config`.

mod args;
mod help;
mod run_options;
mod sending;
mod values;

use std::ffi::OsString;

use clap::{
    ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    error::ErrorKind, parser::ValueSource,
};

pub use args::{CheckArgs, DoctorArgs, ImportArgs, InputArgs, TypesArgs, UndoArgs, VerifyArgs};
pub use run_options::{RunOption, RunOptions, UnknownOption};
pub use sending::{ConnectionArgs, PaceArgs, SendingArgs, StoppingArgs};
pub use values::{Batch, Concurrency, Limit, OnQuotaArg, PositiveDuration, RateArg, switch};

use crate::sandbox::SandboxOptions;

/// Import associations between CRM records into HubSpot from a CSV file
#[derive(Debug, Parser)]
#[command(name = "hubassoc", version)]
pub struct Cli {
    /// What is printed on standard error.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import links from a CSV file into HubSpot
    ///
    /// Each row says which two records belong together. What happened to each row is written to a
    /// results file beside the input.
    Import(Box<ImportArgs>),
    /// Read a CSV file as import would, but send nothing
    ///
    /// Invalid rows are printed on standard output as CSV, with the reason.
    Check(Box<CheckArgs>),
    /// Check in HubSpot that every imported link exists
    ///
    /// Changes nothing. Writes a report, and a file of the missing links that import can read.
    Verify(Box<VerifyArgs>),
    /// Remove the links that an import created
    ///
    /// Links that existed before are kept. Asks first (skip with --yes).
    Undo(Box<UndoArgs>),
    /// Check that an import can start: token, scopes, quota, disk
    ///
    /// Also checks the account and the clock. Changes nothing.
    Doctor(Box<DoctorArgs>),
    /// Run a simulated HubSpot on this machine
    ///
    /// It is for rehearsals and for testing other programs. Every record exists, except ids that
    /// end in 404.
    Sandbox(Box<SandboxOptions>),
    /// List the association definitions and their ids
    Types(TypesArgs),
    /// Print the completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// How much is printed, and in which format.
#[derive(Clone, Debug, Args)]
pub struct ScreenArgs {
    /// Print nothing unless something went wrong
    #[arg(short, long, global = true, env = "HUBASSOC_QUIET")]
    #[arg(value_parser = values::switch)]
    pub quiet: bool,
    /// Log more: -v the first 1,000 bad rows, -vv each row, -vvv each attempt
    #[arg(short, long, global = true, action = ArgAction::Count, env = "HUBASSOC_VERBOSE")]
    pub verbose: u8,
    /// Format of the log
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    #[arg(env = "HUBASSOC_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// When to show progress
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    #[arg(env = "HUBASSOC_PROGRESS")]
    pub progress: ProgressWhen,
}

/// The format of standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines of text
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// When a progress bar is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressWhen {
    /// A bar in a terminal, otherwise a line every 30 s
    #[default]
    Auto,
    /// Also with --log-format json; without a terminal also a line at the end
    Always,
    /// No bar and no lines
    Never,
}

impl Cli {
    /// The command line with its whole help.
    #[must_use]
    pub fn described() -> clap::Command {
        help::with_help(Self::command(), false)
    }

    /// Reads the command line. An environment variable that is set but empty counts as not set.
    ///
    /// # Errors
    /// With clap's own text, for wrong usage and for `--help`.
    pub fn read(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: fn(&std::ffi::OsStr) -> bool,
    ) -> Result<Self, clap::Error> {
        Self::read_with(args, is_empty_variable, &RunOptions::default())
    }

    /// Reads a command line with these defaults for options of `import`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: fn(&std::ffi::OsStr) -> bool,
        defaults: &RunOptions,
    ) -> Result<Self, clap::Error> {
        let without_empty = move |arg: clap::Arg| {
            if arg.get_env().is_some_and(is_empty_variable) {
                arg.env(clap::builder::Resettable::<clap::builder::OsStr>::Reset)
            } else {
                arg
            }
        };
        let with_default = |arg: clap::Arg| {
            let option = run_option(&arg);
            match option.and_then(|option| defaults.get(option)) {
                Some(value) => arg.default_value(value.to_owned()),
                None => arg,
            }
        };
        let words: Vec<_> = args.into_iter().collect();
        let command = help::with_help(Self::command(), help::is_short(&words))
            .mut_args(without_empty)
            .mut_subcommands(move |command| command.mut_args(without_empty))
            .mut_subcommand("import", |import| import.mut_args(with_default));
        let matches = command.clone().try_get_matches_from(words)?;
        refuse_with_sandbox(command.clone(), &matches)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if let (Command::Import(args), Some(import)) =
            (&mut cli.command, matches.subcommand_matches("import"))
        {
            args.given_options = read_given_options(&command, import);
        }
        Ok(cli)
    }
}

/// The option that the run log keeps for an argument, if it keeps one.
fn run_option(arg: &clap::Arg) -> Option<RunOption> {
    arg.get_long().and_then(RunOption::from_flag)
}

/// The options of an import that the run log keeps, as they were given.
fn read_given_options(command: &clap::Command, import: &clap::ArgMatches) -> RunOptions {
    let args = command
        .find_subcommand("import")
        .into_iter()
        .flat_map(clap::Command::get_arguments);
    let options = args.filter_map(|arg| {
        let (option, id) = (run_option(arg)?, arg.get_id().as_str());
        let source = import.value_source(id)?;
        let value = import.get_raw(id)?.next_back()?;
        (source != ValueSource::DefaultValue).then(|| (option, value.to_owned()))
    });
    options.collect()
}

/// Refuses options that a rehearsal ignores if they were typed. In the environment they are
/// meant for real imports.
fn refuse_with_sandbox(
    mut command: clap::Command,
    matches: &clap::ArgMatches,
) -> Result<(), clap::Error> {
    let Some(("import" | "check", import)) = matches.subcommand() else {
        return Ok(());
    };
    let typed = |id: &&str| import.value_source(id) == Some(ValueSource::CommandLine);
    let refused = ["base_url", "token_file", "ca_file"]
        .into_iter()
        .find(typed);
    match refused.filter(|_| import.get_flag("sandbox")) {
        None => Ok(()),
        Some(id) => {
            let option = id.replace('_', "-");
            let text = format!("--sandbox does not use --{option}; leave out one of them\n");
            Err(command.error(ErrorKind::ArgumentConflict, text))
        }
    }
}
