//! Groups failures by cause: they have the same code, and the same message without ids.
//!
//! Does not know where failures come from (a run or its results file) or how groups are shown.

use std::collections::HashMap;

/// The most groups. Nobody reads more of them.
const MOST_CAUSES: usize = 1_000;

/// The number of rows that each group lists.
const ROWS_NAMED: usize = 3;

/// Replaces what was removed from a message.
const TAKEN_OUT: char = '…';

/// A word with digits that has this length is an id of some kind (a UUID, a time).
const LONG_WORD: usize = 16;

/// Numbers after these words are not record ids, so they are kept.
const KEPT_BEHIND: [&str; 4] = ["HTTP ", "definition ", "_DEFINED=", "U+"];

/// Codes that begin with this have messages that quote the cell.
const CODES_OF_IDS: &str = "invalid_id";

/// What all failures of one cause have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The stable code.
    pub code: String,
    /// The message without its ids.
    pub pattern: String,
}

impl Cause {
    /// The cause of a failure with this code and message.
    #[must_use]
    pub fn new(code: &str, message: &str) -> Self {
        let pattern = if code.starts_with(CODES_OF_IDS) {
            without_numbers(&without_quoted(message))
        } else {
            without_numbers(message)
        };
        Self {
            code: code.to_owned(),
            pattern,
        }
    }
}

/// The location of a row in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowLocation {
    /// The number of the data row.
    pub row: u64,
    /// The physical line.
    pub line: u64,
}

/// The rows that failed because of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    /// The stable code.
    pub code: String,
    /// The message if all rows have the same one, or else the common pattern.
    pub message: String,
    /// The number of rows.
    pub rows: u64,
    /// The first rows, in the order in which they were added.
    pub first: Vec<RowLocation>,
}

/// All failures, grouped.
#[derive(Debug, Default)]
pub struct FailureGroups {
    groups: Vec<FailureGroup>,
    places: HashMap<Cause, usize>,
    beyond: u64,
}

impl FailureGroups {
    /// Adds a row that failed.
    pub fn add(&mut self, place: RowLocation, code: &str, message: &str) {
        let cause = Cause::new(code, message);
        if let Some(group) = self.places.get(&cause) {
            let group = &mut self.groups[*group];
            group.rows += 1;
            if group.first.len() < ROWS_NAMED {
                group.first.push(place);
            }
            if group.message != message {
                group.message = cause.pattern;
            }
        } else if self.groups.len() < MOST_CAUSES {
            self.groups.push(FailureGroup {
                code: code.to_owned(),
                message: message.to_owned(),
                rows: 1,
                first: vec![place],
            });
            self.places.insert(cause, self.groups.len() - 1);
        } else {
            self.beyond += 1;
        }
    }

    /// The groups, the largest first. Groups of the same size keep the order of their first row.
    #[must_use]
    pub fn by_size(&self) -> Vec<&FailureGroup> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
        groups
    }

    /// All rows that were added, also those beyond the most groups.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let told_apart = self.groups.iter().map(|group| group.rows);
        told_apart.sum::<u64>() + self.beyond
    }
}

/// Removes the text between the first quote and the last closing one.
fn without_quoted(text: &str) -> String {
    let open = text.find('\'').map(|at| at + 1);
    let close = text.rfind("' ");
    match (open, close) {
        (Some(open), Some(close)) if open <= close => {
            format!("{}{TAKEN_OUT}{}", &text[..open], &text[close..])
        }
        _ => text.to_owned(),
    }
}

/// Removes numbers and long words with digits. A list of them is removed as one.
fn without_numbers(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        pattern.push_str(&rest[..start]);
        rest = &rest[start..];
        let word = word_of(rest);
        rest = &rest[word.len()..];
        let is_kept = KEPT_BEHIND.iter().any(|words| pattern.ends_with(words));
        if is_kept || !is_id(word) {
            pattern.push_str(word);
        } else if !ends_with_list(&pattern) {
            pattern.push(TAKEN_OUT);
        } else {
            pattern.truncate(pattern.trim_end_matches([',', ' ']).len());
        }
    }
    pattern.push_str(rest);
    pattern
}

/// The first word of a text: letters, digits, and characters that join them.
fn word_of(text: &str) -> &str {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let goes_on = |next: Option<&(usize, char)>| next.is_some_and(|(_, c)| is_of_word(*c));
        let joins = matches!(c, '.' | ',' | ':' | '+' | '-' | '_');
        if !(is_of_word(c) || joins && goes_on(chars.peek())) {
            break;
        }
        end = at + c.len_utf8();
    }
    &text[..end]
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric()
}

/// Whether a word is a number in any notation, or another id.
fn is_id(word: &str) -> bool {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    let is_number = word.starts_with(|c: char| c.is_ascii_digit())
        && !word.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E'));
    let is_long = word.len() >= LONG_WORD;
    has_digit && (is_number || is_long) && !is_object_type(word)
}

/// `0-1`, `2-123456`: HubSpot's id of an object type.
fn is_object_type(word: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let parts = word.split_once('-');
    parts.is_some_and(|(meta, number)| matches!(meta, "0" | "2") && is_digits(number))
}

/// Whether only a comma follows the last removal.
fn ends_with_list(pattern: &str) -> bool {
    let before = pattern.trim_end_matches([',', ' ']);
    before.len() < pattern.len()
        && before.ends_with(TAKEN_OUT)
        && pattern[before.len()..].contains(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that all these messages have this pattern.
    #[track_caller]
    fn assert_one(code: &str, messages: &[&str], pattern: &str) {
        for message in messages {
            assert_eq!(Cause::new(code, message).pattern, pattern, "{message}");
        }
    }

    #[test]
    fn messages_that_differ_only_in_ids_have_one_cause() {
        assert_one(
            "record_not_found",
            &[
                "there is no contact 404 in this account; check the id (HTTP 400: CONTACT=404 is not valid)",
                "there is no contact 35100 in this account; check the id (HTTP 400: CONTACT=35100 is not valid)",
            ],
            "there is no contact … in this account; check the id (HTTP 400: CONTACT=… is not valid)",
        );
        assert_one(
            "rejected",
            &[
                "HTTP 400: no 12, 7 (1c4bbe72-cfbe-4a7d-8388-6de4be7a9a26 at 2022-06-21T10:37:52.040Z)",
                "HTTP 400: no 3, 4, 5 (aaaabbbb-cfbe-4a7d-8388-6de4be7a9a20 at 2026-06-21T10:37:52Z)",
            ],
            "HTTP 400: no … (… at …)",
        );
    }

    #[test]
    fn the_content_of_an_id_cell_is_not_part_of_the_cause() {
        assert_one(
            "invalid_id",
            &[
                "from_id: 'n/a' is no id; an id is a number such as 123456",
                "from_id: 'it's' is no id; an id is a number such as 123456",
                "from_id: '' no' is no id; an id is a number such as 123456",
            ],
            "from_id: '…' is no id; an id is a number such as …",
        );
        assert_one(
            "invalid_id_scientific",
            &[
                "to: Excel rounded this id to 1.23457E+11; export again",
                "to: Excel rounded this id to 9,1e+9; export again",
            ],
            "to: Excel rounded this id to …; export again",
        );
    }

    #[test]
    fn labels_types_definitions_statuses_and_words_with_digits_are_kept() {
        for message in [
            "there is no label 'Decison maker' between contacts and 2-123456",
            "definition 279 is unknown: HUBSPOT_DEFINED=279 is not valid, HTTP 400",
            "there is no p123_cars on port h2o, over HTTP2",
            "",
        ] {
            assert_one("unknown_label", &[message], message);
        }
    }

    #[test]
    fn a_group_counts_its_rows_and_lists_the_first() {
        let mut causes = FailureGroups::default();
        for row in 1..=12 {
            let place = RowLocation { row, line: row + 1 };
            let (code, message) = match row {
                2 => ("timeout", "no answer".to_owned()),
                _ => ("record_not_found", format!("no contact {row}")),
            };
            causes.add(place, code, &message);
        }
        let groups: Vec<_> = causes.by_size().into_iter().cloned().collect();
        let place = |row| RowLocation { row, line: row + 1 };
        let group = |code: &str, message: &str, rows, first: &[u64]| FailureGroup {
            code: code.to_owned(),
            message: message.to_owned(),
            rows,
            first: first.iter().map(|row| place(*row)).collect(),
        };
        assert_eq!(
            groups,
            [
                group("record_not_found", "no contact …", 11, &[1, 3, 4]),
                group("timeout", "no answer", 1, &[2]),
            ]
        );
        assert_eq!(causes.rows(), 12);
    }

    #[test]
    fn rows_beyond_the_most_groups_are_counted() {
        let mut causes = FailureGroups::default();
        let place = RowLocation { row: 1, line: 2 };
        for n in 0..MOST_CAUSES + 5 {
            causes.add(place, "unknown_label", &format!("no label 'x{n}'"));
        }
        assert_eq!(causes.by_size().len(), MOST_CAUSES);
        assert_eq!(causes.rows(), MOST_CAUSES as u64 + 5);
    }
}
