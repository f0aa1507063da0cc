//! The stage between reading and ordering: what a row links may have to be found out first.
//!
//! One row in, none to many links out, in any order. Today all that is to be known stands in the
//! row. Knows nothing of how rows are ordered or sent.

use futures_util::{StreamExt as _, stream::Stream};

use crate::{
    association::Association,
    row::{Row, RowReport},
};

/// What came of rows.
#[derive(Debug)]
pub enum ResolvedRows {
    /// They go on as they are: each is one link, or invalid.
    Rows(Vec<Row>),
    /// This row is several links: its own, and then these. They are sent one after the other,
    /// and the row has one outcome: the gravest of theirs.
    Links(Row, Vec<Association>),
    /// It is none, and has ended.
    Ended(Box<RowReport>),
}

/// Finds out what rows link.
///
/// Each row that goes in comes out once, under its number and with its cells: as a row, as one
/// of several links, or as ended. What comes out is asked for only while there is room for more rows,
/// so that whoever holds no more than it is asked for stays in bounded memory. Nobody asks any more after a
/// stop; what is still being found out then is dropped, and belongs to rows without an outcome.
pub trait ResolveRows {
    /// What comes of these rows, as soon as it is known.
    fn resolve(self, rows: impl Stream<Item = Vec<Row>>) -> impl Stream<Item = ResolvedRows>;
}

/// Rows are what their cells say; they pass as they were read.
#[derive(Clone, Copy, Debug)]
pub struct PassThrough;

impl ResolveRows for PassThrough {
    fn resolve(self, rows: impl Stream<Item = Vec<Row>>) -> impl Stream<Item = ResolvedRows> {
        rows.map(ResolvedRows::Rows)
    }
}
