//! What a recorded message has in common with others of its cause. The results have only texts, so
//! the parts that differ from row to row are found again: cells, labels, keys and the records that
//! have a key.
//!
//! Knows how this program's sentences quote. Ids are left to whoever groups.

use std::{borrow::Cow, ops::Range};

use crate::code::Code;

/// What stands in the place of what is left out.
const LEFT_OUT: &str = "…";

/// The quotes of this program and of HubSpot.
const QUOTES: [char; 2] = ['\'', '"'];

/// What follows a key, in the sentences about keys.
const AFTER_KEY: [&str; 3] = [
    "; create it or correct the key",
    " was deleted",
    " could not be looked up: ",
];

/// What follows a key and the records that have it.
const AFTER_RECORDS: [&str; 2] = ["; merge them in HubSpot", "; the oldest, "];

/// Where a cell ends, although a quote follows: the value of an option is typed in quotes.
const QUOTED_REMEDY: &str = "; give --split '";

/// The message without the parts that only its row has.
#[must_use]
pub fn in_common(code: Option<Code>, message: &str) -> Cow<'_, str> {
    let mut parts: Vec<_> = key(message).into_iter().collect();
    let rest = parts.first().map_or(0, |key: &Range<usize>| key.end);
    parts.extend(cell_of_sheet(message));
    match code {
        Some(code) if is_about_cell(code) => parts.extend(whole_cell(message)),
        Some(Code::UnknownLabel) => {
            let label = label(message);
            let rest = label.as_ref().map_or(rest, |label| label.end);
            parts.extend(label);
            parts.extend(quoted(message, rest));
        }
        Some(_) | None => parts.extend(quoted(message, rest)),
    }
    parts.sort_by_key(|part| part.start);
    without(message, &parts)
}

/// Whether the sentences of this code show the text of one cell and nothing else in quotes. The text
/// may have quotes in it.
fn is_about_cell(code: Code) -> bool {
    let word = code.as_str();
    word.starts_with("invalid_")
        || matches!(
            code,
            Code::FormulaWithoutValue
                | Code::FreeMailDomain
                | Code::SeveralInBothColumns
                | Code::TooManyCells
        )
}

/// The text without these parts, which are in order.
fn without<'a>(text: &'a str, parts: &[Range<usize>]) -> Cow<'a, str> {
    let Some(first) = parts.first() else {
        return text.into();
    };
    let mut left = text[..first.start].to_owned() + LEFT_OUT;
    let mut at = first.end;
    for part in &parts[1..] {
        // A list of them is left out as one.
        let between = text.get(at..part.start).unwrap_or_default();
        if between.trim_matches([',', ' ']).is_empty() {
            at = at.max(part.end);
            continue;
        }
        left = left + between + LEFT_OUT;
        at = part.end;
    }
    left += &text[at..];
    left.into()
}

/// From the first quote to the last.
fn whole_cell(message: &str) -> Option<Range<usize>> {
    let end = message.find(QUOTED_REMEDY).unwrap_or(message.len());
    let before = &message[..end];
    let places = || before.match_indices(QUOTES).map(|(at, _)| at);
    let open = places().find(|at| opens(before, *at))?;
    let close = places().rfind(|at| *at > open && closes(before, *at))?;
    Some(open..close + 1)
}

/// Everything in quotes from this place on.
fn quoted(message: &str, from: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = from;
    let next = |at: usize, is_wanted: &dyn Fn(usize) -> bool| {
        let places = message[at..].match_indices(QUOTES);
        let mut places = places.map(|(place, _)| at + place);
        places.find(|place| is_wanted(*place))
    };
    while let Some(open) = next(at, &|place| opens(message, place)) {
        let quote = &message[open..=open];
        let is_end = |place: usize| message[place..].starts_with(quote) && closes(message, place);
        at = match next(open + 1, &is_end) {
            Some(close) => {
                found.push(open..close + 1);
                close + 1
            }
            None => open + 1,
        };
    }
    found
}

/// Whether the quote at this place can be the first one of a pair.
fn opens(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '=' | ':' | ','))
}

/// Whether the quote at this place can be the last one of a pair.
fn closes(text: &str, at: usize) -> bool {
    let after = text[at + 1..].chars().next();
    after.is_none_or(|c| c.is_whitespace() || matches!(c, ')' | ']' | ',' | ';' | ':' | '.'))
}

/// The label that an account does not have.
fn label(message: &str) -> Option<Range<usize>> {
    const BEFORE: &str = "has no label ";
    let start = message.find(BEFORE)? + BEFORE.len();
    let after = ["; closest: ", "; it has no labels"]
        .iter()
        .find_map(|after| message.rfind(after));
    let end = after.filter(|end| *end > start).unwrap_or(message.len());
    let close = message[start..end].rfind("' from ")?;
    Some(start..start + close + 1)
}

/// The key of a record, and the records that have it.
fn key(message: &str) -> Option<Range<usize>> {
    let is_named = message.starts_with("HubSpot has no ") || message.starts_with("the ");
    let (before, ends) = if is_named {
        (" with ", &AFTER_KEY[..])
    } else {
        (" records have ", &AFTER_RECORDS[..])
    };
    let property = message.find(before)? + before.len();
    let start = property + message[property..].find(' ')? + 1;
    let ends = ends
        .iter()
        .filter_map(|after| message[start..].rfind(after));
    Some(start..start + ends.min()?)
}

/// The cell of a sheet whose column has no name: the letters of its column stay.
fn cell_of_sheet(message: &str) -> Option<Range<usize>> {
    let name = message.strip_prefix("cell ")?;
    let name = &name[..name.find(" has the text ")?];
    let row = name.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_cell = !row.is_empty() && row.bytes().all(|b| b.is_ascii_digit());
    let end = "cell ".len() + name.len();
    is_cell.then_some(end - row.len()..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{RecordId, UnknownDefinition, UnknownLabel},
        cause::without_ids,
        failure::{
            CellFault, Failure, FailureDetail, InvalidIdKind, InvalidKeyKind, ResponseFault,
            RowFault,
        },
        messages::failure,
    };

    /// What the sentences for these details have in common, without ids. They have to be alike.
    fn common<const N: usize>(code: Code, details: [FailureDetail; N]) -> String {
        let mut texts = details.map(|detail| {
            let failed = Failure::new(code, detail);
            without_ids(&in_common(Some(code), &failure(&failed)))
        });
        texts.sort_unstable();
        assert_eq!(texts.first(), texts.last());
        texts[0].clone()
    }

    /// A cell in a column with a quote in its name.
    fn cell(fault: CellFault) -> FailureDetail {
        FailureDetail::Cell("Ann's id".to_owned(), fault)
    }

    /// Texts of cells that are hard to find in a sentence.
    const CELLS: [&str; 5] = [
        "n/a",
        "it's no' id",
        "'7'",
        "a: 'b', \"c\"; d",
        "x' is not a y",
    ];

    #[test]
    fn cells_are_left_out_whatever_they_contain() {
        use InvalidIdKind::{Other, Quoted, Several};
        for (kind, expected) in [
            (
                Other,
                "Ann's id: … is not a HubSpot ID (a number such as …)",
            ),
            (
                Quoted,
                "Ann's id: … is written as text for a spreadsheet; keep only the digits",
            ),
            (
                Several(2, Some(';')),
                "Ann's id: … contains … ids; give --split ';' to make one link of each, or put each \
                 id in its own row",
            ),
        ] {
            let details = CELLS.map(|text| cell(CellFault::NotAnId(text.to_owned(), kind)));
            assert_eq!(common(kind.code(), details), expected);
        }
        let kind = InvalidKeyKind::PageOnSharedSite;
        let details = CELLS.map(|text| cell(CellFault::NotAKey(text.to_owned(), kind)));
        let text = common(kind.code(), details);
        assert!(
            text.starts_with("Ann's id: … is a page on a site"),
            "{text}"
        );
        let details = CELLS.map(|text| {
            cell(CellFault::NotADefinition(UnknownDefinition {
                text: text.to_owned(),
                older: None,
                instead: Vec::new(),
                api: "v1",
            }))
        });
        let text = common(Code::InvalidDefinition, details);
        assert!(
            text.starts_with("Ann's id: … is not the id or name"),
            "{text}"
        );
    }

    #[test]
    fn cells_of_whole_rows_are_left_out() {
        let details = CELLS.map(|text| {
            FailureDetail::Row(RowFault::SeveralInBothColumns {
                from: text.to_owned(),
                to: text.to_uppercase(),
            })
        });
        assert_eq!(
            common(Code::SeveralInBothColumns, details),
            "both cells name several records (…), so which of them belong together is not known; \
             write one row for each link"
        );
        let beside = [("H5", "x"), ("H17", "it's")].map(|(cell, text)| {
            FailureDetail::Row(RowFault::BesideTable {
                cell: cell.to_owned(),
                text: text.to_owned(),
            })
        });
        assert_eq!(
            common(Code::TooManyCells, beside),
            "cell H… has the text …, but its column has no name in the header; give the column a \
             name, or delete the cell"
        );
    }

    #[test]
    fn labels_are_left_out_and_object_types_stay() {
        let details = CELLS.map(|label| {
            cell(CellFault::UnknownLabel(UnknownLabel::NotFound {
                label: format!("'{label}'"),
                from: "contacts",
                to: "companies",
                nearest: format!("'Boss', '{}'", label.len()),
                looks_same: false,
            }))
        });
        assert_eq!(
            common(Code::UnknownLabel, details),
            "Ann's id: this account has no label … from contacts to companies; closest: …; use one \
             of these, or create the label in HubSpot"
        );
    }

    #[test]
    fn keys_and_the_records_that_have_them_are_left_out() {
        for (messages, expected) in [
            (
                [
                    "HubSpot has no contact with email ann@x.com; create it or correct the key, then \
                     import the row again",
                    "HubSpot has no contact with email b; create it or correct the key, c; create it \
                     or correct the key, then import the row again",
                ],
                "HubSpot has no contact with email …; create it or correct the key, then import the \
                 row again",
            ),
            (
                [
                    "2 company records have domain a.com: 7001 (Acme, created 2024-01-01), 7002; \
                     merge them in HubSpot, or write the id of the right one",
                    "12 company records have domain b.de: 1, 2, …; merge them in HubSpot, or write \
                     the id of the right one",
                ],
                "… company records have domain …; merge them in HubSpot, or write the id of the \
                 right one",
            ),
            (
                [
                    "the p1_car with plate HH X 1 was deleted (7001); restore it in HubSpot, then \
                     import the row again",
                    "the p1_car with plate 'B' was deleted (8); restore it in HubSpot, then import \
                     the row again",
                ],
                "the p1_car with plate … was deleted (…); restore it in HubSpot, then import the row \
                 again",
            ),
            (
                [
                    "the contact with email a@x.com could not be looked up: HTTP 400: \"a\" is bad",
                    "the contact with email b@x.com could not be looked up: HTTP 400: \"b\" is bad",
                ],
                "the contact with email … could not be looked up: HTTP 400: … is bad",
            ),
        ] {
            for message in messages {
                let text = in_common(Some(Code::RecordNotFound), message);
                assert_eq!(without_ids(&text), expected);
            }
        }
    }

    #[test]
    fn texts_of_hubspot_lose_what_they_quote_and_keep_their_words() {
        for (message, expected) in [
            (
                "HTTP 400: 'Boss' and \"it's\", 'other' aren't valid (the records' types)",
                "HTTP 400: … and … aren't valid (the records' types)",
            ),
            ("HTTP 400: it isn't 'closed", "HTTP 400: it isn't 'closed"),
            ("", ""),
        ] {
            let detail = ResponseFault::Quoted(message.to_owned());
            let text = common(Code::Rejected, [FailureDetail::Response(detail)]);
            assert_eq!(text, expected);
            assert_eq!(in_common(None, message), expected);
        }
        let kept = format!("the largest id is {}", RecordId::MAX);
        assert_eq!(in_common(Some(Code::RecordNotFound), &kept), kept);
    }
}
