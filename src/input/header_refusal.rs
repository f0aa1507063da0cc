//! Why a text has no header: picks the explanation that helps most.
//!
//! Runs after the search has failed; changes nothing and reads nothing.

use memchr::memchr2;

use crate::{
    lookalike::{show_distinct, show_exact},
    redaction::cell_without_address,
    tables,
};

use super::{
    column_suggestions, columns,
    data_refusal::{self, FirstRow},
    definition_source,
    delimiter_candidate::{DelimiterCandidate, RejectedHeader},
    error::{ColumnFault, ColumnRemedy, ColumnSuggestion, HeaderFault, InputRefusal},
    frame::Framer,
    header_names::{NAME_CHARS, is_blank},
    options::{Delimiter, InputOptions, InputSetting},
    sniff, split,
};

/// The most columns in a message.
const SHOWN_COLUMNS: usize = 12;

/// The number of lines that are searched for a header.
pub(super) const SEARCHED_LINES: usize = 20;

/// Only this part of longer lines is searched.
const SEARCHED_LINE_BYTES: usize = 8 << 10;

/// Why no candidate gives the needed columns.
pub(super) fn explain(
    framer: &Framer,
    candidates: &[DelimiterCandidate],
    options: &InputOptions,
) -> InputRefusal {
    if let Err(refusal) = sniff::refuse_other_text(framer.text()) {
        return refusal;
    }
    let line = framer.line();
    let rejected = candidates
        .iter()
        .filter_map(|candidate| Some((candidate.delimiter, candidate.rejected.as_ref()?)));
    let best = rejected.rev().max_by_key(|(_, header)| header.cells.len());
    let open = candidates
        .iter()
        .find_map(|candidate| candidate.open_quote(framer));
    match (best, open) {
        (Some((delimiter, header)), None) => missing(framer, delimiter, header, options),
        (Some((delimiter, header)), Some(_)) if header.cells.len() > 1 => {
            missing(framer, delimiter, header, options)
        }
        (_, Some(quote)) => HeaderFault::open_quote(line + quote.opened.lines).into(),
        (None, None) => HeaderFault::too_large(line).into(),
    }
}

fn missing(
    framer: &Framer,
    delimiter: Delimiter,
    rejected: &RejectedHeader,
    options: &InputOptions,
) -> InputRefusal {
    let line = framer.line();
    let refusal = HeaderRefusal::new(line, rejected, options);
    let elsewhere = header_elsewhere(framer.text(), line, refusal.seeks_header_below(), options);
    if let Some((header, _)) = elsewhere.filter(|&(header, _)| header > line) {
        return title_rows(line, header, false);
    }
    let in_a_cell = header_in_a_cell(&rejected.cells, line, options);
    if let Some(delimiter) = in_a_cell.filter(|_| framer.text().starts_with(b"\"")) {
        return HeaderFault::LineInQuotes { line, delimiter }.into();
    }
    refusal.explain_columns(Some(delimiter), elsewhere.map(|it| it.1))
}

fn title_rows(line: u64, header: u64, in_sheet: bool) -> InputRefusal {
    let fault = HeaderFault::TitleRows {
        line,
        header,
        in_sheet,
    };
    fault.into()
}

/// The refusal of a header that lacks needed columns.
pub(super) struct HeaderRefusal<'a> {
    line: u64,
    rejected: &'a RejectedHeader,
    /// What may be meant by it.
    suggestions: Vec<ColumnSuggestion>,
    options: &'a InputOptions,
}

impl<'a> HeaderRefusal<'a> {
    pub(super) fn new(line: u64, rejected: &'a RejectedHeader, options: &'a InputOptions) -> Self {
        Self {
            line,
            rejected,
            suggestions: column_suggestions::suggestions(&rejected.cells, line, options),
            options,
        }
    }

    /// Whether a header that is only suggested may be below this one: not if this one is.
    pub(super) fn seeks_header_below(&self) -> bool {
        self.suggestions.is_empty()
    }

    /// Why a row of a sheet is not the header. `header` is a row below it that could be.
    pub(super) fn explain_in_sheet(self, header: Option<u64>) -> InputRefusal {
        match header {
            Some(header) => title_rows(self.line, header, true),
            None => self.explain_columns(None, None),
        }
    }

    /// Why it does not have the needed columns. `other` is a delimiter that would give them.
    fn explain_columns(
        self,
        delimiter: Option<Delimiter>,
        other: Option<Delimiter>,
    ) -> InputRefusal {
        let (line, rejected) = (self.line, self.rejected);
        let row = FirstRow {
            cells: &rejected.cells,
            line,
            in_sheet: delimiter.is_none(),
        };
        let has_suggestions = !self.suggestions.is_empty();
        if let Some(fault) = data_refusal::without_names(row, has_suggestions, self.options) {
            return fault.into();
        }
        let names: Vec<_> = rejected
            .missing
            .iter()
            .map(|missing| missing.name.as_str())
            .collect();
        let found = || rejected.cells.iter().map(String::as_str);
        let shown = names
            .iter()
            .map(|name| show_distinct(name, found(), NAME_CHARS));
        let shown: Vec<_> = shown.collect();
        let remedy = match other {
            Some(delimiter) => ColumnRemedy::Delimiter(delimiter),
            None => self.remedy(),
        };
        if let ColumnRemedy::Names(_) = remedy
            && let Some(name) = column_suggestions::repeated_name(&rejected.cells)
        {
            let name = show_exact(name, NAME_CHARS);
            return ColumnFault::Twice { line, name }.into();
        }
        let missing = ColumnFault::Missing {
            line,
            missing: show_exact(&shown.join(", "), 4 * NAME_CHARS),
            delimiter,
            found: column_list(&rejected.cells, &names),
            remedy,
        };
        missing.into()
    }

    fn remedy(self) -> ColumnRemedy {
        let missing: Vec<_> = self
            .rejected
            .missing
            .iter()
            .map(|missing| missing.option)
            .collect();
        let has_labels = self.options.table.has_labels();
        if missing == [InputSetting::DefinitionColumn] {
            return match definition_source::type_column(&self.rejected.cells) {
                Some(types) if !has_labels => ColumnRemedy::LaterApi {
                    types,
                    api: tables::latest().api(),
                },
                Some(_) | None => ColumnRemedy::Definition { has_labels },
            };
        }
        let is_id = |option: &InputSetting| {
            matches!(option, InputSetting::FromColumn | InputSetting::ToColumn)
        };
        if missing.iter().any(is_id) && !self.suggestions.is_empty() {
            return ColumnRemedy::Suggestions(self.suggestions);
        }
        let is_type =
            |option: &InputSetting| matches!(option, InputSetting::FromType | InputSetting::ToType);
        if missing.iter().all(is_type) {
            ColumnRemedy::Types(missing)
        } else {
            ColumnRemedy::Names(missing)
        }
    }
}

/// Whether these cells are a header, or could be one if more was said about its columns.
pub(super) fn may_be_header(cells: &[String], line: u64, options: &InputOptions) -> bool {
    columns::is_header(cells, line, options)
        || !column_suggestions::suggestions(cells, line, options).is_empty()
}

/// The first line, from this one on, that has the needed columns with some delimiter.
fn header_elsewhere(
    text: &[u8],
    first: u64,
    by_suggestions: bool,
    options: &InputOptions,
) -> Option<(u64, Delimiter)> {
    let (mut rest, mut number) = (text, first);
    for _ in 0..SEARCHED_LINES {
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end.min(SEARCHED_LINE_BYTES)];
        let has_columns = |delimiter: &Delimiter| {
            split::cells(line, delimiter.byte()).is_some_and(|cells| {
                if by_suggestions && number > first {
                    may_be_header(&cells, number, options)
                } else {
                    columns::is_header(&cells, number, options)
                }
            })
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

/// The delimiter of the first cell, if the cell contains a whole header.
fn header_in_a_cell(cells: &[String], line: u64, options: &InputOptions) -> Option<Delimiter> {
    let cell = cells.iter().find(|cell| !is_blank(cell))?;
    let has_columns = |delimiter: &Delimiter| {
        split::cells(cell.as_bytes(), delimiter.byte())
            .is_some_and(|cells| columns::is_header(&cells, line, options))
    };
    Delimiter::ALL.into_iter().find(has_columns)
}

/// The names in the header, shown so that they look different from the missing ones. A name with an `@`
/// may be an e-mail address.
fn column_list(cells: &[String], missing: &[&str]) -> String {
    let named: Vec<_> = cells.iter().filter(|name| !is_blank(name)).collect();
    let mut list: Vec<_> = named
        .iter()
        .take(SHOWN_COLUMNS)
        .map(|name| cell_without_address(name))
        .map(|name| show_distinct(name, missing.iter().copied(), NAME_CHARS))
        .collect();
    if named.len() > SHOWN_COLUMNS {
        list.push(format!("… ({} in all)", named.len()));
    }
    list.join(", ")
}
