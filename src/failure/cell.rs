//! What is wrong with a cell, or with the cells of a row. Texts are shortened and ready to be
//! shown.

use crate::{
    association::{Definition, UnknownDefinition, UnknownLabel},
    code::Code,
};

/// What is wrong with the cell of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellFault {
    /// It is not an id: the text to show, and the reason.
    NotAnId(String, InvalidIdKind),
    /// It is not a key of a record: the text to show, and the reason.
    NotAKey(String, InvalidKeyKind),
    /// It has a key that a sheet shows in another way: the text that is stored and the number format,
    /// both to show.
    ShownInAFormat {
        /// What is stored.
        stored: String,
        /// The code of the format, if it is known.
        format: Option<String>,
    },
    /// It has a key, but this definition does not say the object type of its record.
    KeyWithoutType(Definition),
    /// It has bytes that are not valid in the file's encoding: the text to show.
    Encoding(String),
    /// It has no definition.
    DefinitionMissing,
    /// It names a definition of another version of the API.
    OlderDefinition(UnknownDefinition),
    /// It is not a known definition.
    NotADefinition(UnknownDefinition),
    /// It is this definition, but was not read as one.
    UnreadDefinition(Definition),
    /// It has no object type.
    TypeMissing,
    /// It is not an object type: the text to show.
    NotAType(String),
    /// The account does not have this label.
    UnknownLabel(UnknownLabel),
}

/// Why a cell is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidIdKind {
    /// It has this number of ids; the character between them, if it can be given as an option.
    Several(usize, Option<char>),
    /// It has this invisible character.
    Invisible(char),
    /// It is empty.
    Empty,
    /// It has a sign.
    Sign,
    /// A spreadsheet rounded it to scientific notation.
    Scientific,
    /// It is a number with more digits than a spreadsheet keeps.
    Rounded,
    /// It is written as text for a spreadsheet.
    Quoted,
    /// It is a formula, and its result is not in the file.
    FormulaWithoutValue,
    /// It is a date or a time of day.
    Date,
    /// It is `TRUE` or `FALSE`.
    Boolean,
    /// It is an error of a spreadsheet formula.
    SpreadsheetError,
    /// It has thousands separators.
    Grouped,
    /// It has a decimal separator.
    Decimal,
    /// It has digits other than 0 to 9.
    Digits,
    /// It is 0.
    Zero,
    /// It begins with 0.
    LeadingZeros,
    /// It is too large: it has this number of digits.
    TooLarge(usize),
    /// Anything else.
    Other,
}

/// Why a cell is not a key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidKeyKind {
    /// It is empty.
    Empty,
    /// It has more than this number of characters.
    TooLong(usize),
    /// It has this invisible character.
    Invisible(char),
    /// It is written as text for a spreadsheet.
    Quoted,
    /// It has this number of keys; the character between them, if it can be given as an option.
    Several(usize, Option<char>),
    /// It is a formula that this program wrote in the place of a key that a sheet shows in another way
    /// than it is stored.
    ShownByFormula,
    /// It has a character that looks like a letter of ASCII.
    Lookalike(char),
    /// It has more than an e-mail address: the name of its owner.
    NamedEmail,
    /// It is not an e-mail address.
    Email,
    /// It has an `@`, as an e-mail address has, in the place of a domain.
    DomainWithAt,
    /// It is not a domain.
    Domain,
    /// It is the address of somebody's page on a site that many companies share.
    PageOnSharedSite,
    /// It is the domain of a provider of free e-mail addresses.
    FreeMail,
    /// It is an id in the place of the address of a record's page.
    IdForUrl,
    /// It is the address of a record of another object type.
    UrlOfOtherType {
        /// The object type of the address.
        found: &'static str,
        /// The object type of the column.
        expected: &'static str,
    },
    /// It is not the address of a record's page.
    RecordUrl,
    /// It is what a spreadsheet makes of any text.
    Damaged(InvalidIdKind),
    /// It has bytes that are not valid in the file's encoding.
    Encoding,
}

/// What is wrong with a row as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// It has fewer cells than the header.
    TooFewCells {
        /// The cells of the row.
        cells: usize,
        /// The cells of the header.
        header: usize,
        /// Whether the whole row is in quotes.
        is_quoted: bool,
    },
    /// It has more cells than the header.
    TooManyCells {
        /// The cells of the row.
        cells: usize,
        /// The cells of the header.
        header: usize,
        /// The first surplus cell, ready to be shown.
        surplus: String,
        /// The name of the delimiter.
        delimiter: &'static str,
    },
    /// A cell of a sheet has a text, but its column has no name.
    BesideTable {
        /// The cell, such as `H5`.
        cell: String,
        /// Its text, ready to be shown.
        text: String,
    },
    /// It is too large.
    TooLarge {
        /// The limit in bytes.
        bytes: usize,
        /// The limit in cells.
        cells: usize,
    },
    /// Text follows a closing quote.
    BrokenQuote,
    /// It repeats the header.
    RepeatedHeader,
    /// The cells of the from id and of the to id both have several ids: the texts to show.
    SeveralInBothColumns {
        /// The cell of the from id.
        from: String,
        /// The cell of the to id.
        to: String,
    },
    /// A cell has too many ids.
    TooManyIds {
        /// Its column, ready to be shown.
        column: String,
        /// How many it has.
        ids: usize,
        /// The most that a cell may have.
        limit: usize,
    },
    /// The rows before it already have this number of different labels and object types.
    TooManyLabels(usize),
    /// The account does not have the label that is set for all rows.
    UnknownLabel(UnknownLabel),
}

impl InvalidIdKind {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Several(..) => Code::InvalidIdSeveral,
            Self::Invisible(_) => Code::InvalidIdInvisible,
            Self::Empty => Code::InvalidIdEmpty,
            Self::Sign => Code::InvalidIdSign,
            Self::Scientific => Code::InvalidIdScientific,
            Self::Rounded => Code::InvalidIdRounded,
            Self::Quoted => Code::InvalidIdQuoted,
            Self::FormulaWithoutValue => Code::FormulaWithoutValue,
            Self::Date => Code::InvalidIdDate,
            Self::Boolean => Code::InvalidIdBoolean,
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

impl InvalidKeyKind {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Empty => Code::InvalidKeyEmpty,
            Self::TooLong(_) => Code::InvalidKeyTooLong,
            Self::Invisible(_) => Code::InvalidIdInvisible,
            Self::Quoted => Code::InvalidIdQuoted,
            Self::Several(..) => Code::InvalidKeySeveral,
            Self::ShownByFormula => Code::FormulaWithoutValue,
            Self::NamedEmail | Self::Email | Self::Lookalike(_) => Code::InvalidEmail,
            Self::DomainWithAt | Self::Domain | Self::PageOnSharedSite => Code::InvalidDomain,
            Self::FreeMail => Code::FreeMailDomain,
            Self::IdForUrl | Self::UrlOfOtherType { .. } | Self::RecordUrl => {
                Code::InvalidRecordUrl
            }
            Self::Damaged(damage) => damage.code(),
            Self::Encoding => Code::InvalidIdEncoding,
        }
    }
}
