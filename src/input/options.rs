//! The options of an input: its path, delimiter, encoding and columns.
//!
//! Parses option values; opens and reads nothing.

use std::{convert::Infallible, ffi::OsString, fmt, path::PathBuf, str::FromStr, sync::Arc};

use crate::{
    association::{AccountLabels, Definition, DefinitionTable},
    tables,
};

use super::{id_list::IdSeparator, shared_strings::SharedStringsCache};

/// Where the rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InputPath {
    /// A file or a FIFO.
    File(PathBuf),
    /// Standard input, given as `-`.
    Stdin,
}

/// The options of an input.
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
    /// The property whose values the column of from has, if these are not ids.
    pub from_key: Option<&'static str>,
    /// The property whose values the column of to has.
    pub to_key: Option<&'static str>,
    /// Whether companies may be looked up by the domains of providers of free e-mail addresses.
    pub allow_free_mail: bool,
    /// The definition of every row, for a file without such a column.
    pub definition: Option<Definition>,
    /// The object type that every row links from, where no definition says it.
    pub from_type: Option<&'static str>,
    /// The object type that every row links to.
    pub to_type: Option<&'static str>,
    /// The label of every row. Without one, rows with object types use the unlabeled association.
    pub label: Option<String>,
    /// The column of labels.
    pub label_column: LabelColumn,
    /// The labels of the account. Without them, each label gets a placeholder.
    pub labels: Option<Arc<AccountLabels>>,
    /// Whether it is a results file whose recorded row numbers and lines are used.
    pub recorded: bool,
    /// The definitions that a cell can name.
    pub table: &'static DefinitionTable,
    /// The delimiter, if it is not detected from the header.
    pub delimiter: Option<Delimiter>,
    /// The encoding.
    pub encoding: InputEncoding,
    /// The sheet of a workbook, if several have rows.
    pub sheet: Option<String>,
    /// The shared texts of the workbook, once it was opened.
    pub shared_strings: SharedStringsCache,
    /// The line or row with the header, if it is not the first that is not blank.
    pub header_row: Option<u64>,
    /// The character between the ids of a cell. With it, each id is a row of its own. Recorded rows
    /// have one id in a cell and are never split.
    pub split: Option<IdSeparator>,
    /// Where reading ends, if that is before the end of the input.
    pub limit: Option<InputLimit>,
}

impl InputOptions {
    /// Everything else is detected from the input.
    #[must_use]
    pub fn new(path: InputPath) -> Self {
        Self {
            path,
            from_column: None,
            to_column: None,
            definition_column: None,
            from_key: None,
            to_key: None,
            allow_free_mail: false,
            definition: None,
            from_type: None,
            to_type: None,
            label: None,
            label_column: LabelColumn::IfPresent,
            labels: None,
            recorded: false,
            table: tables::oldest(),
            delimiter: None,
            encoding: InputEncoding::Auto,
            sheet: None,
            shared_strings: SharedStringsCache::default(),
            header_row: None,
            split: None,
            limit: None,
        }
    }

    /// For a run that is resumed: the check for lost labels was made when it started.
    #[must_use]
    pub fn for_resumed_run(mut self) -> Self {
        if self.label_column == LabelColumn::IfPresent {
            self.label_column = LabelColumn::AlreadyChecked;
        }
        self
    }
}

/// Where reading ends before the end of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputLimit {
    /// After this many records, with all rows of each.
    Records(u64),
    /// After the row with this number.
    Rows(u64),
}

impl InputLimit {
    /// The number of records or of rows.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Records(number) | Self::Rows(number) => number,
        }
    }
}

/// The column of labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LabelColumn {
    /// The column `label`, if it exists. A file is refused if labels would be lost.
    IfPresent,
    /// The column `label`, if it exists. The check for lost labels was made when the run started.
    AlreadyChecked,
    /// The column with this name.
    Named(String),
    /// No column, whatever the names are.
    Off,
}

impl From<&str> for LabelColumn {
    /// Parses the value on the command line.
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

/// The character between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delimiter(u8);

/// The text is not a delimiter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a delimiter; write comma, semicolon, tab, pipe, or the character itself")]
pub struct UnknownDelimiter(pub String);

impl Delimiter {
    /// The delimiter of results whose input is not delimited text.
    pub const COMMA: Self = Self(b',');

    /// All delimiters, in the order in which they are tried.
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

    /// The delimiter with this byte, if there is one.
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

/// A setting that names a column or replaces it.
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

/// The encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputEncoding {
    /// UTF-8, or UTF-16 if the first bytes show that.
    Auto,
    /// This encoding, unless a byte order mark shows another one. UTF-8 ignores the mark.
    Label(&'static encoding_rs::Encoding),
}

/// The text is not an encoding.
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
