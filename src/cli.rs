//! What was typed: the command line as clap reads it. What it means is
//! `config`'s.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf, str::FromStr, time::Duration};

use clap::{
    ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};

use crate::{
    association::Definition,
    delivery::Pace,
    input::{Delimiter, Encoding},
    rate::Rate,
    sandbox::SandboxOptions,
};

/// Makes HubSpot say what a CSV says about which CRM records belong together
#[derive(Debug, Parser)]
#[command(name = "hubassoc", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all rows succeeded, 1 some rows failed or were invalid, \
    2 refused before anything was sent, 3 token or permission refused, 4 server away or not \
    HubSpot, 5 results not written, 6 input not readable to its end, 75 the day's quota is used \
    up, 130/143 interrupted"
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
    /// Import a CSV: one PUT per row; writes a results file beside it
    Import(Box<ImportArgs>),
    /// Read a CSV exactly as import would, and send nothing; bad rows go to standard output as CSV
    Check(CheckArgs),
    /// Run a HubSpot of your own on this machine, for rehearsals and other clients
    Sandbox(SandboxOptions),
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
pub struct ScreenArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true, env = "HUBASSOC_QUIET")]
    pub quiet: bool,
    /// Log more: each bad row (-v), each row (-vv), each attempt (-vvv)
    #[arg(short, long, global = true, action = ArgAction::Count, env = "HUBASSOC_VERBOSE")]
    pub verbose: u8,
    /// Text for people, or JSON lines
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
    /// A bar in any case
    Always,
    /// Neither bar nor lines
    Never,
}

/// How the input is read; the same for every command that reads one.
#[derive(Clone, Debug, Args)]
pub struct InputArgs {
    /// The CSV file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub input: OsString,
    /// Only the first N rows, to try a file out
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The definition of every row, by id or name, for a file without that column
    #[arg(long, value_name = "ID or NAME", env = "HUBASSOC_DEFINITION")]
    pub definition: Option<Definition>,
    /// The column with the from ids [default: `from_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_FROM_COLUMN")]
    pub from_column: Option<String>,
    /// The column with the to ids [default: `to_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_TO_COLUMN")]
    pub to_column: Option<String>,
    /// The column with the definitions [default: `definition_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_DEFINITION_COLUMN")]
    pub definition_column: Option<String>,
    /// What separates cells: , ; | or tab [default: found from the file]
    #[arg(long, value_name = "CHAR", env = "HUBASSOC_DELIMITER")]
    pub delimiter: Option<Delimiter>,
    /// auto, utf-8, utf-16le, windows-1252, …
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        env = "HUBASSOC_ENCODING"
    )]
    pub encoding: Encoding,
}

/// `import`
#[derive(Clone, Debug, Args)]
pub struct ImportArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The results file [default: the input's path with .results.csv for its ending]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_RESULTS")]
    pub results: Option<PathBuf>,
    /// Rehearse against a HubSpot that lives inside the program; needs no token
    #[arg(long, conflicts_with_all = ["base_url", "token_file", "ca_file"])]
    pub sandbox: bool,
    /// Requests at most: auto (100/10s), N/[n]unit (19/s, 100/10s, 600/min), unlimited
    #[arg(
        long,
        value_name = "RATE",
        default_value = "auto",
        env = "HUBASSOC_RATE"
    )]
    pub rate: RateArg,
    /// Requests in flight at most
    #[arg(
        long,
        value_name = "N",
        default_value = "16",
        env = "HUBASSOC_CONCURRENCY"
    )]
    pub concurrency: Concurrency,
    /// Tries per row, the first one included
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8,
        env = "HUBASSOC_MAX_ATTEMPTS"
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: u32,
    /// The longest wait that the server may ask for, as 90s, 15min, 2h
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "15min",
        env = "HUBASSOC_MAX_WAIT"
    )]
    pub max_wait: Wait,
    /// The longest that one attempt may take
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30s",
        env = "HUBASSOC_TIMEOUT"
    )]
    pub timeout: Wait,
    /// The longest that connecting may take
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "10s",
        env = "HUBASSOC_CONNECT_TIMEOUT"
    )]
    pub connect_timeout: Wait,
    /// Where the API is; plain http only on this machine [default: <https://api.hubapi.com>]
    #[arg(long, value_name = "URL", env = "HUBASSOC_BASE_URL")]
    pub base_url: Option<String>,
    /// The file with the access token [default: the variable `HUBSPOT_ACCESS_TOKEN`]
    #[arg(long, value_name = "PATH", env = "HUBASSOC_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) to trust beside the operating system's
    #[arg(long, value_name = "PATH", env = "HUBASSOC_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Write the run's summary as JSON (- for standard output)
    #[arg(long, value_name = "PATH", env = "HUBASSOC_SUMMARY")]
    pub summary: Option<PathBuf>,
}

/// `check`
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The rate that the import will have, to say how long it will take
    #[arg(
        long,
        value_name = "RATE",
        default_value = "auto",
        env = "HUBASSOC_RATE"
    )]
    pub rate: RateArg,
}

/// `types`
#[derive(Clone, Debug, Args)]
pub struct TypesArgs {
    /// Only those from this object type (contacts)
    pub from: Option<String>,
    /// Only those to this object type (companies)
    pub to: Option<String>,
}

/// `--rate`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateArg(pub Pace);

/// HubSpot's smallest burst limit, for accounts of any subscription.
const AUTO_RATE: &str = "100/10s";

impl FromStr for RateArg {
    type Err = <Rate as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => AUTO_RATE.parse().map(|rate| Self(Pace::Limited(rate))),
            "unlimited" => Ok(Self(Pace::Unlimited)),
            rate => rate.parse().map(|rate| Self(Pace::Limited(rate))),
        }
    }
}

/// `--concurrency`
#[derive(Clone, Copy, Debug)]
pub struct Concurrency(pub NonZeroUsize);

impl FromStr for Concurrency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const MOST: usize = 256;
        let n = text.parse().ok().filter(|n: &NonZeroUsize| n.get() <= MOST);
        n.map(Self)
            .ok_or_else(|| format!("a number from 1 to {MOST} is needed"))
    }
}

/// A duration above zero.
#[derive(Clone, Copy, Debug)]
pub struct Wait(pub Duration);

impl FromStr for Wait {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span = text.parse::<jiff::SignedDuration>().ok();
        let wait = span
            .and_then(|span| Duration::try_from(span).ok())
            .filter(|d| !d.is_zero());
        wait.map(Self)
            .ok_or_else(|| "a duration such as 500ms, 30s, 15min or 2h is needed".into())
    }
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
        let without_empty = move |arg: clap::Arg| {
            if arg.get_env().is_some_and(is_empty_variable) {
                arg.env(clap::builder::Resettable::<clap::builder::OsStr>::Reset)
            } else {
                arg
            }
        };
        let command = Self::command()
            .mut_args(without_empty)
            .mut_subcommands(move |command| command.mut_args(without_empty));
        Self::from_arg_matches(&command.try_get_matches_from(args)?)
    }
}
