//! The signal that ends a run early, and its reason, as data.
//!
//! Anybody may ask; the loop drains what is in flight and ends. How a reason is worded
//! is not known here.

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
    /// The token is of another account than the run, or may be.
    WrongAccount {
        /// Which account it is, and which it has to be.
        mismatch: AccountMismatch,
        /// Whether rows were sent before, with a token that was replaced since.
        has_sent: bool,
    },
    /// The day's quota is used up.
    DayQuota {
        /// What of it is.
        used_up: UsedUpQuota,
        /// When the next day's begins, if the account's time zone is known.
        resets_at: Option<Timestamp>,
    },
    /// So much of the day's quota is to stay for others that no day has a call left.
    ReserveTooLarge {
        /// Calls allowed a day.
        all: u64,
        /// Calls that are to stay.
        kept: u64,
    },
    /// What answers is not HubSpot's API.
    NotHubSpot(Box<Failure>),
    /// The server is not there, or asks for a longer wait than allowed.
    Unreachable(UnreachableReason),
    /// More rows were bad than the run may take.
    TooManyErrors(Box<ThresholdExceeded>),
    /// The server's certificate was refused.
    Certificate(Box<UntrustedCertificate>),
    /// A signal asked for it.
    Signal(Signal),
}

/// Why nothing more can be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputFailure {
    /// In the words of whoever records.
    Told(String),
    /// This file could not be written; what the system says.
    File(PathBuf, String),
    /// This file was replaced, moved or cut while the run wrote.
    Replaced(PathBuf),
}

impl From<String> for OutputFailure {
    fn from(text: String) -> Self {
        Self::Told(text)
    }
}

/// Why a token may not be used for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountMismatch {
    /// It is of another account than the user says.
    DiffersFromExpected {
        /// Its account.
        found: AccountId,
        /// What the user says.
        wanted: AccountId,
    },
    /// It is of another account than the one that the run was begun in.
    DiffersFromRun {
        /// Its account.
        found: AccountId,
        /// The run's.
        begun_in: AccountId,
        /// Whether the run is over, so that no other one can be begun instead.
        is_over: bool,
    },
    /// Whose it is could not be found out, and the user says whose it has to be.
    UnknownForExpected {
        /// What the user says.
        wanted: AccountId,
        /// Why it could not be found out, if HubSpot said.
        why: Option<Box<Failure>>,
    },
    /// The same of a run that is over.
    UnknownForRun {
        /// The run's account.
        begun_in: AccountId,
        /// Why it could not be found out, if HubSpot said.
        why: Option<Box<Failure>>,
    },
}

/// What of the day's quota is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsedUpQuota {
    /// All of it, as HubSpot says.
    All(Box<Failure>),
    /// All but what is to stay for others.
    AllButReserve {
        /// Calls that are left.
        left: u64,
        /// Calls allowed a day.
        all: u64,
        /// Calls that are to stay.
        kept: u64,
    },
}

/// How a server is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnreachableReason {
    /// Nothing has ever answered.
    NeverAnswered {
        /// For so long.
        within: Duration,
        /// What happened last.
        last: Box<Failure>,
    },
    /// Nothing has got through for longer than the run may wait.
    NoneSucceeded {
        /// Since then.
        since: Timestamp,
        /// The longest that the run may wait.
        max_wait: Duration,
        /// What happened last.
        last: Box<Failure>,
    },
    /// It has answered nothing but 429 for longer than the run may wait.
    OnlyThrottled {
        /// The longest that the run may wait.
        max_wait: Duration,
    },
    /// It asks for a longer wait than the run may wait.
    LongWait {
        /// Until when.
        until: Timestamp,
        /// Why.
        why: WaitReason,
        /// The longest that the run may wait.
        max_wait: Duration,
    },
}

/// Why a server asks to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// A limit was met.
    Limit(RateLimit),
    /// A passing fault.
    Fault(Box<Failure>),
}

/// The signals that end a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The terminal went away.
    Hangup,
    /// Ctrl-C.
    Interrupt,
    /// A supervisor asks to end.
    Terminate,
}

impl StopReason {
    /// Of several reasons the one with the lowest rank counts.
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

/// A shared switch: once requested, it stays so.
#[derive(Clone, Debug)]
pub struct StopSwitch {
    reason: watch::Sender<Option<StopReason>>,
    /// Whether a signal came, also one that is not the gravest reason.
    is_signalled: watch::Sender<bool>,
    /// Whether nothing is under way: a person is asked, or a lock is waited for.
    is_idle: Arc<AtomicBool>,
    /// Whether anybody looks for a request.
    is_watched: Arc<AtomicBool>,
}

/// As long as nothing is under way.
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
    /// Asks the run to stop; the gravest reason is kept, of equals the first.
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

    /// Nothing is under way until what this returns is dropped: a stop has nothing to
    /// wait for then.
    #[must_use]
    pub fn idle(&self) -> IdleGuard {
        self.is_idle.store(true, Ordering::Relaxed);
        IdleGuard(Arc::clone(&self.is_idle))
    }

    /// Whether nothing is under way: a person is asked, or a lock is waited for.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed)
    }

    /// Whether anybody looks for a request from now on: nobody does who waits for the first
    /// line of a pipe.
    pub fn set_watched(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Ordering::Relaxed);
    }

    /// Whether anybody looks for a request.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed) || self.is_idle()
    }

    /// The reason, once somebody asked.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        self.reason.borrow().clone()
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.reason.borrow().is_some()
    }

    /// What the work yields, unless somebody asks before it is done.
    pub async fn unless_requested<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if self.is_requested() {
            return None;
        }
        let mut work = pin!(work);
        // Most work is done at once; only what has to wait listens as well.
        let first = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = first.await {
            return Some(done);
        }
        match select(work, pin!(self.requested())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Returns when somebody asks.
    pub async fn requested(&self) {
        let mut seen = self.reason.subscribe();
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = seen.wait_for(Option::is_some).await;
    }

    /// Returns when a signal asks, whatever asked before it.
    pub async fn signalled(&self) {
        let mut seen = self.is_signalled.subscribe();
        let _ = seen.wait_for(|is_signalled| *is_signalled).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_reason_is_kept() {
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
