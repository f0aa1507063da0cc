//! The stage between reading and ordering: finds out which links a row has.
//!
//! One row in, zero or more links out, in any order. Knows nothing of how rows are ordered or sent.

use std::pin::pin;

use futures_util::{StreamExt as _, stream::Stream};
use tokio::sync::mpsc;

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
    /// They have no link, and have ended.
    Ended(Vec<RowReport>),
}

/// Where resolved rows go. It takes them only while there is space.
pub type ResolvedSender = mpsc::Sender<ResolvedRows>;

/// Finds out which links rows have.
///
/// Each row that goes in comes out once, with its number and its cells: as a row, as a row with
/// several links, or as ended. The future is polled even while no row is accepted, so that its calls
/// go on. It holds a bounded number of rows. After a stop the sender is closed: it begins nothing new,
/// waits only for the calls that are under way, and ends. The rows that it holds have no outcome.
pub trait ResolveRows {
    /// Resolves these rows, each as soon as it is known.
    fn resolve(
        self,
        rows: impl Stream<Item = Vec<Row>>,
        resolved: ResolvedSender,
    ) -> impl Future<Output = ()>;
}

/// Rows already contain their links. They pass unchanged.
#[derive(Clone, Copy, Debug)]
pub struct PassThrough;

impl ResolveRows for PassThrough {
    async fn resolve(self, rows: impl Stream<Item = Vec<Row>>, resolved: ResolvedSender) {
        send_all(rows.map(ResolvedRows::Rows), &resolved).await;
    }
}

/// Without a resolver, rows pass unchanged.
impl<R: ResolveRows> ResolveRows for Option<R> {
    async fn resolve(self, rows: impl Stream<Item = Vec<Row>>, resolved: ResolvedSender) {
        match self {
            Some(finder) => finder.resolve(rows, resolved).await,
            None => PassThrough.resolve(rows, resolved).await,
        }
    }
}

/// Sends all of these rows, each when there is space for it, until nobody accepts more.
pub async fn send_all(rows: impl Stream<Item = ResolvedRows>, resolved: &ResolvedSender) {
    let rows = rows.take_until(resolved.closed());
    let mut rows = pin!(rows);
    while let Some(next) = rows.next().await {
        if resolved.send(next).await.is_err() {
            return;
        }
    }
}
