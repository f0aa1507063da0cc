//! The input: bytes into rows, exactly, or refused by name.
//!
//! ```text
//! bytes ─▶ Records ─▶ Record (cells) ─▶ columns ─▶ link ─▶ Row
//! source   a format    record           names      id, meaning, wish
//! ```
//!
//! Which file knows what:
//!
//! - `source` opens files; `options` and `error` are what is said beforehand and refused.
//! - `records` is the seam: an enum of the formats there are. `found` and `record` are what passes
//!   through it: a header, and one record's cells; and what the file turned out to be, for results
//!   that look alike.
//! - Delimited text is one format: `delimited` joins `text` (`sniff`, `gunzip`: bytes into UTF-8),
//!   `delimiter` (which finds the header by trying each: `trial`; `refusal` says why there is
//!   none), `frame` and `scan` (where a record ends) and `split` (its cells). Nobody else knows how
//!   records are framed, quoted or encoded; only that a cell may be no UTF-8 reaches `cells`.
//!   Another format is a file beside it, a variant of `records::InputRecords` and a line in
//!   `records::open`.
//! - `names` and `columns` say which column is which, `meaning` what says which links the rows mean,
//!   `id`, `link`, `wish` and `cells` what the cells of one record are. They know of names and text.
//! - `rows` joins both, `open` before the first row; `reader`, `count` and `label_references` go through all.
//!
//! A row that is not certain is an invalid row and no error; an error ends the
//! reading. Knows nothing of results, HTTP or HubSpot.

mod all_label_references;
mod buffer;
mod columns;
mod count;
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
mod label_references;
mod link;
mod meaning_source;
mod open;
mod options;
mod reader;
mod record;
mod records;
mod row_builder;
mod rows;
mod scan;
mod sniff;
mod source;
mod split;
mod text;

#[cfg(test)]
mod tests;

pub use all_label_references::label_references;
pub use count::{RowCount, RowCounter, count_rows};
pub use error::{
    ColumnFault, ColumnRemedy, FileKind, HeaderFault, InputError, InputRefusal, LabelRemedy,
    MeaningStatement, PathKind, ReadFault,
};
pub use format_types::InputShape;
pub use open::{open, reopen};
pub use options::{
    Delimiter, InputEncoding, InputOptions, InputPath, InputSetting, LabelColumn, UnknownDelimiter,
    UnknownEncoding,
};
pub use reader::{ReaderEnd, ReaderThread, row_chunks, spawn_reader};
pub use rows::InputReader;
pub use source::is_stream;
