//! A file of records: CSV with a header, or a JSON object on each line. Its content tells which.
//!
//! Knows nothing of requests. It reads one line after the other, so that only the records are kept.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use super::{
    super::{catalogue::Catalogue, error::SandboxError, merged_ids::MergedIds, object::ObjectType},
    file_line::{NOT_UTF_8, RecordLine, boolean, csv_problem, record_id, time},
    properties,
    table::{RecordTable, SEPARATOR, StoredRecord},
};
use crate::association::RecordId;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads the records of a file into a table for each object type that it lists, and its merges.
pub(super) fn read(
    path: &Path,
    catalogue: &Catalogue,
    merged: &mut MergedIds,
) -> Result<HashMap<ObjectType, RecordTable>, SandboxError> {
    let unreadable = |source| SandboxError::RecordsFile {
        path: path.to_owned(),
        source,
    };
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let begin = reader.fill_buf().map_err(unreadable)?;
    let is_marked = begin.starts_with(BYTE_ORDER_MARK);
    reader.consume(if is_marked { BYTE_ORDER_MARK.len() } else { 0 });
    let begin = reader.fill_buf().map_err(unreadable)?;
    let mut file = RecordsFile {
        path,
        catalogue,
        tables: HashMap::new(),
        merges: Vec::new(),
    };
    if begin.trim_ascii_start().starts_with(b"{") {
        file.read_json(reader)?;
    } else {
        file.read_csv(reader)?;
    }
    file.sort()?;
    file.add_merges(merged)?;
    Ok(file.tables)
}

/// What was read so far.
struct RecordsFile<'a> {
    path: &'a Path,
    catalogue: &'a Catalogue,
    tables: HashMap<ObjectType, RecordTable>,
    merges: Vec<ListedMerge>,
}

/// An old id of a record.
struct ListedMerge {
    object_type: ObjectType,
    old: RecordId,
    new: RecordId,
    line: u32,
}

impl RecordsFile<'_> {
    fn read_json(&mut self, reader: impl BufRead) -> Result<(), SandboxError> {
        for (text, line) in reader.lines().zip(1..) {
            let text = text.map_err(|error| self.unreadable(error, line))?;
            if text.trim().is_empty() {
                continue;
            }
            let record = RecordLine::of_json(&text);
            let added = record.and_then(|record| self.add(&record, line));
            added.map_err(|problem| self.invalid(line, problem))?;
        }
        Ok(())
    }

    fn read_csv(&mut self, reader: impl io::Read) -> Result<(), SandboxError> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(reader);
        let header = reader.headers().map_err(|error| self.broken(error))?;
        let header = header.clone();
        let columns = ["object_type", "id"].map(|name| header.iter().any(|cell| cell == name));
        if columns != [true; 2] {
            return Err(SandboxError::RecordsColumns(self.path.to_owned()));
        }
        let mut cells = csv::StringRecord::new();
        while reader
            .read_record(&mut cells)
            .map_err(|error| self.broken(error))?
        {
            let line = line_of(&cells);
            let record = RecordLine::of_cells(&header, &cells);
            let added = self.add(&record, line);
            added.map_err(|problem| self.invalid(line, problem))?;
        }
        Ok(())
    }

    fn add(&mut self, record: &RecordLine<'_>, line: u32) -> Result<(), String> {
        let object_type = self.catalogue.object_type(&record.object_type);
        let object_type = object_type.ok_or_else(|| no_object_type(&record.object_type))?;
        let id = record_id(&record.id)?;
        for old in record.merged_ids.split(';').map(str::trim) {
            if old.is_empty() {
                continue;
            }
            self.merges.push(ListedMerge {
                object_type,
                old: record_id(old)?,
                new: id,
                line,
            });
        }
        let properties = || {
            record
                .properties
                .iter()
                .map(|(name, value)| (&**name, &**value))
        };
        for (name, value) in properties() {
            check_property(object_type, name, value)?;
        }
        let archived = boolean(&record.archived)?;
        let stored = StoredRecord::new(id, line, time(&record.created)?, archived);
        let table = self.tables.entry(object_type).or_default();
        table.add(stored, properties());
        Ok(())
    }

    fn sort(&mut self) -> Result<(), SandboxError> {
        let mut sorted = self.tables.values_mut().map(RecordTable::sort);
        let repeated = sorted.find_map(Result::err);
        repeated.map_or(Ok(()), |[first, again]| {
            let problem = format!(
                "this id is already in line {first}; write each record once, and the old ids of a \
                 merged record into merged_ids"
            );
            Err(self.invalid(again, problem))
        })
    }

    fn add_merges(&self, merged: &mut MergedIds) -> Result<(), SandboxError> {
        for merge in &self.merges {
            let ListedMerge {
                object_type,
                old,
                new,
                line,
            } = merge;
            let table = self.tables.get(object_type);
            let problem = if table.is_some_and(|table| table.by_id(*old).is_some()) {
                format!("the old id {old} is a record of this file; remove one of the two")
            } else if merged.add(*object_type, *old, *new) {
                continue;
            } else {
                format!("the old id {old} already leads to a record; write each old id once")
            };
            return Err(self.invalid(*line, problem));
        }
        Ok(())
    }

    fn invalid(&self, line: u32, problem: String) -> SandboxError {
        SandboxError::RecordLine {
            path: self.path.to_owned(),
            line,
            problem,
        }
    }

    /// A line that cannot be read: the file's fault, or that of the text in the line.
    fn unreadable(&self, source: io::Error, line: u32) -> SandboxError {
        if source.kind() == io::ErrorKind::InvalidData {
            return self.invalid(line, NOT_UTF_8.to_owned());
        }
        SandboxError::RecordsFile {
            path: self.path.to_owned(),
            source,
        }
    }

    fn broken(&self, error: csv::Error) -> SandboxError {
        let line = error.position().map_or(1, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match csv_problem(error) {
            Ok(problem) => self.invalid(line, problem),
            Err(source) => self.unreadable(source, line),
        }
    }
}

fn line_of(cells: &csv::StringRecord) -> u32 {
    let line = cells.position().map_or(0, csv::Position::line);
    u32::try_from(line).unwrap_or(u32::MAX)
}

fn no_object_type(text: &str) -> String {
    format!(
        "'{text}' is no object type of the account; write contacts, 0-1, or a custom object that a \
         label of the account names"
    )
}

fn check_property(object_type: ObjectType, name: &str, value: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a property has no name; write the name into the first line".to_owned());
    }
    if properties::is_made(object_type, name) {
        return Err(format!(
            "the sandbox itself makes '{name}'; leave it out, and write the time of creation into \
             created, and old ids into merged_ids"
        ));
    }
    if value.contains(SEPARATOR) {
        return Err(format!("the value of '{name}' has a NUL byte; remove it"));
    }
    Ok(())
}
