//! The pipeline: rows in, parcels delivered side by side, reports recorded.
//!
//! The only concurrency of the program. Knows nothing of HubSpot, CSV or
//! terminals.

use std::{future, pin::pin, time::Duration};

use futures_util::{
    StreamExt as _,
    stream::{self, Stream},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::sleep,
};

use crate::{
    api::Api,
    delivery::{Delivered, Delivery, Parcel, Slot},
    row::{Row, RowReport},
    stop::{Stop, StopReason},
};

/// Rows that may wait for another try beside those in flight. It bounds by
/// how much a row may overtake others, and the memory that waiting rows take.
const WAITING_ROOM: usize = 1024;

/// As many reports at most go into one write.
const REPORTS_PER_WRITE: usize = 256;

/// After a signal, what answers within this time is still recorded.
const DRAIN_AFTER_SIGNAL: Duration = Duration::from_secs(8);

/// Delivers every row and hands the reports to `record`, in order of
/// completion. Ends at the end of the rows or, after a stop, when what was in
/// flight has answered.
///
/// A `record` that fails ends the run; nothing more is recorded then.
pub async fn run<A: Api, E: ToString>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    (stop, concurrency): (&Stop, usize),
    mut record: impl FnMut(&[RowReport]) -> Result<(), E>,
) {
    let room = Semaphore::new(concurrency + WAITING_ROOM);
    let deliveries = parcels(rows, delivery, &room)
        .take_until(stop.requested())
        .map(async |(parcel, slot, place)| {
            let delivered = delivery.deliver(parcel, slot).await;
            drop(place);
            delivered
        })
        // The room is the bound: a stream that is not polled while it waits
        // for a slot could be handed one and keep it from those inside.
        .buffer_unordered(usize::MAX)
        .ready_chunks(REPORTS_PER_WRITE)
        .take_until(drained_after_signal(stop));
    let mut deliveries = pin!(deliveries);
    let mut recording = true;
    while let Some(chunk) = deliveries.next().await {
        let (reports, slots) = unpack(chunk);
        if recording && let Err(error) = record(&reports) {
            recording = false;
            stop.request(StopReason::Output(error.to_string()));
        }
        // Only now may these slots take other rows.
        drop(slots);
    }
}

/// Parcels, each with its place in the room and, unless nothing of it is to be
/// sent, its slot.
fn parcels<'a, A: Api>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &'a Delivery<A>,
    room: &'a Semaphore,
) -> impl Stream<Item = (Parcel, Option<Slot>, Option<SemaphorePermit<'a>>)> {
    let end = stream::once(async {
        delivery.no_more_rows();
        Vec::new()
    });
    rows.chain(end)
        .flat_map(stream::iter)
        .map(Parcel::single)
        .then(async |parcel| {
            // The room is never closed; `None` would only mean: no bound.
            let place = room.acquire().await.ok();
            let slot = if parcel.is_invalid() {
                None
            } else {
                delivery.slot().await
            };
            (parcel, slot, place)
        })
}

fn unpack(chunk: Vec<Delivered>) -> (Vec<RowReport>, Vec<Slot>) {
    let mut reports = Vec::with_capacity(chunk.len());
    let mut slots = Vec::with_capacity(chunk.len());
    for delivered in chunk {
        reports.extend(delivered.reports);
        slots.extend(delivered.slot);
    }
    (reports, slots)
}

/// Returns when a signal's time for late answers is over; else never.
async fn drained_after_signal(stop: &Stop) {
    stop.requested().await;
    if matches!(stop.reason(), Some(StopReason::Signal(_))) {
        sleep(DRAIN_AFTER_SIGNAL).await;
    } else {
        future::pending::<()>().await;
    }
}
