//! What stood before a run wrote, as the companion keeps it: a plain row costs
//! a share of a range, and only where something stood there is more.
//!
//! Knows nothing of how it is found out, nor of what an undo makes of it.

use serde::{Deserialize, Serialize};

/// What was found before a row was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// Nothing stood between the records of this row.
    Absent(u64),
    /// Something did, or another record of the same one is affected.
    Existing(RowSnapshot),
}

/// A row that was about to be written where something stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSnapshot {
    /// The row.
    #[serde(rename = "r")]
    pub row: u64,
    /// Its record that the link starts from.
    #[serde(rename = "f")]
    pub from: u64,
    /// Its record that the link leads to.
    #[serde(rename = "t")]
    pub to: u64,
    /// The types that stood between the two in this direction, as HubSpot
    /// writes them: what this program does not know has to be put back, too.
    pub types: Vec<String>,
    /// Whether the row's own link stood.
    #[serde(rename = "had", default, skip_serializing_if = "std::ops::Not::not")]
    pub had_own_link: bool,
    /// What loses by this write the type that a record has one of: primary, or parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displaces: Option<DisplacedLink>,
}

/// A pair that loses the type of which a record has one when another company gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplacedLink {
    /// The contact, deal or ticket, or the company that has the parent.
    pub record: u64,
    /// The company that was its primary one, or its parent.
    pub company: u64,
    /// All types that stood from the record to the company.
    pub types: Vec<String>,
}

/// These notes as they are kept: ranges of rows where nothing stood, and the others.
pub(super) fn split_for_log(notes: &[Snapshot]) -> (Vec<(u64, u64)>, Vec<RowSnapshot>) {
    let (mut absent, mut stood) = (Vec::new(), Vec::new());
    for note in notes {
        match note {
            Snapshot::Absent(row) => absent.push(*row),
            Snapshot::Existing(row) => stood.push(row.clone()),
        }
    }
    (to_ranges(absent), stood)
}

/// Rows in any order as ranges, ends included.
fn to_ranges(mut rows: Vec<u64>) -> Vec<(u64, u64)> {
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
