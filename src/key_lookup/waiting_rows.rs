//! Rows that wait for what is found for their keys, within a bound.
//!
//! Of rows whose order decides what remains in HubSpot, none overtakes another. Others go as soon as
//! they can.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use super::finding::KeyFinding;
use crate::{
    association::{RecordKey, RecordReference},
    row::{Row, RowLink},
};

/// The most rows that wait. With so many, a chunk of keys fills up also where each tenth row has a
/// new key.
const MAX_ROWS: usize = 16_384;

/// The most bytes of their cells.
const MAX_BYTES: usize = 16 << 20;

/// A row with what was found for the keys of its two ends.
#[derive(Debug)]
pub(super) struct FoundRow {
    pub(super) row: Row,
    pub(super) findings: [Option<KeyFinding>; 2],
}

/// Rows that wait.
#[derive(Debug, Default)]
pub(super) struct WaitingRows {
    rows: HashMap<u64, UnresolvedRow>,
    /// The rows that wait for each key.
    by_key: HashMap<RecordKey, Vec<u64>>,
    /// The rows that keep their order, in this order.
    ordered: VecDeque<u64>,
    bytes: usize,
}

#[derive(Debug)]
struct UnresolvedRow {
    found: FoundRow,
    /// The keys of which nothing is known yet.
    missing: usize,
    is_ordered: bool,
}

impl WaitingRows {
    /// Whether there is space for more rows.
    pub(super) fn has_room(&self) -> bool {
        self.rows.len() < MAX_ROWS && self.bytes < MAX_BYTES
    }

    /// Whether no row waits.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row with what is known of its keys. Returns it if it need not wait. Calls `ask` for
    /// keys that nobody waits for yet.
    pub(super) fn add(
        &mut self,
        found: FoundRow,
        mut ask: impl FnMut(&RecordKey),
    ) -> Option<FoundRow> {
        let is_ordered = must_keep_order(&found.row);
        let number = found.row.number;
        let missing = missing_keys(&found);
        let may_overtake = !is_ordered || self.ordered.is_empty();
        if missing.is_empty() && may_overtake {
            return Some(found);
        }
        let count = missing.len();
        for key in missing {
            match self.by_key.entry(key) {
                Entry::Occupied(mut rows) => rows.get_mut().push(number),
                Entry::Vacant(none) => {
                    ask(none.key());
                    none.insert(vec![number]);
                }
            }
        }
        self.bytes += found.row.cells.text().len();
        if is_ordered {
            self.ordered.push_back(number);
        }
        self.rows.insert(
            number,
            UnresolvedRow {
                found,
                missing: count,
                is_ordered,
            },
        );
        None
    }

    /// Something was found for a key. Returns the rows that need not wait any more.
    pub(super) fn resolve(&mut self, key: &RecordKey, finding: &KeyFinding) -> Vec<FoundRow> {
        let mut free = Vec::new();
        for number in self.by_key.remove(key).unwrap_or_default() {
            let Some(waiting) = self.rows.get_mut(&number) else {
                continue;
            };
            waiting.take(key, finding);
            if waiting.missing == 0 && !waiting.is_ordered {
                free.push(number);
            }
        }
        let mut free: Vec<_> = free
            .into_iter()
            .filter_map(|number| self.remove(number))
            .collect();
        free.extend(self.take_ordered());
        free
    }

    /// Nothing will be found for a key in this run. Its rows are dropped, and so are all that must
    /// not overtake them.
    pub(super) fn drop_key(&mut self, key: &RecordKey) {
        for number in self.by_key.remove(key).unwrap_or_default() {
            let Some(waiting) = self.rows.get(&number) else {
                continue;
            };
            if waiting.is_ordered {
                for later in std::mem::take(&mut self.ordered) {
                    if later < number {
                        self.ordered.push_back(later);
                    } else {
                        self.remove(later);
                    }
                }
            } else {
                self.remove(number);
            }
        }
    }

    /// The first rows of those that keep their order, as long as they need not wait.
    fn take_ordered(&mut self) -> Vec<FoundRow> {
        let mut free = Vec::new();
        while let Some(first) = self.ordered.front()
            && self.rows.get(first).is_none_or(|row| row.missing == 0)
        {
            let first = self.ordered.pop_front();
            free.extend(first.and_then(|first| self.remove(first)));
        }
        free
    }

    fn remove(&mut self, number: u64) -> Option<FoundRow> {
        let waiting = self.rows.remove(&number)?;
        self.bytes -= waiting.found.row.cells.text().len();
        Some(waiting.found)
    }
}

impl UnresolvedRow {
    fn take(&mut self, key: &RecordKey, finding: &KeyFinding) {
        let Ok(RowLink::Keyed(link)) = &self.found.row.link else {
            return;
        };
        let ends = [&link.from, &link.to].into_iter();
        for (end, found) in ends.zip(&mut self.found.findings) {
            if found.is_none() && *end == RecordReference::Key(key.clone()) {
                *found = Some(finding.clone());
                // One key at both ends counts once.
                self.missing = self.missing.saturating_sub(1);
            }
        }
    }
}

/// The keys of a row of which nothing is known.
fn missing_keys(found: &FoundRow) -> Vec<RecordKey> {
    let Ok(RowLink::Keyed(link)) = &found.row.link else {
        return Vec::new();
    };
    let ends = [&link.from, &link.to].into_iter().zip(&found.findings);
    let missing = ends.filter_map(|(end, finding)| match (end, finding) {
        (RecordReference::Key(key), None) => Some(key.clone()),
        (RecordReference::Key(_), Some(_)) | (RecordReference::Id(_), _) => None,
    });
    missing.collect()
}

/// Whether the last of several rows decides what remains in HubSpot: primary companies, parents,
/// limits of one. Of a definition that is not listed, that is not known.
fn must_keep_order(row: &Row) -> bool {
    let Ok(link) = &row.link else {
        return false;
    };
    let definition = link.definition();
    definition.info().is_none() || !definition.single_link_rules().is_empty()
}
