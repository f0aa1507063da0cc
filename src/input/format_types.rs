//! What a format returns: the shape of the file, the header, and the records.
//!
//! Plain data between a format and the code that reads its records.

use crate::association::KeyProperty;

use super::{columns::InputColumns, error::ReadFault, options::Delimiter};
use crate::failure::Failure;

/// What is known after the header has been read.
pub(super) struct OpenedInput {
    pub(super) columns: InputColumns,
    /// The delimiter for results that look like the input.
    pub(super) delimiter: Delimiter,
    pub(super) bom: bool,
    pub(super) format: InputFormat,
}

/// What kind of file the rows are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// Delimited text.
    Delimited {
        /// The encoding's name, such as `UTF-8`.
        encoding: &'static str,
        /// Whether it is compressed.
        gzip: bool,
    },
    /// A workbook.
    Workbook {
        /// The name of the sheet that is read.
        sheet: String,
    },
}

impl InputFormat {
    /// Whether its lines are rows of a sheet.
    #[must_use]
    pub fn is_sheet(&self) -> bool {
        matches!(self, Self::Workbook { .. })
    }

    /// Whether the size of the file says nothing about its rows.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        match self {
            Self::Delimited { gzip, .. } => *gzip,
            Self::Workbook { .. } => true,
        }
    }
}

/// The next step without another read.
#[derive(Debug)]
pub(super) enum ReadStep<T> {
    /// A record that is not blank.
    Record(T),
    /// Another read is needed.
    NeedsRead,
    /// The input is at its end.
    End,
    /// Reading fails at this line.
    ReadFailed { line: u64, fault: ReadFault },
}

/// A record.
#[derive(Debug)]
pub(super) struct ReadRecord {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// The number of cells, or why they are uncertain.
    pub(super) cells: Result<usize, Box<Failure>>,
}

/// What is known about the file before its first row.
#[derive(Clone, Debug)]
pub struct InputShape {
    /// The columns of the input, without those that this program adds to results.
    pub header: csv::StringRecord,
    /// The columns that define the link of a row: from, to, and the definition.
    pub key_columns: Vec<usize>,
    /// The delimiter of results that look like the input.
    pub delimiter: Delimiter,
    /// Whether such results begin with a byte order mark.
    pub bom: bool,
    /// What kind of file it is.
    pub format: InputFormat,
    /// The size on disk, for a regular file.
    pub bytes_total: Option<u64>,
    /// Whether it is one of our own results files.
    pub from_results: bool,
    /// The columns of from and to, if they have keys or were found by their usual names.
    pub named_columns: Option<[NamedColumn; 2]>,
}

/// The column of one side, whose meaning is not clear from its name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedColumn {
    /// Its name in the header, ready to be shown.
    pub name: String,
    /// The object type of its records, if it is the same in all rows.
    pub object_type: Option<&'static str>,
    /// The property whose values it has, if these are not ids.
    pub property: Option<&'static str>,
}

impl InputShape {
    /// Whether rows name records by keys.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        let columns = self.named_columns.iter().flatten();
        columns.into_iter().any(|column| column.property.is_some())
    }

    /// The properties by which all rows name records, as far as their object types are the same in
    /// all rows. With each, the line 0.
    #[must_use]
    pub fn key_properties(&self) -> Vec<(KeyProperty, u64)> {
        let columns = self.named_columns.iter().flatten();
        let property = |column: &NamedColumn| {
            Some(KeyProperty {
                object_type: column.object_type?,
                name: column.property?,
            })
        };
        let known = columns.filter_map(property);
        known.map(|property| (property, 0)).collect()
    }
}
