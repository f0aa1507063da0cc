//! The words of `assoc_code`: stable, and what scripts match on.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $text:literal $(was $former:literal)?,)+) => {
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

            /// The code of this text; files of earlier versions have former ones.
            #[must_use]
            pub fn parse(text: &[u8]) -> Option<Self> {
                const KNOWN: &[(&str, Code)] = &[
                    $(($text, Code::$variant), $(($former, Code::$variant),)?)+
                ];
                let mut known = KNOWN.iter();
                let found = known.find(|(known, _)| known.as_bytes() == text);
                found.map(|(_, code)| *code)
            }

            /// Whether the row may succeed as it is at another time.
            #[must_use]
            pub fn is_transient(self) -> bool {
                use Code::{
                    AccountMigrating, ConnectionFailed, Locked, NotConfirmed, NotRead, NotWritten,
                    RateLimited, RecordNotRead, ServerError, Timeout,
                };
                matches!(
                    self,
                    AccountMigrating
                        | ConnectionFailed
                        | Locked
                        | NotConfirmed
                        | NotRead
                        | NotWritten
                        | RateLimited
                        | RecordNotRead
                        | ServerError
                        | Timeout
                )
            }

            /// Whether it is unknown if the link of a row that was kept for this reason
            /// exists: the run may have made it.
            #[must_use]
            pub fn leaves_link_unknown(self) -> bool {
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
    /// The id cell is empty.
    InvalidIdEmpty = "invalid_id_empty",
    /// Excel rounded the id to scientific notation (`1.23457E+11`).
    InvalidIdScientific = "invalid_id_scientific",
    /// The id has more than 15 digits, and a spreadsheet kept only 15 (`1.23456789012346E+15`).
    InvalidIdRounded = "invalid_id_rounded",
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
    /// The id is written as text for a spreadsheet (`'123`, `="123"`).
    InvalidIdQuoted = "invalid_id_quoted",
    /// A formula in the spreadsheet failed (`#N/A`).
    InvalidIdSpreadsheetError = "invalid_id_spreadsheet_error",
    /// The cell has a formula without its result.
    FormulaWithoutValue = "formula_without_value",
    /// A spreadsheet made a date of the cell, or it holds one.
    InvalidIdDate = "invalid_id_date",
    /// The cell holds `TRUE` or `FALSE`.
    InvalidIdBoolean = "invalid_id_boolean",
    /// The cell holds several ids (`7001;7002`), and `--split` does not say so.
    InvalidIdSeveral = "invalid_id_several",
    /// The cells of both ids hold several ids, so which of them belong together is not known.
    SeveralInBothColumns = "several_in_both_columns",
    /// The cell holds more than 10,000 ids.
    TooManyIds = "too_many_ids",
    /// The id contains an invisible character (a no-break or zero-width space, a NUL).
    InvalidIdInvisible = "invalid_id_invisible",
    /// The id uses digits other than 0 to 9.
    InvalidIdDigits = "invalid_id_digits",
    /// The id contains bytes that are not text in the file's encoding.
    InvalidIdEncoding = "invalid_id_encoding",
    /// The cell is not a HubSpot ID, for another reason.
    InvalidId = "invalid_id",
    /// The cell of a key is empty.
    InvalidKeyEmpty = "invalid_key_empty",
    /// The key has more than 1,000 characters.
    InvalidKeyTooLong = "invalid_key_too_long",
    /// The cell holds several keys (`ann@x.com;bob@x.com`), and `--split` does not say so.
    InvalidKeySeveral = "invalid_key_several",
    /// The sheet shows the key in a number format and not as it is stored (123 as `00123`), so which of them is meant is not certain.
    InvalidKeyFormat = "invalid_key_format",
    /// The cell is not an e-mail address.
    InvalidEmail = "invalid_email",
    /// The cell is not a domain, or it is a page on a social network, a search engine or another site that many companies share.
    InvalidDomain = "invalid_domain",
    /// The domain belongs to a provider of free e-mail addresses (`gmail.com`), not to a company; `--allow-free-mail` looks it up.
    FreeMailDomain = "free_mail_domain",
    /// The cell is not the address of a record's page in HubSpot, or of a record of another object type.
    InvalidRecordUrl = "invalid_record_url",
    /// The definition does not say of which object type the record of a key is.
    UnknownObjectType = "unknown_object_type",
    /// The definition is neither a positive number (32 bits) nor a known name.
    InvalidDefinition = "invalid_definition",
    /// The account has no such label between these object types.
    UnknownLabel = "unknown_label",
    /// The cell is not the name of an object type.
    InvalidObjectType = "invalid_object_type",
    /// The row has fewer cells than the header.
    TooFewCells = "too_few_cells",
    /// The row has more filled cells than the header.
    TooManyCells = "too_many_cells",
    /// There is text after a closing quote, so where the cells begin and end is uncertain.
    BrokenQuote = "broken_quote",
    /// The row is larger than 1 MiB or has more than 16,384 cells.
    RowTooLarge = "row_too_large",
    /// The header line appears again (files were joined together).
    RepeatedHeader = "repeated_header",
    /// HubSpot has no record with this id and object type (400), or with this key.
    RecordNotFound = "record_not_found" was "object_not_found",
    /// Several records have the key of the row. On a row that succeeded: the oldest of them was taken (`--on-ambiguous oldest`).
    RecordAmbiguous = "record_ambiguous",
    /// Only a deleted record has the key of the row. It can be restored in HubSpot.
    RecordArchived = "record_archived",
    /// The address in the cell belongs to a record of another account.
    OtherAccount = "other_account",
    /// HubSpot does not know the definition (400).
    DefinitionNotFound = "definition_not_found",
    /// HubSpot refused the request (400, 422 and other 4xx); the message says why.
    Rejected = "rejected",
    /// HubSpot answered 404: the endpoint or the record does not exist.
    NotFound = "not_found",
    /// HubSpot answered 409: the request conflicts with existing data.
    Conflict = "conflict",
    /// HubSpot answered 429 (too many requests) to every attempt.
    RateLimited = "rate_limited",
    /// The record was locked (423) at every attempt.
    Locked = "locked",
    /// HubSpot is moving the account to another data centre (477).
    AccountMigrating = "account_migrating",
    /// HubSpot answered 5xx (or 408) to every attempt, or reported that it failed to look up the key.
    ServerError = "server_error",
    /// No attempt was answered within the time-out.
    Timeout = "timeout",
    /// At every attempt the connection could not be made, or it broke.
    ConnectionFailed = "connection_failed",
    /// The answer was not the API's (a redirect, a login page, a success that names no links).
    UnexpectedAnswer = "unexpected_answer",
    /// HubSpot reported success, but this could not be confirmed by reading it back; the message says why.
    NotConfirmed = "not_confirmed",
    /// HubSpot reported success, but the link does not exist.
    NotWritten = "not_written",
    /// HubSpot reported that the link was removed, but it still exists.
    NotRemoved = "not_removed",
    /// The two records have an association type that hubassoc does not know. Writing would erase it, so nothing was written.
    UnknownType = "unknown_type",
    /// HubSpot does not have the link (or no longer has it).
    LinkNotFound = "link_not_found" was "not_standing",
    /// HubSpot's answer does not say whether the link exists, or which record has the key.
    NotRead = "not_read",
    /// hubassoc could not find out whether the record was merged into another one. Nothing was written over it, or its removal is not proven.
    RecordNotRead = "record_not_read",
    /// The record was merged into another one. The row is about that record; its id is in `assoc_from_id` or `assoc_to_id`.
    RecordMerged = "record_merged",
    /// In a plan: the link exists already.
    LinkExists = "link_exists",
    /// In a plan: an earlier row of the file creates the same link.
    RepeatsRow = "repeats_row",
    /// What exists for the row is not what the plan says. Nothing was written. If the link itself was made since, the row is `already`.
    ChangedSincePlan = "changed_since_plan",
    /// Undo kept the link, because it existed before the run.
    ExistedBefore = "existed_before" was "stood_before",
    /// Undo kept the link, because the run did not check whether it existed before; `--include-unchecked` removes it.
    NotChecked = "not_checked" was "not_looked",
    /// Undo kept the link, because somebody changed it after the run.
    ChangedSince = "changed_since",
    /// Undo could not restore what existed before the run.
    NotRestored = "not_restored" was "not_put_back",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_text() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str().as_bytes()), Some(*code));
        }
        assert_eq!(Code::parse(b""), None);
        assert_eq!(Code::parse(b"Rejected"), None);
    }

    #[test]
    fn the_codes_of_earlier_versions_are_still_read() {
        let former = [
            ("object_not_found", "record_not_found"),
            ("not_standing", "link_not_found"),
            ("stood_before", "existed_before"),
            ("not_looked", "not_checked"),
            ("not_put_back", "not_restored"),
        ];
        for (former, now) in former {
            let code = Code::parse(former.as_bytes()).unwrap();
            assert_eq!(code.as_str(), now);
        }
    }
}
