//! What to do about each code, and whether it helps to send its rows again: the one table of it.
//! `docs/reference/codes.md` has the same texts, and a test compares them.

use crate::code::Code;

/// Whether a row may end differently when it is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResendBenefit {
    /// It may succeed unchanged, at any time.
    Yes,
    /// It may succeed unchanged, when the cause has passed.
    Later,
    /// Only if somebody corrects the cause first, in the row or in HubSpot.
    AfterCorrection,
    /// Nothing has to be sent.
    No,
}

impl ResendBenefit {
    /// The answer in the documentation.
    #[must_use]
    pub const fn answer(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Later => "later",
            Self::AfterCorrection => "after correcting",
            Self::No => "no",
        }
    }
}

/// What is known of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeAdvice {
    /// What happened.
    pub cause: &'static str,
    /// What to do about it.
    pub cure: &'static str,
    /// Whether it helps to send the rows again.
    pub resend: ResendBenefit,
}

macro_rules! advice {
    ($($variant:ident: $resend:ident, $cure:literal;)+) => {
        /// What to do about this code.
        #[must_use]
        pub fn advice(code: Code) -> CodeAdvice {
            let (cure, resend) = match code {
                $(Code::$variant => ($cure, ResendBenefit::$resend),)+
            };
            CodeAdvice { cause: code.meaning(), cure, resend }
        }
    };
}

advice! {
    InvalidIdEmpty: AfterCorrection, "Fill in the cell.";
    InvalidIdScientific: AfterCorrection,
        "In the spreadsheet, format the column as a number without decimals, and save it again.";
    InvalidIdRounded: AfterCorrection, "Format the column as text, then enter the ids again.";
    InvalidIdDecimal: AfterCorrection,
        "Format the column as a number without decimals, and save it again.";
    InvalidIdGrouped: AfterCorrection,
        "Format the column as a number without separators, and save it again.";
    InvalidIdSign: AfterCorrection, "Write the id without a sign.";
    InvalidIdZero: AfterCorrection, "Find the id of the record.";
    InvalidIdLeadingZeros: AfterCorrection,
        "Check that it is a HubSpot id. They have no zeros in front.";
    InvalidIdTooLarge: AfterCorrection, "Check that it is a HubSpot id.";
    InvalidIdQuoted: AfterCorrection, "Remove the quote or the formula around the id.";
    InvalidIdSpreadsheetError: AfterCorrection, "Repair the formula, and export again.";
    FormulaWithoutValue: AfterCorrection,
        "Open the file in Excel and save it, or put the id or key itself in the cell. A formula that this program wrote as text (`=TEXT(7,\"000\")`): enter the key as it is shown.";
    InvalidIdDate: AfterCorrection, "Format the column as text, then enter the ids again.";
    InvalidIdBoolean: AfterCorrection, "Put the id of the record in the cell.";
    InvalidIdSeveral: AfterCorrection,
        "Give `--split ';'` to make one link of each, or write one row for each id.";
    SeveralInBothColumns: AfterCorrection, "Write one row for each link.";
    TooManyIds: AfterCorrection, "Divide the ids among several rows.";
    InvalidIdInvisible: AfterCorrection, "Type the id again.";
    InvalidIdDigits: AfterCorrection, "Type the id with the digits 0 to 9.";
    InvalidIdEncoding: AfterCorrection,
        "Save the file as UTF-8, or name its encoding with `--encoding`.";
    InvalidId: AfterCorrection, "Put the id of the record in the cell.";
    InvalidKeyEmpty: AfterCorrection, "Fill in the cell.";
    InvalidKeyTooLong: AfterCorrection,
        "Check where the text comes from. Keys in HubSpot are short.";
    InvalidKeySeveral: AfterCorrection,
        "Import with `--split ';'` (or the character that the message names), or put each key in its own row.";
    InvalidKeyFormat: AfterCorrection,
        "Format the column as text, then enter the keys as they are shown; or save the sheet as CSV. The failures file has the formula of what was shown.";
    InvalidEmail: AfterCorrection,
        "Correct the address. Only blanks around it, `mailto:` (with fields that name nobody) and capitals are ignored.";
    InvalidDomain: AfterCorrection,
        "Write the domain of the company (`example.com`). `https://`, `www.`, a path and capitals are ignored.";
    FreeMailDomain: AfterCorrection,
        "Write the company's own domain, or its id. With `--allow-free-mail` the domain is looked up.";
    InvalidRecordUrl: AfterCorrection,
        "Copy the address of the record's page from the browser.";
    UnknownObjectType: AfterCorrection,
        "Use ids, or give `--from-type TYPE --to-type TYPE` (and `--label LABEL`, if it has a label) with the newest `--api` in place of the definition. A column with definitions then needs another name.";
    InvalidDefinition: AfterCorrection, "Take an id or a name from `hubassoc types`.";
    UnknownLabel: AfterCorrection, "Write the label as HubSpot shows it, or create it in HubSpot.";
    InvalidObjectType: AfterCorrection,
        "Write `contacts`, `companies`, … or `2-` and the number of a custom object.";
    TooFewCells: AfterCorrection, "Complete the row.";
    TooManyCells: AfterCorrection, "Put quotes around cells that contain the delimiter.";
    BrokenQuote: AfterCorrection, "Write a quote inside a quoted cell twice: `\"\"`.";
    RowTooLarge: AfterCorrection, "Remove what is not needed from the row.";
    RepeatedHeader: AfterCorrection, "Delete the line.";
    RecordNotFound: AfterCorrection,
        "Check the id and the object type. The record may be deleted, or belong to another account.";
    RecordAmbiguous: AfterCorrection,
        "Merge the records in HubSpot, or write the id of the right one, or import with `--on-ambiguous oldest`.";
    RecordArchived: AfterCorrection, "Restore the record in HubSpot.";
    OtherAccount: AfterCorrection, "Use the token of that account, or correct the address.";
    DefinitionNotFound: AfterCorrection, "Take a definition from `hubassoc types`.";
    Rejected: AfterCorrection, "Read the message.";
    NotFound: AfterCorrection, "Check the address (`--base-url`) and the definition.";
    Conflict: AfterCorrection, "Read the message.";
    RateLimited: Later, "Wait until other programs make fewer calls, or set a lower `--rate`.";
    Locked: Later, "Wait until HubSpot has released the record.";
    AccountMigrating: Later, "Wait until HubSpot has moved the account.";
    ServerError: Later, "Wait until HubSpot works again.";
    Timeout: Later, "Wait until HubSpot is faster, or set a longer `--timeout`.";
    ConnectionFailed: Later, "Check the network.";
    UnexpectedAnswer: AfterCorrection,
        "Check what exists between you and HubSpot: a proxy, a firewall, a login page.";
    NotConfirmed: Yes, "Nothing has to be corrected. `undo` treats the link as one that may exist.";
    NotWritten: Yes, "If it happens again, ask HubSpot support with the correlation id.";
    NotRemoved: Yes, "Run the same `undo` again.";
    UnknownType: AfterCorrection,
        "Look at the two records in HubSpot. Remove that association there if it is not needed.";
    LinkNotFound: Yes, "In `verify`: import the missing file. In `undo`: nothing.";
    NotRead: Later, "Wait, or write the id of the record.";
    RecordNotRead: Later, "Give the token the read scopes of both object types.";
    RecordMerged: No, "Nothing. Use the new id from now on.";
    LinkExists: No, "Nothing.";
    RepeatsRow: No, "Nothing, or delete the row.";
    ChangedSincePlan: AfterCorrection,
        "Look at the records in HubSpot, then make a new plan for these rows.";
    ExistedBefore: No, "Nothing. The run did not make this link.";
    NotChecked: No, "Check these links. To remove them too, add `--include-unchecked`.";
    ChangedSince: No, "Look at the records in HubSpot and decide.";
    NotRestored: No,
        "Look at the records in HubSpot, and set the old primary company or parent by hand.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_may_succeed_unchanged_are_worth_sending_again() {
        // An import has no such row.
        let of_others = [Code::NotRemoved, Code::LinkNotFound];
        for code in Code::ALL {
            let is_worth = match advice(*code).resend {
                ResendBenefit::Yes | ResendBenefit::Later => true,
                ResendBenefit::AfterCorrection | ResendBenefit::No => false,
            };
            let expected = code.is_transient() || of_others.contains(code);
            assert_eq!(is_worth, expected, "{code:?}");
        }
    }
}
