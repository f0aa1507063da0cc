//! What came of parcels: reports are recorded, rows that were looked at are
//! decided on, and what is left goes on.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{
    command::{Command, Next},
    links::Ended,
    room::MOST_LOOKED_AT,
    turns::Arrived,
    work::Work,
};
use crate::{
    api::Api,
    association::CanonicalLink,
    caller::Permit,
    delivery::{DeliveryResult, RowBatch, RowWithExisting},
    row::{Row, RowReport},
    stop::StopReason,
};

/// As many rows at most are recorded or decided on at once, but for those of one call:
/// where many calls are answered in one moment, their rows would be here twice.
const ROWS_AT_ONCE: usize = 256;

impl<A: Api, C: Command> Work<'_, A, C> {
    /// Records what is done, in one write; returns what is to go on, some with
    /// a slot. The other slots may take other rows only now.
    pub(super) fn record(
        &mut self,
        first: DeliveryResult,
        next: impl FnMut() -> Option<DeliveryResult>,
    ) -> Vec<(RowBatch, Option<Permit>)> {
        let mut reports = first.reports.into_vec();
        self.looked_at -= first.finished_lookups;
        let (mut slots, mut rest, mut looked) = (Vec::new(), first.remaining, first.with_existing);
        let mut identified = first.identified;
        slots.extend(first.permit);
        let mut others = std::iter::from_fn(next);
        while reports.len() + looked.len() + identified.len() < ROWS_AT_ONCE
            && let Some(other) = others.next()
        {
            reports.extend(other.reports);
            self.looked_at -= other.finished_lookups;
            slots.extend(other.permit);
            rest.extend(other.remaining);
            looked.extend(other.with_existing);
            identified.extend(other.identified);
        }
        let questions = looked.iter().map(|looked| looked.row.number);
        let ended = reports.iter().map(|report| report.row.number);
        for row in questions
            .chain(ended)
            .chain(identified.iter().map(|row| row.number))
        {
            let place = self.place(row);
            self.order.held.has_looked(place);
        }
        if !identified.is_empty() {
            self.put_in_order(identified);
        }
        if !looked.is_empty() {
            self.decide(looked, &mut reports);
        }
        self.let_go();
        if !self.order.links.is_empty() {
            let ended = self.end_links(&mut reports);
            self.end(&ended);
        }
        self.end(&reports);
        for report in &reports {
            self.let_others_follow(report);
        }
        // Where a row is left, writes may have waited for it in vain.
        self.let_go();
        let mut slots = slots.into_iter();
        rest.into_iter()
            .map(|parcel| (parcel, slots.next()))
            .collect()
    }

    /// Takes out reports of single links of rows that are several; returns those of the rows that
    /// have ended with them. Of the others the next link follows.
    fn end_links(&mut self, reports: &mut Vec<RowReport>) -> Vec<RowReport> {
        let mut ended = Vec::new();
        let is_one_of_several = |report: &mut RowReport| self.order.links.has(report.row.number);
        let links: Vec<_> = reports.extract_if(.., is_one_of_several).collect();
        for report in links {
            self.let_others_follow(&report);
            match self.order.links.end(report) {
                Ended::Row(report) => ended.push(report),
                Ended::Next(row, link) => self.admit(row, &link, Instant::now()),
            }
        }
        ended
    }

    /// Rows that waited for this one go, or are left.
    fn let_others_follow(&mut self, report: &RowReport) {
        let failed = !self.command.lets_others_follow(report.outcome.as_ref());
        for next in self.order.turns.recorded(report, failed) {
            self.enqueue(next);
        }
    }

    /// Rows whose records have other ids than was thought go back to the ordering,
    /// under those of today: two rows that name one record by two ids must not see
    /// half of each other. Those that wait behind them go with them, and let later ones
    /// whose write is held go back to a look.
    fn put_in_order(&mut self, rows: Vec<Row>) {
        let now = Instant::now();
        let rows = rows.into_iter();
        let mut rows: VecDeque<_> = rows.filter_map(|row| arrived(row, now)).collect();
        let mut moved = Vec::new();
        while let Some((mut row, before, arrived)) = rows.pop_front() {
            let today = self.resolve(&mut row, &before.as_written());
            if self.order.turns.keeps_its_turn(&before, &today) {
                self.enqueue((row, today, arrived));
            } else {
                rows.extend(self.order.turns.release(&before));
                moved.push((row, today, arrived));
            }
        }
        moved.sort_by_key(|(row, ..)| self.command.order(row.number));
        for arrived in moved {
            let order = |row| self.command.order(row);
            let (row, link, _) = &arrived;
            let admission = self.order.turns.admit_late(row.number, link, order);
            self.go_or_wait(arrived, admission);
        }
        let is_too_early = |row: &Row| {
            let order = |row| self.command.order(row);
            self.order.turns.is_too_early(row, order)
        };
        let early = self.order.held.take_back(is_too_early);
        self.let_earlier_go(early, now);
    }

    /// While rows were looked at, earlier ones may have turned out to be of the same
    /// record: those go first. Returns the others.
    fn without_too_early(
        &mut self,
        mut looked: Vec<RowWithExisting>,
        now: Instant,
    ) -> Vec<RowWithExisting> {
        if !self.order.turns.are_reordered() {
            return looked;
        }
        let order = |row| self.command.order(row);
        let is_too_early =
            |looked: &mut RowWithExisting| self.order.turns.is_too_early(&looked.row, order);
        let early = looked.extract_if(.., is_too_early);
        let early = early.map(|looked| looked.row).collect();
        self.let_earlier_go(early, now);
        looked
    }

    /// Rows that come too early wait behind those before them.
    fn let_earlier_go(&mut self, early: Vec<Row>, now: Instant) {
        for row in early {
            let Some(late) = arrived(row, now) else {
                continue;
            };
            let order = |row| self.command.order(row);
            for next in self.order.turns.wait_behind_earlier(late, order) {
                self.enqueue(next);
            }
        }
    }

    /// What follows for rows that were looked at.
    fn decide(&mut self, looked: Vec<RowWithExisting>, reports: &mut Vec<RowReport>) {
        let (rows, now) = (looked.len(), Instant::now());
        if !self.phase.recording {
            return;
        }
        let looked = self.without_too_early(looked, now);
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
                self.sizes.rows_per_read = if written * 10 > rows {
                    self.sizes.fewest_per_look
                } else {
                    MOST_LOOKED_AT
                };
            }
            Err(error) => self.give_up(error),
        }
    }

    /// Rows that were here have ended.
    fn end(&mut self, reports: &[RowReport]) {
        self.write(reports);
        for report in reports {
            self.incoming.room.give_back(&report.row);
        }
    }

    pub(super) fn write(&mut self, reports: &[RowReport]) {
        if self.phase.recording
            && !reports.is_empty()
            && let Err(error) = self.command.record(reports)
        {
            self.give_up(error);
        }
    }

    fn give_up(&mut self, error: String) {
        (self.phase.recording, self.phase.stopping) = (false, true);
        self.stop.request(StopReason::Output(error.into()));
    }
}

/// A row that goes back to the ordering, under the ids that it has.
fn arrived(row: Row, now: Instant) -> Option<Arrived> {
    let link = CanonicalLink::new(row.link.as_ref().ok()?);
    Some((row, link, now))
}
