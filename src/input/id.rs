//! One id cell: a record id, or why it is none, in words and with the cure.
//!
//! Pure. Blanks around an id are tolerated; nothing else is repaired.

use crate::{alike::exact, association::RecordId, cell::is_invisible, code::Code, row::Failure};

/// The digits of [`RecordId::MAX`]; so many fit into 64 bits unsigned.
const MAX_DIGITS: usize = 19;

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 40;

const AS_TEXT: &str = "format the column as text and export again";

/// The id, if the cell is one beyond doubt.
pub(super) fn parse(cell: &str) -> Option<RecordId> {
    number(cell, MAX_DIGITS).and_then(RecordId::new)
}

/// At most so many digits (19 fit into 64 bits) without a leading zero; there
/// may be blanks around them.
pub(super) fn number(cell: &str, max_digits: usize) -> Option<u64> {
    // Most cells have no blanks to be looked for.
    plain_number(cell, max_digits).or_else(|| plain_number(trim(cell), max_digits))
}

fn plain_number(text: &str, max_digits: usize) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > max_digits || bytes[0] == b'0' {
        return None;
    }
    bytes.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + u64::from(digit))
    })
}

/// Spaces and tabs around a cell mean nothing.
pub(super) fn trim(cell: &str) -> &str {
    cell.trim_matches([' ', '\t'])
}

/// Why a cell that [`parse`] does not take is no id.
pub(super) fn explain(column: &str, cell: &str) -> Failure {
    let text = trim(cell);
    let shown = exact(text, SHOWN_CHARS);
    let (code, why) = if let Some(count) = several(text) {
        let why = format!("'{shown}' holds {count} ids; give each id a row of its own");
        (Code::InvalidIdSeveral, why)
    } else if let Some(hidden) = text.chars().find(|&c| is_invisible(c)) {
        let code = u32::from(hidden);
        let why = format!(
            "'{shown}' holds an invisible character (U+{code:04X}); delete it, and type the id again"
        );
        (Code::InvalidIdInvisible, why)
    } else if text.is_empty() {
        (
            Code::InvalidIdEmpty,
            "the id is missing; fill in the cell".to_owned(),
        )
    } else if text.contains('\u{fffd}') {
        return wrong_encoding(column, cell);
    } else {
        visible(text, &shown)
    };
    Failure::new(code, format!("{}: {why}", column_name(column)))
}

/// A cell whose bytes are no text in the file's encoding.
pub(super) fn wrong_encoding(column: &str, cell: &str) -> Failure {
    let why = format!(
        "{}: '{}' holds bytes that are no text in the file's encoding; save the file as CSV UTF-8, or give --encoding",
        column_name(column),
        exact(cell, SHOWN_CHARS)
    );
    Failure::new(Code::InvalidIdEncoding, why)
}

/// A column's name as it may be shown.
pub(super) fn column_name(column: &str) -> String {
    exact(column, SHOWN_CHARS)
}

fn visible(text: &str, shown: &str) -> (Code, String) {
    if is_digits(text) {
        return whole_number(text, shown);
    }
    let unsigned =
        text.trim_start_matches(['+', '-', '\u{2212}', '\u{2013}', '\u{ff0b}', '\u{ff0d}']);
    if unsigned.len() < text.len() && is_digits(unsigned) {
        (
            Code::InvalidIdSign,
            format!("'{shown}' has a sign; an id is a positive whole number"),
        )
    } else if is_scientific(unsigned) {
        let why = format!("Excel rounded this id to {shown}; {AS_TEXT}");
        (Code::InvalidIdScientific, why)
    } else if text.starts_with(['\'', '"', '=', '\u{2018}', '\u{2019}']) {
        let why = format!("'{shown}' is wrapped as text for a spreadsheet; leave only the digits");
        (Code::InvalidIdQuoted, why)
    } else if is_spreadsheet_error(text) {
        let why = format!(
            "'{shown}' is the error of a spreadsheet's formula; mend the formula and export again"
        );
        (Code::InvalidIdSpreadsheetError, why)
    } else if is_grouped(unsigned) {
        let why = format!("'{shown}' has separators inside the id; {AS_TEXT}");
        (Code::InvalidIdGrouped, why)
    } else if is_decimal(unsigned) {
        let why = format!("'{shown}' has a decimal or thousands separator; {AS_TEXT}");
        (Code::InvalidIdDecimal, why)
    } else if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        let why = format!("'{shown}' is written in other digits than 0 to 9; type it again");
        (Code::InvalidIdDigits, why)
    } else {
        let why = format!("'{shown}' is no id; an id is a positive whole number such as 123456");
        (Code::InvalidId, why)
    }
}

/// How many ids there are, if a cell is a list of them (`7001;7002`). A number with separators of
/// thousands or decimals is none.
fn several(text: &str) -> Option<usize> {
    let text = text.trim_matches(['[', ']', '{', '}', '(', ')', ' ', '\t', '\r', '\n']);
    let certain = [&[';'][..], &['|'], &['\n', '\r']];
    let count = certain.into_iter().find_map(|by| listed(text, by));
    count.or_else(|| {
        let count = listed(text, &[',', ' ', '\t'])?;
        let (first, second) = text.split_once([',', ' ', '\t'])?;
        let ids = count > 2 || second.starts_with([' ', '\t']) || second.len() > 3;
        let is_number = is_grouped(text) || first.is_empty();
        (ids && !is_number).then_some(count)
    })
}

/// How many runs of digits a text is split into, if there are several and nothing else.
fn listed(text: &str, by: &[char]) -> Option<usize> {
    let unquoted = |part| trim(part).trim_matches(['"', '\'']);
    let parts = text.split(by).map(unquoted);
    let mut parts = parts.filter(|part| !part.is_empty()).peekable();
    parts.peek()?;
    let count = parts.try_fold(0_usize, |count, part| is_digits(part).then_some(count + 1))?;
    (count > 1).then_some(count)
}

/// All digits, and yet no id.
fn whole_number(text: &str, shown: &str) -> (Code, String) {
    if text.bytes().all(|byte| byte == b'0') {
        (
            Code::InvalidIdZero,
            format!("'{shown}' is no record's id; ids begin at 1"),
        )
    } else if text.starts_with('0') {
        let why = format!("'{shown}' begins with 0, which no id does; check where it comes from");
        (Code::InvalidIdLeadingZeros, why)
    } else {
        let why = format!(
            "'{shown}' ({} digits) is too large; the largest id is {}",
            text.len(),
            RecordId::MAX
        );
        (Code::InvalidIdTooLarge, why)
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1.23457E+11`, `1E5`, `1,2e+05`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    is_digits(exponent) && (is_digits(mantissa) || is_decimal(mantissa))
}

/// `#N/A`, `#REF!`, `#DIV/0!`, `#WERT!`, and Excel's hashes for a narrow column.
fn is_spreadsheet_error(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|word| {
        word.chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c == '#')
    })
}

/// `1,234`, `1 234`, `1'234`, `1_000`, `1.234.567`; one dot alone may be decimal.
fn is_grouped(text: &str) -> bool {
    let is_separator = |c: char| matches!(c, ',' | ' ' | '\'' | '_' | '\u{2019}' | '.');
    let mut groups = text.split(is_separator);
    let digits = groups.next().is_some_and(is_digits);
    let separators = text.chars().filter(|&c| is_separator(c)).count();
    let one_dot = separators == 1 && text.contains('.');
    digits && separators > 0 && !one_dot && groups.all(|group| group.len() == 3 && is_digits(group))
}

/// `123.0`, `1.234`, `12,5`, `1,234.00`.
fn is_decimal(text: &str) -> bool {
    let mut parts = text.split(['.', ',']);
    text.contains(['.', ',']) && parts.all(is_digits)
}
