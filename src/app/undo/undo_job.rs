//! A running undo: which rows go when, and what is done with each.

use std::{borrow::Cow, sync::Arc};

use roaring::RoaringTreemap;

use super::{
    plan::UndoPlan,
    removal::{self, Restoration},
};
use crate::{
    api::Api as _,
    app::{
        error::AppError,
        past::past_run::{PastRun, first_broken, read_once},
        session::{
            closing::FinishedRows,
            run::{RowJob, Session},
            run_records::{RunRecords, stop_on_too_many_errors},
        },
    },
    association::{Association, CanonicalLink},
    delivery::{RowTask, RowWithExisting},
    error_threshold::ErrorThreshold,
    failure::LinkFault,
    input::InputReader,
    journal::{Journal, JournalError},
    messages,
    output::{OutcomeCounts, TotalRows},
    pipeline::{NextStep, RowStrategy},
    row::{Outcome, RowReport, Status},
};

/// This many kept rows are recorded at once.
const RECORD_CHUNK: usize = 1024;

/// The row job of an undo.
pub(super) struct UndoJob<'a> {
    pub(super) run: &'a PastRun,
    pub(super) plan: &'a UndoPlan,
    pub(super) session: &'a Session<'a>,
    pub(super) records: RunRecords,
    pub(super) threshold: ErrorThreshold,
    /// Rows that an earlier undo has done.
    pub(super) done: &'a RoaringTreemap,
    /// Whether this session has made sure that the run's log says that an undo has begun.
    pub(super) is_marked_undone: bool,
    pub(super) uncertain: UncertainRows,
}

/// What remains when the undo ends.
pub(super) struct UndoResult {
    pub(super) finished: FinishedRows,
    pub(super) journal: Journal,
    pub(super) uncertain: UncertainRows,
}

/// Counts of rows whose outcome is not certain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UncertainRows {
    /// Rows that were kept although nobody knows whether their link exists.
    pub(super) link_unknown: u64,
    /// Rows that were removed, but the answer does not prove that it was their link.
    pub(super) unproven: u64,
}

impl UndoJob<'_> {
    /// Runs the undo. Rows whose pair had other types go first, so that what the run made
    /// of the pair is gone when the others are read.
    pub(super) fn run(mut self) -> Result<UndoResult, AppError> {
        let mut sources = Vec::new();
        for rows in [
            &self.plan.single_type_removals,
            &self.plan.whole_pair_removals,
        ] {
            sources.extend(self.run.sources(&(rows - self.done))?);
        }
        let (rows, readers) = read_once(sources);
        let total = TotalRows::Exact(self.plan.row_count());
        self.session.run(rows, total, &mut self)?;
        self.records.sync(self.session.stop());
        let RunRecords { journal, recorder } = self.records;
        let finished = FinishedRows {
            tally: recorder.finish(),
            broken_input: first_broken(readers),
        };
        Ok(UndoResult {
            finished,
            journal,
            uncertain: self.uncertain,
        })
    }

    /// The link that is restored when this one is removed.
    fn former_link(&self, link: &CanonicalLink) -> Option<Restoration<'_>> {
        let identities = self.session.delivery.identities();
        let former = self
            .plan
            .former_link(link, &identities.former_from_ids(link))?;
        let restored = Association {
            to: former.company,
            ..link.to_association()
        };
        Some(Restoration {
            former,
            link: CanonicalLink::new(&identities.resolve(&restored)),
        })
    }

    /// An answer that names no record does not tell whose link was removed. If the current id
    /// of a record could not be found out, the row says so.
    fn mark_unproven<'b>(&self, reports: &'b [RowReport]) -> Cow<'b, [RowReport]> {
        let mut reports = Cow::Borrowed(reports);
        if self.session.delivery.caller().api().names_records() {
            return reports;
        }
        for index in 0..reports.len() {
            let link = reports[index].row.association();
            let Some(reason) =
                link.and_then(|link| self.session.delivery.identities().unknown_reason(link))
            else {
                continue;
            };
            if let Some(Outcome::Removed { unproven, .. }) = &mut reports.to_mut()[index].outcome {
                *unproven = Some(Box::new(reason.wrap_detail(LinkFault::Unproven)));
            }
        }
        reports
    }

    /// Marks the run as undone before the first removal, because it must not be resumed after
    /// it.
    fn mark_undone(&mut self) -> Result<(), JournalError> {
        if !self.is_marked_undone {
            self.run.locked.mark_undone(&self.run.recorded)?;
            self.is_marked_undone = true;
        }
        Ok(())
    }

    /// Marks it earlier if links are removed without reading them first. Only if there is
    /// something to remove, and the token belongs to the run's account.
    async fn mark_undone_ahead(&mut self) -> Result<(), JournalError> {
        let has_removals = !self.plan.removed_rows().is_subset(self.done);
        let is_running = || !self.session.stop().is_requested();
        let caller = self.session.delivery.caller();
        if has_removals && is_running() && caller.learn_account().await.is_some() && is_running() {
            self.mark_undone()?;
        }
        Ok(())
    }

    /// Records the rows that are kept.
    fn record_kept(&mut self) -> Result<(), AppError> {
        let left = &(&self.plan.existed_before | &self.plan.unchecked) - self.done;
        let (mut row, mut reports) = (InputReader::empty_row(), Vec::new());
        for (mut input, mut picker) in self.run.sources(&left)? {
            while input.next_row(&mut row)? {
                if picker.picks(&row)
                    && let Some(why) = self.plan.keep_reason(row.number)
                {
                    reports.push(RowReport::without_write(
                        row.clone(),
                        Outcome::Kept(why.into()),
                    ));
                }
                if reports.len() == RECORD_CHUNK {
                    self.records.recorder.record(&reports)?;
                    reports.clear();
                }
            }
        }
        self.records.recorder.record(&reports)?;
        Ok(())
    }
}

fn is_unproven(report: &RowReport) -> bool {
    let outcome = report.outcome.as_ref();
    matches!(
        outcome,
        Some(Outcome::Removed {
            unproven: Some(_),
            ..
        })
    )
}

fn is_link_unknown(report: &RowReport) -> bool {
    report
        .outcome
        .as_ref()
        .is_some_and(Outcome::is_link_unknown)
}

impl RowJob for &mut UndoJob<'_> {
    const STATUSES: &'static [Status] = Status::OF_UNDO;

    fn counts(&self) -> Arc<OutcomeCounts> {
        self.records.recorder.tally().counts()
    }

    async fn before_first_row(&mut self) -> Result<(), AppError> {
        self.record_kept()?;
        if !self.run.api_version.replaces_types() {
            self.mark_undone_ahead().await?;
        }
        Ok(())
    }
}

impl RowStrategy for &mut UndoJob<'_> {
    fn reads_existing(&self) -> bool {
        true
    }

    /// If an API has no other types beside a link, only links that displaced another one have
    /// to be read.
    fn first_task(&self, link: &CanonicalLink) -> RowTask {
        if self.run.api_version.replaces_types() || link.exclusive_record().is_some() {
            RowTask::ReadExisting
        } else {
            RowTask::Remove
        }
    }

    /// Rows whose pair had other types go first, then the others, each in the order of the file.
    fn row_order(&self, row: u64) -> (bool, u64) {
        (!self.plan.single_type_removals.contains(row), row)
    }

    /// What the run made of a pair must be gone before its other rows are decided.
    fn releases_dependents(&self, outcome: Option<&Outcome>) -> bool {
        outcome.is_some_and(|outcome| outcome.failure().is_none())
    }

    fn paired_link(&self, link: &CanonicalLink) -> Option<CanonicalLink> {
        self.former_link(link).map(|restoration| restoration.link)
    }

    fn decide(&mut self, read_rows: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        let decide = |read_row: RowWithExisting| {
            let restoration = self.former_link(&read_row.link);
            removal::decide(read_row, restoration, self.plan)
        };
        let next: Vec<_> = read_rows.into_iter().map(decide).collect();
        let begins_undo = |next: &NextStep| match next {
            NextStep::Write(..) => true,
            NextStep::Identify(..) => false,
            NextStep::Ended(report) => matches!(report.outcome, Some(Outcome::Removed { .. })),
        };
        if next.iter().any(begins_undo) {
            self.mark_undone()
                .map_err(|error| messages::journal(&error))?;
        }
        Ok(next)
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        let account = self.session.delivery.caller().account();
        let reports = &self.mark_unproven(reports);
        self.records.record(reports, account)?;
        let count =
            |matches: fn(&RowReport) -> bool| reports.iter().filter(|one| matches(one)).count();
        self.uncertain.link_unknown += count(is_link_unknown) as u64;
        self.uncertain.unproven += count(is_unproven) as u64;
        stop_on_too_many_errors(reports.iter(), &mut self.threshold, self.session.stop());
        Ok(())
    }
}
