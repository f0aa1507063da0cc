//! How many requests of each kind were sent, and how long the responses took.
//!
//! A histogram of a few hundred counters. Its quantiles are the upper bounds of its buckets, at most
//! a quarter above the true time, however many requests there are.

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
    /// How long the responses took.
    pub latency: CallLatency,
}

/// How long responses took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLatency {
    /// Requests that ended, with or without a response. One that the run did not wait for has not.
    pub ended: u64,
    /// The time of all of them together.
    pub total: Duration,
    /// The percentiles [`CallLatency::PERCENTS`].
    pub quantiles: [Duration; 3],
}

/// Counters of all kinds.
#[derive(Debug, Default)]
pub(super) struct CallStats([KindCounters; CallKind::ALL.len()]);

/// The requests of one kind that were sent, and the times of those that ended.
#[derive(Debug, Default)]
struct KindCounters {
    sent: AtomicU64,
    total_micros: AtomicU64,
    latencies: LatencyHistogram,
}

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

impl CallLatency {
    /// Which percentiles are known.
    pub const PERCENTS: [u64; 3] = [50, 90, 99];
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl CallStats {
    /// The counters of several runs together.
    pub(super) fn merged<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let merged = Self::default();
        for (sums, counters) in all.flat_map(|stats| merged.0.iter().zip(&stats.0)) {
            sums.add(counters);
        }
        merged
    }

    /// Counts a request that is sent.
    pub(super) fn count(&self, kind: CallKind) {
        self.0[kind as usize].sent.fetch_add(1, Relaxed);
    }

    /// A request that was counted was not sent.
    pub(super) fn uncount(&self, kind: CallKind) {
        self.0[kind as usize].sent.fetch_sub(1, Relaxed);
    }

    /// Records how long a request took, with or without a response.
    pub(super) fn record(&self, kind: CallKind, took: Duration) {
        let counters = &self.0[kind as usize];
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        counters.total_micros.fetch_add(micros, Relaxed);
        counters.latencies.record(took);
    }

    /// The kinds that have requests.
    pub(super) fn by_kind(&self) -> Vec<CallKindStats> {
        let counts = CallKind::ALL.into_iter().map(|kind| CallKindStats {
            kind,
            calls: self.0[kind as usize].sent.load(Relaxed),
            latency: self.0[kind as usize].latency(),
        });
        counts.filter(|count| count.calls > 0).collect()
    }
}

impl KindCounters {
    fn add(&self, other: &Self) {
        self.sent.fetch_add(other.sent.load(Relaxed), Relaxed);
        let total = other.total_micros.load(Relaxed);
        self.total_micros.fetch_add(total, Relaxed);
        for (sum, calls) in self.latencies.0.iter().zip(&other.latencies.0) {
            sum.fetch_add(calls.load(Relaxed), Relaxed);
        }
    }

    fn latency(&self) -> CallLatency {
        CallLatency {
            ended: self.latencies.calls(),
            total: Duration::from_micros(self.total_micros.load(Relaxed)),
            quantiles: CallLatency::PERCENTS.map(|percent| self.latencies.quantile(percent)),
        }
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
        let (first, second) = (CallStats::default(), CallStats::default());
        for n in 1..=100 {
            let of_run = if n % 2 == 0 { &first } else { &second };
            of_run.count(CallKind::Create);
            of_run.record(CallKind::Create, Duration::from_millis(n));
        }
        second.count(CallKind::Question);
        second.record(CallKind::Question, Duration::from_secs(2));
        let counts = CallStats::merged([&first, &second].into_iter()).by_kind();
        let found: Vec<_> = counts.iter().map(|of| (of.kind, of.calls)).collect();
        assert_eq!(found, [(CallKind::Create, 100), (CallKind::Question, 1)]);
        let latency = counts[0].latency;
        assert_eq!((latency.ended, latency.total.as_millis()), (100, 5_050));
        for (quantile, wanted) in latency.quantiles.iter().zip([50.0, 90.0, 99.0]) {
            let millis = quantile.as_secs_f64() * 1e3;
            assert!(
                millis >= wanted && millis <= wanted * 1.25,
                "{millis} {wanted}"
            );
        }
    }

    #[test]
    fn a_request_without_an_end_counts_and_has_no_time() {
        let calls = CallStats::default();
        calls.count(CallKind::Read);
        calls.count(CallKind::Search);
        calls.uncount(CallKind::Search);
        let counts = calls.by_kind();
        let found: Vec<_> = counts.iter().map(|of| (of.kind, of.calls)).collect();
        assert_eq!(found, [(CallKind::Read, 1)]);
        assert_eq!(counts[0].latency.ended, 0);
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
