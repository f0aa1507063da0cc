//! How many requests of each kind were sent, and how long the responses took.
//!
//! A histogram of a few hundred counters. Its quantiles are exact to a quarter of an octave (19 %),
//! however many requests there are.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use crate::api::Operation;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// Creates links.
    Create,
    /// Removes links.
    Remove,
    /// Reads links.
    Read,
    /// Asks for ids of records.
    Records,
    /// Reads records by the values of a property.
    Keys,
    /// Searches for records.
    Search,
    /// Asks for anything else: the account, its labels, properties, limits and quota.
    Question,
}

/// The requests of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallKindStats {
    /// The kind.
    pub kind: CallKind,
    /// Requests sent.
    pub calls: u64,
    /// The 50th, 90th and 99th percentile of the response time.
    pub quantiles: [Duration; 3],
}

/// Counters of all kinds.
#[derive(Debug, Default)]
pub(super) struct CallStats([LatencyHistogram; CallKind::ALL.len()]);

/// Responses by how long they took.
#[derive(Debug)]
struct LatencyHistogram([AtomicU64; BUCKETS]);

/// Buckets per octave.
const PER_OCTAVE: u32 = 4;

/// From one microsecond to 2^32 of them, which is more than an hour.
const OCTAVES: u32 = 32;

const BUCKETS: usize = (PER_OCTAVE * OCTAVES) as usize;

impl CallKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Create,
        Self::Remove,
        Self::Read,
        Self::Records,
        Self::Keys,
        Self::Search,
        Self::Question,
    ];

    /// The kind of this operation.
    #[must_use]
    pub fn from_call(operation: Operation<'_>) -> Self {
        match operation {
            Operation::Create(_) => Self::Create,
            Operation::Remove(_) => Self::Remove,
            Operation::Read(_) => Self::Read,
            Operation::Records(..) => Self::Records,
            Operation::ReadByKey(_) => Self::Keys,
            Operation::SearchByKey(_) => Self::Search,
            Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => Self::Question,
        }
    }

    /// The stable word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Remove => "remove",
            Self::Read => "read",
            Self::Records => "records",
            Self::Keys => "keys",
            Self::Search => "search",
            Self::Question => "question",
        }
    }
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl CallStats {
    /// Records how long a request took, with or without a response.
    pub(super) fn record(&self, kind: CallKind, took: Duration) {
        self.0[kind as usize].record(took);
    }

    /// The kinds that have requests.
    pub(super) fn by_kind(&self) -> Vec<CallKindStats> {
        let counts = CallKind::ALL.into_iter().map(|kind| {
            let latencies = &self.0[kind as usize];
            CallKindStats {
                kind,
                calls: latencies.calls(),
                quantiles: [50, 90, 99].map(|percent| latencies.quantile(percent)),
            }
        });
        counts.filter(|count| count.calls > 0).collect()
    }
}

impl LatencyHistogram {
    fn record(&self, took: Duration) {
        self.0[bucket_index(took)].fetch_add(1, Relaxed);
    }

    fn calls(&self) -> u64 {
        self.0.iter().map(|calls| calls.load(Relaxed)).sum()
    }

    /// The time within which this percentage of the responses came.
    fn quantile(&self, percent: u64) -> Duration {
        let wanted = (self.calls() * percent).div_ceil(100);
        let mut seen = 0;
        let reached = self.0.iter().position(|calls| {
            seen += calls.load(Relaxed);
            seen >= wanted
        });
        bucket_upper_bound(reached.unwrap_or(BUCKETS - 1))
    }
}

fn bucket_index(took: Duration) -> usize {
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    let octave = micros.ilog2();
    // The part above the beginning of the octave, in quarters of it.
    let part = ((micros - (1 << octave)) * u64::from(PER_OCTAVE)) >> octave;
    let place = u64::from(octave * PER_OCTAVE) + part;
    usize::try_from(place).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

#[expect(clippy::cast_possible_truncation, reason = "there are few buckets")]
fn bucket_upper_bound(bucket: usize) -> Duration {
    let (octave, part) = (
        bucket as u32 / PER_OCTAVE,
        bucket as u64 % u64::from(PER_OCTAVE),
    );
    let micros = (1 << octave) + ((part + 1) << octave) / u64::from(PER_OCTAVE);
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_match_the_recorded_times() {
        let operations = CallStats::default();
        for n in 1..=100 {
            operations.record(CallKind::Create, Duration::from_millis(n));
        }
        operations.record(CallKind::Question, Duration::from_secs(2));
        let counts = operations.by_kind();
        let found: Vec<_> = counts.iter().map(|of| (of.kind, of.calls)).collect();
        assert_eq!(found, [(CallKind::Create, 100), (CallKind::Question, 1)]);
        for (quantile, wanted) in counts[0].quantiles.iter().zip([50.0, 90.0, 99.0]) {
            let millis = quantile.as_secs_f64() * 1e3;
            assert!(
                millis >= wanted && millis <= wanted * 1.25,
                "{millis} {wanted}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_time_is_at_most_its_bucket_bound_and_at_least_four_fifths_of_it(
            micros in 4u64..(1 << 31),
        ) {
            let upper = bucket_upper_bound(bucket_index(Duration::from_micros(micros))).as_micros();
            let micros = u128::from(micros);
            prop_assert!(micros <= upper && upper <= micros * 5 / 4 + 1, "{} {}", micros, upper);
        }
    }
}
