//! The words of `assoc_code`: stable, and what scripts match on.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $text:literal,)+) => {
        /// Why a row has no link, or was left as it is, as one stable word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $meaning])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the results file.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Whether the row may succeed as it is at another time.
            #[must_use]
            pub fn is_passing(self) -> bool {
                use Code::{
                    AccountMigrating, ConnectionFailed, Locked, NotConfirmed, NotWritten,
                    RateLimited, RecordNotRead, ServerError, Timeout,
                };
                matches!(
                    self,
                    AccountMigrating
                        | ConnectionFailed
                        | Locked
                        | NotConfirmed
                        | NotWritten
                        | RateLimited
                        | RecordNotRead
                        | ServerError
                        | Timeout
                )
            }

            /// Whether nobody knows of a row that was kept with it whether its link is
            /// there: it may be what the run has made.
            #[must_use]
            pub fn leaves_open(self) -> bool {
                use Code::{NotRead, RecordNotRead, UnknownType};
                matches!(self, NotRead | RecordNotRead | UnknownType)
            }

            /// What it means, for the documentation.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// An id cell is empty.
    InvalidIdEmpty = "invalid_id_empty",
    /// Excel rounded the id to scientific notation (`1.23457E+11`).
    InvalidIdScientific = "invalid_id_scientific",
    /// The id has a decimal part (`123.0`).
    InvalidIdDecimal = "invalid_id_decimal",
    /// The id has thousands separators (`1,234`, `1 234`, `1_000`).
    InvalidIdGrouped = "invalid_id_grouped",
    /// The id has a sign (`-1`, `+1`).
    InvalidIdSign = "invalid_id_sign",
    /// The id is 0.
    InvalidIdZero = "invalid_id_zero",
    /// The id begins with 0.
    InvalidIdLeadingZeros = "invalid_id_leading_zeros",
    /// The id is above 2^63-1.
    InvalidIdTooLarge = "invalid_id_too_large",
    /// The id is wrapped as text for a spreadsheet (`'123`, `="123"`).
    InvalidIdQuoted = "invalid_id_quoted",
    /// A formula in the spreadsheet failed (`#N/A`).
    InvalidIdSpreadsheetError = "invalid_id_spreadsheet_error",
    /// The cell holds several ids (`7001;7002`); each needs a row of its own.
    InvalidIdSeveral = "invalid_id_several",
    /// The id holds an invisible character (a no-break or zero-width space, a NUL).
    InvalidIdInvisible = "invalid_id_invisible",
    /// The id is written in digits other than 0 to 9.
    InvalidIdDigits = "invalid_id_digits",
    /// The id holds bytes that are no text in the file's encoding.
    InvalidIdEncoding = "invalid_id_encoding",
    /// The id cell holds anything else that is no id.
    InvalidId = "invalid_id",
    /// The definition is neither a positive number (of 32 bits) nor a known name.
    InvalidDefinition = "invalid_definition",
    /// The account has no such label between these object types.
    UnknownLabel = "unknown_label",
    /// The cell names no object type.
    InvalidObjectType = "invalid_object_type",
    /// The row has fewer cells than the header.
    TooFewCells = "too_few_cells",
    /// The row has more filled cells than the header.
    TooManyCells = "too_many_cells",
    /// There is text after a closing quote, so that the cells are uncertain.
    BrokenQuote = "broken_quote",
    /// The row is larger than 1 MiB or has more than 16,384 cells.
    RowTooLarge = "row_too_large",
    /// The header line again (files joined together).
    RepeatedHeader = "repeated_header",
    /// HubSpot does not have a record of this id and type (400).
    ObjectNotFound = "object_not_found",
    /// HubSpot does not know the definition (400).
    DefinitionNotFound = "definition_not_found",
    /// HubSpot refused the request (400, 422 and other 4xx); the message says why.
    Rejected = "rejected",
    /// HubSpot answered 404: the endpoint or the record does not exist.
    NotFound = "not_found",
    /// HubSpot answered 409: it conflicts with what is there.
    Conflict = "conflict",
    /// Over the limit (429) at every try.
    RateLimited = "rate_limited",
    /// The record was locked (423) at every try.
    Locked = "locked",
    /// The account is being moved between data centres (477).
    AccountMigrating = "account_migrating",
    /// HubSpot answered 5xx (or 408) at every try.
    ServerError = "server_error",
    /// No answer within the time-out at any try.
    Timeout = "timeout",
    /// No connection, or it broke, at every try.
    ConnectionFailed = "connection_failed",
    /// An answer that is not the API's (a redirect, a login page, a success that says nothing of the links).
    UnexpectedAnswer = "unexpected_answer",
    /// HubSpot answered with success, and whether that was done could not be read back; the message says why.
    NotConfirmed = "not_confirmed",
    /// HubSpot answered that the link stands, and it is not there.
    NotWritten = "not_written",
    /// HubSpot answered that the link is gone, and it is there.
    NotRemoved = "not_removed",
    /// HubSpot has a type of association between the two records that this program does not know, and a write would erase it.
    UnknownType = "unknown_type",
    /// HubSpot does not have the link (any more).
    NotStanding = "not_standing",
    /// HubSpot's answer does not tell whether the link stands.
    NotRead = "not_read",
    /// Whether the record was merged into another could not be found out: nothing was written over it, or its removal is not proven.
    RecordNotRead = "record_not_read",
    /// The record was merged into another; the row is about that one, whose id is in `assoc_from_id` or `assoc_to_id`.
    RecordMerged = "record_merged",
    /// Kept by an undo: the link stood before the run.
    StoodBefore = "stood_before",
    /// Kept by an undo: the run did not look whether the link stood before; `--include-unchecked` removes it.
    NotLooked = "not_looked",
    /// Kept by an undo: others have changed it since the run.
    ChangedSince = "changed_since",
    /// What stood before the run could not be put back by the undo.
    NotPutBack = "not_put_back",
}

/// Which rows have which code: sets of row numbers, small however many rows there
/// are.
#[derive(Clone, Debug, Default)]
pub struct RowsByCode(BTreeMap<&'static str, RoaringTreemap>);

impl RowsByCode {
    /// The last line of this row has this code.
    pub fn insert(&mut self, row: u64, code: Code) {
        self.0.entry(code.as_str()).or_default().insert(row);
    }

    /// The row has no code any more, or gets another one.
    pub fn remove(&mut self, row: u64) {
        self.0
            .retain(|_, rows| !rows.remove(row) || !rows.is_empty());
    }

    /// The rows of codes that are `wanted`.
    pub fn rows(&self, wanted: impl Fn(Code) -> bool) -> RoaringTreemap {
        let wanted = Code::ALL.iter().filter(|code| wanted(**code));
        let rows = wanted.filter_map(|code| self.0.get(code.as_str()));
        rows.fold(RoaringTreemap::new(), |all, rows| all | rows)
    }

    /// How many rows have each code.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counted = self.0.iter().map(|(code, rows)| (*code, rows.len()));
        counted.collect()
    }
}
