//! What an import does with its rows: if it reads before it writes, it decides on each row, and
//! it records each row at its end.

use std::{cell::RefCell, sync::Arc};

use super::existing_policy::{Decisions, ExistingPolicy};
use crate::{
    app::session::{
        connect,
        run::{RowJob, Session},
        run_records::{RunRecords, stop_on_too_many_errors},
    },
    association::CanonicalLink,
    cli::ImportArgs,
    delivery::{RowBatch, RowTask, RowWithExisting},
    error_threshold::ErrorThreshold,
    messages,
    output::OutcomeCounts,
    pipeline::{NextStep, RowStrategy},
    row::{RowReport, Status},
};

/// The row job of an import.
pub(super) struct ImportJob<'a> {
    session: &'a Session<'a>,
    records: &'a RefCell<RunRecords>,
    threshold: ErrorThreshold,
    reads_before_write: bool,
    policy: ExistingPolicy<'a>,
    /// How many merged records are already in the run log.
    merges_written: usize,
}

impl<'a> ImportJob<'a> {
    pub(super) fn new(
        args: &ImportArgs,
        session: &'a Session<'a>,
        records: &'a RefCell<RunRecords>,
        policy: ExistingPolicy<'a>,
    ) -> Self {
        Self {
            session,
            records,
            threshold: connect::threshold(&args.stopping),
            reads_before_write: args.reads_before_write(),
            merges_written: session.delivery.identities().merges_after(0).len(),
            policy,
        }
    }
}

impl ImportJob<'_> {
    /// Writes records to the run log that were found to be merged since.
    fn write_merges(&mut self) -> Result<(), String> {
        let merges = self
            .session
            .delivery
            .identities()
            .merges_after(self.merges_written);
        self.merges_written += merges.len();
        let written = self.records.borrow().journal.write_merges(&merges);
        written.map_err(|error| messages::journal(&error))
    }
}

impl RowJob for ImportJob<'_> {
    const STATUSES: &'static [Status] = Status::OF_IMPORT;

    fn counts(&self) -> Arc<OutcomeCounts> {
        self.records.borrow().recorder.tally().counts()
    }
}

impl RowStrategy for ImportJob<'_> {
    fn reads_existing(&self) -> bool {
        self.reads_before_write
    }

    fn orders_pairs(&self) -> bool {
        self.policy.skips_existing
    }

    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        if self.reads_before_write {
            RowTask::ReadExisting
        } else {
            RowTask::Create
        }
    }

    fn decide(&mut self, read_rows: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        self.write_merges()?;
        let Decisions {
            snapshots,
            id_hash,
            next,
        } = self.policy.decide(read_rows);
        let written = self
            .records
            .borrow_mut()
            .journal
            .write_snapshots(&snapshots, id_hash);
        written
            .map(|()| next)
            .map_err(|error| messages::journal(&error))
    }

    fn begin_writes(&mut self, rows: &RowBatch) {
        let mut records = self.records.borrow_mut();
        records.journal.begin_writes(rows.row_numbers());
    }

    fn restart_row(&mut self, row: u64) {
        self.records.borrow_mut().journal.restart_row(row);
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.write_merges()?;
        let account = self.session.delivery.caller().account();
        self.records.borrow_mut().record(reports, account)?;
        let Some(planned) = self.policy.planned else {
            stop_on_too_many_errors(reports, &mut self.threshold, self.session.stop());
            return Ok(());
        };
        for report in reports {
            planned.forget(report.row.number);
        }
        // Rows that could not be imported when they were planned are no news.
        let sent = reports.iter().filter(|report| report.attempts > 0);
        stop_on_too_many_errors(sent, &mut self.threshold, self.session.stop());
        Ok(())
    }
}
