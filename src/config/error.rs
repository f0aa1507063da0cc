//! Why the options cannot be followed: what each error says.

use std::{io, path::PathBuf};

use crate::{
    association::UnknownDefinition,
    hubspot::{Dialect, TokenError},
    messages,
};

/// Why the options cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No secret anywhere.
    #[error(
        "no access token: set HUBSPOT_ACCESS_TOKEN or give --token-file PATH, or for OAuth set \
         HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN \
         (a service key is made in HubSpot under Development, Keys; an import can be \
         rehearsed without one: import --sandbox)"
    )]
    NoToken,
    /// Not all three that OAuth needs.
    #[error(
        "OAuth needs {0} too: set it, or the variable with _FILE at its end to the path of a \
         file that holds it"
    )]
    OAuthIncomplete(String),
    /// A secret and a file for it.
    #[error("{0} and {0}_FILE are both set; unset one of them")]
    TwoPlaces(String),
    /// The secret is unusable.
    #[error("{}", messages::token(.0))]
    Token(TokenError),
    /// The definition is none that the API has.
    #[error("--definition {}", messages::unknown_definition(.0))]
    Definition(UnknownDefinition),
    /// Text that can be no object type's name.
    #[error(
        "--{option} '{text}' names no object type; give contacts, companies, …, or a custom \
         object's name or id (2-123456)"
    )]
    ObjectType {
        /// The option's name.
        option: &'static str,
        /// As given.
        text: String,
    },
    /// Object types and labels are the newer API's.
    #[error(
        "--label and --from-type need --api {}; give it, or --definition (`hubassoc types` lists \
         them)",
        Dialect::LATEST
    )]
    LabelsNeedNewer,
    /// More rows in a call than the API takes.
    #[error("--batch {rows} is more than API {api} takes in a call; give {most} at most, or max")]
    BatchTooLarge {
        /// As given.
        rows: usize,
        /// The API's version.
        api: &'static str,
        /// What it takes.
        most: usize,
    },
    /// Results are a file that later runs read.
    #[error("results cannot go to standard output; give --results the path of a new file")]
    ResultsToStdout,
    /// The summary would replace what the run reads or writes.
    #[error("--summary {0} is a file that the run itself reads or writes; name another")]
    SummaryInTheWay(PathBuf),
    /// Only an earlier summary is replaced.
    #[error(
        "--summary {0} exists and is no summary, so that it is not replaced; name another file"
    )]
    SummaryExists(PathBuf),
    /// It would be lost at the end of a long run.
    #[error("--summary {0} cannot be written: {1}; name another file")]
    SummaryUnwritable(PathBuf, #[source] io::Error),
    /// There is no path to derive it from.
    #[error(
        "standard input and pipes have no name to derive a results file from; give --results PATH"
    )]
    NoResultsPath,
    /// The base URL is not one that a token may be sent to.
    #[error("--base-url {0}")]
    BaseUrl(&'static str),
    /// Calls would go past the proxy that they are meant to go by.
    #[error(
        "{0} names a proxy that cannot be used: it {1}; give it as http://host:port or \
         http://user:password@host:port, or unset it"
    )]
    Proxy(&'static str, &'static str),
    /// A run that goes on goes to the same place.
    #[error(
        "the run that is to go on sends to {then}, and this would send to {now}; give the same \
         (--base-url, --sandbox, --api), or name another file with --results"
    )]
    OtherTarget {
        /// As it was begun.
        then: String,
        /// As it is now.
        now: String,
    },
    /// Its rows mean the same.
    #[error(
        "the run that is to go on was begun {then}, and now --{option} is {now}: its rows would \
         mean something else; leave the option out, or name another file with --results"
    )]
    OtherMeaning {
        /// The option's name.
        option: String,
        /// As it was begun.
        then: String,
        /// As it is now.
        now: String,
    },
    /// Rows beyond the limit are recorded.
    #[error(
        "--limit {limit} lies behind row {highest}, which is recorded already; give a higher one, \
         or off"
    )]
    LimitBehind {
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
