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
//!   Another format is a file beside it, a variant of `records::Records` and a line in
//!   `records::open`.
//! - `names` and `columns` say which column is which, `meaning` what says which links the rows mean,
//!   `id`, `link`, `wish` and `cells` what the cells of one record are. They know of names and text.
//! - `rows` joins both, `open` before the first row; `reader`, `count` and `wishes` go through all.
//!
//! A row that is not certain is an invalid row and no error; an error ends the
//! reading. Knows nothing of results, HTTP or HubSpot.

mod buffer;
mod cells;
mod columns;
mod count;
mod delimited;
mod delimiter;
mod error;
mod found;
mod frame;
mod gunzip;
mod id;
mod link;
mod meaning;
mod names;
mod open;
mod options;
mod reader;
mod record;
mod records;
mod refusal;
mod rows;
mod scan;
mod sniff;
mod source;
mod split;
mod text;
mod trial;
mod wish;
mod wishes;

#[cfg(test)]
mod tests;

pub use count::{Counter, RowCount, count_rows};
pub use error::{
    ColumnFault, Fault, HeaderFault, InputError, Kind, LabelCure, Refusal, Remedy, Stated, Thing,
};
pub use found::Shape;
pub use open::{again, open};
pub use options::{
    Delimiter, Encoding, InputOptions, InputPath, LabelColumn, Setting, UnknownDelimiter,
    UnknownEncoding,
};
pub use reader::{Reader, ReaderEnd, chunks, spawn};
pub use rows::Input;
pub use source::is_stream;
pub use wishes::wishes;
