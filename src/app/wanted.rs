//! Which rows of its input a run that goes on has to send.
//!
//! Those that are not recorded, those that failed if they are wanted again, and
//! those behind one of these that set the primary company of the same record:
//! the last row of the file has to win.

use std::collections::HashSet;

use roaring::RoaringTreemap;

use crate::{
    association::{Association, PrimaryOf},
    journal::Past,
    row::Row,
};

/// Asked row by row, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Rows that are recorded and not sent again for themselves.
    done: RoaringTreemap,
    /// Those of them whose link stands.
    standing: RoaringTreemap,
    /// Rows that were sent late, in a session that did not come to its end:
    /// those behind them may not have followed.
    late: RoaringTreemap,
    /// Behind this row nothing is recorded.
    highest: u64,
    /// Records whose primary company is set by a row that is, or was, sent late.
    records: HashSet<PrimaryOf>,
}

impl Wanted {
    pub(super) fn after(past: &Past, retry_failed: bool) -> Self {
        let rows = past.rows();
        let mut done = rows.settled.clone();
        if retry_failed {
            done -= &rows.failed;
        }
        let gone_through = past.ended().is_some_and(|ended| ended.exit_code <= 1);
        Self {
            standing: &rows.settled - &rows.failed - &rows.invalid,
            late: if gone_through {
                RoaringTreemap::new()
            } else {
                rows.repeated.clone()
            },
            highest: past.highest(),
            done,
            records: HashSet::new(),
        }
    }

    /// Rows that are not sent for themselves.
    pub(super) fn done(&self) -> u64 {
        self.done.len()
    }

    /// Whether to send the next row.
    pub(super) fn wants(&mut self, row: &Row) -> bool {
        let number = row.number;
        let is_done = number <= self.highest && self.done.contains(number);
        let link = row.link.as_ref().ok().filter(|_| number <= self.highest);
        let Some(record) = link.and_then(Association::primary_of) else {
            return !is_done;
        };
        let follows = self.standing.contains(number) && self.records.contains(&record);
        if !is_done || self.late.contains(number) {
            self.records.insert(record);
        }
        !is_done || follows
    }
}
