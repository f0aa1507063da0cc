//! The input: bytes into rows, exactly, or refused by name.
//!
//! ```text
//! bytes ─ gunzip ─ decode ─▶ frame (records) ─▶ split (cells) ─▶ link ─▶ Row
//!         source   sniff      scan, header       columns         id, meaning, wish
//! ```
//!
//! A row that is not certain is an invalid row and no error; an error ends the
//! reading. Knows nothing of results, HTTP or HubSpot.

mod cells;
mod columns;
mod count;
mod error;
mod frame;
mod gunzip;
mod header;
mod id;
mod link;
mod meaning;
mod names;
mod open;
mod options;
mod reader;
mod refusal;
mod rows;
mod scan;
mod shape;
mod sniff;
mod source;
mod split;
mod trial;
mod wish;
mod wishes;

#[cfg(test)]
mod tests;

pub use count::{Counter, RowCount, count_rows};
pub use error::{Fault, InputError, Refusal};
pub use open::{again, open};
pub use options::{
    Delimiter, Encoding, InputOptions, InputPath, LabelColumn, UnknownDelimiter, UnknownEncoding,
};
pub use reader::{Reader, ReaderEnd, chunks, spawn};
pub use rows::Input;
pub use shape::Shape;
pub use source::is_stream;
pub use wishes::wishes;
