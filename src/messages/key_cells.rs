//! Sentences about cells that should have keys.

use crate::{
    association::singular,
    failure::{InvalidIdKind, InvalidKeyKind},
    output::number,
};

/// What a spreadsheet has changed cannot be changed back.
const AS_TEXT: &str = "format the column as text, then enter the keys again";

/// What is said of the formula of a key that a sheet shows in another way.
const SHOWN_BY_FORMULA: &str = "stands for a key that a workbook stores in one way and shows in another; replace \
             the whole cell by the key as it is shown, as text";

/// What is said of the page of a company somewhere else.
const PAGE_ON_SHARED_SITE: &str = "is a page on a site that many companies share (such as a social network or a search \
             engine), and not the company's own domain; write the company's own domain, such as \
             example.com";

/// What is said of a provider of free e-mail addresses.
const FREE_MAIL: &str = "is a provider of free e-mail addresses, so people of any company use it; write \
             the company's own domain, or give --allow-free-mail if it is meant";

/// What is said of an id in a column of addresses of pages.
const ID_FOR_URL: &str = "is an id and not the address of a record's page; for a column of ids give no \
             key";

/// What is said of a text that is not the address of a record's page.
const RECORD_URL: &str = "is not the address of a record's page \
             (https://app.hubspot.com/contacts/…/record/0-1/123456); copy it from the browser again";

/// Why a cell is not a key, and the remedy. `what` is the text of the cell as it is shown.
pub(super) fn not_a_key(what: &str, kind: InvalidKeyKind) -> String {
    match kind {
        InvalidKeyKind::Empty => "the key is missing; fill in the cell".to_owned(),
        InvalidKeyKind::TooLong(limit) => format!(
            "{what} has more than {} characters, so it is not a key; correct the cell",
            number(limit as u64)
        ),
        InvalidKeyKind::Invisible(character) => format!(
            "{what} contains an invisible character (U+{:04X}); delete the cell and type the key \
             again",
            u32::from(character)
        ),
        InvalidKeyKind::Quoted => {
            format!("{what} is written as text for a spreadsheet; keep only the key itself")
        }
        InvalidKeyKind::Several(count, separator) => {
            several(what, count, ("key", "keys"), separator)
        }
        InvalidKeyKind::ShownByFormula => format!("{what} {SHOWN_BY_FORMULA}"),
        InvalidKeyKind::Lookalike(character) => format!(
            "{what} contains a character (U+{:04X}) that only looks like an ordinary letter; type the \
             address again",
            u32::from(character)
        ),
        InvalidKeyKind::NamedEmail => {
            format!("{what} has a name beside the e-mail address; keep only the address")
        }
        InvalidKeyKind::Email => {
            format!("{what} is not an e-mail address (such as ann@example.com); correct the cell")
        }
        InvalidKeyKind::DomainWithAt => format!(
            "{what} is not a domain but has an @; write only the domain of the company, such as \
             example.com"
        ),
        InvalidKeyKind::Domain => {
            format!("{what} is not a domain (such as example.com); correct the cell")
        }
        InvalidKeyKind::PageOnSharedSite => format!("{what} {PAGE_ON_SHARED_SITE}"),
        InvalidKeyKind::FreeMail => format!("{what} {FREE_MAIL}"),
        InvalidKeyKind::IdForUrl => format!("{what} {ID_FOR_URL}"),
        InvalidKeyKind::UrlOfOtherType { found, expected } => format!(
            "{what} is the address of a {} and not of a {}; correct the cell",
            singular(found),
            singular(expected)
        ),
        InvalidKeyKind::RecordUrl => format!("{what} {RECORD_URL}"),
        InvalidKeyKind::Damaged(damage) => damaged(what, damage),
        InvalidKeyKind::Encoding => wrong_encoding(what),
    }
}

/// A cell with bytes that are not text, of an id or a key.
pub(super) fn wrong_encoding(what: &str) -> String {
    format!(
        "{what} contains bytes that are not text in the file's encoding; save the file as CSV UTF-8, \
         or give --encoding"
    )
}

/// What a spreadsheet has made of a key, and the remedy.
fn damaged(what: &str, damage: InvalidIdKind) -> String {
    match damage {
        InvalidIdKind::Scientific => format!(
            "{what} is a number that a spreadsheet rounded; in the spreadsheet, format the column as \
             a number without decimals and save it again"
        ),
        InvalidIdKind::Rounded => {
            format!("{what} has more than 15 digits, but a spreadsheet keeps only 15; {AS_TEXT}")
        }
        InvalidIdKind::FormulaWithoutValue => format!(
            "{what} is a formula without a result in the file; open the file in Excel and save it, \
             or put the key itself in the cell"
        ),
        InvalidIdKind::Date => format!("{what} is a date or a time, not a key; {AS_TEXT}"),
        InvalidIdKind::SpreadsheetError => format!(
            "{what} is an error of a spreadsheet formula; correct the formula and export again"
        ),
        InvalidIdKind::Boolean
        | InvalidIdKind::Several(..)
        | InvalidIdKind::Invisible(_)
        | InvalidIdKind::Empty
        | InvalidIdKind::Sign
        | InvalidIdKind::Quoted
        | InvalidIdKind::Grouped
        | InvalidIdKind::Decimal
        | InvalidIdKind::Digits
        | InvalidIdKind::Zero
        | InvalidIdKind::LeadingZeros
        | InvalidIdKind::TooLarge(_)
        | InvalidIdKind::Other => format!("{what} is not a key; put the key in the cell"),
    }
}

/// Why the key of a cell that a sheet shows in a format is not certain. The format may have the key
/// in it.
pub(super) fn shown_in_a_format(stored: &str, format: Option<&str>) -> String {
    let format = format.map_or_else(
        || "a number format".to_owned(),
        |format| format!("the number format {format}"),
    );
    format!(
        "the workbook stores {stored} but shows it in {format}, so which of them is the key is not \
         certain; format the column as text and enter the keys as they are shown, or save the \
         sheet as CSV"
    )
}

/// A cell with this number of ids or keys (`one`, `many`), and the character between them if
/// `--split` takes it.
pub(super) fn several(
    what: &str,
    count: usize,
    (one, many): (&str, &str),
    separator: Option<char>,
) -> String {
    // As it is typed in a shell.
    let value = match separator {
        None => return format!("{what} contains {count} {many}; put each {one} in its own row"),
        Some('\n') => "newline".to_owned(),
        Some(character) => format!("'{character}'"),
    };
    format!(
        "{what} contains {count} {many}; give --split {value} to make one link of each, or put each \
         {one} in its own row"
    )
}
