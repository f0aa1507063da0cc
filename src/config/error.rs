//! Errors of options and environment variables, with their sentences.

use std::{io, path::PathBuf};

use crate::{
    association::UnknownDefinition,
    hubspot::{ApiVersion, TokenError},
    messages,
};

/// Why the options cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No secret anywhere.
    #[error(
        "no access token: set HUBSPOT_ACCESS_TOKEN or give --token-file PATH, or for OAuth set \
         HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN (create a service key \
         in HubSpot under Development > Keys; to try an import without a token, use import \
         --sandbox)"
    )]
    NoToken,
    /// OAuth needs three secrets.
    #[error(
        "OAuth also needs {0}: set it, or the variable of this name with _FILE at the end to the path of \
         a file that contains it"
    )]
    OAuthIncomplete(String),
    /// Both a secret and a file for it are set.
    #[error("{0} and {0}_FILE are both set; unset one of them")]
    SecretAndFile(String),
    /// A secret where the path of its file has to be. It is not shown.
    #[error(
        "{0} seems to have a token or secret itself (not shown here), but has to have the path of a \
         file; write the secret to a file, and give the path of that file"
    )]
    SecretForPath(String),
    /// The secret is unusable.
    #[error("{}", messages::token(.0))]
    Token(TokenError),
    /// The API does not have the definition.
    #[error("--definition {}", messages::unknown_definition(.0))]
    Definition(UnknownDefinition),
    /// The text cannot be the name of an object type.
    #[error(
        "--{option} '{text}' is not an object type; give contacts, companies, …, or a custom \
         object's name or id (2-123456)"
    )]
    ObjectType {
        /// The option's name.
        option: &'static str,
        /// As given.
        text: String,
    },
    /// Only the newer API has object types and labels.
    #[error(
        "--label and --from-type need --api {}; add it, or give --definition instead (`hubassoc \
         types` lists them)",
        ApiVersion::LATEST
    )]
    LabelsNeedNewerApi,
    /// More rows per call than the API accepts.
    #[error(
        "--batch {rows} is more than API {api} accepts in one call; give at most {max}, or max"
    )]
    BatchTooLarge {
        /// As given.
        rows: usize,
        /// The API's version.
        api: &'static str,
        /// As many as it accepts.
        max: usize,
    },
    /// Results are a file that later runs read.
    #[error("results cannot be written to standard output; give --results the path of a new file")]
    ResultsToStdout,
    /// The summary would replace what the run reads or writes.
    #[error("--summary {0} is a file that this run reads or writes; choose another file")]
    SummaryReplacesRunFile(PathBuf),
    /// Only an earlier summary is replaced.
    #[error(
        "--summary {0} exists and is not a hubassoc summary; it was left untouched; choose another \
         file"
    )]
    SummaryExists(PathBuf),
    /// It would be lost at the end of a long run.
    #[error("--summary {0} cannot be written: {1}; choose another file")]
    SummaryUnwritable(PathBuf, #[source] io::Error),
    /// Monitors would not find it.
    #[error(
        "--metrics {0} has to be a file whose name ends in .prom, because node_exporter reads no \
         other file; give a name such as links.prom"
    )]
    MetricsEnding(PathBuf),
    /// The metrics would replace what the run reads or writes.
    #[error("--metrics {0} is a file that this run reads or writes; choose another file")]
    MetricsReplaceRunFile(PathBuf),
    /// Only earlier metrics are replaced.
    #[error(
        "--metrics {0} exists and is not a metrics file of hubassoc; it was left untouched; choose \
         another file"
    )]
    MetricsExist(PathBuf),
    /// They would be missing at the end of a long run.
    #[error(
        "--metrics {0} cannot be written: {1}; this user must be able to create files in its \
         folder; change the folder, or choose a file in another one"
    )]
    MetricsUnwritable(PathBuf, #[source] io::Error),
    /// There is no path to derive it from.
    #[error("the input is a pipe, so the results file needs a name; give --results PATH")]
    NoResultsPath,
    /// The base URL is not one that a token may be sent to.
    #[error("--base-url {0}")]
    BaseUrl(&'static str),
    /// The client would ignore this proxy and connect directly.
    #[error(
        "{0} names a proxy that cannot be used: it {1}; write it as http://host:port or \
         http://user:password@host:port, or unset it"
    )]
    Proxy(&'static str, &'static str),
    /// A resumed run must send to the same API and address.
    #[error(
        "the run to resume sends to {then}, but this command would send to {now}; use the same \
         --base-url, --sandbox and --api, or choose another file with --results"
    )]
    DifferentTarget {
        /// When the run started.
        then: String,
        /// Now.
        now: String,
    },
    /// The rows of a resumed run must mean the same.
    #[error(
        "the run to resume was started {then}, but now --{option} is {now}: its rows would mean \
         something else; leave out the option, or choose another file with --results"
    )]
    DifferentMeaning {
        /// The option's name.
        option: String,
        /// When the run started.
        then: String,
        /// Now.
        now: String,
    },
    /// Rows beyond the limit are already recorded.
    #[error(
        "--limit {limit} is below row {highest}, which is already done; give a higher limit, or off"
    )]
    LimitBelowRecordedRow {
        /// As given.
        limit: u64,
        /// The highest row that is recorded.
        highest: u64,
    },
    /// The certificates cannot be read.
    #[error("cannot read --ca-file {0}: {1}")]
    CaFile(PathBuf, #[source] io::Error),
}

impl From<TokenError> for ConfigError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<UnknownDefinition> for ConfigError {
    fn from(unknown: UnknownDefinition) -> Self {
        Self::Definition(unknown)
    }
}
