//! Why a command ended without a result of its own, and its exit code.

use std::{io, iter, path::PathBuf};

use super::{apply_refusal::ApplyRefusal, past::unusable_input::UnusableInput};
use crate::{
    account::AccountId,
    config::{ConfigError, SeveralInputsError},
    exit::ExitCode,
    hubspot::ClientError,
    input::{InputError, ReadFault},
    journal::{JournalError, SavedResultsError},
    keys::KeyStoreError,
    messages::{self, stop_reason_text},
    output::{ResultsError, number, plural},
    sandbox::SandboxError,
    stop::StopReason,
};

/// Why a command ended without a result of its own.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Options or environment.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Several inputs do not go together.
    #[error(transparent)]
    SeveralInputs(#[from] SeveralInputsError),
    /// The input.
    #[error("{}", messages::input(.0))]
    Input(InputError),
    /// The columns of the input have other names.
    #[error("{problem} {}", commands.join("; or "))]
    OtherColumnNames {
        /// What is wrong, as far as the colon before the commands.
        problem: String,
        /// Commands that read it.
        commands: Vec<String>,
    },
    /// The results file.
    #[error("{}", messages::results(.0))]
    Results(ResultsError),
    /// The files of the run.
    #[error("{}", messages::journal(.0))]
    Journal(JournalError),
    /// A stream is not kept in memory without bound.
    #[error(
        "{0} cannot be read twice, and too many of its rows are not sent yet; write it to a file \
         and give that file"
    )]
    TooManyBuffered(String),
    /// A plan is not carried out.
    #[error(transparent)]
    Apply(#[from] ApplyRefusal),
    /// A stream can be read only once, but an apply reads it again.
    #[error(
        "a plan needs a file, because an apply has to read the same rows again; write the rows to a \
         file and plan that"
    )]
    PlanOfStream,
    /// The whole input could not be read.
    #[error("cannot read {}: {_1}", .0.display())]
    Unhashed(PathBuf, io::Error),
    /// HubSpot did not say what exists for some rows.
    #[error(
        "HubSpot gave no usable answer for {}, so there is no plan; nothing was written; plan again",
        plural(*rows, "row", "rows")
    )]
    PlanIncomplete {
        /// How many.
        rows: u64,
    },
    /// The input is shorter than it should be.
    #[error(
        "{input} has {}, but --min-rows is {}: nothing was sent; check that the file is complete, \
         or lower --min-rows", plural(*rows, "row", "rows"), number(*min_rows)
    )]
    FewerRows {
        /// The input.
        input: String,
        /// How many it has.
        rows: u64,
        /// How many rows it should have.
        min_rows: u64,
    },
    /// The HTTP client.
    #[error("{}", messages::client(.0))]
    Client(ClientError),
    /// The sandbox.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// An object type that is not in the table.
    #[error(
        "there is no definition with the object type '{0}'; `{1}` lists them all (labels and custom objects are not \
         listed: each account has its own)"
    )]
    UnknownType(String, String),
    /// Labels that the account does not have.
    #[error("nothing was sent: {0}")]
    UnknownLabels(String),
    /// Records cannot be found by a property.
    #[error("nothing was sent: {0}")]
    KeyProperty(String),
    /// What is known of keys cannot be kept.
    #[error("{}", messages::key_store(.0))]
    KeyStore(KeyStoreError),
    /// Object types that HubSpot does not have by this name.
    #[error(
        "{0}; write a custom object's full name (p123_cars) or its id (2-123456), and contacts, \
         companies, … for HubSpot's own"
    )]
    NoSuchTypes(String),
    /// HubSpot did not return its labels.
    #[error(
        "nothing was sent: the labels from {from} to {to} could not be read: {why}; check the \
         object types (a custom object is 2- and its number), and that the token can read both"
    )]
    LabelsUnknown {
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// What HubSpot said.
        why: String,
    },
    /// Stopped before the run began.
    #[error("{}; nothing was sent", stop_reason_text(.0))]
    Stopped(StopReason),
    /// The results are those of an undo.
    #[error("{} is not the results file of an import; give the file that import wrote", .0.display())]
    NoImport(PathBuf),
    /// The file has no results.
    #[error("{}", messages::not_results(path, fault, instead.as_deref()))]
    NotResults {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: SavedResultsError,
        /// The results that are meant, if they were found.
        instead: Option<PathBuf>,
    },
    /// A run that was undone cannot be resumed.
    #[error(
        "the run that {} records was undone and cannot be continued; to create its links again, \
         import with another -o", .0.display()
    )]
    Undone(PathBuf),
    /// The sandbox of a rehearsal ends with its run.
    #[error(
        "{} records a rehearsal (--sandbox), whose links are gone; give the results of a real \
         import", .0.display()
    )]
    WasRehearsal(PathBuf),
    /// The run used an API that only a later version of this program knows.
    #[error("{} was imported with API {api}, which this version does not know; use a later version", path.display())]
    OtherApi {
        /// The results.
        path: PathBuf,
        /// The API's version.
        api: String,
    },
    /// A run must stay in one account.
    #[error(
        "this run was started in account {run_account}, but --account is {given}; leave out --account \
         to continue in account {run_account}, or start another run with another --results"
    )]
    OtherAccount {
        /// The account of the run.
        run_account: AccountId,
        /// The account given now.
        given: AccountId,
    },
    /// An undo must go where the run wrote.
    #[error("the run wrote to {recorded}, but --base-url is {given}; leave it out")]
    OtherServer {
        /// Where the run wrote to.
        recorded: String,
        /// The given one.
        given: String,
    },
    /// The run log holds options that this version does not know.
    #[error(
        "the options of the run in {} cannot be read: {why}; use the version that started the run \
         ({version}) or a later one{remedy}", run_log.display()
    )]
    Unreadable {
        /// The run log.
        run_log: PathBuf,
        /// The version that wrote it first.
        version: String,
        /// What is wrong with them.
        why: String,
        /// What else can be done, as the end of the sentence.
        remedy: &'static str,
    },
    /// Rows by keys were under way when an import stopped, so it has to be completed first.
    #[error("{problem} {}", commands.join("; or "))]
    UnfinishedImport {
        /// What is wrong, as far as the colon before the commands.
        problem: String,
        /// The command that completes the import.
        commands: Vec<String>,
    },
    /// The file is another undo's.
    #[error("{} belongs to the undo of another run; choose another file with --output", .0.display())]
    OtherUndo(PathBuf),
    /// The file is not the input that the run read.
    #[error(
        "{} is not the input of the run: {why}; nothing was changed; give the original file with \
         --input, or leave out --input", path.display()
    )]
    OtherInput {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The rows of the input that the user named have keys.
    #[error(
        "--input cannot help: the rows of {} name records by keys, and only the results say which \
         records these were; nothing was changed; leave out --input", .0.display()
    )]
    InputHasKeys(PathBuf),
    /// Another program has changed cells of the results, and nothing else says what these rows
    /// link.
    #[error(
        "{} was saved by another program, which changed cells of rows {} to {}; they no longer say \
         which records they link, and {why}", results.display(), rows.0, rows.1
    )]
    Unproven {
        /// The results.
        results: PathBuf,
        /// The first and the last such row.
        rows: (u64, u64),
        /// Why the input cannot say it, and what to do.
        why: UnusableInput,
    },
    /// A signal came while a question waited for an answer.
    #[error("{}; nothing was changed", stop_reason_text(.0))]
    LeftUnanswered(StopReason),
    /// The question was not answered with yes.
    #[error("cancelled; nothing was removed")]
    NotAgreed,
    /// There is no terminal to ask at.
    #[error(
        "nothing was removed: undo asks first, but there is no terminal to ask on; add --yes to \
         remove without being asked"
    )]
    NoTerminal,
    /// The question about a large import was not answered with yes.
    #[error("cancelled; nothing was sent")]
    NotSent,
    /// Standard output is full or broken.
    #[error("standard output could not be written: {0}")]
    Stdout(#[source] io::Error),
    /// The summary could not be written. The results are complete.
    #[error("the summary {0} could not be written: {1}; the results are complete without it")]
    Summary(PathBuf, #[source] io::Error),
    /// The metrics could not be written. The results do not need them.
    #[error(
        "the metrics {0} could not be written: {1}; the results are not affected; correct this before \
         the next run, because a monitor still sees a run in progress, or an earlier one"
    )]
    Metrics(PathBuf, #[source] io::Error),
    /// Threads or signal handlers could not be set up.
    #[error("the program could not be set up: {0}")]
    Setup(#[source] io::Error),
}

impl From<ClientError> for AppError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<KeyStoreError> for AppError {
    fn from(error: KeyStoreError) -> Self {
        Self::KeyStore(error)
    }
}

impl From<JournalError> for AppError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<InputError> for AppError {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl From<ResultsError> for AppError {
    fn from(error: ResultsError) -> Self {
        Self::Results(error)
    }
}

impl AppError {
    /// The text for people: what went wrong, and each suggested command on a line of its own.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let (Self::OtherColumnNames { problem, commands }
        | Self::UnfinishedImport { problem, commands }) = self
        else {
            return vec![self.to_string()];
        };
        let commands = commands.iter().map(|command| format!("  {command}"));
        iter::once(problem.clone()).chain(commands).collect()
    }

    /// The exit code of the program.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Input(error) => of_input(error),
            Self::Stopped(reason) | Self::LeftUnanswered(reason) => ExitCode::of_stop(reason),
            Self::Results(ResultsError::Write(..))
            | Self::Stdout(_)
            | Self::Summary(..)
            | Self::Metrics(..)
            | Self::Setup(_) => ExitCode::Internal,
            Self::PlanIncomplete { .. } => ExitCode::Unavailable,
            Self::Unhashed(..) => ExitCode::InputBroken,
            Self::Journal(JournalError::InUse(_)) => ExitCode::InUse,
            Self::Journal(error) if error.is_write_failure() => ExitCode::Internal,
            Self::KeyStore(error) if error.is_write_failure() => ExitCode::Internal,
            Self::Config(_)
            | Self::SeveralInputs(_)
            | Self::Results(_)
            | Self::Journal(_)
            | Self::TooManyBuffered(_)
            | Self::PlanOfStream
            | Self::Apply(_)
            | Self::OtherColumnNames { .. }
            | Self::FewerRows { .. }
            | Self::Client(_)
            | Self::Sandbox(_)
            | Self::UnknownLabels(_)
            | Self::KeyProperty(_)
            | Self::KeyStore(_)
            | Self::NoSuchTypes(_)
            | Self::LabelsUnknown { .. }
            | Self::NoImport(_)
            | Self::NotResults { .. }
            | Self::OtherAccount { .. }
            | Self::Undone(_)
            | Self::WasRehearsal(_)
            | Self::OtherApi { .. }
            | Self::OtherServer { .. }
            | Self::Unreadable { .. }
            | Self::UnfinishedImport { .. }
            | Self::OtherUndo(_)
            | Self::OtherInput { .. }
            | Self::InputHasKeys(_)
            | Self::Unproven { .. }
            | Self::NotAgreed
            | Self::NoTerminal
            | Self::NotSent
            | Self::UnknownType(..) => ExitCode::Refused,
        }
    }
}

/// The exit code for an input that was refused or could not be read to its end.
pub(super) fn of_input(error: &InputError) -> ExitCode {
    match error {
        InputError::Refused { .. } => ExitCode::Refused,
        InputError::ReadFailed {
            fault: ReadFault::Panicked(_),
            ..
        } => ExitCode::Internal,
        InputError::ReadFailed { .. } => ExitCode::InputBroken,
    }
}
