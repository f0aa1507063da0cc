//! The arguments of each command.

use std::{
    ffi::{OsStr, OsString},
    num::NonZeroU64,
    path::PathBuf,
};

use clap::Args;

use super::{
    config_values::ConfigValues,
    output_format::FormatArg,
    run_options::RunOptions,
    sending::{ConnectionArgs, SendingArgs, StoppingArgs},
    values::{self, FailuresArg, Limit, OnAmbiguousArg, PositiveDuration},
};
use crate::{
    account::AccountId,
    hubspot::ApiVersion,
    input::{Delimiter, IdSeparator, InputEncoding},
    sandbox::{RecordOptions, SandboxOptions},
};

/// A file that sets options, for every command that has options to configure.
#[derive(Clone, Debug, Args)]
pub struct ConfigFileArg {
    /// File with options (TOML); an option or its variable beats it
    #[arg(long, value_name = "FILE", env = "HUBASSOC_CONFIG")]
    pub config: Option<PathBuf>,
    /// What it says, to read the command line again, and to suggest commands.
    #[arg(skip)]
    pub values: ConfigValues,
}

/// How the input is read, for every command that reads one.
#[derive(Clone, Debug, Args)]
pub struct InputArgs {
    /// The CSV files or workbooks (xlsx), or - for standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<OsString>,
    /// The input of one run: each of several has a run of its own.
    #[arg(skip)]
    pub input: OsString,
    /// Which of HubSpot's APIs the rows are for.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api()
    )]
    pub api: ApiVersion,
    /// Association definition of all rows, by id or name
    #[arg(long, value_name = "ID|NAME", env = "HUBASSOC_DEFINITION")]
    pub definition: Option<String>,
    /// Object type of all from ids, such as contacts or 2-123456, if the file has no column
    /// `from_object_type`
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_FROM_TYPE")]
    pub from_type: Option<String>,
    /// Object type of all to ids, if the file has no column `to_object_type`
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_TO_TYPE")]
    pub to_type: Option<String>,
    /// Association label of all rows, by its name
    #[arg(long, value_name = "NAME", env = "HUBASSOC_LABEL")]
    pub label: Option<String>,
    /// Send only the first N rows; off for all
    #[arg(long, value_name = "N")]
    pub limit: Option<Limit>,
    /// Refuse a file with fewer rows before anything is sent (blank lines do not count)
    #[arg(long, value_name = "N", env = "HUBASSOC_MIN_ROWS")]
    pub min_rows: Option<u64>,
    /// Delimiter: , ; | or tab [default: detected]
    #[arg(long, value_name = "CHAR", env = "HUBASSOC_DELIMITER")]
    pub delimiter: Option<Delimiter>,
    /// Encoding: auto, utf-8, utf-16le, windows-1252, …
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        env = "HUBASSOC_ENCODING",
        overrides_with = "encoding"
    )]
    pub encoding: InputEncoding,
    /// Sheet of a workbook, if several have cells
    #[arg(long, value_name = "NAME", env = "HUBASSOC_SHEET")]
    pub sheet: Option<String>,
    /// Line or row with the column names [default: the first that is not blank]
    #[arg(long, value_name = "N", env = "HUBASSOC_HEADER_ROW", value_parser = values::header_row)]
    pub header_row: Option<NonZeroU64>,
    /// Character between the ids of a cell: ; , | / newline, …; makes one link of each id
    #[arg(long, value_name = "CHAR", env = "HUBASSOC_SPLIT")]
    pub split: Option<IdSeparator>,
    /// Name of the column with labels [default: label]; off to ignore it
    #[arg(long, value_name = "NAME|off", env = "HUBASSOC_LABEL_COLUMN")]
    pub label_column: Option<String>,
    /// Name of the column with the from ids [default: `from_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_FROM_COLUMN")]
    pub from_column: Option<String>,
    /// Name of the column with the to ids [default: `to_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_TO_COLUMN")]
    pub to_column: Option<String>,
    /// Name of the column with the definitions [default: `definition_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_DEFINITION_COLUMN")]
    pub definition_column: Option<String>,
    /// Property that the column of from has instead of ids: email, domain, another one with unique
    /// values, or record-url
    #[arg(long, value_name = "PROPERTY", env = "HUBASSOC_FROM_KEY", value_parser = values::key)]
    pub from_key: Option<&'static str>,
    /// Property that the column of to has instead of ids
    #[arg(long, value_name = "PROPERTY", env = "HUBASSOC_TO_KEY", value_parser = values::key)]
    pub to_key: Option<&'static str>,
    /// Look up companies by domains of free e-mail addresses (gmail.com), too
    #[arg(long, env = "HUBASSOC_ALLOW_FREE_MAIL", value_parser = values::switch)]
    pub allow_free_mail: bool,
}

/// `import`
#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub struct ImportArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Results file [default: <INPUT>.results.csv]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_RESULTS")]
    #[arg(overrides_with = "results")]
    pub results: Option<PathBuf>,
    /// Format of the failures file [default: like the input]
    #[arg(long, value_name = "csv|xlsx", value_enum, env = "HUBASSOC_FAILURES")]
    pub failures: Option<FailuresArg>,
    /// Continue an interrupted run, or start it
    #[arg(long)]
    pub resume: bool,
    /// With --resume: send failed rows once more
    #[arg(long, requires = "resume")]
    pub retry_failed: bool,
    /// Rehearse against a simulated HubSpot; no token
    #[arg(long)]
    pub sandbox: bool,
    /// With --sandbox: file of the records that exist there, in the format of hubassoc sandbox
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,
    /// Only say what would be done, as hubassoc plan does; send nothing
    #[arg(long, conflicts_with_all = ["resume", "retry_failed"])]
    pub dry_run: bool,
    /// Do not ask before an import of 500 rows or more
    #[arg(long)]
    pub yes: bool,
    /// How rows are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// Read first; send only links that do not exist
    #[arg(long, env = "HUBASSOC_SKIP_EXISTING", value_parser = values::switch)]
    pub skip_existing: bool,
    /// When several records have the same key
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    #[arg(env = "HUBASSOC_ON_AMBIGUOUS")]
    pub on_ambiguous: OnAmbiguousArg,
    /// Send only to this account (Hub ID)
    #[arg(long, value_name = "ID", env = "HUBASSOC_ACCOUNT")]
    pub account: Option<AccountId>,
    /// When to stop.
    #[command(flatten)]
    pub stopping: StoppingArgs,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
    /// The options of the run as they were given. A resumed run takes from its log those that are
    /// not given again.
    #[arg(skip)]
    pub given_options: RunOptions,
}

impl InputArgs {
    /// Sets the input of the run, and forgets all others.
    pub fn choose(&mut self, input: &OsStr) {
        input.clone_into(&mut self.input);
        self.inputs = vec![input.to_owned()];
    }
}

impl ImportArgs {
    /// The arguments of the run of one input.
    #[must_use]
    pub fn for_input(&self, input: &OsStr) -> Self {
        let mut args = self.clone();
        args.input.choose(input);
        args
    }

    /// How the sandbox of a rehearsal behaves. It has the account that is expected.
    #[must_use]
    pub fn sandbox_options(&self) -> SandboxOptions {
        let default = SandboxOptions::default();
        SandboxOptions {
            record_options: RecordOptions {
                records: self.records.clone(),
                ..RecordOptions::default()
            },
            account: self.account.map_or(default.account, AccountId::get),
            ..default
        }
    }

    /// Whether existing associations are read before anything is sent: to skip them, or because
    /// a write would replace them.
    #[must_use]
    pub fn reads_before_write(&self) -> bool {
        self.skip_existing || self.input.api.replaces_types()
    }
}

/// `check`
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Look up in HubSpot what only HubSpot knows: records by their keys, labels, limits. Writes
    /// nothing there. Rows that cannot be imported go to a file
    #[arg(long)]
    pub online: bool,
    /// What the import will be given.
    #[command(flatten)]
    pub import: ImportArgs,
    /// Text or JSON.
    #[command(flatten)]
    pub output: FormatArg,
}

/// `plan`
#[derive(Clone, Debug, Args)]
pub struct PlanArgs {
    /// What the import will be given.
    #[command(flatten)]
    pub import: ImportArgs,
    /// Text or JSON.
    #[command(flatten)]
    pub output: FormatArg,
}

/// `apply`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("base_url", |arg| arg.help(WHERE_IT_WAS_PLANNED)))]
pub struct ApplyArgs {
    /// Plan to carry out (the .plan.json file)
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// Results file [default: <INPUT>.results.csv]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_RESULTS")]
    pub results: Option<PathBuf>,
    /// Whether it may be carried out.
    #[command(flatten)]
    pub approval: ApprovalArgs,
    /// Whether a run goes on.
    #[command(flatten)]
    pub resuming: ResumeArgs,
    /// Format of the failures file [default: like the input]
    #[arg(long, value_name = "csv|xlsx", value_enum, env = "HUBASSOC_FAILURES")]
    pub failures: Option<FailuresArg>,
    /// How rows are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// When to stop.
    #[command(flatten)]
    pub stopping: StoppingArgs,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
    /// The options as they were given.
    #[arg(skip)]
    pub given_options: RunOptions,
}

/// Whether a plan may be carried out.
#[derive(Clone, Debug, Args)]
pub struct ApprovalArgs {
    /// Refuse a plan that is older than this when the apply begins
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "24h",
        env = "HUBASSOC_MAX_AGE"
    )]
    pub max_age: PositiveDuration,
    /// Carry out the plan with this digest without asking (its first 12 characters are enough)
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

/// Whether a run goes on.
#[derive(Clone, Debug, Args)]
pub struct ResumeArgs {
    /// Continue an interrupted apply, or start it
    #[arg(long)]
    pub resume: bool,
    /// With --resume: send failed rows once more
    #[arg(long, requires = "resume")]
    pub retry_failed: bool,
}

/// A plan is carried out where it was made.
const WHERE_IT_WAS_PLANNED: &str =
    "Address of the API [default: where the plan was made; any other is refused]";

/// `verify`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("base_url", |arg| arg.help(WHERE_THE_RUN_WROTE)))]
pub struct VerifyArgs {
    /// Results file of the import
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Report file [default: the path of the results with .verify.csv]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_OUTPUT")]
    pub output: Option<PathBuf>,
    /// Input file of the import, needed if a spreadsheet changed the results [default: where it
    /// was]
    #[arg(long, value_name = "PATH")]
    pub input: Option<PathBuf>,
    /// How requests are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
}

/// `undo`
#[derive(Clone, Debug, Args)]
#[command(mut_arg("base_url", |arg| arg.help(WHERE_THE_RUN_WROTE)))]
pub struct UndoArgs {
    /// Results file of the import
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Report file [default: the path of the results with .undo.csv]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_OUTPUT")]
    pub output: Option<PathBuf>,
    /// Input file of the import, needed for rows that were about to be sent when it stopped, or if
    /// a spreadsheet changed the results [default: where it was]
    #[arg(long, value_name = "PATH")]
    pub input: Option<PathBuf>,
    /// Remove without asking first
    #[arg(long)]
    pub yes: bool,
    /// Also remove links that may have existed before, because the run did not check
    #[arg(long)]
    pub include_unchecked: bool,
    /// How rows are sent.
    #[command(flatten)]
    pub sending: SendingArgs,
    /// When to stop.
    #[command(flatten)]
    pub stopping: StoppingArgs,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
}

/// `explain`
#[derive(Clone, Debug, Args)]
pub struct ExplainArgs {
    /// Results file of an import, or the report of a verify or undo
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Text or JSON.
    #[command(flatten)]
    pub output: FormatArg,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
}

/// A run is verified and undone where it wrote.
const WHERE_THE_RUN_WROTE: &str =
    "Address of the API [default: where the run wrote; any other is refused]";

/// `doctor`
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// Folder for the results, whose free disk space is checked
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// Which of HubSpot's APIs the import is for.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api()
    )]
    pub api: ApiVersion,
    /// What the rows would be like.
    #[command(flatten)]
    pub rows: DoctorRowArgs,
    /// Expected account (Hub ID)
    #[arg(long, value_name = "ID", env = "HUBASSOC_ACCOUNT")]
    pub account: Option<AccountId>,
    /// Address and token.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Text or JSON.
    #[command(flatten)]
    pub output: FormatArg,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
}

/// What `doctor` is told about the rows that an import would send.
#[derive(Clone, Debug, Args)]
pub struct DoctorRowArgs {
    /// Association definition that you want to import, by id or name
    #[arg(long, value_name = "ID|NAME", env = "HUBASSOC_DEFINITION")]
    #[arg(conflicts_with_all = ["from_type", "to_type"])]
    pub definition: Option<String>,
    /// Object type of the from ids, such as contacts or 2-123456
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_FROM_TYPE")]
    pub from_type: Option<String>,
    /// Object type of the to ids
    #[arg(long, value_name = "TYPE", env = "HUBASSOC_TO_TYPE")]
    pub to_type: Option<String>,
    /// Property by which the from records are looked up, if the file has no ids of them
    #[arg(long, value_name = "PROPERTY", env = "HUBASSOC_FROM_KEY", value_parser = values::key)]
    pub from_key: Option<&'static str>,
    /// Property by which the to records are looked up, if the file has no ids of them
    #[arg(long, value_name = "PROPERTY", env = "HUBASSOC_TO_KEY", value_parser = values::key)]
    pub to_key: Option<&'static str>,
}

/// `types`
#[derive(Clone, Debug, Args)]
pub struct TypesArgs {
    /// Only definitions from this object type (contacts)
    pub from: Option<String>,
    /// Only definitions to this object type (companies)
    pub to: Option<String>,
    /// The API that has the definitions.
    #[arg(
        long,
        value_name = "VERSION",
        default_value_t,
        env = "HUBASSOC_API",
        help = which_api()
    )]
    pub api: ApiVersion,
    /// Text or JSON.
    #[command(flatten)]
    pub output: FormatArg,
    /// A file with options.
    #[command(flatten)]
    pub config_file: ConfigFileArg,
}

/// The help of an option that is one of the APIs.
fn which_api() -> String {
    format!("HubSpot's API: {}", ApiVersion::names())
}
