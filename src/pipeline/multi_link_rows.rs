//! Rows with several links. They go one after the other and have one outcome.
//!
//! Does not know how they are sent.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem, vec,
};

use crate::{
    association::Association,
    row::{Row, RowReport, Status},
};

/// Rows with a link that is queued or in flight, and others that wait.
#[derive(Debug, Default)]
pub(super) struct MultiLinkRows {
    rows: HashMap<u64, MultiLinkRow>,
    /// Links that wait.
    waiting: usize,
}

/// A row with several links.
#[derive(Debug)]
struct MultiLinkRow {
    remaining_links: vec::IntoIter<Association>,
    /// The worst report of the links that have ended, without the row's cells.
    worst: Option<RowReport>,
}

/// What follows once a link has ended.
#[derive(Debug)]
pub(super) enum AfterLink {
    /// The row has ended, too.
    RowFinished(RowReport),
    /// The row with its next link.
    NextLink(Row, Association),
}

impl MultiLinkRows {
    /// The row with this number also has these links.
    pub(super) fn add(&mut self, row: u64, others: Vec<Association>) {
        if !others.is_empty() {
            self.waiting += others.len();
            let others = others.into_iter();
            let worst = None;
            self.rows.insert(
                row,
                MultiLinkRow {
                    remaining_links: others,
                    worst,
                },
            );
        }
    }

    /// How many links wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether there are no such rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the row with this number is one of them.
    pub(super) fn contains(&self, row: u64) -> bool {
        self.rows.contains_key(&row)
    }

    /// The row is not part of this run any more.
    pub(super) fn remove(&mut self, row: u64) {
        if let Some(several) = self.rows.remove(&row) {
            self.waiting -= several.remaining_links.len();
        }
    }

    /// A link of a row has ended. If its outcome is unknown, no more links of the row are sent.
    pub(super) fn finish_link(&mut self, mut report: RowReport) -> AfterLink {
        let Entry::Occupied(mut row) = self.rows.entry(report.row.number) else {
            return AfterLink::RowFinished(report);
        };
        let several = row.get_mut();
        let (number, line) = (report.row.number, report.row.line);
        let (is_known, cells) = (report.outcome.is_some(), mem::take(&mut report.row.cells));
        let mut worst = match several.worst.take() {
            Some(before) => worse(before, report),
            None => report,
        };
        if is_known && let Some(link) = several.remaining_links.next() {
            self.waiting -= 1;
            several.worst = Some(worst);
            let next = Row {
                number,
                line,
                cells,
                link: Ok(link.into()),
                origin: None,
            };
            return AfterLink::NextLink(next, link);
        }
        self.waiting -= several.remaining_links.len();
        row.remove();
        worst.row.cells = cells;
        AfterLink::RowFinished(worst)
    }
}

/// The worse of two reports of a row, with the requests of both.
fn worse(one: RowReport, other: RowReport) -> RowReport {
    let attempts = one.attempts + other.attempts;
    let may_have_written = one.may_have_written || other.may_have_written;
    let finished_at = one.finished_at.max(other.finished_at);
    let worse = if severity(&other) > severity(&one) {
        other
    } else {
        one
    };
    RowReport {
        attempts,
        may_have_written,
        finished_at,
        ..worse
    }
}

/// How grave an outcome is: unknown, bad, changed by this run, or unchanged.
fn severity(report: &RowReport) -> u8 {
    match &report.outcome {
        None => 3,
        Some(outcome) if outcome.problem().is_some() => 2,
        Some(outcome) if outcome.status() == Status::Succeeded => 1,
        Some(_) => 0,
    }
}
