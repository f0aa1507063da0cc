//! Finds the delimiter and the header of a text: the delimiter that gives the needed columns.
//!
//! Reads only up to the end of the header. `header_refusal` explains why a text has no header.

use memchr::memchr2;

use crate::cell::clean;

use super::{
    columns::{self, InputColumns},
    delimiter_candidate::DelimiterCandidate,
    error::{AbsentHeader, HeaderFault, InputRefusal, ReadFault},
    frame::{Framer, MAX_RECORD_BYTES},
    header_names::NAME_CHARS,
    header_refusal,
    options::{Delimiter, InputOptions},
};

/// Consumes the text up to the end of the header, and sets the delimiter of the framer.
pub(super) fn find(
    framer: &mut Framer,
    options: &InputOptions,
) -> Result<(Delimiter, InputColumns), InputRefusal> {
    let mut fixed = options.delimiter;
    let mut candidates = DelimiterCandidate::all(fixed);
    let mut after_sep = false;
    let mut last_text = None;
    loop {
        framer.skip_lf_of_crlf();
        if let Some(line) = first_line(framer) {
            let bytes = line.len();
            let is_above_header = options.header_row.is_some_and(|row| framer.line() < row);
            let is_blank = line.iter().all(|byte| b" \t,;|".contains(byte));
            if is_above_header || is_blank {
                last_text = (!is_blank).then(|| framer.line()).or(last_text);
                if framer.ended() && bytes == framer.text().len() {
                    return Err(no_header(last_text, options).into());
                }
                if !is_above_header {
                    framer.count_blank_line();
                }
                framer.skip_line(bytes);
                candidates = DelimiterCandidate::all(fixed);
                continue;
            }
            if let (Some(delimiter), false) = (sep_line(line, framer.line())?, after_sep) {
                after_sep = true;
                framer.skip_line(bytes);
                fixed = fixed.or(Some(delimiter));
                candidates = DelimiterCandidate::all(fixed);
                continue;
            }
            refuse_blank_header_row(framer.line(), after_sep, options)?;
        }
        for candidate in &mut candidates {
            if let Some(columns) = candidate.find_columns(framer, options)? {
                consume_header(framer, candidate.delimiter);
                return Ok((candidate.delimiter, columns));
            }
        }
        let too_long = framer.text().len() > MAX_RECORD_BYTES;
        if framer.ended()
            || too_long
            || candidates
                .iter()
                .all(|candidate| candidate.rejected.is_some())
        {
            return find_by_usual_names(framer, &candidates, options);
        }
        let filled = framer.fill();
        filled.map_err(|error| InputRefusal::ReadFailed(ReadFault::from_io(error)))?;
    }
}

/// Finds the header by the usual names of its columns. Only if no delimiter gives the needed columns
/// by their own names, so that these always win, and only if a single one gives them by the usual
/// names.
fn find_by_usual_names(
    framer: &mut Framer,
    candidates: &[DelimiterCandidate],
    options: &InputOptions,
) -> Result<(Delimiter, InputColumns), InputRefusal> {
    let line = framer.line();
    let found = candidates.iter().filter_map(|candidate| {
        let columns = candidate.find_by_usual_names(line, options)?;
        Some((candidate.delimiter, columns))
    });
    let mut found: Vec<_> = found.collect();
    match found.pop() {
        Some((delimiter, columns)) if found.is_empty() => {
            let columns = columns?;
            consume_header(framer, delimiter);
            Ok((delimiter, columns))
        }
        Some(_) | None => Err(header_refusal::explain(framer, candidates, options)),
    }
}

/// Refuses a given row that has no text. `next` is the line with the next text, which may be data. A
/// header may follow a line that names its delimiter.
fn refuse_blank_header_row(
    next: u64,
    after_sep: bool,
    options: &InputOptions,
) -> Result<(), InputRefusal> {
    let is_blank = |row: &u64| *row < next && !after_sep;
    let Some(header_row) = options.header_row.filter(is_blank) else {
        return Ok(());
    };
    let absent = AbsentHeader::AtBlankRow {
        header_row,
        next,
        in_sheet: false,
    };
    Err(absent.into())
}

/// Why there is no header at the end of the text. `last_text` is the last line that is not blank.
fn no_header(last_text: Option<u64>, options: &InputOptions) -> AbsentHeader {
    match (options.header_row, last_text) {
        (Some(header_row), Some(last)) => AbsentHeader::BelowText {
            header_row,
            last,
            in_sheet: false,
        },
        (Some(_) | None, _) => AbsentHeader::Empty(columns::needed_names(options)),
    }
}

fn consume_header(framer: &mut Framer, delimiter: Delimiter) {
    framer.set_delimiter(delimiter.byte());
    // The header is known to be the next record.
    let _header = framer.next();
}

/// The first physical line without its line end, if it is complete.
fn first_line(framer: &Framer) -> Option<&[u8]> {
    let text = framer.text();
    match memchr2(b'\n', b'\r', text) {
        Some(end) => Some(&text[..end]),
        None => framer.ended().then_some(text),
    }
}

/// The delimiter in a line like `sep=;`, which some spreadsheets write first.
fn sep_line(line: &[u8], number: u64) -> Result<Option<Delimiter>, InputRefusal> {
    let character = match line {
        [s, e, p, b'=', character] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => {
            *character
        }
        _ => return Ok(None),
    };
    let delimiter = Delimiter::from_byte(character);
    let unsupported = || HeaderFault::SepLine {
        line: number,
        found: clean(&String::from_utf8_lossy(line), NAME_CHARS),
    };
    Ok(Some(delimiter.ok_or_else(unsupported)?))
}
