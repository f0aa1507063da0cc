//! What was typed: the command line as clap reads it. What it means is
//! `config`'s.

mod args;
mod recorded;
mod sending;
mod values;

use std::ffi::OsString;

use clap::{
    ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    error::ErrorKind, parser::ValueSource,
};

pub use args::{CheckArgs, DoctorArgs, ImportArgs, InputArgs, TypesArgs, UndoArgs, VerifyArgs};
pub use recorded::{RunOption, RunOptions, UnknownOption};
pub use sending::{ConnectionArgs, PaceArgs, SendingArgs, StoppingArgs};
pub use values::{Batch, Concurrency, Limit, OnQuotaArg, RateArg, Wait};

use crate::sandbox::SandboxOptions;

/// Makes HubSpot say what a CSV says about which CRM records belong together
#[derive(Debug, Parser)]
#[command(name = "hubassoc", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all rows succeeded, 1 some rows failed, were invalid or (verify) are missing, \
    2 refused before anything was sent, 3 token or permission refused, 4 too many errors, server away or not \
    HubSpot, 5 results not written, 6 input not readable to its end, 8 results in use by another run, 75 the day's quota is used \
    up, 129/130/143 interrupted"
)]
pub struct Cli {
    /// How much is said on standard error.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import a CSV: one call per row, or one for many (--batch); writes a results file beside it
    Import(Box<ImportArgs>),
    /// Read a CSV exactly as import would, and send nothing; bad rows go to standard output as CSV
    Check(Box<CheckArgs>),
    /// Ask HubSpot whether every link that a run recorded stands; changes nothing
    Verify(Box<VerifyArgs>),
    /// Take back what a run made: what stood before it stays; asks first, or --yes
    Undo(Box<UndoArgs>),
    /// Look whether an import could begin: token, account, permissions, quota, room for results
    Doctor(Box<DoctorArgs>),
    /// Run a HubSpot of your own on this machine, for rehearsals and other clients
    Sandbox(Box<SandboxOptions>),
    /// List the association definitions and their ids
    Types(TypesArgs),
    /// Print the completion script of a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// How much is said, and in which form.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Telling")]
pub struct ScreenArgs {
    /// Say nothing, unless it does not end well
    #[arg(short, long, global = true, env = "HUBASSOC_QUIET")]
    #[arg(value_parser = clap::builder::BoolishValueParser::new())]
    pub quiet: bool,
    /// Log more: bad rows one by one (-v: the first 1,000), each row (-vv), each attempt (-vvv)
    #[arg(short, long, global = true, action = ArgAction::Count, env = "HUBASSOC_VERBOSE")]
    pub verbose: u8,
    /// Text for people, or JSON lines: ERROR ended the run early, WARN is a bad row or a wait
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    #[arg(env = "HUBASSOC_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// Show a bar, or a line every 30 s where there is no terminal
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    #[arg(env = "HUBASSOC_PROGRESS")]
    pub progress: ProgressWhen,
}

/// The form of what is said on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// When a progress bar is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProgressWhen {
    /// A bar on a terminal, else a line every 30 s
    #[default]
    Auto,
    /// A bar also with JSON logs; without a terminal lines, and one at the end
    Always,
    /// Neither bar nor lines
    Never,
}

impl Cli {
    /// Reads the command line; an environment twin that is set but empty
    /// counts as not set.
    ///
    /// # Errors
    /// With clap's own text, for wrong usage and for `--help`.
    pub fn read(
        args: impl IntoIterator<Item = OsString>,
        is_empty_variable: fn(&std::ffi::OsStr) -> bool,
    ) -> Result<Self, clap::Error> {
        Self::read_with(args, is_empty_variable, &RunOptions::default())
    }

    /// The same where options of `import` that are not given have these values.
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
        let command = Self::command()
            .mut_args(without_empty)
            .mut_subcommands(move |command| command.mut_args(without_empty))
            .mut_subcommand("import", |import| import.mut_args(with_default));
        let matches = command.clone().try_get_matches_from(args)?;
        refuse_with_sandbox(command.clone(), &matches)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if let (Command::Import(args), Some(import)) =
            (&mut cli.command, matches.subcommand_matches("import"))
        {
            args.given = given(&command, import);
        }
        Ok(cli)
    }
}

/// What an argument is of a run, if it makes it what it is.
fn run_option(arg: &clap::Arg) -> Option<RunOption> {
    arg.get_long().and_then(RunOption::typed)
}

/// The options that make an import what it is, as they were given.
fn given(command: &clap::Command, import: &clap::ArgMatches) -> RunOptions {
    let args = command
        .find_subcommand("import")
        .into_iter()
        .flat_map(clap::Command::get_arguments);
    let given = args.filter_map(|arg| {
        let (option, id) = (run_option(arg)?, arg.get_id().as_str());
        let source = import.value_source(id)?;
        let value = import.get_raw(id)?.next_back()?;
        (source != ValueSource::DefaultValue).then(|| (option, value.to_owned()))
    });
    given.collect()
}

/// Options that a rehearsal would not follow are refused where they were
/// typed; the environment's are for the real thing.
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
            let text = format!("--sandbox needs no --{option}; leave one of them out\n");
            Err(command.error(ErrorKind::ArgumentConflict, text))
        }
    }
}
