//! Errors of an input as a whole. Problems of a single row are a `Failure` and not an error.

use std::{io, slice};

use super::{
    frame::MAX_RECORD_BYTES,
    gzip,
    id_list::IdSeparator,
    options::{Delimiter, InputPath, InputSetting},
    record::MAX_CELLS,
    workbook_fault::WorkbookFault,
};

/// Why an input was not read, or not to its end.
#[derive(Debug)]
pub enum InputError {
    /// The input was refused before any row was read.
    Refused {
        /// The input.
        path: InputPath,
        /// The reason.
        refusal: InputRefusal,
    },
    /// Reading stopped before the end. The rows before are valid.
    ReadFailed {
        /// The input.
        path: InputPath,
        /// The physical line, from 1, that was reached.
        line: u64,
        /// What happened.
        fault: ReadFault,
    },
}

impl InputError {
    /// How the header may be meant, if the input was refused because of its columns.
    #[must_use]
    pub fn suggestions(&self) -> &[ColumnSuggestion] {
        let Self::Refused {
            refusal: InputRefusal::Columns(fault),
            ..
        } = self
        else {
            return &[];
        };
        match &**fault {
            ColumnFault::Missing {
                remedy: ColumnRemedy::Suggestions(suggestions),
                ..
            }
            | ColumnFault::IdsBesideKeys { suggestions, .. } => suggestions,
            ColumnFault::UsualNamesInStream(suggestion) => slice::from_ref(&**suggestion),
            ColumnFault::Missing { .. }
            | ColumnFault::Twice { .. }
            | ColumnFault::UsedForTwo { .. }
            | ColumnFault::DefinitionColumnAndSetting { .. }
            | ColumnFault::DefinitionAndTypes { .. }
            | ColumnFault::ColumnAndSetting { .. }
            | ColumnFault::NotRecorded
            | ColumnFault::LostLabels { .. }
            | ColumnFault::LostMeaning { .. } => &[],
        }
    }

    /// Whether this was known before the first row.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { .. } => true,
            Self::ReadFailed { .. } => false,
        }
    }
}

/// Why an input is not read at all. Texts are ready to be shown.
#[derive(Debug)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum InputRefusal {
    /// There is no such file.
    NotFound,
    /// It cannot be opened.
    Unreadable(io::Error),
    /// It is not a file.
    NotAFile(PathKind),
    /// It has this format, which is not CSV.
    LooksLike(FileKind),
    /// It has no usable header.
    Header(Box<HeaderFault>),
    /// It does not have the needed columns.
    Columns(Box<ColumnFault>),
    /// Two contradictory options are set.
    DefinitionOptions {
        definition: InputSetting,
        types: InputSetting,
    },
    /// Columns with object types or labels need a file that can be read twice.
    TypesInStream,
    /// There are too many different labels and object types.
    TooManyLabels { line: u64, limit: usize },
    /// It is the file with which Excel marks a workbook as open.
    LockFile,
    /// It is a workbook that cannot be read.
    Workbook(Box<WorkbookFault>),
    /// Reading failed before the first row.
    ReadFailed(ReadFault),
}

impl From<WorkbookFault> for InputRefusal {
    fn from(fault: WorkbookFault) -> Self {
        Self::Workbook(fault.into())
    }
}

/// Why there is no usable header.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum HeaderFault {
    /// There is no text where it has to be.
    Absent(AbsentHeader),
    /// There is data in the place of the header.
    Data(DataRow),
    /// There is other text above the header.
    TitleRows {
        line: u64,
        header: u64,
        in_sheet: bool,
    },
    /// The whole header is in one quoted cell.
    LineInQuotes { line: u64, delimiter: Delimiter },
    /// A quote is never closed, or not within this number of bytes.
    OpenQuote { line: u64, limit: usize },
    /// Text follows a closing quote.
    BrokenQuote { line: u64 },
    /// The header has too many bytes or cells.
    TooLarge {
        line: u64,
        bytes: usize,
        cells: usize,
    },
    /// The first line names an invalid delimiter.
    SepLine { line: u64, found: String },
}

/// A row of data in the place of the header. Its cells may be personal data, so they are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub struct DataRow {
    pub line: u64,
    pub cells: usize,
    /// The names of the columns that a header needs.
    pub needed: String,
    /// Whether it has keys, such as e-mail addresses.
    pub has_keys: bool,
    /// The settings that name columns by data.
    pub data_names: Vec<InputSetting>,
    /// Whether the row has these names, so that a person may mean it as the header.
    pub has_given_names: bool,
    pub in_sheet: bool,
}

/// Why there is no text where the header has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum AbsentHeader {
    /// The input is empty; these columns are needed.
    Empty(String),
    /// The sheet is empty; these columns are needed.
    EmptySheet { sheet: String, needed: String },
    /// There is no text in the given row or below it. The last text is in line `last`.
    BelowText {
        header_row: u64,
        last: u64,
        in_sheet: bool,
    },
    /// The given row has no text. The next text is in line `next`.
    AtBlankRow {
        header_row: u64,
        next: u64,
        in_sheet: bool,
    },
}

/// Why a header does not have the needed columns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are what their names say")]
pub enum ColumnFault {
    /// Columns are missing.
    Missing {
        line: u64,
        missing: String,
        /// Not set for a workbook.
        delimiter: Option<Delimiter>,
        found: String,
        remedy: ColumnRemedy,
    },
    /// A column appears more than once.
    Twice { line: u64, name: String },
    /// Of one side, there are both a column of ids and one of keys.
    IdsBesideKeys {
        line: u64,
        ids: String,
        keys: String,
        suggestions: Vec<ColumnSuggestion>,
    },
    /// One column is set for two purposes.
    UsedForTwo { name: String },
    /// There is a definition column, and a definition is set for all rows.
    DefinitionColumnAndSetting { name: String },
    /// Both definitions and object types are given.
    DefinitionAndTypes {
        definition: DefinitionStatement,
        types: DefinitionStatement,
    },
    /// The column exists, and a value is set for all rows.
    ColumnAndSetting { name: String, option: InputSetting },
    /// Object types that only the names of columns say, in an input that can be read only once.
    UsualNamesInStream(Box<ColumnSuggestion>),
    /// The columns of a results file are missing.
    NotRecorded,
    /// The column seems to contain labels, but it is not used.
    LostLabels { column: String, remedy: LabelRemedy },
    /// The column seems to say more about the links, but nothing reads it.
    LostMeaning { column: String },
}

impl From<HeaderFault> for InputRefusal {
    fn from(fault: HeaderFault) -> Self {
        Self::Header(fault.into())
    }
}

impl From<AbsentHeader> for InputRefusal {
    fn from(absent: AbsentHeader) -> Self {
        HeaderFault::Absent(absent).into()
    }
}

impl From<ColumnFault> for InputRefusal {
    fn from(fault: ColumnFault) -> Self {
        Self::Columns(fault.into())
    }
}

/// What a path can lead to instead of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum PathKind {
    Stream,
    Directory,
    Device,
    Socket,
}

/// File formats that are not CSV.
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

/// How to provide missing columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRemedy {
    /// Another delimiter gives them.
    Delimiter(Delimiter),
    /// Only the definition is missing. The file has a column of object types, which needs a newer
    /// API.
    LaterApi {
        /// The column of object types.
        types: &'static str,
        /// The version of the API.
        api: &'static str,
    },
    /// Only the definition is missing.
    Definition {
        /// Whether object types and labels can replace it.
        has_labels: bool,
    },
    /// Only object types are missing; the settings that can provide them.
    Types(Vec<InputSetting>),
    /// The settings that can name the columns.
    Names(Vec<InputSetting>),
    /// Columns that seem to be the missing ones.
    Suggestions(Vec<ColumnSuggestion>),
}

/// How a header may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSuggestion {
    /// The column of from.
    pub from: SuggestedColumn,
    /// The column of to.
    pub to: SuggestedColumn,
    /// The column of labels, if it has to be named.
    pub label_column: Option<String>,
    /// The version of the API, if the suggestion needs another one.
    pub api: Option<&'static str>,
    /// The character between the ids of a cell, if cells may have several.
    pub split: Option<IdSeparator>,
}

/// A column that is suggested for one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedColumn {
    /// Its name, exactly as in the header.
    pub name: String,
    /// The property whose values it has, if these are not ids.
    pub property: Option<&'static str>,
    /// The object type of its records.
    pub object_type: SuggestedType,
}

/// The object type of the records of a suggested column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestedType {
    /// The file or an option says it already.
    Stated,
    /// The header seems to say it.
    Guessed(&'static str),
    /// Only a person can say it.
    Unknown,
}

/// Where the rows get their definition from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionStatement {
    /// A column of this name.
    Column(String),
    /// A setting.
    Setting(InputSetting),
}

/// How to send labels that would otherwise be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelRemedy {
    /// Name the column, instead of a label for all rows.
    InsteadOfLabel,
    /// Name the column.
    Named,
    /// Use object types instead of the definition column.
    InsteadOfColumn,
    /// Use object types instead of a definition for all rows.
    InsteadOfDefinition,
    /// Use object types and this version of the API instead of a definition.
    WithLaterApi(&'static str),
}

impl HeaderFault {
    /// The header has too many bytes or cells.
    pub(super) fn too_large(line: u64) -> Self {
        Self::TooLarge {
            line,
            bytes: MAX_RECORD_BYTES,
            cells: MAX_CELLS,
        }
    }

    /// The quote on this line is not closed.
    pub(super) fn open_quote(line: u64) -> Self {
        let limit = MAX_RECORD_BYTES;
        Self::OpenQuote { line, limit }
    }
}

impl ReadFault {
    /// The fault for a failed read.
    pub(super) fn from_io(error: io::Error) -> Self {
        if gzip::is_damage(&error) {
            Self::Gzip(error)
        } else {
            Self::Read(error)
        }
    }
}

/// Why an input could not be read to its end.
#[derive(Debug)]
pub enum ReadFault {
    /// A quote is opened and never closed.
    OpenQuote {
        /// The line ends after the quote.
        lines: u64,
        /// The bytes after the quote.
        bytes: u64,
    },
    /// The gzip data is damaged or incomplete.
    Gzip(io::Error),
    /// A workbook cannot be read any further.
    Workbook(WorkbookFault),
    /// A read failed.
    Read(io::Error),
    /// The file was changed while it was read.
    Changed,
    /// The line is not a valid line of a results file.
    NotRecorded,
    /// The reading thread panicked.
    Panicked(String),
}
