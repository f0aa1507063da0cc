//! The pipeline: rows in, parcels delivered side by side, reports recorded.
//!
//! The only concurrency of the program. Knows nothing of HubSpot, CSV or
//! terminals.

mod packing;

use std::{future, pin::pin, time::Duration, vec};

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
    delivery::{Delivered, Delivery, Parcel, Slot},
    row::{Row, RowReport},
    stop::{Stop, StopReason},
};
use packing::Packing;

/// Rows that may wait for another try, or for another row of their record,
/// beside those in flight; at least as many as those. It bounds by how much a
/// row may overtake others, and the memory that waiting rows take.
const WAITING_ROOM: usize = 1024;

/// As many reports at most go into one write, but for those of one call.
const REPORTS_PER_WRITE: usize = 256;

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

/// Delivers every row and hands the reports to `record`, in order of
/// completion. Ends at the end of the rows or, after a stop, when what was in
/// flight has answered.
///
/// A `record` that fails ends the run; nothing more is recorded then.
pub async fn run<A: Api, E: ToString>(
    rows: impl Stream<Item = Vec<Row>>,
    delivery: &Delivery<A>,
    (stop, bounds): (&Stop, Bounds),
    record: impl FnMut(&[RowReport]) -> Result<(), E>,
) {
    let mut rows = pin!(rows);
    let mut stopped = pin!(stop.requested());
    let mut drained = pin!(drained_after_signal(stop));
    let mut under_way = FuturesUnordered::new();
    let mut work = Work::new(stop, bounds, record);
    loop {
        let now = Instant::now();
        work.take_arrived(now);
        while let Ready::Now = work.ready(now)
            && let Some(slot) = delivery.free_slot()
        {
            under_way.push(delivery.deliver(work.next_parcel(), Some(slot)));
            // Whoever waits for a slot has to be there to be woken.
            work.take_arrived(now);
        }
        delivery.more_follows(work.more_follows());
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
            Some(slot) = delivery.next_slot(), if matches!(ready, Ready::Now) => {
                under_way.push(delivery.deliver(work.next_parcel(), Some(slot)));
            }
            chunk = rows.next(), if work.wants_rows() => work.arrive(chunk),
            () = until(ready), if matches!(ready, Ready::At(_)) => {}
        }
    }
}

/// When there is a parcel to be sent.
#[derive(Clone, Copy)]
enum Ready {
    Now,
    At(Instant),
    /// Not before something else happens.
    Never,
}

async fn until(ready: Ready) {
    match ready {
        Ready::Now => {}
        Ready::At(at) => sleep_until(at).await,
        Ready::Never => future::pending().await,
    }
}

/// What is done between two waits.
struct Work<'a, R> {
    stop: &'a Stop,
    record: R,
    recording: bool,
    /// Nothing new is begun.
    stopping: bool,
    input_ended: bool,
    arrived: vec::IntoIter<Row>,
    packing: Packing,
    under_way: usize,
    /// Rows here and under way at most.
    room: usize,
    /// So many rows that may go are enough for all slots; what is handled soon
    /// is still in the processor's cache.
    looked_ahead: usize,
}

impl<'a, R> Work<'a, R> {
    fn new(stop: &'a Stop, bounds: Bounds, record: R) -> Self {
        let in_flight = bounds.concurrency * bounds.rows_per_call;
        Self {
            stop,
            record,
            recording: true,
            stopping: false,
            input_ended: false,
            arrived: Vec::new().into_iter(),
            packing: Packing::new(bounds.rows_per_call),
            under_way: 0,
            room: in_flight + WAITING_ROOM.max(in_flight),
            looked_ahead: in_flight,
        }
    }

    fn arrive(&mut self, chunk: Option<Vec<Row>>) {
        match chunk {
            Some(rows) => self.arrived = rows.into_iter(),
            None => self.input_ended = true,
        }
    }

    fn has_room(&self) -> bool {
        self.packing.len() + self.under_way < self.room
    }

    /// Whether rows may follow those that are here.
    fn has_more(&self) -> bool {
        (self.arrived.len() > 0 || !self.input_ended) && self.has_room()
    }

    /// Whether to look for more rows.
    fn wants_rows(&self) -> bool {
        !self.stopping && !self.input_ended && self.arrived.len() == 0 && self.has_room()
    }

    /// Whether rows may come that are not under way yet.
    fn more_follows(&self) -> bool {
        !self.stopping && (self.packing.free() > 0 || self.has_more())
    }

    fn ready(&self, now: Instant) -> Ready {
        if self.stopping {
            return Ready::Never;
        }
        match self.packing.ready_at(now, self.has_more()) {
            Some(at) if at <= now => Ready::Now,
            Some(at) => Ready::At(at),
            None => Ready::Never,
        }
    }

    fn next_parcel(&mut self) -> Parcel {
        let parcel = self.packing.parcel();
        self.under_way += parcel.len();
        parcel
    }
}

impl<E: ToString, R: FnMut(&[RowReport]) -> Result<(), E>> Work<'_, R> {
    /// Takes rows that have arrived, as many as can be used soon. Invalid ones
    /// pass straight through.
    fn take_arrived(&mut self, now: Instant) {
        let mut invalid = Vec::new();
        while self.packing.free() < self.looked_ahead
            && self.has_room()
            && let Some(row) = self.arrived.next()
        {
            match &row.link {
                Ok(link) => {
                    let link = *link;
                    self.packing.take(row, link, now);
                }
                Err(failure) => {
                    let failure = failure.clone();
                    invalid.push(RowReport::invalid(row, failure));
                }
            }
        }
        self.write(&invalid);
    }

    /// Records what is done, in one write; returns what is to go on, some with
    /// a slot. The other slots may take other rows only now.
    fn record(
        &mut self,
        first: Delivered,
        next: impl FnMut() -> Option<Delivered>,
    ) -> Vec<(Parcel, Option<Slot>)> {
        let mut reports = first.reports.into_vec();
        let (mut slots, mut rest) = (Vec::new(), first.rest);
        slots.extend(first.slot);
        let mut others = std::iter::from_fn(next);
        while reports.len() < REPORTS_PER_WRITE
            && let Some(other) = others.next()
        {
            reports.extend(other.reports);
            slots.extend(other.slot);
            rest.extend(other.rest);
        }
        self.under_way -= reports.len();
        self.write(&reports);
        for report in &reports {
            self.packing.recorded(report);
        }
        let mut slots = slots.into_iter();
        rest.into_iter()
            .map(|parcel| (parcel, slots.next()))
            .collect()
    }

    fn write(&mut self, reports: &[RowReport]) {
        if self.recording
            && !reports.is_empty()
            && let Err(error) = (self.record)(reports)
        {
            (self.recording, self.stopping) = (false, true);
            self.stop.request(StopReason::Output(error.to_string()));
        }
    }
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
