//! The pipeline: rows in, parcels delivered side by side, reports recorded.
//!
//! The only concurrency of the program. Knows nothing of HubSpot, CSV or
//! terminals.

mod held;
mod packing;
mod recording;
mod turns;
mod work;

use std::{future, pin::pin, time::Duration};

use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{FuturesUnordered, Stream},
};
use tokio::{
    select,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    api::Api,
    association::{Association, Order},
    delivery::{Delivery, Looked, Task},
    row::{Outcome, Row, RowReport},
    stop::Stop,
};
use work::{Ready, Work};

/// After a signal, what answers within this time is still recorded.
const DRAIN_AFTER_SIGNAL: Duration = Duration::from_secs(8);

/// How much goes on at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Rows in one call at most.
    pub rows_per_call: usize,
}

/// What a command does with rows: what first, what once it is known what stands,
/// and how that is recorded.
pub trait Command {
    /// Whether some rows are looked at first.
    fn looks(&self) -> bool {
        false
    }

    /// What is done first for a row that asks for this.
    fn first(&self, _link: &Association) -> Task {
        Task::Create
    }

    /// Whether rows that depend on one may follow it, once it ended like this.
    fn lets_others_follow(&self, outcome: Option<&Outcome>) -> bool {
        outcome.is_some()
    }

    /// Where a row stands among those that depend on each other: by the order of the
    /// file, unless a command has another.
    fn order(&self, row: u64) -> (bool, u64) {
        (false, row)
    }

    /// Another link that is asked for with that of a row.
    fn other(&self, _link: &Association) -> Option<Association> {
        None
    }

    /// What follows for rows that were looked at: one `Next` for each.
    ///
    /// # Errors
    /// If what has to be remembered could not be written down; the run ends.
    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String>;

    /// Records reports, in order of completion.
    ///
    /// # Errors
    /// If that is not possible; the run ends, and nothing more is recorded.
    fn record(&mut self, reports: &[RowReport]) -> Result<(), String>;
}

/// What follows for a row that was looked at.
#[derive(Debug)]
pub enum Next {
    /// It is written.
    Write(Task, Row, Order),
    /// It has ended.
    Ended(RowReport),
}

/// Makes links without a look, and hands the reports on.
struct Plain<R>(R);

impl<E: ToString, R: FnMut(&[RowReport]) -> Result<(), E>> Command for Plain<R> {
    fn decide(&mut self, _looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        Ok(Vec::new())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        (self.0)(reports).map_err(|error| error.to_string())
    }
}

/// Makes the link of every row, without a look at what stands, and hands the
/// reports to `record`; see [`run_command`].
pub async fn run<A: Api, E: ToString>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    bounds: (&Stop, Bounds),
    record: impl FnMut(&[RowReport]) -> Result<(), E>,
) {
    run_command(rows, delivery, bounds, Plain(record)).await;
}

/// Sees every row through what a command does with it, reports in order of
/// completion. Ends at the end of the rows or, after a stop, when what was in
/// flight has answered.
pub async fn run_command<A: Api>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    (stop, bounds): (&Stop, Bounds),
    command: impl Command,
) {
    let mut rows = pin!(rows);
    let mut stopped = pin!(stop.requested());
    let mut drained = pin!(drained_after_signal(stop));
    let mut under_way = FuturesUnordered::new();
    let mut work = Work::new(delivery, (stop, bounds), command);
    loop {
        let now = Instant::now();
        work.take_arrived(now);
        while let Ready::Now = work.ready(now)
            && let Some(slot) = delivery.slots().free()
        {
            under_way.push(delivery.deliver(work.next_parcel(now), Some(slot)));
            // Whoever waits for a slot has to be there to be woken.
            work.take_arrived(now);
        }
        delivery.caller().more_follows(work.more_follows(now));
        let ready = work.ready(now);
        if under_way.is_empty() && matches!(ready, Ready::Never) && !work.wants_rows() {
            return;
        }
        select! {
            biased;
            () = &mut stopped, if !work.stopping => work.stopping = true,
            () = &mut drained, if work.stopping => return,
            Some(first) = under_way.next() => {
                let next = || under_way.next().now_or_never().flatten();
                for (parcel, slot) in work.record(first, next) {
                    under_way.push(delivery.deliver(parcel, slot));
                }
            }
            Some(slot) = delivery.slots().next(), if matches!(ready, Ready::Now) => {
                under_way.push(delivery.deliver(work.next_parcel(Instant::now()), Some(slot)));
            }
            chunk = rows.next(), if work.wants_rows() => work.arrive(chunk),
            () = until(ready), if matches!(ready, Ready::At(_)) => {}
        }
    }
}

async fn until(ready: Ready) {
    match ready {
        Ready::Now => {}
        Ready::At(at) => sleep_until(at).await,
        Ready::Never => future::pending().await,
    }
}

/// Returns when a signal's time for late answers is over; else never. Where the run was
/// stopping already, the time begins with the signal.
async fn drained_after_signal(stop: &Stop) {
    stop.signalled().await;
    sleep(DRAIN_AFTER_SIGNAL).await;
}
