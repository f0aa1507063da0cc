//! Handles the results of batches: records reports, decides on rows with what exists for them, and
//! passes on what remains.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{
    capacity::MAX_ROWS_PER_LOOKUP,
    key_ordering::ArrivedRow,
    multi_link_rows::AfterLink,
    row_strategy::{NextStep, RowStrategy},
    state::PipelineState,
};
use crate::{
    api::Api,
    association::CanonicalLink,
    caller::Permit,
    delivery::{DeliveryResult, RowBatch, RowTask, RowWithExisting},
    row::{Row, RowReport},
    stop::StopReason,
};

/// At most this many rows, except those of one call, are recorded or decided on at once. If many
/// calls are answered at the same moment, their rows would be in memory twice.
const ROWS_AT_ONCE: usize = 256;

impl<A: Api, C: RowStrategy> PipelineState<'_, A, C> {
    /// Records what is done, in one write. Returns the batches that go on, some with a permit. Only
    /// now are the other permits free for other rows.
    pub(super) fn record(
        &mut self,
        first: DeliveryResult,
        next: impl FnMut() -> Option<DeliveryResult>,
    ) -> Vec<(RowBatch, Option<Permit>)> {
        let mut reports = first.reports.into_vec();
        self.rows_in_lookup -= first.finished_lookups;
        let (mut permits, mut remaining, mut with_existing) =
            (Vec::new(), first.remaining, first.with_existing);
        let mut to_reorder = first.to_reorder;
        permits.extend(first.permit);
        let mut others = std::iter::from_fn(next);
        while reports.len() + with_existing.len() + to_reorder.len() < ROWS_AT_ONCE
            && let Some(other) = others.next()
        {
            reports.extend(other.reports);
            self.rows_in_lookup -= other.finished_lookups;
            permits.extend(other.permit);
            remaining.extend(other.remaining);
            with_existing.extend(other.with_existing);
            to_reorder.extend(other.to_reorder);
        }
        let looked_up = with_existing.iter().map(|entry| entry.row.number);
        let ended = reports.iter().map(|report| report.row.number);
        for row in looked_up
            .chain(ended)
            .chain(to_reorder.iter().map(|row| row.number))
        {
            let order = self.row_order(row);
            self.ordering.held_writes.remove_lookup(order);
        }
        if !to_reorder.is_empty() {
            for row in &to_reorder {
                self.strategy.restart_row(row.number);
            }
            self.reorder(to_reorder);
        }
        if !with_existing.is_empty() {
            self.decide(with_existing, &mut reports);
        }
        self.release_held();
        if !self.ordering.multi_link_rows.is_empty() {
            let ended = self.finish_links(&mut reports);
            self.finish(&ended);
        }
        self.finish(&reports);
        for report in &reports {
            self.release_dependents(report);
        }
        // If a row is deferred, writes may have waited for it in vain.
        self.release_held();
        let mut permits = permits.into_iter();
        remaining
            .into_iter()
            .map(|batch| (batch, permits.next()))
            .collect()
    }

    /// Takes out the reports of single links of rows with several links. Returns the reports of the
    /// rows that have ended. The next links of the other rows follow.
    fn finish_links(&mut self, reports: &mut Vec<RowReport>) -> Vec<RowReport> {
        let mut ended = Vec::new();
        let is_one_of_several =
            |report: &mut RowReport| self.ordering.multi_link_rows.contains(report.row.number);
        let links: Vec<_> = reports.extract_if(.., is_one_of_several).collect();
        for report in links {
            self.release_dependents(&report);
            match self.ordering.multi_link_rows.finish_link(report) {
                AfterLink::RowFinished(report) => ended.push(report),
                AfterLink::NextLink(row, link) => self.admit(row, &link, Instant::now()),
            }
        }
        ended
    }

    /// Rows that waited for this one go, or are deferred.
    fn release_dependents(&mut self, report: &RowReport) {
        let failed = !self.strategy.releases_dependents(report.outcome.as_ref());
        for next in self.ordering.key_ordering.row_recorded(report, failed) {
            self.enqueue(next);
        }
    }

    /// Rows whose records turned out to have other ids are ordered again by their current ids: otherwise
    /// two rows that name one record by two ids would each see only a part of what exists. Rows that wait behind them
    /// move with them. Later rows whose writes are held are looked up again.
    fn reorder(&mut self, rows: Vec<Row>) {
        let now = Instant::now();
        let rows = rows.into_iter();
        let mut rows: VecDeque<_> = rows.filter_map(|row| arrived(row, now)).collect();
        let mut moved = Vec::new();
        while let Some((mut row, before, arrived)) = rows.pop_front() {
            let today = self.use_current_ids(&mut row, &before.in_row_direction());
            if self.ordering.key_ordering.keeps_keys(&before, &today) {
                self.enqueue((row, today, arrived));
            } else {
                rows.extend(self.ordering.key_ordering.release(&before));
                moved.push((row, today, arrived));
            }
        }
        moved.sort_by_key(|(row, ..)| self.strategy.row_order(row.number));
        for arrived in moved {
            let order = |row| self.strategy.row_order(row);
            let (row, link, _) = &arrived;
            let admission = self
                .ordering
                .key_ordering
                .admit_late(row.number, link, order);
            self.enqueue_or_wait(arrived, admission);
        }
        let must_let_earlier_row_pass = |row: &Row| {
            let order = |row| self.strategy.row_order(row);
            self.ordering
                .key_ordering
                .must_let_earlier_row_pass(row, order)
        };
        let early = self
            .ordering
            .held_writes
            .take_matching(must_let_earlier_row_pass);
        self.requeue_behind_earlier(early, now);
    }

    /// While rows were looked up, earlier rows may have turned out to be about the same record.
    /// These go first. Returns the other rows.
    fn hold_back_early(
        &mut self,
        mut with_existing: Vec<RowWithExisting>,
        now: Instant,
    ) -> Vec<RowWithExisting> {
        if !self.ordering.key_ordering.is_reordered() {
            return with_existing;
        }
        let order = |row| self.strategy.row_order(row);
        let must_let_earlier_row_pass = |entry: &mut RowWithExisting| {
            self.ordering
                .key_ordering
                .must_let_earlier_row_pass(&entry.row, order)
        };
        let early = with_existing.extract_if(.., must_let_earlier_row_pass);
        let early = early.map(|entry| entry.row).collect();
        self.requeue_behind_earlier(early, now);
        with_existing
    }

    /// Rows that come too early wait behind the earlier ones.
    fn requeue_behind_earlier(&mut self, early: Vec<Row>, now: Instant) {
        for row in early {
            let Some(late) = arrived(row, now) else {
                continue;
            };
            let order = |row| self.strategy.row_order(row);
            for next in self.ordering.key_ordering.wait_behind_earlier(late, order) {
                self.enqueue(next);
            }
        }
    }

    /// Decides what follows for rows with what exists for them.
    fn decide(&mut self, with_existing: Vec<RowWithExisting>, reports: &mut Vec<RowReport>) {
        let (rows, now) = (with_existing.len(), Instant::now());
        if !self.phase.is_recording {
            return;
        }
        let with_existing = self.hold_back_early(with_existing, now);
        match self.strategy.decide(with_existing) {
            Ok(next) => {
                let mut written = 0;
                for next in next {
                    match next {
                        NextStep::Ended(report) => reports.push(report),
                        NextStep::Write(task, row, request) => {
                            written += 1;
                            self.enqueue_for(task, row, request, now);
                        }
                        NextStep::Identify(row, link) => {
                            self.enqueue_for(RowTask::Identify, row, link.into(), now);
                        }
                    }
                }
                self.sizes.rows_per_lookup = if written * 10 > rows {
                    self.sizes.min_rows_per_lookup
                } else {
                    MAX_ROWS_PER_LOOKUP
                };
            }
            Err(error) => self.give_up(error),
        }
    }

    /// Records rows that have ended, and frees their space.
    fn finish(&mut self, reports: &[RowReport]) {
        self.record_reports(reports);
        for report in reports {
            self.incoming.capacity.release(&report.row);
        }
    }

    pub(super) fn record_reports(&mut self, reports: &[RowReport]) {
        if self.phase.is_recording
            && !reports.is_empty()
            && let Err(error) = self.strategy.record(reports)
        {
            self.give_up(error);
        }
    }

    fn give_up(&mut self, error: String) {
        (self.phase.is_recording, self.phase.is_stopping) = (false, true);
        self.stop.request(StopReason::Output(error.into()));
    }
}

/// A row that is ordered again, with the ids that it has.
fn arrived(row: Row, now: Instant) -> Option<ArrivedRow> {
    let link = CanonicalLink::new(row.association()?);
    Some((row, link, now))
}
