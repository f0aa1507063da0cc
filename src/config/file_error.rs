//! What can be wrong with a configuration file, with its sentences. Never shows the value of a
//! secret.

use std::{io, path::PathBuf};

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFileError {
    /// It is not there, or may not be read.
    #[error(
        "the configuration file {} cannot be read: {}; check the path in --config or \
         HUBASSOC_CONFIG, and that you may read the file", .0.display(), .1
    )]
    Unreadable(PathBuf, #[source] io::Error),
    /// A folder has the name.
    #[error(
        "the configuration file {} is a folder; give the path of a file with --config or in \
         HUBASSOC_CONFIG", .0.display()
    )]
    Folder(PathBuf),
    /// No configuration is this long.
    #[error(
        "the configuration file {} is larger than 1 MB, so it is probably another file; give the \
         path of the right one with --config or in HUBASSOC_CONFIG", .0.display()
    )]
    TooLong(PathBuf),
    /// In another encoding.
    #[error("the configuration file {} is not UTF-8 text; save it as UTF-8", .0.display())]
    NotText(PathBuf),
    /// Not TOML.
    #[error(
        "{}, line {}, column {}: this is not valid TOML ({}); write each option as name = value, \
         with text in quotes, such as rate = \"19/s\"",
        .0.display(), .1.line, .1.column, .1.problem
    )]
    Syntax(PathBuf, FileSyntax),
    /// A line of it says what it cannot say.
    #[error("{}, line {line}: {fault}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The number of the line.
        line: usize,
        /// What is wrong.
        fault: LineFault,
    },
}

/// Where a file is not TOML, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct FileSyntax {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) problem: String,
}

/// What is wrong with a line of a configuration file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Secrets are kept apart from options.
    #[error(
        "'{0}' is a secret, and a configuration file must not contain secrets; remove the line. \
         Write the token to a file of its own and name that file here (token-file = \"PATH\"), or \
         set an environment variable such as HUBSPOT_ACCESS_TOKEN"
    )]
    Secret(String),
    /// A secret where the path of its file has to be. It is not shown.
    #[error(
        "'{0}' seems to have a token or secret itself (not shown here), but has to have the path of a \
         file; write the secret to a file, and its path here, such as {0} = \"token.txt\""
    )]
    SecretForPath(String),
    /// It says what is done now.
    #[error(
        "'{0}' cannot be set in a configuration file, because it is for one command only; remove \
         the line, and type --{0} on the command line"
    )]
    Action(String),
    /// One file does not lead to others.
    #[error("a configuration file cannot name another one; remove the line")]
    OtherFile,
    /// No command has it.
    #[error("a configuration file has no option '{key}'; {}", unknown_remedy(similar.as_deref()))]
    Unknown {
        /// As written.
        key: String,
        /// The option that looks most like it.
        similar: Option<String>,
    },
    /// The table of columns has four keys.
    #[error(
        "[columns] can have only from, to, definition and label, but not '{0}'; write other \
         options above the line [columns]"
    )]
    UnknownColumn(String),
    /// Names of columns are a table.
    #[error(
        "'columns' has to be a table; write a line [columns], and below it from, to, definition or \
         label, such as from = \"Contact ID\""
    )]
    ColumnsNoTable,
    /// Options are not in groups.
    #[error(
        "'{0}' is a table, and only [columns] can be one; remove its line, and write its options \
         above the line [columns]"
    )]
    OtherTable(String),
    /// Its name looks like that of the table of columns.
    #[error("'{0}' is a table, and only [columns] can be one; did you mean [columns]?")]
    LikeColumns(String),
    /// In two ways, which TOML takes for different keys.
    #[error("'{key}' is also set in line {first}; remove one of the two lines")]
    Twice {
        /// The option.
        key: String,
        /// The other line.
        first: usize,
    },
    /// No command accepts both.
    #[error(
        "'{key}' and '{other}' (line {first}) exclude each other; links have either a definition \
         or object types and labels, so remove one of the two lines"
    )]
    Excluded {
        /// The option.
        key: String,
        /// The one that excludes it.
        other: String,
        /// The other line.
        first: usize,
    },
    /// A date, a list.
    #[error(
        "'{key}' is {kind}; write a text in quotes or a whole number, or true or false for a switch"
    )]
    OtherKind {
        /// The option.
        key: String,
        /// The kind of the value.
        kind: &'static str,
    },
    /// It needs a value.
    #[error(
        "'{0}' is not a switch, so it cannot be true or false; write its value as a text in quotes \
         or as a whole number"
    )]
    NoSwitch(String),
    /// Nothing between the quotes.
    #[error("'{0}' has no value; write one, or remove the line")]
    Empty(String),
    /// It cannot be parsed.
    #[error("'{value}' is not a value of '{key}': {allowed}")]
    Value {
        /// The option.
        key: String,
        /// As written.
        value: String,
        /// What can be written.
        allowed: String,
    },
}

fn unknown_remedy(similar: Option<&str>) -> String {
    match similar {
        Some(similar) => format!("did you mean '{similar}'?"),
        None => {
            "correct or remove the line (`hubassoc import --help` lists the options)".to_owned()
        }
    }
}
