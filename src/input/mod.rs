//! The input: turns bytes into rows exactly, or refuses the input with a reason.
//!
//! ```text
//! bytes ─▶ InputRecords ─▶ RecordCells ─▶ columns ─▶ link ─▶ Row
//! source   a format        record         names      id, definition_source, label_references
//! ```
//!
//! Which file knows what:
//!
//! - `source` opens files; `options` has the options, and `error` the reasons for a refusal.
//! - `records` is the interface between formats and columns: an enum of all formats. `format_types`
//!   and `record` are what passes through it: a header, the cells of one record, and what the file
//!   turned out to be, for results with the same shape.
//! - Delimited text is one format. `delimited` connects `text` (`sniff`, `gzip`: bytes into UTF-8),
//!   `delimiter` (finds the header by trying each `delimiter_candidate`; `header_refusal` explains
//!   why there is none), `frame` and `scan` (the end of a record) and `split` (its cells). No other
//!   file knows how records are framed, quoted or encoded; only `row_builder` knows that a cell may
//!   not be UTF-8. Another format needs a file next to `delimited`, a variant of
//!   `records::InputRecords` and a line in `records::open`.
//! - `header_names` and `columns` find the columns, and `definition_source` finds where the definition of
//!   a row comes from. `usual_names` and `usual_columns` find columns that have other names, if
//!   these can mean only one thing; `column_suggestions` says what others may mean. `id`, `link`, `label_references` and `row_builder` interpret the cells of one
//!   record. They know only names and texts.
//! - `row_splitter` makes one row of each id where a cell has several, and `id_list` finds them.
//! - `rows` connects both, and `open` does so before the first row. `reader`, `count` and
//!   `all_label_references` read all rows.
//!
//! An uncertain row is an invalid row and not an error; an error ends the reading. Knows nothing
//! about results, HTTP or HubSpot.

mod all_keys;
mod all_label_references;
mod altering_format;
mod buffer;
mod column_suggestions;
mod columns;
mod competing_ids;
mod count;
mod data_refusal;
mod data_row;
mod definition_source;
mod delimited;
mod delimiter;
mod delimiter_candidate;
mod error;
mod format_types;
mod frame;
mod gzip;
mod header_names;
mod header_refusal;
mod id;
mod id_list;
mod key_cell;
mod key_names;
mod label_references;
mod link;
mod link_columns;
mod open;
mod options;
mod reader;
mod record;
mod records;
mod row_builder;
mod row_splitter;
mod rows;
mod scan;
mod shared_strings;
mod sniff;
mod source;
mod split;
mod text;
mod usual_columns;
mod usual_names;
mod workbook;
mod workbook_fault;

#[cfg(test)]
mod tests;

pub use all_keys::key_properties;
pub use all_label_references::label_references;
pub use count::{RowCount, RowCounter, count_rows};
pub use error::{
    AbsentHeader, ColumnFault, ColumnRemedy, ColumnSuggestion, DataRow, DefinitionStatement,
    FileKind, HeaderFault, InputError, InputRefusal, LabelRemedy, PathKind, ReadFault,
    SuggestedColumn, SuggestedType,
};
pub use format_types::{InputFormat, InputShape, NamedColumn};
pub use id_list::{IdSeparator, UnfitSeparator};
pub use open::{open, reopen};
pub use options::{
    Delimiter, InputEncoding, InputLimit, InputOptions, InputPath, InputSetting, LabelColumn,
    UnknownDelimiter, UnknownEncoding,
};
pub use reader::{ReaderEnd, ReaderThread, row_chunks, spawn_reader};
pub use rows::InputReader;
pub use shared_strings::SharedStringsCache;
pub use source::is_stream;
pub use workbook_fault::{ArchiveKind, Damage, WorkbookFault};
