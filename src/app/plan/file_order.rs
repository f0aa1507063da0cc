//! Puts rows back into the order of the file. They are judged in any order, mostly with little
//! between them.
//!
//! Knows nothing of files, or of what an entry is.

use std::collections::BTreeMap;

/// The most rows that wait for an earlier one. If a row takes very long, those behind it go first.
const MOST_WAITING: usize = 16_384;

/// Rows that wait for an earlier one.
#[derive(Debug)]
pub(super) struct FileOrder<T> {
    next_row: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> Default for FileOrder<T> {
    fn default() -> Self {
        Self {
            next_row: 1,
            waiting: BTreeMap::new(),
        }
    }
}

impl<T> FileOrder<T> {
    /// Adds the entry of a row.
    pub(super) fn add(&mut self, row: u64, entry: T) {
        self.waiting.insert(row, entry);
    }

    /// The next entry that has to wait no more.
    pub(super) fn next_ready(&mut self) -> Option<T> {
        let (row, _) = self.waiting.first_key_value()?;
        let is_ready = *row <= self.next_row || self.waiting.len() > MOST_WAITING;
        is_ready.then(|| self.take_first()).flatten()
    }

    /// The next entry, whatever is missing before it.
    pub(super) fn take_first(&mut self) -> Option<T> {
        let (row, entry) = self.waiting.pop_first()?;
        self.next_row = self.next_row.max(row + 1);
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(order: &mut FileOrder<u64>) -> Vec<u64> {
        std::iter::from_fn(|| order.next_ready()).collect()
    }

    #[test]
    fn rows_come_in_the_order_of_the_file() {
        let mut order = FileOrder::default();
        order.add(2, 2);
        order.add(3, 3);
        assert_eq!(ready(&mut order), [0; 0]);
        order.add(1, 1);
        assert_eq!(ready(&mut order), [1, 2, 3]);
        order.add(5, 5);
        assert_eq!(ready(&mut order), [0; 0]);
        assert_eq!(order.take_first(), Some(5));
        assert_eq!(order.take_first(), None);
    }

    #[test]
    fn a_row_that_takes_too_long_is_overtaken_and_comes_late() {
        let mut order = FileOrder::default();
        let last = MOST_WAITING as u64 + 1;
        for row in 2..=last {
            order.add(row, row);
        }
        assert_eq!(order.next_ready(), None);
        order.add(last + 1, last + 1);
        assert_eq!(order.next_ready(), Some(2));
        order.add(1, 1);
        assert_eq!(ready(&mut order)[..2], [1, 3]);
    }
}
