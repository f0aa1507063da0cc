//! A configuration file as TOML: its keys and their values, with line numbers. Does not know
//! which options there are.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::file_error::FileSyntax;

/// The table of column names.
const COLUMNS: &str = "columns";

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileEntry {
    /// The key, with `-` for `_`.
    pub(super) key: String,
    /// Whether it is in the table of columns.
    pub(super) is_column: bool,
    pub(super) line: usize,
    pub(super) value: FileValue,
}

/// A value of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileValue {
    /// A text, or the digits of a whole number.
    Text(String),
    Switch(bool),
    Table,
    /// Of another kind that no option has, such as a date.
    OtherKind(&'static str),
}

/// The entries of a file, in the order of its lines.
pub(super) fn entries(text: &str) -> Result<Vec<FileEntry>, FileSyntax> {
    let document = DeTable::parse(text).map_err(|error| {
        let (line, column) = place(text, error.span());
        FileSyntax {
            line,
            column,
            problem: error.message().to_owned(),
        }
    })?;
    let mut entries = Vec::new();
    for (key, value) in document.get_ref() {
        let (name, at) = (key.get_ref(), key.span());
        let columns = value.get_ref().as_table().filter(|_| *name == COLUMNS);
        let Some(columns) = columns else {
            entries.push(entry(text, name, at, value.get_ref(), false));
            continue;
        };
        entries.extend(
            columns
                .iter()
                .map(|(key, value)| entry(text, key.get_ref(), key.span(), value.get_ref(), true)),
        );
    }
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn entry(
    text: &str,
    key: &str,
    at: Range<usize>,
    value: &DeValue<'_>,
    is_column: bool,
) -> FileEntry {
    FileEntry {
        key: key.replace('_', "-"),
        is_column,
        line: place(text, Some(at)).0,
        value: read_value(value),
    }
}

fn read_value(value: &DeValue<'_>) -> FileValue {
    match value {
        DeValue::String(text) => FileValue::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix());
            FileValue::Text(decimal.map_or_else(|_| number.to_string(), |it| it.to_string()))
        }
        DeValue::Boolean(on) => FileValue::Switch(*on),
        DeValue::Float(_) => FileValue::OtherKind("a number with a decimal point"),
        DeValue::Datetime(_) => FileValue::OtherKind("a date or a time"),
        DeValue::Array(_) => FileValue::OtherKind("a list"),
        DeValue::Table(_) => FileValue::Table,
    }
}

/// Line and column of a place, counted from 1.
fn place(text: &str, span: Option<Range<usize>>) -> (usize, usize) {
    let at = span.map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One entry, as `line key value`; columns with a dot.
    fn shown(entry: &FileEntry) -> String {
        let dot = if entry.is_column { "." } else { "" };
        let value = match &entry.value {
            FileValue::Text(text) => format!("'{text}'"),
            FileValue::Switch(on) => on.to_string(),
            FileValue::Table => "a table".to_owned(),
            FileValue::OtherKind(kind) => (*kind).to_owned(),
        };
        format!("{} {dot}{} {value}", entry.line, entry.key)
    }

    #[test]
    fn keys_have_their_lines_and_values_their_kinds() {
        for (text, expected) in [
            ("", &[][..]),
            ("# nothing\r\n\r\n", &[]),
            (
                "rate = \"19/s\"\r\nbatch = 1_000\nskip_existing = true\n",
                &["1 rate '19/s'", "2 batch '1000'", "3 skip-existing true"],
            ),
            ("\u{feff}api = '2026-09' # new", &["1 api '2026-09'"]),
            (
                "z = 0x10\n\n[columns]\nto = \"B\"\nfrom = \"A\"",
                &["1 z '16'", "4 .to 'B'", "5 .from 'A'"],
            ),
            ("columns.from = 'A'\na = -5", &["1 .from 'A'", "2 a '-5'"]),
            ("columns = 'A'", &["1 columns 'A'"]),
            (
                "a = 2.5\nb = 2026-09-01\nc = [1]\nd = { e = 1 }\n[f]\ng = 1",
                &[
                    "1 a a number with a decimal point",
                    "2 b a date or a time",
                    "3 c a list",
                    "4 d a table",
                    "5 f a table",
                ],
            ),
            ("a = \"\"\"\nx\ny\"\"\"\nb = 1", &["1 a 'x\ny'", "4 b '1'"]),
        ] {
            let entries: Vec<_> = entries(text).unwrap().iter().map(shown).collect();
            assert_eq!(entries, expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_toml_has_a_place() {
        for (text, place) in [
            ("rate = 19/s\n", (1, 8)),
            ("a = 1\nb = \"x\nc = 1\n", (2, 7)),
            ("a = 1\nÄ\"ö = 1", (2, 1)),
            ("a = 1\na = 2\n", (2, 1)),
            ("[columns\n", (1, 9)),
        ] {
            let fault = entries(text).unwrap_err();
            assert_eq!((fault.line, fault.column), place, "{text}: {fault:?}");
        }
    }
}
