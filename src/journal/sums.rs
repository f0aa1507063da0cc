//! Sums of row hashes, one for each block of rows: what a file of any length
//! says of its rows, in little memory and whatever their order.

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
