//! Decides whose fault failed tries are: a row's own, or everybody's because nothing gets through
//! any more. Pure policy, with the clock as an argument.
//!
//! Failures form an *episode*. It is over when as many responses succeeded as different operations
//! failed in it: one success in a long outage proves nothing. It is also over when at least three
//! operations failed and fewer than three of them still have no outcome: otherwise the last rows of
//! a file would wait for others for ever. A question of the run counts like an operation for rows.
//!
//! An episode with three failed rows is everybody's fault, and these rows get back the tries that
//! they used up in it. If nothing gets through for ten seconds on top of that, it is an outage.
//!
//! A row that fails while others succeed is itself at fault. It does not count for an episode, so a
//! few such rows at the end of a file do not look like an outage.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokio::time::Instant;

/// If this many different rows fail together, it is not their own fault.
const SHARED_FAULT_OPERATIONS: u32 = 3;

/// If nothing has got through for this long, it is an outage.
const OUTAGE_AFTER: Duration = Duration::from_secs(10);

/// If nothing got through for this long, the rows that failed meanwhile are not at fault: they may
/// count for the next episode as well.
const QUIET_AFTER: Duration = Duration::from_secs(2);

/// Whether the row of a request can be the reason why the request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowBlame {
    /// It can: the request may have reached the server.
    Possible,
    /// It cannot: there was no connection, or the request was about no row.
    Excluded,
}

/// A request that failed in a way that a server that is down would cause, with or without a
/// response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedTry {
    blame: RowBlame,
    pub(crate) sent_at: Instant,
}

impl FailedTry {
    /// A request without a connection.
    pub(crate) fn unsent(sent_at: Instant) -> Self {
        let blame = RowBlame::Excluded;
        Self { blame, sent_at }
    }

    /// A request that may have reached the server.
    pub(crate) fn sent(sent_at: Instant) -> Self {
        let blame = RowBlame::Possible;
        Self { blame, sent_at }
    }

    /// A request that was about no row.
    pub(crate) fn without_row(self) -> Self {
        let blame = RowBlame::Excluded;
        Self { blame, ..self }
    }
}

/// The state of an episode, for the rows that failed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EpisodeState {
    /// It may still become an outage.
    Ongoing { is_shared_fault: bool },
    /// Others succeeded.
    Over {
        is_shared_fault: bool,
        was_quiet: bool,
    },
}

/// How many tries a row has used up, and which of them it may get back. A try is a failed attempt
/// that counts towards `--max-attempts`.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    used: u32,
    failed: u32,
    undecided: Option<UndecidedTries>,
    has_own_fault: bool,
}

/// The tries that a row used up in an episode. Nobody knows yet whether they were its own fault.
#[derive(Debug)]
struct UndecidedTries {
    episode: Rc<Cell<EpisodeState>>,
    count: u32,
}

impl Tries {
    /// Of rows that failed before while others succeeded, or that did not.
    pub(crate) fn with_own_fault(has_own_fault: bool) -> Self {
        Self {
            has_own_fault,
            ..Self::default()
        }
    }

    /// Whether the row failed while others succeeded.
    pub(crate) fn has_own_fault(&self) -> bool {
        self.has_own_fault
    }

    /// The row is itself at fault.
    pub(crate) fn mark_own_fault(&mut self) {
        // A row that the episode has counted as a witness stays one until the episode is over, or
        // the episode's own count would no longer add up.
        self.has_own_fault |= self.undecided.is_none();
    }

    /// Tries used up.
    pub(crate) fn used(&self) -> u32 {
        self.used
    }

    /// Failed tries, including those that this episode gives back.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }

    /// A try failed, for whatever reason.
    pub(crate) fn count_failed(&mut self) {
        self.used += 1;
        self.failed += 1;
    }

    /// Whether other rows may still show that it was everybody's fault.
    pub(crate) fn may_be_given_back(&self) -> bool {
        let state = self
            .undecided
            .as_ref()
            .map(|undecided| undecided.episode.get());
        state
            == Some(EpisodeState::Ongoing {
                is_shared_fault: false,
            })
    }

    /// Applies what has become known about the episode.
    pub(crate) fn update(&mut self) {
        let Some(undecided) = &mut self.undecided else {
            return;
        };
        let state = undecided.episode.get();
        let (EpisodeState::Ongoing { is_shared_fault }
        | EpisodeState::Over {
            is_shared_fault, ..
        }) = state;
        if is_shared_fault {
            self.used -= std::mem::take(&mut undecided.count);
        }
        if let EpisodeState::Over { was_quiet, .. } = state {
            self.undecided = None;
            self.has_own_fault |= !was_quiet;
            // The back-off starts again together with the tries.
            self.failed = self.used;
        }
    }
}

/// Failures that belong together.
#[derive(Debug)]
struct FailureEpisode {
    state: Rc<Cell<EpisodeState>>,
    /// When the first failed request was sent.
    first_sent: Instant,
    /// Different rows that failed and are not themselves at fault.
    failed_operations: u32,
    /// Those of them that have no outcome yet.
    unfinished_operations: u32,
    /// Whether a request failed that no row can be to blame for.
    has_blameless_failure: bool,
    /// Successful responses to requests that were sent since.
    successes: u32,
    /// Whether it was everybody's fault and nothing got through for [`QUIET_AFTER`].
    was_quiet: bool,
}

impl FailureEpisode {
    fn new(first_sent: Instant) -> Self {
        Self {
            state: Rc::new(Cell::new(EpisodeState::Ongoing {
                is_shared_fault: false,
            })),
            first_sent,
            failed_operations: 0,
            unfinished_operations: 0,
            has_blameless_failure: false,
            successes: 0,
            was_quiet: false,
        }
    }

    fn is_shared_fault(&self) -> bool {
        self.has_enough_operations() || self.has_blameless_failure
    }

    fn has_enough_operations(&self) -> bool {
        self.failed_operations >= SHARED_FAULT_OPERATIONS
    }

    fn is_over(&self) -> bool {
        self.successes >= self.failed_operations.max(1)
            || self.has_enough_operations() && self.unfinished_operations < SHARED_FAULT_OPERATIONS
    }
}

/// What the responses so far say about the server.
#[derive(Debug, Default)]
pub(crate) struct OutageDetector {
    episode: Option<FailureEpisode>,
    /// The time of the last success, or of the first failure.
    quiet_since: Option<Instant>,
    is_open: bool,
}

impl OutageDetector {
    /// Whether no failure is remembered. Then a success changes nothing.
    pub(crate) fn has_no_failures(&self) -> bool {
        self.episode.is_none() && !self.is_open
    }

    /// Since when nothing has got through, if there is an outage.
    pub(crate) fn open_since(&self) -> Option<Instant> {
        self.quiet_since.filter(|_| self.is_open)
    }

    /// A try failed in a way that a server that is down would cause: no connection, no response, or
    /// a broken one.
    pub(crate) fn record_failure(&mut self, tries: &mut Tries, failed: FailedTry, now: Instant) {
        let FailedTry { blame, sent_at } = failed;
        tries.update();
        tries.count_failed();
        let quiet_since = self.quiet_since.filter(|_| self.episode.is_some());
        self.quiet_since = quiet_since.or(Some(now));
        let episode = self
            .episode
            .get_or_insert_with(|| FailureEpisode::new(sent_at));
        if tries.undecided.is_none() && !tries.has_own_fault {
            episode.failed_operations += 1;
            episode.unfinished_operations += 1;
        }
        episode.has_blameless_failure |= blame == RowBlame::Excluded;
        let state = &episode.state;
        let undecided = tries.undecided.get_or_insert_with(|| UndecidedTries {
            episode: Rc::clone(state),
            count: 0,
        });
        undecided.count += 1;
        let is_shared_fault = episode.is_shared_fault();
        state.set(EpisodeState::Ongoing { is_shared_fault });
        tries.update();
        // The program itself may have been stopped during this time. That costs no more than a
        // probe.
        let quiet_for = quiet_since.map_or(Duration::ZERO, |since| now - since);
        episode.was_quiet |= is_shared_fault && quiet_for >= QUIET_AFTER;
        self.is_open |= is_shared_fault && quiet_for >= OUTAGE_AFTER;
    }

    /// The server gave a verdict, or otherwise showed that it is well.
    pub(crate) fn record_sign_of_life(&mut self, sent_at: Instant, now: Instant) {
        self.quiet_since = Some(now);
        self.is_open = false;
        if let Some(episode) = &mut self.episode {
            episode.successes += u32::from(sent_at > episode.first_sent);
        }
        self.end_if_over();
    }

    /// A row has its outcome.
    pub(crate) fn operation_finished(&mut self, tries: &Tries) {
        if let (Some(undecided), Some(episode)) = (&tries.undecided, &mut self.episode)
            && Rc::ptr_eq(&undecided.episode, &episode.state)
            && !tries.has_own_fault
        {
            episode.unfinished_operations -= 1;
        }
        self.end_if_over();
    }

    fn end_if_over(&mut self) {
        if let Some(episode) = self.episode.take_if(|episode| episode.is_over()) {
            let (is_shared_fault, was_quiet) = (episode.is_shared_fault(), episode.was_quiet);
            episode.state.set(EpisodeState::Over {
                is_shared_fault,
                was_quiet,
            });
            self.is_open = false;
        }
    }
}

#[cfg(test)]
mod tests;
