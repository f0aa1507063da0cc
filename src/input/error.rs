//! What can be wrong with an input as a whole, in sentences.
//!
//! Each says what, where and the remedy. What is wrong with one row only is a
//! `Failure` and no error.

use std::io;

use super::{
    frame::MAX_RECORD_BYTES,
    gunzip,
    options::{Delimiter, InputPath},
    record::MAX_CELLS,
    wish::MOST_WISHES,
};

/// Why an input was not read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Nothing of it was taken: no row was read.
    #[error("{path}: {refusal}")]
    Refused {
        /// The input.
        path: InputPath,
        /// What speaks against it.
        refusal: Refusal,
    },
    /// It broke off: the rows before were read and stand.
    #[error("{path}, line {line}: {fault}")]
    BrokeOff {
        /// The input.
        path: InputPath,
        /// The physical line, from 1, up to which it was read.
        line: u64,
        /// What happened there.
        fault: Fault,
    },
}

impl InputError {
    /// Whether this was known before the first row.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::BrokeOff { .. } => false,
        }
    }
}

/// Why an input is not read at all.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "every variant is its own sentence")]
pub enum Refusal {
    #[error("there is no such file; check the path")]
    NotFound,
    #[error("it cannot be opened ({0}); check its permissions")]
    Unreadable(io::Error),
    #[error("it is {0} and no file; give the path of a CSV file, or - for standard input")]
    NotAFile(&'static str),
    #[error("it looks like {what}, not like CSV; {remedy}")]
    LooksLike {
        what: &'static str,
        remedy: &'static str,
    },
    #[error("it is empty; it needs a header line with the columns {0}")]
    Empty(String),
    #[error(
        "line {line} holds data where the header has to be ('{found}'); put a line with the names {needed} above it"
    )]
    NoHeader {
        line: u64,
        found: String,
        needed: String,
    },
    #[error(
        "the header on line {line} has no column {missing}; found, separated by {delimiter}: {found}; {remedy}"
    )]
    MissingColumns {
        line: u64,
        missing: String,
        delimiter: Delimiter,
        found: String,
        remedy: String,
    },
    #[error(
        "the header stands on line {header}, below other text; delete the lines above it, from line {line} on"
    )]
    TitleRows { line: u64, header: u64 },
    #[error("the header on line {line} has the column {name} more than once; rename or delete one")]
    ColumnTwice { line: u64, name: String },
    #[error("the column {name} is named for two of from, to and definition; each needs its own")]
    ColumnForTwo { name: String },
    #[error(
        "the file has a definition column ('{name}'), and --definition is given too; leave out --definition, or rename the column"
    )]
    DefinitionTwice { name: String },
    #[error("{definition} and {types} are both given; leave out one")]
    MeaningOptions {
        definition: &'static str,
        types: &'static str,
    },
    #[error(
        "a definition ({definition}) says what the rows mean, and so does {types}; leave out the \
         one that is not meant, or rename the column"
    )]
    TwoMeanings { definition: String, types: String },
    #[error(
        "the file has the column {name}, and {option} is given too; leave out {option}, or rename \
         the column"
    )]
    GivenTwice { name: String, option: &'static str },
    #[error(
        "the labels in the column '{column}' would be lost: to send them, {to_send}; if it holds none, \
         or they are not meant, give --label-column off"
    )]
    LostLabels { column: String, to_send: String },
    #[error(
        "line {line} stands in quotes as a whole, so that it is one cell: a spreadsheet has saved a file \
         whose cells are split by {delimiter} as one column; in Excel choose Data > Text to Columns, split \
         by {delimiter} and save as CSV UTF-8 again, or get the file as it was before"
    )]
    LineInQuotes { line: u64, delimiter: Delimiter },
    #[error(
        "it cannot be read twice, which object types and labels in columns need; write it to a \
         file, or give --from-type, --to-type and --label"
    )]
    TypesInStream,
    #[error(
        "up to line {line} there are more than {limit} different labels and object types; is it \
         the column of the labels?",
        limit = MOST_WISHES
    )]
    TooManyWishes { line: u64 },
    #[error(
        "it is no results file of this program: its own columns (assoc_row, …) are not there; give the file that import wrote"
    )]
    NotRecorded,
    #[error(
        "the header's quote on line {line} is never closed (or not within {limit} bytes); close it, or delete it",
        limit = MAX_RECORD_BYTES
    )]
    OpenQuoteInHeader { line: u64 },
    #[error(
        "in the header on line {line}, text follows a closing quote; write a quote inside a cell as two"
    )]
    BrokenQuoteInHeader { line: u64 },
    #[error(
        "the header on line {line} is longer than {limit} bytes or has more than {cells} cells; is this a CSV file?",
        limit = MAX_RECORD_BYTES,
        cells = MAX_CELLS
    )]
    HeaderTooLarge { line: u64 },
    #[error(
        "line {line} ('{found}') names a delimiter that is not supported; use comma, semicolon, tab or pipe"
    )]
    SepLine { line: u64, found: String },
    #[error("{0}")]
    BrokeOff(Fault),
}

impl Fault {
    /// What a failed read means.
    pub(super) fn of(error: io::Error) -> Self {
        if gunzip::is_damage(&error) {
            Self::Gzip(error)
        } else {
            Self::Read(error)
        }
    }
}

/// What keeps an input from being read to its end.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "every variant is its own sentence")]
pub enum Fault {
    #[error(
        "a quote opens here and is never closed: it swallows the rest of the file ({lines} line ends, {bytes} bytes); close it"
    )]
    OpenQuote { lines: u64, bytes: u64 },
    #[error("the gzip data is damaged or cut off ({0}); get the file again, or give it unpacked")]
    Gzip(io::Error),
    #[error("it could not be read any further ({0}); what was read before stands")]
    Read(io::Error),
    #[error(
        "it was changed while it was being read; leave it alone, and start again with a finished copy"
    )]
    Changed,
    #[error(
        "the line says no row in assoc_row and assoc_line, or has lost cells; it is not as this program wrote it: get the file from a copy"
    )]
    NotRecorded,
    #[error("the reader failed by a fault of its own ({0}); please report it")]
    Panicked(String),
}
