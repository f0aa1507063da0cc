//! Errors in the sandbox's options, and errors that keep it from starting.
//!
//! Knows nothing of the error responses to clients.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::rate::RateError;

/// Why the sandbox cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Other machines can reach the address.
    #[error(
        "the sandbox listens on this machine only, and {0} is not a loopback address; \
         use 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// The address is taken, or does not belong to this machine.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// No thread or no event loop.
    #[error("cannot start the sandbox's thread: {0}; the system is short of resources")]
    Thread(#[source] io::Error),
    /// A list of records cannot be read.
    #[error("cannot read the list of records {}: {source}; check the path", path.display())]
    RecordsFile {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A line of that list is invalid.
    #[error(
        "{}, line {line}: '{text}' is no record; write an id, or type,id like contact,123",
        path.display()
    )]
    RecordsLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The text of the line.
        text: String,
    },
    /// The file of records lacks columns.
    #[error(
        "{} is not a file of records; write object_type,id and the names of properties into its first \
         line, or on each line a JSON object like {{\"object_type\":\"contacts\",\"id\":\"101\"}}",
        .0.display()
    )]
    RecordsColumns(PathBuf),
    /// A line of the file of records is invalid.
    #[error("{}, line {line}: {problem}", path.display())]
    RecordLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A line of the list of merged records is invalid.
    #[error(
        "{}, line {line}: '{text}' is no merge of two records; write type,old id,new id like \
         contact,101,1001, each old id once",
        path.display()
    )]
    MergedLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The text of the line.
        text: String,
    },
    /// The associations that exist at the start cannot be read.
    #[error("cannot read the associations in {}: {source}; check the file", path.display())]
    LinksFile {
        /// The file.
        path: PathBuf,
        /// The error of the system or the CSV reader.
        source: csv::Error,
    },
    /// The file lacks columns that an import needs.
    #[error(
        "{} lacks columns; it needs from_object_id, to_object_id and definition_id, or instead of \
         that from_object_type, to_object_type and, for labels, label, with commas between them",
        .0.display()
    )]
    LinksColumns(PathBuf),
    /// A line of that file is invalid.
    #[error("{}, line {line}: {problem}; correct this line", path.display())]
    LinksLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Not an object type.
    #[error(
        "'{0}' is no object type; write contacts, 0-1, or for a custom object 2- and its number"
    )]
    ObjectType(String),
    /// Not a fault.
    #[error(
        "'{text}' is not a fault, {problem}; write KIND=RATE, like 503=1%, reset=#50 or 401=#50-"
    )]
    Fault {
        /// The given text.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Not a label.
    #[error(
        "'{0}' is no label; write FROM,TO,NAME, like contacts,companies,Decision maker; a custom \
         object is 2- and its number"
    )]
    Label(String),
    /// Not a limit on associations.
    #[error(
        "'{0}' is no limit on associations; write FROM,TO,N or FROM,TO,N,LABEL, like \
         contacts,companies,1, with object types and labels that the account has, and N from 1 on"
    )]
    AssociationLimit(String),
    /// Not a property.
    #[error("'{0}' is not a property; write TYPE:NAME, like contacts:external_id")]
    UniqueProperty(String),
    /// Not a lag.
    #[error("'{0}' is not a lag of searches; write a duration, like 3s")]
    SearchLag(String),
    /// Not a latency.
    #[error("'{0}' is not a latency; write a duration or a range, like 80ms or 80ms..200ms")]
    Latency(String),
    /// Not the time of a reset.
    #[error("'{0}' is not a time until the daily quota resets; write a duration, like 3s or 2h")]
    DailyReset(String),
    /// Not a time zone.
    #[error("'{0}' is no time zone that this system knows; write a name like US/Eastern or UTC")]
    TimeZone(String),
    /// Not the life of a token.
    #[error("'{0}' is not the life of a token; write a duration of at least a second, like 30min")]
    TokenLife(String),
    /// Not an app.
    #[error("this is no app; write CLIENT_ID:CLIENT_SECRET:REFRESH_TOKEN, none of them empty")]
    App,
    /// Not a limit.
    #[error("{0}, or off for no limit")]
    Limit(#[from] RateError),
    /// Not a later limit.
    #[error("'{0}' is no later limit; write RATE@DURATION, like 100/10s@60s or off@2min")]
    LaterLimit(String),
}
