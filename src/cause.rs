//! Groups failures by cause: they have the same code, and the same message without ids.
//!
//! Does not know where failures come from, how they are worded, or how groups are shown.

use std::{collections::HashMap, ops::Range};

/// The most groups. Nobody reads more of them.
const MOST_CAUSES: usize = 1_000;

/// The number of rows that each group lists.
const ROWS_NAMED: usize = 3;

/// What stands in the place of what is left out.
const LEFT_OUT: &str = "…";

/// A word with digits that has this length is an id of some kind (a UUID, a time).
const LONG_WORD: usize = 16;

/// Numbers after these words are not record ids, so they are kept.
const KEPT_BEHIND: [&str; 4] = ["HTTP ", "definition ", "_DEFINED=", "U+"];

/// What all failures of one cause have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Cause {
    code: String,
    /// The words before, between and behind the ids.
    words: Vec<String>,
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
    /// The message if all rows have the same one, or else what their messages have in common.
    pub message: String,
    /// The number of rows.
    pub rows: u64,
    /// The first rows, in the order in which they were added.
    pub first: Vec<RowLocation>,
}

/// What a failure says.
#[derive(Clone, Copy, Debug)]
pub struct CauseTexts<'a> {
    /// Its own message.
    pub message: &'a str,
    /// The message without what only its row has, such as the text of a cell. It may have ids.
    pub in_common: &'a str,
}

/// All failures, grouped.
#[derive(Debug, Default)]
pub struct FailureGroups {
    groups: Vec<GrowingGroup>,
    places: HashMap<Cause, usize>,
    beyond: u64,
}

/// A group, and what it needs to take further rows.
#[derive(Debug)]
struct GrowingGroup {
    shown: FailureGroup,
    common: CommonMessage,
    /// Whether the messages of its rows differ.
    differs: bool,
}

/// A message in which ids were left out where rows have different ones.
#[derive(Debug)]
struct CommonMessage {
    text: String,
    /// The ids and what was left out in their place.
    ids: Vec<Range<usize>>,
}

impl FailureGroups {
    /// Adds a row that failed.
    pub fn add(&mut self, place: RowLocation, code: &str, texts: CauseTexts<'_>) {
        let ids = ids_of(texts.in_common);
        let words = words_between(texts.in_common, &ids);
        let cause = Cause {
            code: code.to_owned(),
            words: words.map(str::to_owned).collect(),
        };
        if let Some(group) = self.places.get(&cause) {
            self.groups[*group].add(place, texts, &ids);
        } else if self.groups.len() < MOST_CAUSES {
            self.groups.push(GrowingGroup {
                shown: FailureGroup {
                    code: code.to_owned(),
                    message: texts.message.to_owned(),
                    rows: 1,
                    first: vec![place],
                },
                common: CommonMessage {
                    text: texts.in_common.to_owned(),
                    ids,
                },
                differs: false,
            });
            self.places.insert(cause, self.groups.len() - 1);
        } else {
            self.beyond += 1;
        }
    }

    /// The groups, the largest first. Groups of the same size keep the order of their first row.
    #[must_use]
    pub fn by_size(&self) -> Vec<&FailureGroup> {
        let mut groups: Vec<_> = self.groups.iter().map(|group| &group.shown).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
        groups
    }

    /// All rows that were added, also those beyond the most groups.
    #[must_use]
    pub fn rows(&self) -> u64 {
        let told_apart = self.groups.iter().map(|group| group.shown.rows);
        told_apart.sum::<u64>() + self.beyond
    }
}

impl GrowingGroup {
    /// Adds a row of this cause; `ids` are those of what it has in common with the others.
    fn add(&mut self, place: RowLocation, texts: CauseTexts<'_>, ids: &[Range<usize>]) {
        let group = &mut self.shown;
        group.rows += 1;
        if group.first.len() < ROWS_NAMED {
            group.first.push(place);
        }
        self.common.leave_out_different(texts.in_common, ids);
        self.differs |= group.message != texts.message;
        if self.differs {
            group.message.clone_from(&self.common.text);
        }
    }
}

impl CommonMessage {
    /// Leaves out the ids that differ from those of another message with the same words.
    fn leave_out_different(&mut self, other: &str, other_ids: &[Range<usize>]) {
        let pairs = self.ids.iter().zip(other_ids);
        let is_same = pairs.map(|(own, others)| self.text[own.clone()] == other[others.clone()]);
        let is_same: Vec<bool> = is_same.collect();
        if is_same.contains(&false) {
            self.leave_out(&is_same);
        }
    }

    /// Leaves out the ids for which `is_kept` has `false`.
    fn leave_out(&mut self, is_kept: &[bool]) {
        let mut text = String::with_capacity(self.text.len());
        let mut ids = Vec::with_capacity(self.ids.len());
        let mut words = words_between(&self.text, &self.ids);
        for (id, is_kept) in self.ids.iter().zip(is_kept) {
            text.extend(words.next());
            let start = text.len();
            text.push_str(if *is_kept {
                &self.text[id.clone()]
            } else {
                LEFT_OUT
            });
            ids.push(start..text.len());
        }
        text.extend(words);
        *self = Self { text, ids };
    }
}

/// A text without ids.
#[must_use]
pub fn without_ids(text: &str) -> String {
    let words: Vec<_> = words_between(text, &ids_of(text)).collect();
    words.join(LEFT_OUT)
}

/// The parts of a text before, between and behind its ids.
fn words_between<'a>(text: &'a str, ids: &[Range<usize>]) -> impl Iterator<Item = &'a str> {
    let starts = std::iter::once(0).chain(ids.iter().map(|id| id.end));
    let ends = ids.iter().map(|id| id.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end])
}

/// Where a text has numbers, and long words with digits. A list of them is one.
fn ids_of(text: &str) -> Vec<Range<usize>> {
    let mut ids: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_word).map(|found| at + found) {
        let word = word_of(&text[start..]);
        at = start + word.len();
        let is_kept = KEPT_BEHIND
            .iter()
            .any(|words| text[..start].ends_with(words));
        if is_kept || !is_id(word) {
            continue;
        }
        match ids.last_mut() {
            Some(last) if is_comma(&text[last.end..start]) => last.end = at,
            Some(_) | None => ids.push(start..at),
        }
    }
    ids
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

/// Whether a text is only a comma, with blanks.
fn is_comma(text: &str) -> bool {
    text.trim_matches(' ') == ","
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: RowLocation = RowLocation { row: 1, line: 2 };

    /// Texts of which only the second is grouped.
    fn texts<'a>(message: &'a str, in_common: &'a str) -> CauseTexts<'a> {
        CauseTexts { message, in_common }
    }

    /// The messages of the groups for these messages.
    fn grouped(messages: &[&str]) -> Vec<String> {
        let mut causes = FailureGroups::default();
        for message in messages {
            causes.add(PLACE, "rejected", texts(message, message));
        }
        let groups = causes.by_size().into_iter();
        groups.map(|group| group.message.clone()).collect()
    }

    #[test]
    fn messages_that_differ_only_in_ids_have_one_cause() {
        for (messages, shown) in [
            (
                [
                    "there is no contact 404 in this account; check the id (HTTP 400: CONTACT=404 is not valid)",
                    "there is no contact 35100 in this account; check the id (HTTP 400: CONTACT=35100 is not valid)",
                ],
                "there is no contact … in this account; check the id (HTTP 400: CONTACT=… is not valid)",
            ),
            (
                [
                    "HTTP 400: no 12, 7 (1c4bbe72-cfbe-4a7d-8388-6de4be7a9a26 at 2022-06-21T10:37:52.040Z)",
                    "HTTP 400: no 3, 4, 5 (aaaabbbb-cfbe-4a7d-8388-6de4be7a9a20 at 2026-06-21T10:37:52Z)",
                ],
                "HTTP 400: no … (… at …)",
            ),
        ] {
            assert_eq!(grouped(&messages), [shown]);
            assert_eq!(messages.map(without_ids), [shown; 2]);
        }
    }

    #[test]
    fn only_numbers_that_differ_are_left_out() {
        let message = |digits, id| {
            format!("({digits} digits) is larger than 9007199254740991, but has {id}, 7 of 20")
        };
        let all = [(17, 5), (17, 6), (18, 5), (17, 5)];
        let all = all.map(|(digits, id)| message(digits, id));
        for (rows, shown) in [
            (
                1,
                "(17 digits) is larger than 9007199254740991, but has 5, 7 of 20",
            ),
            (
                2,
                "(17 digits) is larger than 9007199254740991, but has … of 20",
            ),
            (
                4,
                "(… digits) is larger than 9007199254740991, but has … of 20",
            ),
        ] {
            let messages: Vec<_> = all[..rows].iter().map(String::as_str).collect();
            assert_eq!(grouped(&messages), [shown]);
        }
    }

    #[test]
    fn a_message_is_shown_as_it_is_while_all_rows_have_it() {
        let mut causes = FailureGroups::default();
        for (cell, shown) in [
            ("'n/a' is no id", "'n/a' is no id"),
            ("'n/a' is no id", "'n/a' is no id"),
            ("'none' is no id", "the cell is no id"),
            ("'n/a' is no id", "the cell is no id"),
        ] {
            causes.add(PLACE, "invalid_id", texts(cell, "the cell is no id"));
            assert_eq!(causes.by_size()[0].message, shown);
        }
        assert_eq!(causes.by_size().len(), 1);
    }

    #[test]
    fn labels_types_definitions_statuses_and_words_with_digits_are_kept() {
        for message in [
            "there is no label 'Decison maker' between contacts and 2-123456",
            "definition 279 is unknown: HUBSPOT_DEFINED=279 is not valid, HTTP 400",
            "there is no p123_cars on port h2o, over HTTP2",
            "",
        ] {
            assert_eq!(without_ids(message), message);
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
            causes.add(place, code, texts(&message, &message));
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
        for n in 0..MOST_CAUSES + 5 {
            let message = format!("no label 'x{n}'");
            causes.add(PLACE, "unknown_label", texts(&message, &message));
        }
        assert_eq!(causes.by_size().len(), MOST_CAUSES);
        assert_eq!(causes.rows(), MOST_CAUSES as u64 + 5);
    }
}
