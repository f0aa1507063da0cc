//! Snapshots: what existed before a run wrote, in the form of the run log. A row without
//! existing links costs a share of a range, and only other rows cost more.
//!
//! Knows nothing of how it is found out, or how an undo uses it.

use serde::{Deserialize, Serialize};

/// What was found before a row was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// The records of this row had no link to each other.
    Absent(u64),
    /// They had, or the write affects another link of the same record.
    Existing(RowSnapshot),
}

/// A row that was about to be written where links already existed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSnapshot {
    /// The row.
    #[serde(rename = "r")]
    pub row: u64,
    /// The record at the start of its link.
    #[serde(rename = "f")]
    pub from: u64,
    /// The record at the end of its link.
    #[serde(rename = "t")]
    pub to: u64,
    /// The types that existed between the two in this direction, as HubSpot writes them. An
    /// undo must also restore types that this program does not know.
    pub types: Vec<String>,
    /// Whether the row's own link existed.
    #[serde(rename = "had", default, skip_serializing_if = "std::ops::Not::not")]
    pub had_own_link: bool,
    /// The link that loses its primary or parent type by this write, since a record can have
    /// only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displaces: Option<DisplacedLink>,
}

/// A link that loses the primary or parent type when another company gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplacedLink {
    /// The contact, deal or ticket, or the company that has the parent.
    pub record: u64,
    /// The company that was the primary one, or the parent.
    pub company: u64,
    /// All types that existed from the record to the company.
    pub types: Vec<String>,
}

/// Splits snapshots for the log: ranges of rows without existing links, and the other rows.
pub(super) fn split_for_log(snapshots: &[Snapshot]) -> (Vec<(u64, u64)>, Vec<RowSnapshot>) {
    let (mut absent, mut existing) = (Vec::new(), Vec::new());
    for snapshot in snapshots {
        match snapshot {
            Snapshot::Absent(row) => absent.push(*row),
            Snapshot::Existing(row) => existing.push(row.clone()),
        }
    }
    (to_ranges(absent), existing)
}

/// Rows in any order as ranges, ends included.
pub(super) fn to_ranges(mut rows: Vec<u64>) -> Vec<(u64, u64)> {
    rows.sort_unstable();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some((_, last)) if row <= last.saturating_add(1) => *last = row,
            Some(_) | None => ranges.push((row, row)),
        }
    }
    ranges
}
