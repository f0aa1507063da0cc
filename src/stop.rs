//! The switch that ends a run early, and the reason as data.
//!
//! Any code can request a stop; the loop then drains the in-flight requests and ends. The text for
//! a reason is elsewhere.

use std::{
    future::poll_fn,
    path::PathBuf,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::future::{Either, select};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    account::AccountId,
    error_threshold::ThresholdExceeded,
    failure::{AccessDenied, Failure, UntrustedCertificate},
    rate::RateLimit,
};

/// Why a run ends before the end of its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The results could not be written.
    Output(OutputFailure),
    /// The token or its permissions were refused.
    Credentials(Box<AccessDenied>),
    /// The token belongs to another account than the run, or may do so.
    WrongAccount {
        /// The account of the token, and the account that it should be.
        mismatch: AccountMismatch,
        /// Whether rows were sent before, with a token that has since been replaced.
        has_sent: bool,
    },
    /// The daily quota is used up.
    DayQuota {
        /// How much of it is used up.
        used_up: UsedUpQuota,
        /// When the quota resets, if the account's time zone is known.
        resets_at: Option<Timestamp>,
    },
    /// The reserve for other apps is as large as the daily quota, so no call is left.
    ReserveTooLarge {
        /// Calls allowed per day.
        all: u64,
        /// Calls reserved for other apps.
        kept: u64,
    },
    /// Responses do not come from HubSpot's API.
    NotHubSpot(Box<Failure>),
    /// The server is not reachable, or asks for a longer wait than allowed.
    Unreachable(UnreachableReason),
    /// There were more bad rows than allowed.
    TooManyErrors(Box<ThresholdExceeded>),
    /// The server's certificate was refused.
    Certificate(Box<UntrustedCertificate>),
    /// The program received a signal.
    Signal(Signal),
}

/// Why results can no longer be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputFailure {
    /// The message of the recorder.
    Message(String),
    /// This file could not be written; the message of the system.
    File(PathBuf, String),
    /// This file was replaced, moved or truncated during the run.
    Replaced(PathBuf),
}

impl From<String> for OutputFailure {
    fn from(text: String) -> Self {
        Self::Message(text)
    }
}

/// Why a token must not be used for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountMismatch {
    /// It belongs to another account than the user expects.
    DiffersFromExpected {
        /// Its account.
        found: AccountId,
        /// The account that the user expects.
        wanted: AccountId,
    },
    /// It belongs to another account than the one that the run started with.
    DiffersFromRun {
        /// Its account.
        found: AccountId,
        /// The account of the run.
        begun_in: AccountId,
        /// Whether the run is over, so that a new run cannot replace it.
        is_over: bool,
    },
    /// Its account could not be determined, but the user expects a certain one.
    UnknownForExpected {
        /// The account that the user expects.
        wanted: AccountId,
        /// The reason, if HubSpot gave one.
        why: Option<Box<Failure>>,
    },
    /// Its account could not be determined, and the run is over.
    UnknownForRun {
        /// The run's account.
        begun_in: AccountId,
        /// The reason, if HubSpot gave one.
        why: Option<Box<Failure>>,
    },
}

/// How much of the daily quota is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsedUpQuota {
    /// All of it, as HubSpot reports.
    All(Box<Failure>),
    /// All except the reserve for other apps.
    AllButReserve {
        /// Calls that are left.
        left: u64,
        /// Calls allowed per day.
        all: u64,
        /// Calls reserved for other apps.
        kept: u64,
    },
}

/// In which way a server is not reachable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreachableReason {
    /// The server has never responded.
    NeverAnswered {
        /// The time that the run waited.
        within: Duration,
        /// The last failure.
        last: Box<Failure>,
    },
    /// No request has succeeded for longer than the run may wait.
    NoneSucceeded {
        /// Since when.
        since: Timestamp,
        /// The longest that the run may wait.
        max_wait: Duration,
        /// The last failure.
        last: Box<Failure>,
    },
    /// All responses were 429 for longer than the run may wait.
    OnlyThrottled {
        /// The longest that the run may wait.
        max_wait: Duration,
    },
    /// It asks for a longer wait than the run may wait.
    LongWait {
        /// Until when.
        until: Timestamp,
        /// Why the server asks to wait.
        why: WaitReason,
        /// The longest that the run may wait.
        max_wait: Duration,
    },
}

/// Why a server asks to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// A rate limit was exceeded.
    Limit(RateLimit),
    /// A temporary error.
    Fault(Box<Failure>),
}

/// The signals that end a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The terminal was closed.
    Hangup,
    /// Ctrl-C.
    Interrupt,
    /// A supervisor asks to end.
    Terminate,
}

impl StopReason {
    /// Of several reasons, the one with the lowest rank wins.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Output(_) => 0,
            Self::Credentials(_) | Self::WrongAccount { .. } | Self::ReserveTooLarge { .. } => 1,
            Self::DayQuota { .. } => 2,
            Self::NotHubSpot(_)
            | Self::Unreachable(_)
            | Self::TooManyErrors(_)
            | Self::Certificate(_) => 3,
            Self::Signal(_) => 4,
        }
    }
}

/// A shared switch: once a stop is requested, it stays requested.
#[derive(Clone, Debug)]
pub struct StopSwitch {
    reason: watch::Sender<Option<StopReason>>,
    /// Whether a signal was received, even if another reason is more serious.
    is_signalled: watch::Sender<bool>,
    /// Whether nothing is in progress: the program waits for a person or for a lock.
    is_idle: Arc<AtomicBool>,
    /// Whether any code watches for stop requests.
    is_watched: Arc<AtomicBool>,
}

/// Marks the program as idle until it is dropped.
#[derive(Debug)]
pub struct IdleGuard(Arc<AtomicBool>);

impl Drop for IdleGuard {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Default for StopSwitch {
    fn default() -> Self {
        Self {
            reason: watch::Sender::new(None),
            is_signalled: watch::Sender::new(false),
            is_idle: Arc::default(),
            is_watched: Arc::new(AtomicBool::new(true)),
        }
    }
}

impl StopSwitch {
    /// Requests a stop. The most serious reason is kept; of equal ones, the first.
    pub fn request(&self, reason: StopReason) {
        if matches!(reason, StopReason::Signal(_)) {
            self.is_signalled.send_replace(true);
        }
        self.reason.send_if_modified(|current| {
            let graver = current
                .as_ref()
                .is_none_or(|now| reason.rank() < now.rank());
            if graver {
                *current = Some(reason);
            }
            graver
        });
    }

    /// Marks the program as idle until the guard is dropped: a stop does not have to wait for
    /// anything.
    #[must_use]
    pub fn idle(&self) -> IdleGuard {
        self.is_idle.store(true, Ordering::Relaxed);
        IdleGuard(Arc::clone(&self.is_idle))
    }

    /// Whether nothing is in progress: the program waits for a person or for a lock.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed)
    }

    /// Sets whether any code watches for stop requests from now on. While the first line of a pipe
    /// is awaited, none does.
    pub fn set_watched(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Ordering::Relaxed);
    }

    /// Whether any code watches for stop requests.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed) || self.is_idle()
    }

    /// The reason, if a stop was requested.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        self.reason.borrow().clone()
    }

    /// Whether a stop was requested.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.reason.borrow().is_some()
    }

    /// The result of the work, or `None` if a stop is requested before it is done.
    pub async fn unless_requested<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.is_requested() {
            return None;
        }
        let mut work = pin!(work);
        // Most work completes at once; only work that has to wait needs to listen for a stop.
        let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = first.await {
            return Some(done);
        }
        match select(work, pin!(self.requested())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Returns when a stop is requested.
    pub async fn requested(&self) {
        let mut receiver = self.reason.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = receiver.wait_for(Option::is_some).await;
    }

    /// Returns when a signal is received, even if a stop was requested before.
    pub async fn signalled(&self) {
        let mut receiver = self.is_signalled.subscribe();
        let _ = receiver.wait_for(|is_signalled| *is_signalled).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_serious_reason_is_kept() {
        let stop = StopSwitch::default();
        stop.request(StopReason::Signal(Signal::Interrupt));
        stop.request(StopReason::Credentials(AccessDenied::Expired.into()));
        stop.request(StopReason::Unreachable(UnreachableReason::OnlyThrottled {
            max_wait: Duration::ZERO,
        }));
        assert_eq!(
            stop.reason(),
            Some(StopReason::Credentials(AccessDenied::Expired.into()))
        );
    }
}
