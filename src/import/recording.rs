//! What came of parcels: reports are recorded, rows that were looked at are
//! decided on, and what is left goes on.

use tokio::time::Instant;

use super::{
    Command, Next,
    work::{MOST_LOOKED_AT, Work},
};
use crate::{
    api::Api,
    delivery::{Delivered, Looked, Parcel, Slot},
    row::RowReport,
    stop::StopReason,
};

/// As many reports at most go into one write, but for those of one call.
const REPORTS_PER_WRITE: usize = 256;

impl<A: Api, C: Command> Work<'_, A, C> {
    /// Records what is done, in one write; returns what is to go on, some with
    /// a slot. The other slots may take other rows only now.
    pub(super) fn record(
        &mut self,
        first: Delivered,
        next: impl FnMut() -> Option<Delivered>,
    ) -> Vec<(Parcel, Option<Slot>)> {
        let mut reports = first.reports.into_vec();
        self.looked_at -= first.looked_at;
        let (mut slots, mut rest, mut looked) = (Vec::new(), first.rest, first.looked);
        slots.extend(first.slot);
        let mut others = std::iter::from_fn(next);
        while reports.len() < REPORTS_PER_WRITE
            && let Some(other) = others.next()
        {
            reports.extend(other.reports);
            self.looked_at -= other.looked_at;
            slots.extend(other.slot);
            rest.extend(other.rest);
            looked.extend(other.looked);
        }
        self.under_way -= reports.len();
        if !looked.is_empty() {
            self.decide(looked, &mut reports);
        }
        self.write(&reports);
        for report in &reports {
            let failed = !self.command.lets_others_follow(report.outcome.as_ref());
            for next in self.turns.recorded(report, failed) {
                self.enqueue(Some(next));
            }
        }
        let mut slots = slots.into_iter();
        rest.into_iter()
            .map(|parcel| (parcel, slots.next()))
            .collect()
    }

    /// What follows for rows that were looked at.
    fn decide(&mut self, looked: Vec<Looked>, reports: &mut Vec<RowReport>) {
        let (rows, now) = (looked.len(), Instant::now());
        self.under_way -= rows;
        if !self.recording {
            return;
        }
        match self.command.decide(looked) {
            Ok(next) => {
                let mut written = 0;
                for next in next {
                    match next {
                        Next::Ended(report) => reports.push(report),
                        Next::Write(task, row, order) => {
                            written += 1;
                            self.enqueue_for(task, row, order, now);
                        }
                    }
                }
                self.rows_per_look = if written * 10 > rows {
                    self.fewest_per_look
                } else {
                    MOST_LOOKED_AT
                };
            }
            Err(error) => self.give_up(error),
        }
    }

    pub(super) fn write(&mut self, reports: &[RowReport]) {
        if self.recording
            && !reports.is_empty()
            && let Err(error) = self.command.record(reports)
        {
            self.give_up(error);
        }
    }

    fn give_up(&mut self, error: String) {
        (self.recording, self.stopping) = (false, true);
        self.stop.request(StopReason::Output(error));
    }
}
