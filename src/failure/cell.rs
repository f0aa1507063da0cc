//! What is wrong with a cell, or with the cells of a row: as they may be shown, and
//! shortened.

use crate::{
    association::{Definition, UnknownDefinition, UnknownLabel},
    code::Code,
};

/// What is wrong with the cell of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellFault {
    /// It is no id; how it is shown, and why.
    NoId(String, InvalidIdKind),
    /// It holds bytes that are no text in the file's encoding; how it is shown.
    Encoding(String),
    /// There is no definition in it.
    DefinitionMissing,
    /// It names a definition of another version of the API.
    OlderDefinition(UnknownDefinition),
    /// It names no definition.
    NoDefinition(UnknownDefinition),
    /// It names this one, and was not read as such.
    UnreadDefinition(Definition),
    /// There is no object type in it.
    TypeMissing,
    /// It names no object type; how it is shown.
    NoType(String),
    /// The account does not have this label.
    UnknownLabel(UnknownLabel),
}

/// Why a cell is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidIdKind {
    /// It holds so many.
    Several(usize),
    /// It holds this character, which nobody sees.
    Invisible(char),
    /// It is empty.
    Empty,
    /// It has a sign.
    Sign,
    /// It is rounded, as spreadsheets do.
    Scientific,
    /// It is wrapped as text for a spreadsheet.
    Quoted,
    /// It is the error of a spreadsheet's formula.
    SpreadsheetError,
    /// It has separators of thousands.
    Grouped,
    /// It has a separator of decimals.
    Decimal,
    /// It is written in other digits than 0 to 9.
    Digits,
    /// It is 0.
    Zero,
    /// It begins with 0.
    LeadingZeros,
    /// It is too large, with so many digits.
    TooLarge(usize),
    /// Anything else.
    Other,
}

/// What is wrong with a row as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// It has fewer cells than the header.
    TooFewCells {
        /// Those that it has.
        cells: usize,
        /// Those of the header.
        header: usize,
        /// Whether all of it stands in quotes.
        is_quoted: bool,
    },
    /// It has more cells than the header.
    TooManyCells {
        /// Those that it has.
        cells: usize,
        /// Those of the header.
        header: usize,
        /// The first too many, as it is shown.
        surplus: String,
        /// The name of what separates cells.
        delimiter: &'static str,
    },
    /// It is larger than it may be.
    TooLarge {
        /// So many bytes are allowed.
        bytes: usize,
        /// So many cells are.
        cells: usize,
    },
    /// Text follows a closing quote.
    BrokenQuote,
    /// It is the header again.
    RepeatedHeader,
    /// The rows before have so many different labels and object types already.
    TooManyLabels(usize),
    /// The account does not have the label that was given for all rows.
    UnknownLabel(UnknownLabel),
}

impl InvalidIdKind {
    /// The stable word.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Several(_) => Code::InvalidIdSeveral,
            Self::Invisible(_) => Code::InvalidIdInvisible,
            Self::Empty => Code::InvalidIdEmpty,
            Self::Sign => Code::InvalidIdSign,
            Self::Scientific => Code::InvalidIdScientific,
            Self::Quoted => Code::InvalidIdQuoted,
            Self::SpreadsheetError => Code::InvalidIdSpreadsheetError,
            Self::Grouped => Code::InvalidIdGrouped,
            Self::Decimal => Code::InvalidIdDecimal,
            Self::Digits => Code::InvalidIdDigits,
            Self::Zero => Code::InvalidIdZero,
            Self::LeadingZeros => Code::InvalidIdLeadingZeros,
            Self::TooLarge(_) => Code::InvalidIdTooLarge,
            Self::Other => Code::InvalidId,
        }
    }
}
