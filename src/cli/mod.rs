//! The command line as clap reads it. What it means is up to `config`.

mod args;
mod config_values;
mod help;
mod output_format;
mod run_options;
mod sending;
mod shown_options;
mod values;

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{
    ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    error::ErrorKind, parser::ValueSource,
};

pub use args::{
    ApplyArgs, CheckArgs, ConfigFileArg, DoctorArgs, ExplainArgs, ImportArgs, InputArgs, PlanArgs,
    TypesArgs, UndoArgs, VerifyArgs,
};
pub use config_values::{ConfigValues, FirstReading};
pub use output_format::{FormatArg, OutputFormat};
pub use run_options::{RunOption, RunOptions, UnknownOption};
pub use sending::{ConnectionArgs, PaceArgs, SendingArgs, StoppingArgs};
pub use values::{
    Batch, Concurrency, FailuresArg, Limit, OnAmbiguousArg, OnQuotaArg, PositiveDuration, RateArg,
    switch,
};

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
    /// Say what an import would do to the account, row by row
    ///
    /// Writes nothing to HubSpot. Writes the rows with what would be done, and a plan that `apply`
    /// carries out.
    Plan(Box<PlanArgs>),
    /// Carry out a plan: exactly that, and nothing else
    ///
    /// Rows for which the account has changed since are not written. Asks first (skip with
    /// --approve DIGEST).
    Apply(Box<ApplyArgs>),
    /// Check in HubSpot that every imported link exists
    ///
    /// Changes nothing. Writes a report, and a file of the missing links that import can read.
    Verify(Box<VerifyArgs>),
    /// Remove the links that an import created
    ///
    /// Links that existed before are kept. Asks first (skip with --yes).
    Undo(Box<UndoArgs>),
    /// Say why rows failed, grouped by cause, and what to do
    ///
    /// Reads a results file, also while the run goes on. Needs no token and no connection.
    Explain(Box<ExplainArgs>),
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

impl Command {
    /// Where the given options are kept, and the configuration file, for commands that record their
    /// options.
    fn recorded_options(&mut self) -> Option<(&mut RunOptions, &mut ConfigFileArg)> {
        match self {
            Self::Import(args) => Some((&mut args.given_options, &mut args.config_file)),
            Self::Plan(args) => {
                let args = &mut args.import;
                Some((&mut args.given_options, &mut args.config_file))
            }
            Self::Apply(args) => Some((&mut args.given_options, &mut args.config_file)),
            Self::Check(_)
            | Self::Verify(_)
            | Self::Undo(_)
            | Self::Explain(_)
            | Self::Doctor(_)
            | Self::Sandbox(_)
            | Self::Types(_)
            | Self::Completions { .. }
            | Self::Man => None,
        }
    }

    /// How the inputs are read, for commands that read some.
    fn input_args(&mut self) -> Option<&mut InputArgs> {
        match self {
            Self::Import(args) => Some(&mut args.input),
            Self::Check(args) => Some(&mut args.import.input),
            Self::Plan(args) => Some(&mut args.import.input),
            Self::Apply(_)
            | Self::Verify(_)
            | Self::Undo(_)
            | Self::Explain(_)
            | Self::Doctor(_)
            | Self::Sandbox(_)
            | Self::Types(_)
            | Self::Completions { .. }
            | Self::Man => None,
        }
    }
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
    /// Keep keys of records, such as e-mail addresses, out of the log, also with -v
    #[arg(long, global = true, env = "HUBASSOC_REDACT", value_parser = values::switch)]
    pub redact: bool,
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

/// The values of options that are neither typed nor set in the environment.
#[derive(Clone, Debug, Default)]
pub struct OptionDefaults {
    /// Those of the configuration file, for every command that reads it.
    pub config: ConfigValues,
    /// Those of the run that is resumed, for `import`, or of the plan, for `apply`, if the
    /// configuration file has none.
    pub recorded: RunOptions,
}

impl OptionDefaults {
    fn get(&self, command: &str, arg: &clap::Arg) -> Option<&OsStr> {
        let config = self.config.get(arg.get_long()?);
        let recorded = || self.recorded.get(run_option(arg)?);
        config.or_else(|| recorded().filter(|_| ["import", "apply"].contains(&command)))
    }
}

/// Whether a variable is set but empty. It counts as not set.
pub type IsEmptyVariable = fn(&OsStr) -> bool;

impl Cli {
    /// The command line with its whole help.
    #[must_use]
    pub fn described() -> clap::Command {
        help::with_help(Self::command(), false)
    }

    /// Reads the command line, without a configuration file.
    ///
    /// # Errors
    /// With clap's own text, for wrong usage and for `--help`.
    pub fn read(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: IsEmptyVariable,
    ) -> Result<Self, clap::Error> {
        Self::read_with(args, is_empty_variable, &OptionDefaults::default())
    }

    /// Reads what has to be known before a configuration file is read. The file may have what is
    /// still missing.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_first(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: IsEmptyVariable,
    ) -> Result<FirstReading, clap::Error> {
        let words: Vec<_> = args.into_iter().collect();
        let command = with_environment(&words, is_empty_variable);
        let matches = command.clone().try_get_matches_from(words)?;
        let Some((name, matches)) = matches.subcommand() else {
            return Ok(FirstReading::default());
        };
        let file = matches.try_get_one::<PathBuf>("config").ok().flatten();
        let command = command.find_subcommand(name);
        let args = command.into_iter().flat_map(clap::Command::get_arguments);
        let given = args.filter_map(|arg| {
            let text = given_text(matches, arg)?;
            Some((arg.get_long()?.to_owned(), text))
        });
        Ok(FirstReading {
            given: given.collect(),
            config_file: file.cloned(),
        })
    }

    /// Reads a command line with these defaults.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: IsEmptyVariable,
        defaults: &OptionDefaults,
    ) -> Result<Self, clap::Error> {
        let words: Vec<_> = args.into_iter().collect();
        let command = with_defaults(with_environment(&words, is_empty_variable), defaults);
        let matches = command.clone().try_get_matches_from(words)?;
        refuse_with_sandbox(command.clone(), &matches)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if let Some((name, given)) = matches.subcommand()
            && let Some((options, config_file)) = cli.command.recorded_options()
        {
            *options = read_given_options(&command, (name, given), &defaults.config);
            config_file.values = defaults.config.clone();
        }
        if let Some(input) = cli.command.input_args() {
            input.input = input.inputs.first().cloned().unwrap_or_default();
        }
        if let Command::Verify(args) = &mut cli.command {
            args.config_file.values = defaults.config.clone();
        }
        if let Command::Explain(args) = &mut cli.command {
            args.config_file.values = defaults.config.clone();
        }
        Ok(cli)
    }
}

/// The program with its help and the environment.
fn with_environment(words: &[OsString], is_empty_variable: IsEmptyVariable) -> clap::Command {
    let without_empty = move |arg: clap::Arg| {
        if arg.get_env().is_some_and(is_empty_variable) {
            arg.env(clap::builder::Resettable::<clap::builder::OsStr>::Reset)
        } else {
            arg
        }
    };
    help::with_help(Cli::command(), help::is_short(words))
        .mut_args(without_empty)
        .mut_subcommands(move |command| command.mut_args(without_empty))
}

/// The program with these defaults of its options.
fn with_defaults(command: clap::Command, defaults: &OptionDefaults) -> clap::Command {
    let with_default = |command: &str, arg: clap::Arg| match defaults.get(command, &arg) {
        Some(value) => arg.default_value(value.to_owned()),
        None => arg,
    };
    let command = command.mut_args(|arg| with_default("", arg));
    let names = [
        "import", "check", "plan", "apply", "verify", "undo", "doctor", "types", "explain",
    ];
    let command = names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |sub| sub.mut_args(|arg| with_default(name, arg)))
    });
    command.mut_subcommand("doctor", |doctor| {
        // Both or none; clap does not count a default as given.
        let needs = |doctor: clap::Command, id: &'static str, other: &'static str| {
            let is_in_file = defaults.config.get(&other.replace('_', "-")).is_some();
            doctor.mut_arg(id, |arg| if is_in_file { arg } else { arg.requires(other) })
        };
        needs(
            needs(doctor, "from_type", "to_type"),
            "to_type",
            "from_type",
        )
    })
}

/// The option that the run log keeps for an argument, if it keeps one.
fn run_option(arg: &clap::Arg) -> Option<RunOption> {
    arg.get_long().and_then(RunOption::from_flag)
}

/// The text of an argument that was typed or is set in the environment.
fn given_text(matches: &clap::ArgMatches, arg: &clap::Arg) -> Option<OsString> {
    let id = arg.get_id().as_str();
    let source = matches
        .try_contains_id(id)
        .ok()
        .and_then(|_| matches.value_source(id))?;
    let text = matches.get_raw(id)?.next_back()?;
    (source != ValueSource::DefaultValue).then(|| text.to_owned())
}

/// The options that the run log or the plan keeps, as they were given. What the configuration
/// file says is given, too.
fn read_given_options(
    command: &clap::Command,
    (name, given): (&str, &clap::ArgMatches),
    config: &ConfigValues,
) -> RunOptions {
    let args = command
        .find_subcommand(name)
        .into_iter()
        .flat_map(clap::Command::get_arguments);
    let options = args.filter_map(|arg| {
        let option = run_option(arg)?;
        let in_file = || config.get(option.flag()).map(OsStr::to_owned);
        let text = given_text(given, arg).or_else(in_file)?;
        Some((option, text))
    });
    options.collect()
}

/// Refuses options that a rehearsal ignores if they were typed. In the environment they are
/// meant for real imports. A real import has no file of records.
fn refuse_with_sandbox(
    mut command: clap::Command,
    matches: &clap::ArgMatches,
) -> Result<(), clap::Error> {
    let Some(("import" | "check" | "plan", import)) = matches.subcommand() else {
        return Ok(());
    };
    let typed = |id: &&str| import.value_source(id) == Some(ValueSource::CommandLine);
    let refused = ["base_url", "token_file", "ca_file"]
        .into_iter()
        .find(typed);
    let text = match refused {
        Some(id) if import.get_flag("sandbox") => {
            let option = id.replace('_', "-");
            format!("--sandbox does not use --{option}; leave out one of them\n")
        }
        None if typed(&"records") && !import.get_flag("sandbox") => {
            "--records lists the records of a rehearsal; give --sandbox too, or leave out \
             --records\n"
                .to_owned()
        }
        Some(_) | None => return Ok(()),
    };
    Err(command.error(ErrorKind::ArgumentConflict, text))
}
