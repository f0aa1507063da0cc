//! Counts of the calls of a session, written to the run log now and then and at the end. They
//! are extra fields, so an older program can still read the log.
//!
//! Knows nothing of what is called, or why.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How often they are written while the session runs.
const WRITE_EVERY: Duration = Duration::from_secs(30);

/// Calls of a session so far. The difference between two of them is the pace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounters {
    /// When they were counted.
    pub at: Timestamp,
    /// Requests that have ended, by kind.
    pub calls: BTreeMap<String, u64>,
    /// Requests sent again after a temporary failure.
    pub retries: u64,
    /// Responses with status 429.
    pub throttled: u64,
}

impl CallCounters {
    /// Whether any request to create links has ended.
    pub(super) fn has_creates(&self) -> bool {
        /// This kind is stored in run logs, so it must never change.
        const CREATE: &str = "create";
        self.calls.get(CREATE).is_some_and(|calls| *calls > 0)
    }
}

/// Where the counters come from. It is set later, and the sync thread reads it too.
#[derive(Clone, Default)]
pub(super) struct CounterSource(Arc<OnceLock<CounterFn>>);

type CounterFn = Box<dyn Fn() -> CallCounters + Send + Sync>;

impl CounterSource {
    /// Sets the source. A session has only one.
    pub(super) fn set(&self, counter: impl Fn() -> CallCounters + Send + Sync + 'static) {
        // A second source would count the same calls.
        let _ = self.0.set(Box::new(counter));
    }

    /// The counters as they are now.
    pub(super) fn current(&self) -> Option<CallCounters> {
        self.0.get().map(|count| count())
    }
}

impl fmt::Debug for CounterSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("CounterSource")
            .field(&self.0.get().is_some())
            .finish()
    }
}

/// When counters are written next.
#[derive(Debug)]
pub(super) struct CounterTimer(Instant);

impl CounterTimer {
    pub(super) fn start() -> Self {
        Self(Instant::now() + WRITE_EVERY)
    }

    /// Whether it is time. If so, the next time is one period later.
    pub(super) fn check_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = now >= self.0;
        if is_due {
            self.0 = now + WRITE_EVERY;
        }
        is_due
    }
}
