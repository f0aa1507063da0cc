//! What can be wrong with an input as a whole. What is wrong with one row only is a
//! `Failure` and no error.

use std::io;

use super::{
    frame::MAX_RECORD_BYTES,
    gzip,
    options::{Delimiter, InputPath, InputSetting},
    record::MAX_CELLS,
};

/// Why an input was not read, or not to its end.
#[derive(Debug)]
pub enum InputError {
    /// Nothing of it was taken: no row was read.
    Refused {
        /// The input.
        path: InputPath,
        /// What speaks against it.
        refusal: InputRefusal,
    },
    /// It broke off: the rows before were read and stand.
    BrokeOff {
        /// The input.
        path: InputPath,
        /// The physical line, from 1, up to which it was read.
        line: u64,
        /// What happened there.
        fault: ReadFault,
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

/// Why an input is not read at all; texts are as they may be shown.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum InputRefusal {
    /// There is no such file.
    NotFound,
    /// It cannot be opened.
    Unreadable(io::Error),
    /// It is something else than a file.
    NotAFile(PathKind),
    /// It is of this kind, and no CSV.
    LooksLike(FileKind),
    /// It has no header, or none that can be read.
    Header(Box<HeaderFault>),
    /// The columns are not those that are needed.
    Columns(Box<ColumnFault>),
    /// Both are given.
    MeaningOptions {
        definition: InputSetting,
        types: InputSetting,
    },
    /// Object types and labels in columns need a file.
    TypesInStream,
    /// There are more different labels and object types than are kept.
    TooManyLabels { line: u64, limit: usize },
    /// It broke off before there was a row.
    BrokeOff(ReadFault),
}

/// Why there is no header that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum HeaderFault {
    /// There is nothing; these columns are needed.
    Empty(String),
    /// There is data where the header has to be.
    Data {
        line: u64,
        found: String,
        needed: String,
    },
    /// There is other text above it.
    TitleRows { line: u64, header: u64 },
    /// Its line is one cell, which holds all of it.
    LineInQuotes { line: u64, delimiter: Delimiter },
    /// Its quote is never closed, or not within so many bytes.
    OpenQuote { line: u64, limit: usize },
    /// Text follows a closing quote.
    BrokenQuote { line: u64 },
    /// It has more bytes or cells than it may have.
    TooLarge {
        line: u64,
        bytes: usize,
        cells: usize,
    },
    /// The first line names a delimiter that is none.
    SepLine { line: u64, found: String },
}

/// Why the columns of a header are not those that are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum ColumnFault {
    /// Some are not there.
    Missing {
        line: u64,
        missing: String,
        delimiter: Delimiter,
        found: String,
        remedy: ColumnRemedy,
    },
    /// One is there more than once.
    Twice { line: u64, name: String },
    /// One is named for two things.
    UsedForTwo { name: String },
    /// There is a definition column, and a definition is given.
    DefinitionTwice { name: String },
    /// Both say what the rows mean.
    TwoMeanings {
        definition: MeaningStatement,
        types: MeaningStatement,
    },
    /// It is there, and what stands for it is given.
    GivenTwice { name: String, option: InputSetting },
    /// Those of a results file are not there.
    NotRecorded,
    /// It seems to hold labels, and has no part in the meaning of rows.
    LostLabels { column: String, cure: LabelRemedy },
}

impl From<HeaderFault> for InputRefusal {
    fn from(fault: HeaderFault) -> Self {
        Self::Header(fault.into())
    }
}

impl From<ColumnFault> for InputRefusal {
    fn from(fault: ColumnFault) -> Self {
        Self::Columns(fault.into())
    }
}

/// What a path may lead to that is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum PathKind {
    Stream,
    Directory,
    Device,
    Socket,
}

/// What a file may be that is no CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum FileKind {
    Utf32,
    Workbook,
    EmptyZip,
    OldWorkbook,
    Pdf,
    Rtf,
    Parquet,
    Sqlite,
    Zstd,
    Bzip2,
    Xz,
    SevenZip,
    Rar,
    Compress,
    Xml,
    Html,
    Json,
    Binary,
}

/// What helps where columns are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRemedy {
    /// They are there by another delimiter.
    Delimiter(Delimiter),
    /// Only the definition is missing; the file has this column of types, for which
    /// this version of the API is needed.
    LaterApi {
        /// The column.
        types: &'static str,
        /// The version.
        api: &'static str,
    },
    /// Only the definition is missing.
    Definition {
        /// Whether object types and labels may say what it says.
        has_labels: bool,
    },
    /// Only object types are missing; what stands for them.
    Types(Vec<InputSetting>),
    /// What names them.
    Names(Vec<InputSetting>),
}

/// What says what the rows mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeaningStatement {
    /// A column of this name.
    Column(String),
    /// A setting.
    Given(InputSetting),
}

/// How labels are sent that would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelRemedy {
    /// Their column is named, in the place of the label for all rows.
    InsteadOfLabel,
    /// Their column is named.
    Named,
    /// With object types, in the place of the definition column.
    InsteadOfColumn,
    /// With object types, in the place of the definition for all rows.
    InsteadOfDefinition,
    /// With object types and this version of the API, in the place of a definition.
    WithLaterApi(&'static str),
}

impl HeaderFault {
    /// It has too many bytes or cells.
    pub(super) fn too_large(line: u64) -> Self {
        Self::TooLarge {
            line,
            bytes: MAX_RECORD_BYTES,
            cells: MAX_CELLS,
        }
    }

    /// Its quote that is opened on this line is not closed.
    pub(super) fn open_quote(line: u64) -> Self {
        let limit = MAX_RECORD_BYTES;
        Self::OpenQuote { line, limit }
    }
}

impl ReadFault {
    /// What a failed read means.
    pub(super) fn from_io(error: io::Error) -> Self {
        if gzip::is_damage(&error) {
            Self::Gzip(error)
        } else {
            Self::Read(error)
        }
    }
}

/// What keeps an input from being read to its end.
#[derive(Debug)]
pub enum ReadFault {
    /// A quote is opened and never closed.
    OpenQuote {
        /// Line ends that it swallows.
        lines: u64,
        /// Bytes that it swallows.
        bytes: u64,
    },
    /// The gzip data is damaged or cut off.
    Gzip(io::Error),
    /// It could not be read any further.
    Read(io::Error),
    /// It was changed meanwhile.
    Changed,
    /// The line is not as this program writes lines of results.
    NotRecorded,
    /// The reader failed by a fault of its own.
    Panicked(String),
}
