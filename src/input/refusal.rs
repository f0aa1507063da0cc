//! Why a text has no header: the one sentence that helps most.
//!
//! Comes after the search has failed; changes nothing and reads nothing more.

use memchr::memchr2;

use crate::{
    alike::{beside, exact},
    tables,
};

use super::{
    columns::{self, needed_names},
    error::Refusal,
    frame::Framer,
    meaning,
    names::{NAME_CHARS, is_blank},
    options::{Delimiter, InputOptions},
    sniff, split,
    trial::{Candidate, Trial},
};

/// So many columns are named in a message.
const SHOWN_COLUMNS: usize = 12;

/// So many lines below the first are searched for the header.
const SEARCHED_LINES: usize = 20;

/// Lines longer than this are not searched.
const SEARCHED_LINE_BYTES: usize = 8 << 10;

/// Why the columns were not found by any of the candidates.
pub(super) fn explain(
    framer: &Framer,
    candidates: &[Candidate],
    options: &InputOptions,
) -> Refusal {
    if let Err(refusal) = sniff::refuse_other_text(framer.text()) {
        return refusal;
    }
    let line = framer.line();
    let trials = candidates
        .iter()
        .filter_map(|tried| Some((tried.delimiter, tried.trial.as_ref()?)));
    let best = trials.rev().max_by_key(|(_, trial)| trial.cells.len());
    let open = candidates.iter().find_map(|tried| tried.open_quote(framer));
    match (best, open) {
        (Some((delimiter, trial)), None) => missing(framer, delimiter, trial, options),
        (Some((delimiter, trial)), Some(_)) if trial.cells.len() > 1 => {
            missing(framer, delimiter, trial, options)
        }
        (_, Some(quote)) => Refusal::OpenQuoteInHeader {
            line: line + quote.opened.lines,
        },
        (None, None) => Refusal::HeaderTooLarge { line },
    }
}

fn missing(
    framer: &Framer,
    delimiter: Delimiter,
    trial: &Trial,
    options: &InputOptions,
) -> Refusal {
    let line = framer.line();
    let elsewhere = header_elsewhere(framer.text(), line, options);
    if let Some((header, _)) = elsewhere.filter(|&(header, _)| header > line) {
        return Refusal::TitleRows { line, header };
    }
    let in_a_cell = header_in_a_cell(&trial.cells, line, options);
    if let Some(delimiter) = in_a_cell.filter(|_| framer.text().starts_with(b"\"")) {
        return Refusal::LineInQuotes { line, delimiter };
    }
    if trial.cells.iter().filter(|cell| is_number(cell)).count() > 1 {
        return Refusal::NoHeader {
            line,
            found: shown(&trial.cells, &[]),
            needed: needed_names(options),
        };
    }
    let names: Vec<_> = trial
        .missing
        .iter()
        .map(|missing| missing.name.as_str())
        .collect();
    let found = || trial.cells.iter().map(String::as_str);
    let lacking = names.iter().map(|name| beside(name, found(), NAME_CHARS));
    let lacking: Vec<_> = lacking.collect();
    Refusal::MissingColumns {
        line,
        missing: exact(&lacking.join(", "), 4 * NAME_CHARS),
        delimiter,
        found: shown(&trial.cells, &names),
        remedy: match elsewhere {
            Some((_, delimiter)) => {
                format!("they are there separated by {delimiter}: give --delimiter {delimiter}")
            }
            None => remedy(trial, options),
        },
    }
}

fn remedy(trial: &Trial, options: &InputOptions) -> String {
    let missing = &trial.missing;
    let lacks = |option| missing.iter().any(|missing| missing.option == option);
    let has_labels = options.table.has_labels();
    if let ([_], true) = (missing.as_slice(), lacks("--definition-column")) {
        let column = "or the column's name with --definition-column";
        return match meaning::type_column(&trial.cells) {
            Some(types) if !has_labels => {
                let api = tables::latest().api();
                format!("{types} is read with --api {api}; else give --definition, {column}")
            }
            _ if has_labels => format!(
                "give --definition for the whole file, or --from-type and --to-type (and --label), {column}"
            ),
            _ => format!("give --definition for the whole file, {column}"),
        };
    }
    let options: Vec<_> = missing.iter().map(|missing| missing.option).collect();
    let options = options.join(" and ");
    if missing
        .iter()
        .all(|missing| missing.option.ends_with("-type"))
    {
        return format!("add the columns, or give {options} for the whole file");
    }
    format!(
        "rename the columns, or give their names with {options}, or what separates them with --delimiter"
    )
}

/// The line, from this one on, that has the needed columns by some delimiter.
fn header_elsewhere(text: &[u8], first: u64, options: &InputOptions) -> Option<(u64, Delimiter)> {
    let (mut rest, mut number) = (text, first);
    for _ in 0..SEARCHED_LINES {
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end.min(SEARCHED_LINE_BYTES)];
        let has_columns = |delimiter: &Delimiter| {
            split::cells(line, delimiter.byte())
                .is_some_and(|cells| columns::find(&cells, number, options).is_ok())
        };
        if let Some(delimiter) = Delimiter::ALL.into_iter().find(has_columns) {
            return Some((number, delimiter));
        }
        let crlf = rest[end..].starts_with(b"\r\n");
        rest = rest.get(end + 1 + usize::from(crlf)..)?;
        number += 1;
    }
    None
}

/// By what the first cell is split, if it is a whole header with the needed columns.
fn header_in_a_cell(cells: &[String], line: u64, options: &InputOptions) -> Option<Delimiter> {
    let cell = cells.iter().find(|cell| !is_blank(cell))?;
    let has_columns = |delimiter: &Delimiter| {
        split::cells(cell.as_bytes(), delimiter.byte())
            .is_some_and(|cells| columns::find(&cells, line, options).is_ok())
    };
    Delimiter::ALL.into_iter().find(has_columns)
}

fn is_number(cell: &str) -> bool {
    let digits = cell.trim_matches([' ', '\t', '\'', '"']);
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The names that there are, beside those that are missing.
fn shown(cells: &[String], missing: &[&str]) -> String {
    let named: Vec<_> = cells.iter().filter(|name| !is_blank(name)).collect();
    let mut list: Vec<_> = named
        .iter()
        .take(SHOWN_COLUMNS)
        .map(|name| beside(name, missing.iter().copied(), NAME_CHARS))
        .collect();
    if named.len() > SHOWN_COLUMNS {
        list.push(format!("… ({} in all)", named.len()));
    }
    list.join(", ")
}
