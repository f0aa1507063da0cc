//! The event loop: sends what is ready, records what was answered, and takes rows while there is
//! space.
//!
//! Does all the waiting. `state` does what happens between two waits.

use std::{future, pin::pin, time::Duration};

use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{FuturesUnordered, Stream},
};
use tokio::{
    select,
    time::{Instant, sleep, sleep_until},
};

use super::{
    capacity::ConcurrencyLimits,
    resolve::{PassThrough, ResolveRows},
    row_feed::RowFeed,
    row_strategy::{NextStep, RowStrategy},
    state::{PipelineState, Readiness},
};
use crate::{
    api::Api,
    delivery::{Delivery, RowWithExisting},
    row::{Row, RowReport},
    stop::StopSwitch,
};

/// After a signal, responses that come within this time are still recorded.
const DRAIN_AFTER_SIGNAL: Duration = Duration::from_secs(8);

/// Creates links without reading what exists, and passes the reports on.
struct CreateOnly<R>(R);

impl<E: ToString, R: FnMut(&[RowReport]) -> Result<(), E>> RowStrategy for CreateOnly<R> {
    fn decide(&mut self, _looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        Ok(Vec::new())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        (self.0)(reports).map_err(|error| error.to_string())
    }
}

/// Creates the link of every row without reading what exists, and passes the reports to `record`;
/// see [`run_command`].
pub async fn run<A: Api, E: ToString>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    stop: &StopSwitch,
    bounds: ConcurrencyLimits,
    record: impl FnMut(&[RowReport]) -> Result<(), E>,
) {
    run_command(rows, delivery, stop, bounds, CreateOnly(record)).await;
}

/// Carries out a command for every row. Reports come in order of completion. Ends after the last
/// row, or after a stop, once everything in flight was answered.
pub async fn run_command<A: Api>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    stop: &StopSwitch,
    bounds: ConcurrencyLimits,
    strategy: impl RowStrategy,
) {
    run_resolving(rows, PassThrough, delivery, stop, bounds, strategy).await;
}

/// Like [`run_command`], for rows whose links have to be found out first.
pub async fn run_resolving<A: Api>(
    rows: impl Stream<Item = Vec<Row>>,
    resolver: impl ResolveRows,
    delivery: &Delivery<A>,
    stop: &StopSwitch,
    bounds: ConcurrencyLimits,
    strategy: impl RowStrategy,
) {
    let mut rows = RowFeed::new(|resolved| resolver.resolve(rows, resolved));
    let mut stopped = pin!(stop.requested());
    let mut drained = pin!(drained_after_signal(stop));
    let mut under_way = FuturesUnordered::new();
    let mut state = PipelineState::new(delivery, stop, bounds, strategy);
    loop {
        let now = Instant::now();
        if state.phase.is_stopping {
            rows.close();
        }
        state.admit_arrived(now);
        while let Readiness::Now = state.readiness(now)
            && let Some(permit) = delivery.permits().try_acquire()
        {
            under_way.push(delivery.deliver(state.next_batch(now), Some(permit)));
            // The batch that waits for a permit must be ready when it gets one.
            state.admit_arrived(now);
        }
        delivery.caller().set_more_to_come(state.more_to_come(now));
        let ready = state.readiness(now);
        let is_idle = under_way.is_empty() && matches!(ready, Readiness::Never);
        if is_idle && !state.wants_rows() && (!state.phase.is_stopping || rows.has_ended()) {
            return;
        }
        select! {
            biased;
            () = &mut stopped, if !state.phase.is_stopping => state.phase.is_stopping = true,
            () = &mut drained, if state.phase.is_stopping => return,
            Some(first) = under_way.next() => {
                let next = || under_way.next().now_or_never().flatten();
                for (batch, permit) in state.record(first, next) {
                    under_way.push(delivery.deliver(batch, permit));
                }
            }
            Some(permit) = delivery.permits().acquire(), if matches!(ready, Readiness::Now) => {
                under_way.push(delivery.deliver(state.next_batch(Instant::now()), Some(permit)));
            }
            chunk = rows.next(state.wants_rows()), if !state.phase.is_stopping || !rows.has_ended() => {
                if !state.phase.is_stopping {
                    state.receive(chunk);
                }
            }
            () = until(ready), if matches!(ready, Readiness::At(_)) => {}
        }
    }
}

async fn until(ready: Readiness) {
    match ready {
        Readiness::Now => {}
        Readiness::At(at) => sleep_until(at).await,
        Readiness::Never => future::pending().await,
    }
}

/// Returns when the time for late responses after a signal is over. If the run was already
/// stopping, the time starts with the signal.
async fn drained_after_signal(stop: &StopSwitch) {
    stop.signalled().await;
    sleep(DRAIN_AFTER_SIGNAL).await;
}
