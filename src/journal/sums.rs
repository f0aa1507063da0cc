//! Sums of row hashes, one for each block of rows: what a file of any length
//! says of its rows, in little memory and whatever their order.
//!
//! Those that the run log keeps have to be the same in every version: each is the
//! sum, modulo 2^64, of `SipHash-1-3` (by Aumasson and Bernstein, 2012) with a key
//! of zeros. See ARCHITECTURE.md, "The run log", for what is hashed.

use std::{collections::BTreeMap, hash::Hasher as _};

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

/// Rows are summed up in blocks of so many.
const BLOCK: u64 = 4096;

/// The sum of the hashes of each block's settled rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums(Vec<u64>);

impl Sums {
    pub(super) fn add(&mut self, row: u64, hash: u64) {
        let block = usize::try_from(block(row)).unwrap_or(usize::MAX);
        if self.0.len() <= block {
            self.0.resize(block + 1, 0);
        }
        self.0[block] = self.0[block].wrapping_add(hash);
    }

    pub(super) fn of(&self, block: u64) -> u64 {
        let block = usize::try_from(block).unwrap_or(usize::MAX);
        self.0.get(block).copied().unwrap_or(0)
    }
}

/// The block that a row is in.
pub(super) fn block(row: u64) -> u64 {
    (row - 1) / BLOCK
}

/// The first and the last row of a block.
pub(super) fn rows_of(block: u64) -> (u64, u64) {
    (block * BLOCK + 1, (block + 1) * BLOCK)
}

/// What one line of the results says, or all lines of a block together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LineSum {
    /// Of the row's number and the cells that say what it links.
    pub(super) keys: u64,
    /// Of the row's number and the ids that were sent, where these are not those in
    /// its cells.
    pub(super) sent: u64,
    /// Of the row's number, its status and its code.
    pub(super) ends: u64,
}

impl LineSum {
    fn add(&mut self, other: Self) {
        self.keys = self.keys.wrapping_add(other.keys);
        self.sent = self.sent.wrapping_add(other.sent);
        self.ends = self.ends.wrapping_add(other.ends);
    }
}

/// The sums of the lines of each block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct LineSums(BTreeMap<u64, LineSum>);

impl LineSums {
    /// Adds a line of this row.
    pub(super) fn add(&mut self, row: u64, line: LineSum) {
        self.0.entry(block(row)).or_default().add(line);
    }

    /// Adds what other lines say.
    pub(super) fn add_all(&mut self, others: &Self) {
        for (block, line) in &others.0 {
            self.0.entry(*block).or_default().add(*line);
        }
    }

    pub(super) fn of(&self, block: u64) -> LineSum {
        self.0.get(&block).copied().unwrap_or_default()
    }

    /// The blocks that any line is in.
    pub(super) fn blocks(&self) -> impl Iterator<Item = u64> {
        self.0.keys().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The hash of a row's number and of texts that belong to it.
pub(super) fn hash_of<'a>(row: u64, texts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    /// In no UTF-8 text, so that texts cannot run into each other.
    const END: u8 = 0xff;
    let mut hasher = SipHasher13::new();
    hasher.write(&row.to_le_bytes());
    for text in texts {
        hasher.write(text.trim_ascii());
        hasher.write(&[END]);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        let texts: [&[u8]; 2] = [b"succeeded", b""];
        assert_eq!(hash_of(1, texts), 763_603_005_589_435_235);
    }

    #[test]
    fn a_block_has_4_096_rows() {
        assert_eq!([block(1), block(4096), block(4097)], [0, 0, 1]);
        assert_eq!(rows_of(1), (4097, 8192));
    }
}
