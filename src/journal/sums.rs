//! Sums of row hashes, one per block of rows: they describe the rows of a file of any length in
//! little memory, whatever their order.
//!
//! The sums in the run log must be the same in every version. Each is the sum, modulo 2^64, of
//! hashes by `XXH3` (64 bits; by Collet, as specified for `xxHash` 0.8). "Saved by a
//! spreadsheet" in docs/design/run-log.md says what is hashed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use crate::{cell::neutralise, row::Row};

/// Rows per block.
const BLOCK: u64 = 4096;

/// The sum of the hashes of the recorded rows, per block.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockSums(Vec<u64>);

impl BlockSums {
    pub(super) fn add(&mut self, row: u64, hash: u64) {
        let block = usize::try_from(block_of(row)).unwrap_or(usize::MAX);
        if self.0.len() <= block {
            self.0.resize(block + 1, 0);
        }
        self.0[block] = self.0[block].wrapping_add(hash);
    }

    pub(super) fn get(&self, block: u64) -> u64 {
        let block = usize::try_from(block).unwrap_or(usize::MAX);
        self.0.get(block).copied().unwrap_or(0)
    }
}

/// The block that a row is in.
pub(super) fn block_of(row: u64) -> u64 {
    (row - 1) / BLOCK
}

/// The first and the last row of a block.
pub(super) fn rows_in_block(block: u64) -> (u64, u64) {
    (block * BLOCK + 1, (block + 1) * BLOCK)
}

/// The hashes of one line of the results, or their sums over a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LineSum {
    /// Of the row's number and its key cells, which say what it links.
    pub(super) keys: u64,
    /// Of the row's number and the ids that were sent, if they differ from those in its cells.
    pub(super) sent: u64,
    /// Of the row's number, its status and its code.
    #[serde(rename = "ends")]
    pub(super) outcome: u64,
}

impl LineSum {
    /// The sum of one line: its row, the hash of its key cells, the ids that were sent instead
    /// of those in the cells (or empty texts), its status and its code.
    pub(super) fn new(row: u64, keys: u64, sent: [&[u8]; 2], outcome: [&[u8]; 2]) -> Self {
        let has_sent_ids = sent.iter().any(|id| !id.is_empty());
        Self {
            keys,
            sent: if has_sent_ids {
                hash_texts(row, sent)
            } else {
                0
            },
            outcome: hash_texts(row, outcome),
        }
    }

    fn add(&mut self, other: Self) {
        self.keys = self.keys.wrapping_add(other.keys);
        self.sent = self.sent.wrapping_add(other.sent);
        self.outcome = self.outcome.wrapping_add(other.outcome);
    }
}

/// The sums of the lines, per block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct LineSums(BTreeMap<u64, LineSum>);

impl LineSums {
    /// Adds a line of this row.
    pub(super) fn add(&mut self, row: u64, line: LineSum) {
        self.0.entry(block_of(row)).or_default().add(line);
    }

    /// Adds the sums of other lines.
    pub(super) fn add_all(&mut self, others: &Self) {
        for (block, line) in &others.0 {
            self.0.entry(*block).or_default().add(*line);
        }
    }

    pub(super) fn get(&self, block: u64) -> LineSum {
        self.0.get(&block).copied().unwrap_or_default()
    }

    /// The blocks that have any line.
    pub(super) fn blocks(&self) -> impl Iterator<Item = u64> {
        self.0.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The hash of a row's number and some texts.
pub(super) fn hash_texts<'a>(row: u64, texts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    texts.into_iter().fold(row, add_text)
}

/// Adds a text without surrounding blanks. The previous hash is the seed, so texts cannot run
/// into each other.
fn add_text(hash: u64, text: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(hash, text.trim_ascii())
}

/// The hash of a row's cells in these columns, as they are in the results.
pub(super) fn key_hash(row: &Row, key_columns: &[usize]) -> u64 {
    key_columns.iter().fold(row.number, |hash, column| {
        add_text(hash, neutralise(&row.cells[*column]).as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected numbers come from another implementation.
    #[test]
    fn the_hash_is_the_same_in_every_version() {
        let texts: [&[u8]; 3] = [b" succeeded", b"", &[b'x'; 300]];
        let hash = |texts: &[&[u8]]| hash_texts(1, texts.iter().copied());
        assert_eq!(hash(&texts[..1]), 1_734_389_364_621_326_590);
        assert_eq!(hash(&texts[..2]), 4_431_624_470_062_866_779);
        assert_eq!(hash(&texts), 13_008_121_294_711_461_247);
    }

    #[test]
    fn a_block_has_4_096_rows() {
        assert_eq!([block_of(1), block_of(4096), block_of(4097)], [0, 0, 1]);
        assert_eq!(rows_in_block(1), (4097, 8192));
    }
}
