//! What a session has called: written down at times and at its end, beside what lines say
//! anyway, so that an older program reads the log without it.
//!
//! Knows nothing of what is called, nor why.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// So often they are written down while the session goes on.
const EVERY: Duration = Duration::from_secs(30);

/// What a session has called so far. From one time to the next it is the pace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounters {
    /// When that was.
    pub at: Timestamp,
    /// Requests sent, by what they are for.
    pub calls: BTreeMap<String, u64>,
    /// Those that were sent again after a passing fault.
    pub retries: u64,
    /// Answers that said "too many requests".
    pub throttled: u64,
}

impl CallCounters {
    /// Whether something was called to make links.
    pub(super) fn has_creates(&self) -> bool {
        /// The word for such calls, which is for ever.
        const CREATE: &str = "create";
        self.calls.get(CREATE).is_some_and(|calls| *calls > 0)
    }
}

/// Who counts, once that is known: the thread that syncs asks, too.
#[derive(Clone, Default)]
pub(super) struct CounterSource(Arc<OnceLock<CounterFn>>);

type CounterFn = Box<dyn Fn() -> CallCounters + Send + Sync>;

impl CounterSource {
    /// This one counts; there is one for a session.
    pub(super) fn set(&self, counter: impl Fn() -> CallCounters + Send + Sync + 'static) {
        // A second one would count the same.
        let _ = self.0.set(Box::new(counter));
    }

    /// What is counted by now.
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

/// When counters are written down again.
#[derive(Debug)]
pub(super) struct CounterTimer(Instant);

impl CounterTimer {
    pub(super) fn start() -> Self {
        Self(Instant::now() + EVERY)
    }

    /// Whether it is time; then it is the next time after as long.
    pub(super) fn check_due(&mut self) -> bool {
        let now = Instant::now();
        let is_due = now >= self.0;
        if is_due {
            self.0 = now + EVERY;
        }
        is_due
    }
}
