//! The reachability check: decides when foreign responses, or none at all, are a reason to stop and
//! not a verdict on rows. For that it counts what the API has processed.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

use crate::{
    api::{PerClass, RateClass},
    row::Failure,
    stop::{StopReason, UnreachableReason},
};

/// The run stops if nothing answers within this time at the start.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The run stops after this many foreign responses at the start.
const FOREIGN_ANSWERS_AT_START: u32 = 3;

/// The longest time that a request takes, besides the wait that the server asks for. After a longer
/// gap the program itself was stopped, and the time starts again.
const LONGEST_ROUND: Duration = Duration::from_secs(60);

/// What the responses so far say about the server.
#[derive(Debug, Default)]
pub(crate) struct Reachability {
    first_sent: Cell<Option<Instant>>,
    answered: Cell<bool>,
    processed: PerClass<Cell<u64>>,
    foreign_in_a_row: Cell<u32>,
    /// The first and the last 429 since the last verdict.
    throttled: Cell<Option<(Instant, Instant)>>,
}

impl Reachability {
    /// The API processed an operation of this class.
    pub(crate) fn record_processed(&self, class: RateClass) {
        self.processed[class].update(|processed| processed + 1);
        self.throttled.set(None);
        self.record_answer();
    }

    /// The API answered, even if only that it cannot do it now.
    pub(crate) fn record_answer(&self) {
        self.answered.set(true);
        self.foreign_in_a_row.set(0);
    }

    /// Whether the API has ever answered.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered.get()
    }

    /// In an outage only the probes tell whether this is HubSpot.
    pub(crate) fn forget_foreign(&self) {
        self.foreign_in_a_row.set(0);
    }

    /// Operations that the API processed.
    pub(crate) fn processed(&self) -> u64 {
        self.processed.iter().map(Cell::get).sum()
    }

    /// Those of this class, which share a limit.
    pub(crate) fn processed_of_class(&self, class: RateClass) -> u64 {
        self.processed[class].get()
    }

    /// Nothing answered. Returns whether that counts as a try of the row. It does not before the
    /// first response of the run.
    pub(crate) fn record_unreachable(
        &self,
        sent_at: Instant,
        failure: &Failure,
    ) -> Result<bool, StopReason> {
        if self.answered.get() {
            return Ok(true);
        }
        let first = self.first_sent.get().unwrap_or(sent_at).min(sent_at);
        self.first_sent.set(Some(first));
        if first.elapsed() < FIRST_ANSWER_WITHIN {
            return Ok(false);
        }
        Err(StopReason::Unreachable(UnreachableReason::NeverAnswered {
            within: FIRST_ANSWER_WITHIN,
            last: failure.clone().into(),
        }))
    }

    /// A limit was met. Stops the run if there was nothing but 429s for longer than it may wait.
    pub(crate) fn record_throttled(&self, longest_wait: Duration) -> Result<(), StopReason> {
        self.record_answer();
        let now = Instant::now();
        let previous = self.throttled.get();
        let longest_gap = longest_wait.saturating_add(LONGEST_ROUND);
        let since = previous
            .filter(|(_, last)| last.elapsed() <= longest_gap)
            .map_or(now, |(first, _)| first);
        self.throttled.set(Some((since, now)));
        if since.elapsed() <= longest_wait {
            return Ok(());
        }
        Err(StopReason::Unreachable(UnreachableReason::OnlyThrottled {
            max_wait: longest_wait,
        }))
    }

    /// Something that is not the API answered. `used_up` is the number of requests of a row that
    /// has no tries left.
    pub(crate) fn record_foreign(
        &self,
        failure: &Failure,
        used_up: Option<u32>,
    ) -> Result<(), StopReason> {
        let in_a_row = self.foreign_in_a_row.get() + 1;
        self.foreign_in_a_row.set(in_a_row);
        let limit = if self.answered.get() {
            used_up
        } else {
            Some(FOREIGN_ANSWERS_AT_START)
        };
        if limit.is_none_or(|limit| in_a_row < limit) {
            return Ok(());
        }
        Err(StopReason::NotHubSpot(failure.clone().into()))
    }
}
