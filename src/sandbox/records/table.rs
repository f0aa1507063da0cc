//! The listed records of one object type, in little memory, with an index of each property that is
//! searched.
//!
//! Knows nothing of files, requests and JSON, nor which properties have a meaning.

use std::{iter, sync::OnceLock};

use jiff::Timestamp;

use super::index::ValueIndex;
use crate::association::RecordId;

/// Between the values of a record, none of which contains it.
pub(super) const SEPARATOR: char = '\0';

/// One record.
#[derive(Debug)]
pub(super) struct StoredRecord {
    pub(super) id: RecordId,
    pub(super) created: Option<Timestamp>,
    pub(super) archived: bool,
    /// Its line in the file.
    pub(super) line: u32,
    /// The values in the order of the table's names. Those at the end may be left out.
    values: Box<str>,
}

/// The records of an object type.
#[derive(Debug, Default)]
pub(super) struct RecordTable {
    names: Vec<String>,
    /// In the order of their ids once the table is sorted.
    records: Vec<StoredRecord>,
    /// One for each name, made when it is needed.
    indexes: Vec<OnceLock<ValueIndex>>,
}

impl StoredRecord {
    /// A record without properties.
    pub(super) fn new(id: RecordId, line: u32, created: Option<Timestamp>, archived: bool) -> Self {
        Self {
            id,
            created,
            archived,
            line,
            values: Box::default(),
        }
    }
}

impl RecordTable {
    /// Adds a record with its properties. A value that is empty is none.
    pub(super) fn add<'a>(
        &mut self,
        mut record: StoredRecord,
        properties: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let mut values = Vec::new();
        for (name, value) in properties.filter(|(_, value)| !value.is_empty()) {
            let position = self.position(name).unwrap_or_else(|| {
                self.names.push(name.to_owned());
                self.names.len() - 1
            });
            if values.len() <= position {
                values.resize(position + 1, "");
            }
            values[position] = value;
        }
        record.values = values.join(&*SEPARATOR.to_string()).into();
        self.records.push(record);
    }

    /// Sorts the table, which is then complete. Returns the lines of two records with one id.
    pub(super) fn sort(&mut self) -> Result<(), [u32; 2]> {
        self.records
            .sort_unstable_by_key(|record| (record.id, record.line));
        self.records.shrink_to_fit();
        self.indexes = self.names.iter().map(|_| OnceLock::new()).collect();
        let mut neighbours = self.records.windows(2);
        let repeated = neighbours.find_map(|pair| match pair {
            [one, other] if one.id == other.id => Some([one.line, other.line]),
            _ => None,
        });
        repeated.map_or(Ok(()), Err)
    }

    /// The names of the properties of which a record has a value.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &StoredRecord> {
        self.records.iter()
    }

    pub(super) fn by_id(&self, id: RecordId) -> Option<&StoredRecord> {
        let found = self.records.binary_search_by_key(&id, |record| record.id);
        found.ok().map(|at| &self.records[at])
    }

    /// The records that have this value, which is in lower case, in the order of their ids.
    pub(super) fn with_value(
        &self,
        name: &str,
        value: &str,
    ) -> impl Iterator<Item = &StoredRecord> {
        let index = self.index(name);
        let found = index.into_iter().flat_map(|index| index.candidates(value));
        let found = found.filter_map(|at| self.record(at));
        found.filter(move |record| self.parts(record, name).any(|part| part == value))
    }

    /// The lines of two records that are not archived and share a value of these properties.
    pub(super) fn repeated(&self, names: &[&str]) -> Option<[u32; 2]> {
        let parts = |record| names.iter().flat_map(move |name| self.parts(record, name));
        let live = self.positions().filter(|(_, record)| !record.archived);
        let all = live.flat_map(|(at, record)| parts(record).map(move |part| (part, at)));
        let shared = ValueIndex::new(all);
        let mut lines = shared.pairs().filter_map(|(one, other)| {
            let (one, other) = self.record(one).zip(self.record(other))?;
            let same = parts(one).any(|part| parts(other).any(|also| also == part));
            same.then(|| [one.line.min(other.line), one.line.max(other.line)])
        });
        lines.next()
    }

    /// The value of a property, if the record has one.
    pub(super) fn value<'a>(&self, record: &'a StoredRecord, name: &str) -> Option<&'a str> {
        let mut values = record.values.split(SEPARATOR);
        let value = values.nth(self.position(name)?);
        value.filter(|value| !value.is_empty())
    }

    /// The values to search for in a property: in lower case, and each of a list.
    pub(super) fn parts(
        &self,
        record: &StoredRecord,
        name: &str,
    ) -> impl Iterator<Item = String> + use<> {
        let value = self.value(record, name).unwrap_or_default();
        let separator = if is_list(name) { ';' } else { SEPARATOR };
        let parts = value
            .split(separator)
            .map(|part| part.trim().to_lowercase());
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        parts.into_iter()
    }

    fn index(&self, name: &str) -> Option<&ValueIndex> {
        let index = self.indexes.get(self.position(name)?)?;
        Some(index.get_or_init(|| {
            let parts = |(at, record)| self.parts(record, name).zip(iter::repeat(at));
            ValueIndex::new(self.positions().flat_map(parts))
        }))
    }

    /// Each record with its position. There are fewer than 2^32 lines in a file that fits.
    fn positions(&self) -> impl Iterator<Item = (u32, &StoredRecord)> {
        (0..).zip(&self.records)
    }

    fn record(&self, at: u32) -> Option<&StoredRecord> {
        self.records.get(usize::try_from(at).ok()?)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

/// Whether a property has several values with `;` between them.
fn is_list(name: &str) -> bool {
    name.starts_with("hs_additional_")
}
