//! The stage between reading and ordering: finds out which links a row has.
//!
//! One row in, zero or more links out, in any order. At present each row contains all that has to
//! be known. Knows nothing of how rows are ordered or sent.

use futures_util::{StreamExt as _, stream::Stream};

use crate::{
    association::Association,
    row::{Row, RowReport},
};

/// What rows resolve to.
#[derive(Debug)]
pub enum ResolvedRows {
    /// They go on unchanged: each is one link, or invalid.
    Rows(Vec<Row>),
    /// This row has several links: its own, and these. They are sent one after the other, and the
    /// row has one outcome: the gravest.
    Links(Row, Vec<Association>),
    /// It has no link, and has ended.
    Ended(Box<RowReport>),
}

/// Finds out which links rows have.
///
/// Each row that goes in comes out once, with its number and its cells: as a row, as a row with
/// several links, or as ended. Output is requested only while there is space for more rows, so an
/// implementation that holds no more than was requested stays in bounded memory. After a stop
/// nothing more is requested. What is still being resolved then is dropped, and these rows have no
/// outcome.
pub trait ResolveRows {
    /// Resolves these rows, each as soon as it is known.
    fn resolve(self, rows: impl Stream<Item = Vec<Row>>) -> impl Stream<Item = ResolvedRows>;
}

/// Rows already contain their links. They pass unchanged.
#[derive(Clone, Copy, Debug)]
pub struct PassThrough;

impl ResolveRows for PassThrough {
    fn resolve(self, rows: impl Stream<Item = Vec<Row>>) -> impl Stream<Item = ResolvedRows> {
        rows.map(ResolvedRows::Rows)
    }
}
