//! The arguments of each command.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, builder::BoolishValueParser};

use super::{
    recorded::RunOptions,
    sending::{ConnectionArgs, SendingArgs, StoppingArgs},
    values::Limit,
};
use crate::{
    account::AccountId,
    hubspot::Dialect,
    input::{Delimiter, Encoding},
};

/// How the input is read; the same for every command that reads one.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct InputArgs {
    /// The CSV file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub input: OsString,
    /// Which of HubSpot's APIs the rows are for.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api("Which of HubSpot's APIs the rows are for")
    )]
    pub api: Dialect,
    /// Only the first N rows, to try a file out; off for all of them
    #[arg(long, value_name = "N")]
    pub limit: Option<Limit>,
    /// Refuse a file with fewer rows, before anything is sent; blank ones do not count
    #[arg(long, value_name = "N", env = "HUBASSOC_MIN_ROWS")]
    pub min_rows: Option<u64>,
    /// The definition of every row, by id or name, for a file without that column
    #[arg(long, value_name = "ID or NAME", env = "HUBASSOC_DEFINITION")]
    pub definition: Option<String>,
    /// The object type that every row links from (contacts, 2-123456), for a file without the
    /// column `from_object_type`
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_FROM_TYPE")]
    pub from_type: Option<String>,
    /// The object type that every row links to, for a file without the column `to_object_type`
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_TO_TYPE")]
    pub to_type: Option<String>,
    /// The label of every row, by its name in HubSpot, for a file without the column `label`
    /// [default: links without a label]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_LABEL")]
    pub label: Option<String>,
    /// The column with the labels [default: `label`]; off where none holds labels, whatever it is called
    #[arg(long, value_name = "NAME or off", env = "HUBASSOC_LABEL_COLUMN")]
    pub label_column: Option<String>,
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
        env = "HUBASSOC_ENCODING",
        overrides_with = "encoding"
    )]
    pub encoding: Encoding,
}

/// `import`
#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
#[command(next_help_heading = "Sending")]
pub struct ImportArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The results file [default: the input's path with .results.csv for its ending]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_RESULTS")]
    #[arg(overrides_with = "results")]
    pub results: Option<PathBuf>,
    /// Go on where an interrupted run stopped, or start it where there is none
    #[arg(long)]
    pub resume: bool,
    /// When going on: send the rows that failed once more
    #[arg(long, requires = "resume")]
    pub retry_failed: bool,
    /// Rehearse against a HubSpot that lives inside the program; needs no token
    #[arg(long)]
    pub sandbox: bool,
    /// Send without being asked (an import of 500 rows or more asks once at a terminal)
    #[arg(long)]
    pub yes: bool,
    /// How rows are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// Look first, and send only links that do not stand yet (v1: a call more for each record)
    #[arg(long, env = "HUBASSOC_SKIP_EXISTING", value_parser = BoolishValueParser::new())]
    pub skip_existing: bool,
    /// Refuse to send anything to another account (Hub ID) than this
    #[arg(long, value_name = "ID", env = "HUBASSOC_ACCOUNT")]
    pub account: Option<AccountId>,
    /// When to stop.
    #[command(flatten)]
    pub stopping: StoppingArgs,
    /// The options that make the run what it is, as they were given: a run
    /// that goes on takes those that are not given anew.
    #[arg(skip)]
    pub given: RunOptions,
}

impl ImportArgs {
    /// Whether what stands is looked at before anything is sent: where it is to be
    /// skipped, and where a write would replace what else stands.
    #[must_use]
    pub fn looks(&self) -> bool {
        self.skip_existing || self.input.api.replaces()
    }
}

/// `check`
#[derive(Clone, Debug, Args)]
#[command(mut_args(hide_from_check))]
#[command(
    after_help = "All other options of import are taken too and have no effect, so that the same command \
    line works with either verb."
)]
pub struct CheckArgs {
    /// What the import will be given.
    #[command(flatten)]
    pub import: ImportArgs,
}

/// The options of an import that change what a check says.
const OF_CHECK: [&str; 20] = [
    "input",
    "api",
    "limit",
    "min_rows",
    "definition",
    "from_type",
    "to_type",
    "label",
    "label_column",
    "from_column",
    "to_column",
    "definition_column",
    "delimiter",
    "encoding",
    "rate",
    "batch",
    "skip_existing",
    "results",
    "resume",
    "sandbox",
];

/// Shows of the options only those that have an effect.
fn hide_from_check(arg: clap::Arg) -> clap::Arg {
    let has_effect = OF_CHECK.contains(&arg.get_id().as_str());
    arg.hide(!has_effect)
}

/// `verify`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("base_url", |arg| arg.help(WHERE_THE_RUN_WROTE)))]
pub struct VerifyArgs {
    /// The results file of the import
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Where what was found goes [default: the path of the results with .verify.csv for its ending]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_OUTPUT")]
    pub output: Option<PathBuf>,
    /// The input of the import, for results whose cells a spreadsheet has changed [default: the one
    /// that the import was given]
    #[arg(long, value_name = "PATH")]
    pub input: Option<PathBuf>,
    /// How it is asked.
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// `undo`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("base_url", |arg| arg.help(WHERE_THE_RUN_WROTE)))]
pub struct UndoArgs {
    /// The results file of the import
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Where what was done goes [default: the path of the results with .undo.csv for its ending]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_OUTPUT")]
    pub output: Option<PathBuf>,
    /// The input of the import, for rows that were about to be sent when it was stopped, and for
    /// results whose cells a spreadsheet has changed [default: the one that the import was given]
    #[arg(long, value_name = "PATH")]
    pub input: Option<PathBuf>,
    /// Remove without being asked
    #[arg(long)]
    pub yes: bool,
    /// Remove also links of which nobody knows whether they stood before the run, for it did not look
    #[arg(long)]
    pub include_unchecked: bool,
    /// How rows are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// When to stop.
    #[command(flatten)]
    pub stopping: StoppingArgs,
}

/// A run is looked at, or taken back, where it was made.
const WHERE_THE_RUN_WROTE: &str =
    "Where the API is [default: where the run wrote; another place is refused]";

/// `doctor`
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// The folder that results would go to, to look at its room
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Which of HubSpot's APIs the import is for.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api("Which of HubSpot's APIs the import is for")
    )]
    pub api: Dialect,
    /// The definition that is to be written, by id or name
    #[arg(long, value_name = "ID or NAME", env = "HUBASSOC_DEFINITION")]
    #[arg(conflicts_with_all = ["from_type", "to_type"])]
    pub definition: Option<String>,
    /// The object type that is to be linked from (contacts, 2-123456)
    #[arg(
        long,
        value_name = "TYPE",
        env = "HUBASSOC_FROM_TYPE",
        requires = "to_type"
    )]
    pub from_type: Option<String>,
    /// The object type that is to be linked to
    #[arg(
        long,
        value_name = "TYPE",
        env = "HUBASSOC_TO_TYPE",
        requires = "from_type"
    )]
    pub to_type: Option<String>,
    /// The account (Hub ID) that it should be
    #[arg(long, value_name = "ID", env = "HUBASSOC_ACCOUNT")]
    pub account: Option<AccountId>,
    /// Where to ask, and by whom.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `types`
#[derive(Clone, Debug, Args)]
pub struct TypesArgs {
    /// Only those from this object type (contacts)
    pub from: Option<String>,
    /// Only those to this object type (companies)
    pub to: Option<String>,
    /// Whose definitions.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api("Whose definitions")
    )]
    pub api: Dialect,
}

/// The help of an option that is one of the APIs.
fn which_api(what: &str) -> String {
    format!("{what}: {}", Dialect::names())
}
