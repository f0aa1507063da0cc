//! The rows of a batch, sorted into smaller batches by what follows for them.
//!
//! Does not know what the groups mean.

use super::batch::{DeliveryHistory, RowBatch};

/// The rows of a batch, sorted: one batch for each group, and one for each row without a group.
pub(super) struct SortedBatches<const GROUPS: usize> {
    pub(super) by_group: [Option<RowBatch>; GROUPS],
    pub(super) single_rows: Vec<RowBatch>,
}

impl<const GROUPS: usize> SortedBatches<GROUPS> {
    /// Sorts by the group of each row.
    pub(super) fn sort(
        batch: RowBatch,
        origin: &DeliveryHistory,
        groups: impl Iterator<Item = Option<usize>>,
    ) -> Self {
        let mut next_single = GROUPS;
        let mut next_number = || {
            next_single += 1;
            next_single - 1
        };
        let numbers = groups.map(|kind| kind.unwrap_or_else(&mut next_number));
        let mut left = batch.partition(origin, numbers);
        let single_rows = left.split_off(GROUPS.min(left.len()));
        let mut left = left.into_iter().map(Some);
        let by_group = std::array::from_fn(|_| left.next().flatten());
        let by_group = by_group.map(|batch| batch.filter(|batch| !batch.is_empty()));
        Self {
            by_group,
            single_rows,
        }
    }
}
