//! What may be said about an input beforehand: where it is, its delimiter, its encoding.
//!
//! Only words and their meaning; opens and reads nothing.

use std::{convert::Infallible, ffi::OsString, fmt, path::PathBuf, str::FromStr, sync::Arc};

use crate::{
    association::{AccountLabels, Definition, DefinitionTable},
    tables,
};

/// Where the rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InputPath {
    /// A file, or a FIFO.
    File(PathBuf),
    /// Standard input, given as `-`.
    Stdin,
}

/// What was said about the input.
#[derive(Clone, Debug)]
pub struct InputOptions {
    /// Where it is.
    pub path: InputPath,
    /// The column of the from ids, if it is not `from_object_id`.
    pub from_column: Option<String>,
    /// The column of the to ids, if it is not `to_object_id`.
    pub to_column: Option<String>,
    /// The column of the definitions, if it is not `definition_id`.
    pub definition_column: Option<String>,
    /// The definition of every row, for a file without such a column.
    pub definition: Option<Definition>,
    /// The object type that every row links from, where no definition says it.
    pub from_type: Option<&'static str>,
    /// The object type that every row links to.
    pub to_type: Option<&'static str>,
    /// The label of every row; where there is none, a row that says its object
    /// types is of the association without one.
    pub label: Option<String>,
    /// Which column holds the labels.
    pub label_column: LabelColumn,
    /// What the account has told of its labels. While that is not known, each
    /// label has a stand-in.
    pub labels: Option<Arc<AccountLabels>>,
    /// Whether it is a results file that is read for what it records: rows have
    /// the numbers and lines that it says.
    pub recorded: bool,
    /// The definitions that a cell may name.
    pub table: &'static DefinitionTable,
    /// What separates the cells, if it is not to be found from the header.
    pub delimiter: Option<Delimiter>,
    /// How the bytes are to be read as text.
    pub encoding: InputEncoding,
    /// Only so many rows are read.
    pub limit: Option<u64>,
}

impl InputOptions {
    /// Everything else is to be found from the input.
    #[must_use]
    pub fn new(path: InputPath) -> Self {
        Self {
            path,
            from_column: None,
            to_column: None,
            definition_column: None,
            definition: None,
            from_type: None,
            to_type: None,
            label: None,
            label_column: LabelColumn::Found,
            labels: None,
            recorded: false,
            table: tables::oldest(),
            delimiter: None,
            encoding: InputEncoding::Auto,
            limit: None,
        }
    }

    /// Of a run that was begun: whether its labels would be lost was judged then.
    #[must_use]
    pub fn for_resumed_run(mut self) -> Self {
        if self.label_column == LabelColumn::Found {
            self.label_column = LabelColumn::AsRecorded;
        }
        self
    }
}

/// Which column holds the labels of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LabelColumn {
    /// The one that is called `label`; a file is refused if labels would be lost.
    Found,
    /// The one of that name, as when the run was begun: that was judged then.
    AsRecorded,
    /// This one.
    Named(String),
    /// None, whatever the columns are called.
    Off,
}

impl From<&str> for LabelColumn {
    /// As it is given on the command line.
    fn from(text: &str) -> Self {
        match text {
            "off" => Self::Off,
            name => Self::Named(name.to_owned()),
        }
    }
}

impl From<OsString> for InputPath {
    fn from(path: OsString) -> Self {
        if path == "-" {
            Self::Stdin
        } else {
            Self::File(path.into())
        }
    }
}

impl FromStr for InputPath {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Self, Infallible> {
        Ok(OsString::from(path).into())
    }
}

impl fmt::Display for InputPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(out),
            Self::Stdin => out.write_str("standard input"),
        }
    }
}

/// What separates the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiter(u8);

/// Text that names no delimiter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a delimiter; write comma, semicolon, tab, pipe, or the character itself")]
pub struct UnknownDelimiter(pub String);

impl Delimiter {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self(b','), Self(b';'), Self(b'\t'), Self(b'|')];

    /// The character, which is one byte in UTF-8.
    #[must_use]
    pub fn byte(self) -> u8 {
        self.0
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            b';' => "semicolon",
            b'\t' => "tab",
            b'|' => "pipe",
            _ => "comma",
        }
    }

    /// The delimiter that is this byte, if one is.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|delimiter| delimiter.0 == byte)
    }
}

impl FromStr for Delimiter {
    type Err = UnknownDelimiter;

    fn from_str(text: &str) -> Result<Self, UnknownDelimiter> {
        match text.to_ascii_lowercase().as_str() {
            "," | "comma" => Ok(Self(b',')),
            ";" | "semicolon" => Ok(Self(b';')),
            "\t" | "\\t" | "tab" => Ok(Self(b'\t')),
            "|" | "pipe" => Ok(Self(b'|')),
            _ => Err(UnknownDelimiter(text.to_owned())),
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// What names a column, or stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSetting {
    /// The name of the column of the from ids.
    FromColumn,
    /// The name of the column of the to ids.
    ToColumn,
    /// The name of the column of the definitions.
    DefinitionColumn,
    /// The definition of every row.
    Definition,
    /// The object type that every row links from.
    FromType,
    /// The object type that every row links to.
    ToType,
    /// The label of every row.
    Label,
    /// The name of the column of the labels.
    LabelColumn,
}

/// How the bytes are to be read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputEncoding {
    /// UTF-8, or UTF-16 where the first bytes say so.
    Auto,
    /// This one, unless a byte order mark says otherwise; UTF-8 is that whatever one says.
    Label(&'static encoding_rs::Encoding),
}

/// Text that names no encoding.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not an encoding; write auto, utf-8, utf-16le, windows-1252, or another name from the \
     WHATWG encoding standard"
)]
pub struct UnknownEncoding(pub String);

impl FromStr for InputEncoding {
    type Err = UnknownEncoding;

    fn from_str(text: &str) -> Result<Self, UnknownEncoding> {
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        encoding_rs::Encoding::for_label_no_replacement(text.as_bytes())
            .map(Self::Label)
            .ok_or_else(|| UnknownEncoding(text.to_owned()))
    }
}

impl fmt::Display for InputEncoding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => out.write_str("auto"),
            Self::Label(encoding) => out.write_str(encoding.name()),
        }
    }
}
