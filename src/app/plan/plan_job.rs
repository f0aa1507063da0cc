//! What a plan does with its rows: it reads what exists, finds out whether the records of a new
//! link exist, and decides what an import would do.

use std::sync::Arc;

use super::{effort::WriteCalls, plan_records::PlanRecords};
use crate::{
    app::session::run::{RowJob, Session},
    association::{CanonicalLink, LinkRequest},
    code::Code,
    delivery::{RowTask, RowWithExisting, empty_if_left_out},
    failure::{Failure, LinkFault},
    messages,
    output::OutcomeCounts,
    pipeline::{NextStep, RowStrategy},
    plan::PlannedChanges,
    row::{Outcome, PlannedRow, Row, RowReport, Status},
};

/// The row job of a plan.
pub(super) struct PlanJob<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) records: &'a mut PlanRecords,
    pub(super) changes: PlannedChanges,
    pub(super) calls: &'a mut WriteCalls,
}

impl RowJob for PlanJob<'_> {
    const STATUSES: &'static [Status] = Status::OF_PLAN;

    fn counts(&self) -> Arc<OutcomeCounts> {
        Arc::clone(&self.records.shown)
    }
}

impl RowStrategy for PlanJob<'_> {
    fn reads_existing(&self) -> bool {
        true
    }

    fn orders_pairs(&self) -> bool {
        true
    }

    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        RowTask::ReadExisting
    }

    fn decide(&mut self, read_rows: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        let next = read_rows
            .into_iter()
            .map(|read_row| self.plan_row(read_row));
        Ok(next.collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        let recorded = self.records.record(reports);
        recorded.map_err(|error| messages::results(&error))
    }
}

impl PlanJob<'_> {
    fn plan_row(&mut self, read_row: RowWithExisting) -> NextStep {
        let RowWithExisting {
            row,
            link,
            existing,
        } = read_row;
        let found = empty_if_left_out(existing)
            .map_err(|failure| failure.wrap_detail(LinkFault::ExistingUnreadable));
        let planned = match found.and_then(|found| self.changes.judge(&link, found)) {
            Ok(planned) => planned,
            Err(failure) => return cannot(row, failure),
        };
        if !planned.action.writes() {
            return ended(row, planned);
        }
        let identities = self.session.delivery.identities();
        if let Some((object_type, id)) = identities.missing_record(&link) {
            let missing = LinkFault::NoRecord(object_type, id);
            return cannot(row, Failure::new(Code::RecordNotFound, missing));
        }
        // Also if another row has shown meanwhile that one of them was merged.
        if !identities.are_ids_current(&link) {
            return NextStep::Identify(row, link);
        }
        self.changes.add(row.number, &link);
        let request = LinkRequest {
            other_types: planned.before.types.clone(),
            ..LinkRequest::from(link)
        };
        let in_turn = self.changes.most_writes_in_turn();
        let api = self.session.delivery.caller().api();
        self.calls.add(request, in_turn, api);
        ended(row, planned)
    }
}

fn ended(row: Row, planned: PlannedRow) -> NextStep {
    let outcome = Outcome::Planned(planned.into());
    NextStep::Ended(RowReport::without_write(row, outcome))
}

fn cannot(row: Row, failure: Failure) -> NextStep {
    let outcome = Outcome::Failed(failure.into());
    NextStep::Ended(RowReport::without_write(row, outcome))
}
