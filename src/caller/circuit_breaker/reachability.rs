//! Whether there is a HubSpot at the other end: decides when answers that are
//! none, or no answers at all, are a reason to stop and no verdict on rows.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

use crate::{
    api::{PerClass, RateClass},
    row::Failure,
    stop::{StopReason, UnreachableReason},
};

/// So long may nothing answer at the very start before the run stops.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// So many foreign answers at the start, and nothing else, stop the run.
const FOREIGN_ANSWERS_AT_START: u32 = 3;

/// The longest that a request takes beside the wait that the server asks for.
/// After a longer gap the program itself was stopped, and counts afresh.
const LONGEST_ROUND: Duration = Duration::from_secs(60);

/// What the answers so far say of the other end.
#[derive(Debug, Default)]
pub(crate) struct Reachability {
    first_sent: Cell<Option<Instant>>,
    answered: Cell<bool>,
    verdicts: PerClass<Cell<u64>>,
    foreign_in_a_row: Cell<u32>,
    /// The first and the last limit that was met since the last verdict.
    throttled: Cell<Option<(Instant, Instant)>>,
}

impl Reachability {
    /// The API dealt with a call of this class.
    pub(crate) fn record_verdict(&self, class: RateClass) {
        self.verdicts[class].update(|verdicts| verdicts + 1);
        self.throttled.set(None);
        self.record_answer();
    }

    /// The API answered, if only that it cannot now.
    pub(crate) fn record_answer(&self) {
        self.answered.set(true);
        self.foreign_in_a_row.set(0);
    }

    /// Whether the API has ever answered.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered.get()
    }

    /// In an outage it is its probes that tell whether this is HubSpot.
    pub(crate) fn forget_foreign(&self) {
        self.foreign_in_a_row.set(0);
    }

    /// Calls that the API has dealt with.
    pub(crate) fn verdicts(&self) -> u64 {
        self.verdicts.iter().map(Cell::get).sum()
    }

    /// Those of this class, which share a limit.
    pub(crate) fn verdicts_of_class(&self, class: RateClass) -> u64 {
        self.verdicts[class].get()
    }

    /// Nothing answered. `Ok` says whether that counts as a try of the row;
    /// before the first answer of all it does not.
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

    /// A limit was met. Where nothing else has come for longer than the run
    /// may wait, it stops.
    pub(crate) fn record_throttled(&self, longest_wait: Duration) -> Result<(), StopReason> {
        self.record_answer();
        let now = Instant::now();
        let before = self.throttled.get();
        let longest_gap = longest_wait.saturating_add(LONGEST_ROUND);
        let since = before
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

    /// Something answered that is not the API. `used_up` has the number of
    /// attempts of a row that has no tries left.
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
