//! One id cell: a record id, or why it is not one.
//!
//! Pure. Blanks around an id are allowed; nothing else is corrected.

use crate::{
    association::RecordId,
    cell::is_invisible,
    code::Code,
    failure::{CellFault, Failure, FailureDetail, InvalidIdKind},
    lookalike::show_exact,
};

use super::id_list::IdSeparator;

/// The digits of [`RecordId::MAX`]. Any number with this many digits fits into 64 bits unsigned.
pub(super) const MAX_DIGITS: usize = 19;

/// The digits of a number that a spreadsheet keeps.
const SPREADSHEET_DIGITS: i32 = 15;

/// The errors of spreadsheets that do not end with `!` or `?`, in several languages.
const NOT_AVAILABLE: [&str; 5] = ["#N/A", "#NV", "#N/B", "#N/D", "#N/V"];

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 40;

/// The id, if the cell is certainly one.
pub(super) fn parse(cell: &str) -> Option<RecordId> {
    number(cell, MAX_DIGITS).and_then(RecordId::new)
}

/// The id of a cell, or why it has none.
#[inline]
pub(super) fn read(column: &str, cell: &str) -> Result<RecordId, Failure> {
    parse(cell).ok_or_else(|| explain(column, cell))
}

/// Parses a number with at most `max_digits` digits (19 fit into 64 bits) and without a leading
/// zero. Blanks around it are allowed.
pub(super) fn number(cell: &str, max_digits: usize) -> Option<u64> {
    // Most cells have no blanks.
    plain_number(cell, max_digits).or_else(|| plain_number(trim(cell), max_digits))
}

/// Parses such a number without blanks around it.
pub(super) fn plain_number(text: &str, max_digits: usize) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > max_digits || bytes[0] == b'0' {
        return None;
    }
    bytes.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + u64::from(digit))
    })
}

/// Removes spaces and tabs around a cell, which have no meaning.
pub(super) fn trim(cell: &str) -> &str {
    cell.trim_matches([' ', '\t'])
}

/// Why a cell that [`parse`] does not accept is not an id.
pub(super) fn explain(column: &str, cell: &str) -> Failure {
    let text = trim(cell);
    let kind = if let Some(count) = count_ids(text) {
        InvalidIdKind::Several(count, separator_of(cell, count))
    } else if let Some(hidden) = text.chars().find(|&c| is_invisible(c)) {
        InvalidIdKind::Invisible(hidden)
    } else if text.is_empty() {
        InvalidIdKind::Empty
    } else if text.contains('\u{fffd}') {
        return wrong_encoding(column, cell);
    } else {
        explain_visible(text)
    };
    let fault = CellFault::NotAnId(show_exact(text, SHOWN_CHARS), kind);
    Failure::new(kind.code(), FailureDetail::Cell(column_name(column), fault))
}

/// What a spreadsheet has made of a text that can be anything, if that is certain.
pub(super) fn damage(text: &str) -> Option<InvalidIdKind> {
    // A spreadsheet writes the sign of the exponent, and one digit before the separator.
    let has_sign = text.contains(['+', '-']);
    let is_short = text.find(['.', ',', 'e', 'E']) == Some(1);
    let exponent = exponent(text).filter(|_| has_sign && is_short);
    if let Some(exponent) = exponent {
        Some(scientific(exponent))
    } else if is_formula(text) {
        Some(InvalidIdKind::FormulaWithoutValue)
    } else if is_date(text) {
        Some(InvalidIdKind::Date)
    } else if is_boolean(text) {
        Some(InvalidIdKind::Boolean)
    } else {
        let is_error = is_spreadsheet_error(text) && is_error_word(text);
        is_error.then_some(InvalidIdKind::SpreadsheetError)
    }
}

/// The failure of a cell with bytes that are invalid in the file's encoding.
pub(super) fn wrong_encoding(column: &str, cell: &str) -> Failure {
    let fault = CellFault::Encoding(show_exact(cell, SHOWN_CHARS));
    let detail = FailureDetail::Cell(column_name(column), fault);
    Failure::new(Code::InvalidIdEncoding, detail)
}

/// The name of a column, ready to be shown.
pub(super) fn column_name(column: &str) -> String {
    show_exact(column, SHOWN_CHARS)
}

fn explain_visible(text: &str) -> InvalidIdKind {
    if is_digits(text) {
        return whole_number(text);
    }
    let unsigned =
        text.trim_start_matches(['+', '-', '\u{2212}', '\u{2013}', '\u{ff0b}', '\u{ff0d}']);
    if unsigned.len() < text.len() && is_digits(unsigned) {
        InvalidIdKind::Sign
    } else if let Some(exponent) = exponent(unsigned) {
        scientific(exponent)
    } else if is_formula(text) {
        InvalidIdKind::FormulaWithoutValue
    } else if is_date(text) {
        InvalidIdKind::Date
    } else if is_boolean(text) {
        InvalidIdKind::Boolean
    } else if text.starts_with(['\'', '"', '=', '\u{2018}', '\u{2019}']) {
        InvalidIdKind::Quoted
    } else if is_spreadsheet_error(text) {
        InvalidIdKind::SpreadsheetError
    } else if is_grouped(unsigned) {
        InvalidIdKind::Grouped
    } else if is_decimal(unsigned) {
        InvalidIdKind::Decimal
    } else if text.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        InvalidIdKind::Digits
    } else {
        InvalidIdKind::Other
    }
}

/// The number of ids, if the cell is a list (`7001;7002`). A number with thousands or decimal
/// separators is not a list.
fn count_ids(text: &str) -> Option<usize> {
    let text = text.trim_matches(['[', ']', '{', '}', '(', ')', ' ', '\t', '\r', '\n']);
    let certain = [&[';'][..], &['|'], &['\n', '\r']];
    let count = certain
        .into_iter()
        .find_map(|separators| count_numbers(text, separators));
    count.or_else(|| {
        let count = count_numbers(text, &[',', ' ', '\t'])?;
        let (first, second) = text.split_once([',', ' ', '\t'])?;
        let ids = count > 2 || second.starts_with([' ', '\t']) || second.len() > 3;
        let is_number = is_grouped(text) || first.is_empty();
        (ids && !is_number).then_some(count)
    })
}

/// The character between the ids of a cell, if this number of ids is all that is left without it.
fn separator_of(cell: &str, count: usize) -> Option<char> {
    let separators = IdSeparator::USUAL.into_iter();
    let mut fit = separators.filter(|separator| {
        let pieces = separator.pieces(cell);
        pieces.len() == count && pieces.into_iter().all(|piece| is_digits(&cell[piece]))
    });
    fit.next().map(IdSeparator::character)
}

/// The number of parts, if the text consists of several numbers with these separators.
fn count_numbers(text: &str, separators: &[char]) -> Option<usize> {
    let unquoted = |part| trim(part).trim_matches(['"', '\'']);
    let parts = text.split(separators).map(unquoted);
    let mut parts = parts.filter(|part| !part.is_empty()).peekable();
    parts.peek()?;
    let count = parts.try_fold(0_usize, |count, part| is_digits(part).then_some(count + 1))?;
    (count > 1).then_some(count)
}

/// The reason why a text of only digits is not an id.
fn whole_number(text: &str) -> InvalidIdKind {
    if text.bytes().all(|byte| byte == b'0') {
        InvalidIdKind::Zero
    } else if text.starts_with('0') {
        InvalidIdKind::LeadingZeros
    } else {
        InvalidIdKind::TooLarge(text.len())
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The exponent of a number in scientific notation: `1.23457E+11`, `1E5`, `1,2e+05`.
fn exponent(text: &str) -> Option<i32> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = is_digits(digits) && (is_digits(mantissa) || is_decimal(mantissa));
    // An exponent that does not fit is as large as any.
    is_number.then(|| exponent.parse().unwrap_or(i32::MAX))
}

/// What a number with this exponent has lost.
fn scientific(exponent: i32) -> InvalidIdKind {
    if exponent >= SPREADSHEET_DIGITS {
        InvalidIdKind::Rounded
    } else {
        InvalidIdKind::Scientific
    }
}

fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// `=B2`, but not a number that is written as a formula to keep it text: `="123"`.
fn is_formula(text: &str) -> bool {
    let is_text = |formula: &str| formula.trim_start().starts_with(['"', '\'']);
    let formula = text.strip_prefix('=');
    formula.is_some_and(|formula| !is_text(formula) && !is_digits(formula))
}

/// A day or a time as workbooks are read: `2026-11-28`, `2026-11-28T10:30:00`, `10:30:00`.
fn is_date(text: &str) -> bool {
    let has_groups = |text: &str, separator: char, sizes: [std::ops::RangeInclusive<usize>; 3]| {
        let mut groups = text.split(separator);
        let fits = sizes.into_iter().all(|size| {
            groups
                .next()
                .is_some_and(|group| is_digits(group) && size.contains(&group.len()))
        });
        fits && groups.next().is_none()
    };
    let is_day = |day: &str| has_groups(day, '-', [4..=4, 2..=2, 2..=2]);
    let is_time = |time: &str| {
        let time = time.split_once('.').map_or(time, |(time, _)| time);
        has_groups(time, ':', [2..=7, 2..=2, 2..=2])
    };
    match text.split_once('T') {
        Some((day, time)) => is_day(day) && is_time(time),
        None => is_day(text) || is_time(text),
    }
}

/// `#N/A`, `#REF!`, `#DIV/0!`, `#WERT!`, and Excel's hashes for a narrow column.
fn is_spreadsheet_error(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|word| {
        word.chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c == '#')
    })
}

/// Whether a text that begins like an error of a spreadsheet certainly is one, and not a name such as
/// `#A12`.
fn is_error_word(text: &str) -> bool {
    let is_narrow_column = text.bytes().all(|byte| byte == b'#');
    is_narrow_column || text.ends_with(['!', '?']) || NOT_AVAILABLE.contains(&text)
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
