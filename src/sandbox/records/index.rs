//! An index of the values of one property: which records have a value.
//!
//! Knows neither records nor properties. It keeps hashes, so whoever uses it compares the values.

use twox_hash::XxHash3_64;

/// The hash of each value with the position of its record, in order.
#[derive(Debug)]
pub(super) struct ValueIndex {
    entries: Vec<(u64, u32)>,
}

impl ValueIndex {
    /// From the values and the positions of their records.
    pub(super) fn new(values: impl Iterator<Item = (String, u32)>) -> Self {
        let mut entries: Vec<_> = values.map(|(value, at)| (hash(&value), at)).collect();
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to_fit();
        Self { entries }
    }

    /// The positions of the records that may have this value, in order.
    pub(super) fn candidates(&self, value: &str) -> impl Iterator<Item = u32> {
        let hash = hash(value);
        let first = self.entries.partition_point(|(other, _)| *other < hash);
        let same = self.entries[first..].iter();
        same.take_while(move |(other, _)| *other == hash)
            .map(|(_, at)| *at)
    }

    /// The pairs of records that may share a value, the earlier position first.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        let neighbours = self.entries.windows(2);
        neighbours.filter_map(|pair| match pair {
            [(hash, one), (other_hash, other)] if hash == other_hash => Some((*one, *other)),
            _ => None,
        })
    }
}

fn hash(value: &str) -> u64 {
    XxHash3_64::oneshot(value.as_bytes())
}
