//! What happens to the calls of a run and is worth telling, as data; and how it is told.
//!
//! Knows no words: who tells is handed in.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    account::AccountId,
    api::Class,
    rate::{Limit, Rate},
    row::Failure,
    stop::DayUsedUp,
};

/// Something to be told.
#[derive(Clone, Debug)]
pub enum Event {
    /// The token is of this account.
    AccountKnown(AccountId),
    /// Whose it is could not be found out, and the run goes on.
    AccountUnknown {
        /// The account that the run was begun in.
        begun_in: AccountId,
        /// Why, if HubSpot said.
        why: Option<Failure>,
    },
    /// HubSpot tells another limit than before.
    LimitTold {
        /// Of which calls.
        class: Class,
        /// The limit.
        told: Rate,
        /// The rate that the user wants.
        own: Option<Rate>,
    },
    /// A call is tried again, after a while.
    TriedAgain {
        /// When.
        at: Timestamp,
        /// Why.
        why: Retried,
    },
    /// Retries wait for each other.
    RetriesWait(Retried),
    /// Batches are taken apart because of what they meet.
    Halved(Failure),
    /// Everybody waits.
    Paused {
        /// Until when.
        until: Timestamp,
        /// What for.
        what: Pausing,
    },
    /// Everybody still waits, for so long already.
    StillPaused(Pause, Duration),
    /// Nothing gets through.
    NothingThrough(NothingThrough),
    /// HubSpot answers again, after so long.
    Back(Duration),
    /// Many answers of the day were errors.
    ManyErrors {
        /// So many.
        errors: u64,
        /// Of so many.
        calls: u64,
        /// What most of them are.
        most_are: ErrorKind,
    },
    /// What is left of the day's quota is not told, so that no reserve can be kept.
    ReserveUnknown,
    /// The next day's quota begins.
    DayBegins,
}

/// An outage.
#[derive(Clone, Debug)]
pub struct NothingThrough {
    /// Since when nothing has got through.
    pub since: Timestamp,
    /// Until when HubSpot is asked whether it is back.
    pub until: Timestamp,
    /// What happened last.
    pub why: Failure,
    /// Whether that was told before.
    pub is_known: bool,
}

/// Why an operation is tried again.
#[derive(Clone, Debug)]
pub enum Retried {
    /// By what happened to it.
    Failed(Failure),
    /// The access token was refused, or replaced meanwhile.
    Outdated,
}

/// What everybody waits for, where that begins.
#[derive(Clone, Debug)]
pub enum Pausing {
    /// A limit was met.
    Limit(Limit),
    /// The day's quota is used up.
    Day {
        /// What of it is.
        used_up: DayUsedUp,
        /// When the next day's begins, if that is known.
        resets_at: Option<Timestamp>,
    },
}

/// What everybody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A limit was met.
    Limit(Limit),
    /// The day's quota is used up.
    Day,
}

/// Why nothing is sent, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When sending goes on.
    pub until: Timestamp,
    /// What for.
    pub reason: PauseReason,
}

impl Pausing {
    /// The same without its particulars.
    #[must_use]
    pub fn reason(&self) -> PauseReason {
        match self {
            Self::Limit(limit) => PauseReason::Limit(*limit),
            Self::Day { .. } => PauseReason::Day,
        }
    }
}

/// What most errors of a day are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Calls that HubSpot refused.
    Refused,
    /// 429s.
    Throttled,
    /// Passing faults.
    Passing,
}

/// How it is told: functions of whoever has words.
#[derive(Clone, Copy, Debug)]
pub struct Teller {
    /// Tells an event.
    pub event: fn(&Event),
    /// Why an operation is tried again, in short.
    pub retried: fn(&Retried) -> String,
    /// What everybody waits for, in short.
    pub paused: fn(PauseReason) -> &'static str,
}

impl Default for Teller {
    /// Tells nothing.
    fn default() -> Self {
        Self {
            event: |_| {},
            retried: |_| String::new(),
            paused: |_| "",
        }
    }
}
