//! The records of a plan: a line for each row in two files, counts, and log events.

use std::sync::Arc;

use super::{file_order::FileOrder, plan_files::PlanFilesInProgress};
use crate::{
    app::check_document::add_cause,
    association::{AssociationType, DefinitionTable},
    cause::FailureGroups,
    code::Code,
    input::InputShape,
    messages,
    output::{OutcomeCounts, PlanCells, PlanRows, ResultsError, RowLog, RowMessages},
    plan::{PlanCounts, PlanLine, PlannedLink},
    plan_action::PlanAction,
    row::{Outcome, RowReport},
};

/// The lines of a row, before they are written.
struct RowLines {
    rows: Vec<u8>,
    log: Vec<u8>,
}

/// The records of a plan.
pub(super) struct PlanRecords {
    files: PlanFilesInProgress,
    order: FileOrder<RowLines>,
    rows: PlanRows,
    table: &'static DefinitionTable,
    pub(super) counts: PlanCounts,
    /// What the progress display reads.
    pub(super) shown: Arc<OutcomeCounts>,
    causes: FailureGroups,
    log: RowLog,
    messages: RowMessages,
}

/// A plan whose rows are all recorded.
pub(super) struct RecordedPlan {
    pub(super) files: PlanFilesInProgress,
    pub(super) counts: PlanCounts,
    /// Why rows cannot be imported.
    pub(super) causes: FailureGroups,
}

impl PlanRecords {
    /// Writes the first line of the rows.
    pub(super) fn begin(
        mut files: PlanFilesInProgress,
        shape: &InputShape,
        table: &'static DefinitionTable,
        messages: RowMessages,
    ) -> Result<Self, ResultsError> {
        let mut rows = PlanRows::new(shape.delimiter.byte());
        files.write(&rows.header(&shape.header, shape.bom), &[])?;
        Ok(Self {
            files,
            order: FileOrder::default(),
            rows,
            table,
            counts: PlanCounts::default(),
            shown: Arc::default(),
            causes: FailureGroups::default(),
            log: RowLog::default(),
            messages,
        })
    }

    /// Records reports. Those without an outcome are not part of the plan.
    pub(super) fn record(&mut self, reports: &[RowReport]) -> Result<(), ResultsError> {
        for report in reports {
            if let Some(outcome) = &report.outcome {
                self.add(report, outcome);
            }
        }
        while let Some(lines) = self.order.next_ready() {
            self.files.write(&lines.rows, &lines.log)?;
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> Result<RecordedPlan, ResultsError> {
        while let Some(lines) = self.order.take_first() {
            self.files.write(&lines.rows, &lines.log)?;
        }
        Ok(RecordedPlan {
            files: self.files,
            counts: self.counts,
            causes: self.causes,
        })
    }

    fn add(&mut self, report: &RowReport, outcome: &Outcome) {
        let note = report.note();
        let note = note.as_deref();
        let code = note.map(|note| note.code);
        let message = note.map(self.messages.recorded).unwrap_or_default();
        let (action, before) = match outcome {
            Outcome::Planned(planned) => (planned.action, Some(&planned.before)),
            Outcome::Succeeded { .. }
            | Outcome::Already
            | Outcome::Failed(_)
            | Outcome::Invalid(_)
            | Outcome::Removed { .. }
            | Outcome::Kept(_)
            | Outcome::Present
            | Outcome::Missing(_)
            | Outcome::Unreadable(_) => (PlanAction::Cannot, None),
        };
        let name = |association_type| self.type_name(association_type);
        let before_text = before.map(|before| messages::links_before(before, name));
        let cells = PlanCells {
            action,
            code: code.map_or("", Code::as_str),
            message: &message,
            before: &before_text.unwrap_or_default(),
        };
        let rows = self.rows.line(&report.row, cells);
        let link = report.row.association().filter(|_| before.is_some());
        let in_log = PlanLine {
            row: report.row.number,
            action,
            code,
            link: link.map(|link| PlannedLink {
                from: link.from,
                to: link.to,
                association_type: link.definition.association_type(),
            }),
            before: before.cloned().unwrap_or_default(),
            message: if before.is_none() {
                message.into_owned()
            } else {
                String::new()
            },
        };
        let mut log = Vec::new();
        in_log.write_to(&mut log);
        self.order.add(report.row.number, RowLines { rows, log });
        self.counts.add(action, code.map(Code::as_str));
        self.shown.add(outcome.status());
        add_cause(&mut self.causes, report, self.messages);
        self.log.log(report, self.messages);
    }

    /// The name of a type, if HubSpot publishes it.
    fn type_name(&self, association_type: AssociationType) -> String {
        let listed = self.table.listed(association_type);
        listed.map_or_else(|| association_type.to_string(), |known| known.to_string())
    }
}
