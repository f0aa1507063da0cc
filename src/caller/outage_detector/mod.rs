//! Whose fault failed tries are: a row's own, or everybody's because nothing
//! gets through any more. Pure policy, with the clock as an argument.
//!
//! Failures make up an *episode*, which is over when as many answers got
//! through as different rows failed in it: one answer in a long outage proves
//! nothing. An episode that three rows share is everybody's, and the tries
//! that rows used up in it are given back. If besides nothing gets through for
//! ten seconds, it is an outage.
//!
//! A row that fails while others get through has a fault of its own. It is no
//! witness to an episode, so that a few such rows at the end of a file are not
//! taken for an outage.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokio::time::Instant;

/// So many different rows that fail together have no fault of their own.
const ROWS_OF_EVERYBODY: u32 = 3;

/// When nothing has got through for so long, it is an outage.
const OUTAGE_AFTER: Duration = Duration::from_secs(10);

/// When nothing has got through for so long, rows that go on failing later
/// are not under suspicion for having failed then.
const SILENT_AFTER: Duration = Duration::from_secs(2);

/// Whether a request that failed had left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FailedSend {
    /// There was no connection: that is no fault of a row, whichever it is.
    NotSent,
    /// It may have reached the server.
    MaybeSent,
}

/// A request that failed as it does when a server is away, answered or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedTry {
    sending: FailedSend,
    pub(crate) sent_at: Instant,
}

impl FailedTry {
    /// One of that time that had no connection.
    pub(crate) fn unsent(sent_at: Instant) -> Self {
        let sending = FailedSend::NotSent;
        Self { sending, sent_at }
    }

    /// One of that time that may have reached the server.
    pub(crate) fn sent(sent_at: Instant) -> Self {
        let sending = FailedSend::MaybeSent;
        Self { sending, sent_at }
    }
}

/// What is known of an episode, for the rows that failed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EpisodeState {
    /// It may yet be an outage.
    Open { is_shared_fault: bool },
    /// Others got through.
    Over {
        is_shared_fault: bool,
        was_silent: bool,
    },
}

/// How many tries a row has used up, and which of them may be given back.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    used: u32,
    failed: u32,
    in_doubt: Option<DoubtfulTries>,
    has_own_fault: bool,
}

/// The tries of a row in an episode.
#[derive(Debug)]
struct DoubtfulTries {
    episode: Rc<Cell<EpisodeState>>,
    count: u32,
}

impl Tries {
    /// Of rows that have, or have not, failed before while others got through.
    pub(crate) fn with_own_fault(has_own_fault: bool) -> Self {
        Self {
            has_own_fault,
            ..Self::default()
        }
    }

    /// Whether it failed while others got through.
    pub(crate) fn has_own_fault(&self) -> bool {
        self.has_own_fault
    }

    /// It fails for a reason of its own.
    pub(crate) fn mark_own_fault(&mut self) {
        // A witness that it was stays one until that episode is over.
        self.has_own_fault |= self.in_doubt.is_none();
    }

    /// Tries that count towards `--max-attempts`.
    pub(crate) fn used(&self) -> u32 {
        self.used
    }

    /// Tries that failed, those included that this episode gives back.
    pub(crate) fn failed(&self) -> u32 {
        self.failed
    }

    /// A try failed, for whatever reason.
    pub(crate) fn use_one(&mut self) {
        self.used += 1;
        self.failed += 1;
    }

    /// Whether other rows may yet show that it was everybody's fault.
    pub(crate) fn are_in_doubt(&self) -> bool {
        let finding = self.in_doubt.as_ref().map(|doubt| doubt.episode.get());
        finding
            == Some(EpisodeState::Open {
                is_shared_fault: false,
            })
    }

    /// Takes notice of what has been found meanwhile.
    pub(crate) fn update(&mut self) {
        let Some(doubt) = &mut self.in_doubt else {
            return;
        };
        let finding = doubt.episode.get();
        let (EpisodeState::Open {
            is_shared_fault: everybodys,
        }
        | EpisodeState::Over {
            is_shared_fault: everybodys,
            ..
        }) = finding;
        if everybodys {
            self.used -= std::mem::take(&mut doubt.count);
        }
        if let EpisodeState::Over {
            was_silent: silent, ..
        } = finding
        {
            self.in_doubt = None;
            self.has_own_fault |= !silent;
            // The back-off begins again where the tries do.
            self.failed = self.used;
        }
    }
}

/// Failures that belong together.
#[derive(Debug)]
struct FailureEpisode {
    state: Rc<Cell<EpisodeState>>,
    /// When the first request that failed was sent.
    first_sent: Instant,
    /// Different rows without a fault of their own that failed.
    failed_rows: u32,
    /// Those of them that have no outcome yet.
    unfinished_rows: u32,
    /// Whether a request never left, which no row is to blame for.
    has_unsent_request: bool,
    /// Answers that got through to requests sent since.
    successes: u32,
    /// Whether it was everybody's, and nothing got through for a while.
    was_silent: bool,
}

impl FailureEpisode {
    fn new(first_sent: Instant) -> Self {
        Self {
            state: Rc::new(Cell::new(EpisodeState::Open {
                is_shared_fault: false,
            })),
            first_sent,
            failed_rows: 0,
            unfinished_rows: 0,
            has_unsent_request: false,
            successes: 0,
            was_silent: false,
        }
    }

    fn is_shared_fault(&self) -> bool {
        self.has_enough_rows() || self.has_unsent_request
    }

    fn has_enough_rows(&self) -> bool {
        self.failed_rows >= ROWS_OF_EVERYBODY
    }

    fn is_over(&self) -> bool {
        // The last rows of a file cannot wait for others to get through.
        self.successes >= self.failed_rows.max(1)
            || self.has_enough_rows() && self.unfinished_rows < ROWS_OF_EVERYBODY
    }
}

/// What the answers so far say of the server.
#[derive(Debug, Default)]
pub(crate) struct OutageDetector {
    episode: Option<FailureEpisode>,
    /// When something got through, or the first failure was seen.
    quiet_since: Option<Instant>,
    is_open: bool,
}

impl OutageDetector {
    /// Whether no failure is remembered: then an answer is no news.
    pub(crate) fn has_no_failures(&self) -> bool {
        self.episode.is_none() && !self.is_open
    }

    /// Since when nothing has got through, in an outage.
    pub(crate) fn open_since(&self) -> Option<Instant> {
        self.quiet_since.filter(|_| self.is_open)
    }

    /// A try failed as it does when a server is away: no connection, no
    /// answer, a broken one.
    pub(crate) fn record_failure(&mut self, tries: &mut Tries, failed: FailedTry, now: Instant) {
        let FailedTry { sending, sent_at } = failed;
        tries.update();
        tries.use_one();
        let quiet_since = self.quiet_since.filter(|_| self.episode.is_some());
        self.quiet_since = quiet_since.or(Some(now));
        let episode = self
            .episode
            .get_or_insert_with(|| FailureEpisode::new(sent_at));
        if tries.in_doubt.is_none() && !tries.has_own_fault {
            episode.failed_rows += 1;
            episode.unfinished_rows += 1;
        }
        episode.has_unsent_request |= sending == FailedSend::NotSent;
        let finding = &episode.state;
        let doubt = tries.in_doubt.get_or_insert_with(|| DoubtfulTries {
            episode: Rc::clone(finding),
            count: 0,
        });
        doubt.count += 1;
        let everybodys = episode.is_shared_fault();
        finding.set(EpisodeState::Open {
            is_shared_fault: everybodys,
        });
        tries.update();
        // Time during which the program itself was stopped may be in this. It
        // costs no more than a probe.
        let quiet = quiet_since.map_or(Duration::ZERO, |since| now - since);
        episode.was_silent |= everybodys && quiet >= SILENT_AFTER;
        self.is_open |= everybodys && quiet >= OUTAGE_AFTER;
    }

    /// The server gave a verdict, or showed otherwise that it is well.
    pub(crate) fn record_success(&mut self, sent_at: Instant, now: Instant) {
        self.quiet_since = Some(now);
        self.is_open = false;
        if let Some(episode) = &mut self.episode {
            episode.successes += u32::from(sent_at > episode.first_sent);
        }
        self.end_if_over();
    }

    /// A row has its outcome.
    pub(crate) fn row_finished(&mut self, tries: &Tries) {
        if let (Some(doubt), Some(episode)) = (&tries.in_doubt, &mut self.episode)
            && Rc::ptr_eq(&doubt.episode, &episode.state)
            && !tries.has_own_fault
        {
            episode.unfinished_rows -= 1;
        }
        self.end_if_over();
    }

    fn end_if_over(&mut self) {
        if let Some(episode) = self.episode.take_if(|episode| episode.is_over()) {
            let (everybodys, silent) = (episode.is_shared_fault(), episode.was_silent);
            episode.state.set(EpisodeState::Over {
                is_shared_fault: everybodys,
                was_silent: silent,
            });
            self.is_open = false;
        }
    }
}

#[cfg(test)]
mod tests;
