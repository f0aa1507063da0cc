//! Which rows of its input a resumed run sends.
//!
//! These are rows that are not recorded, failed rows if they are to be resent, and rows behind
//! one of these that set the primary company or the parent of the same record, or compete with
//! it under a limit of one. The last row in the file has to win.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use roaring::RoaringTreemap;
use smallvec::SmallVec;

use crate::{
    association::{
        AdminLimits, Definition, LinkEnd, Merges, RecordReference, SingleLinkRecord, SingleLinkRule,
    },
    journal::{RecordedRun, SessionEnd},
    row::{Row, RowLink},
};

/// Asked row by row, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct RowSelection {
    recorded: RecordedSets,
    /// Rows that were sent late in a session that did not finish. Rows behind them may not have
    /// followed.
    sent_late: RoaringTreemap,
    /// Records whose primary company, parent or only link is set by a row that is or was sent
    /// late.
    late_records: HashSet<SingleLinkEnd>,
    /// Records known to be merged, which rows may name by several ids.
    merges: Merges,
    /// The limits of administrators, if the account was asked.
    limits: Arc<AdminLimits>,
    resends: Arc<ResendCounters>,
}

/// A record that can have only one link of a kind, as rows name it.
#[derive(Debug, PartialEq, Eq, Hash)]
enum SingleLinkEnd {
    Record(SingleLinkRecord),
    /// The definition of the rule, and how a row with a key names the record. Rows that name one
    /// record by different keys are not recognised: it is looked up only later.
    Named(Definition, RecordReference),
}

/// Rows that have a line.
#[derive(Debug, Default)]
struct RecordedSets {
    /// Rows that are not sent again, unless they have to follow others.
    done: RoaringTreemap,
    /// Those of `done` whose link exists.
    linked: RoaringTreemap,
    /// Those of `linked` whose link existed before the run.
    already: RoaringTreemap,
    /// Rows that failed.
    failed: RoaringTreemap,
    /// No row after this one is recorded.
    last_row: u64,
}

/// Recorded rows that are sent again, counted as they are passed on.
#[derive(Debug, Default)]
pub(super) struct ResendCounters {
    /// Rows that had failed.
    pub(super) failed: AtomicU64,
    /// Rows whose link the run had made, and that follow a row that was sent late.
    pub(super) succeeded: AtomicU64,
    /// Rows that follow too, and whose link existed before.
    pub(super) already: AtomicU64,
}

impl RowSelection {
    /// Selects the rows of a resumed run. Failed rows in this set are sent again.
    pub(super) fn new(
        past: &RecordedRun,
        failed: &RoaringTreemap,
        limits: Arc<AdminLimits>,
    ) -> Self {
        let rows = past.rows();
        let was_completed = past.last_end().is_some_and(SessionEnd::is_completed);
        Self {
            recorded: RecordedSets {
                done: &rows.recorded - failed,
                linked: rows.linked(),
                already: rows.already.clone(),
                failed: rows.failed.clone(),
                last_row: past.last_recorded_row(),
            },
            sent_late: if was_completed {
                RoaringTreemap::new()
            } else {
                rows.multi_line.clone()
            },
            late_records: HashSet::new(),
            merges: past.merges(),
            limits,
            resends: Arc::default(),
        }
    }

    /// Rows that are not sent again, unless they have to follow others.
    pub(super) fn done(&self) -> u64 {
        self.recorded.done.len()
    }

    /// The counters of rows that are sent again.
    pub(super) fn resends(&self) -> Arc<ResendCounters> {
        Arc::clone(&self.resends)
    }

    /// Whether recorded rows may have to follow others that were sent late.
    pub(super) fn may_follow(&self) -> bool {
        !self.sent_late.is_empty()
    }

    /// The records of a row that can have only one such link.
    fn single_links(&self, row: &Row) -> SmallVec<[SingleLinkEnd; 2]> {
        match &row.link {
            Ok(RowLink::Known(link)) => {
                let mut link = self.merges.resolve(link);
                self.limits.apply(&mut link.definition);
                let records = link.single_link_records().into_iter();
                records
                    .map(|(record, _)| SingleLinkEnd::Record(record))
                    .collect()
            }
            Ok(RowLink::Keyed(link)) => {
                let mut definition = link.definition;
                self.limits.apply(&mut definition);
                let rules = definition.single_link_rules().into_iter();
                let named = |rule: SingleLinkRule| {
                    let end = match rule.end {
                        LinkEnd::From => &link.from,
                        LinkEnd::To => &link.to,
                    };
                    SingleLinkEnd::Named(rule.definition, end.clone())
                };
                rules.map(named).collect()
            }
            Err(_) => SmallVec::new(),
        }
    }

    /// Whether to send the next row.
    pub(super) fn includes(&mut self, row: &Row) -> bool {
        let number = row.number;
        if number > self.recorded.last_row {
            return true;
        }
        let is_done = self.recorded.done.contains(number);
        if !is_done && self.recorded.failed.contains(number) {
            self.resends.failed.fetch_add(1, Relaxed);
        }
        let records = self.single_links(row);
        if records.is_empty() {
            return !is_done;
        }
        let has_late_record = records
            .iter()
            .any(|record| self.late_records.contains(record));
        let follows = self.recorded.linked.contains(number) && has_late_record;
        if !is_done || follows || self.sent_late.contains(number) {
            self.late_records.extend(records);
        }
        if is_done && follows {
            let counter = if self.recorded.already.contains(number) {
                &self.resends.already
            } else {
                &self.resends.succeeded
            };
            counter.fetch_add(1, Relaxed);
        }
        !is_done || follows
    }
}
