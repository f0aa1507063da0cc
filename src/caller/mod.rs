//! One operation of the API through ordered gates to its completion.
//!
//! Knows nothing of rows, nor of status codes, headers or URLs.

mod account;
mod activity;
mod breaker;
mod budget;
mod day;
mod decision;
mod events;
mod gates;
mod in_flight;
mod operation;
mod operations;
mod outage;
mod pacer;
mod question;
mod retry;
mod slots;
mod spell;
mod throttle;
mod verdicts;
mod wire;

pub use activity::{Activity, Away};
pub use budget::RetryPolicy;
pub use day::{DailyReserve, DayPolicy, OnQuota};
pub use decision::Completion;
pub use events::{ErrorKind, Event, NothingThrough, Pause, PauseReason, Pausing, Retried, Teller};
pub use in_flight::{Earlier, InFlight, Siblings, Subject};
pub use operation::Caller;
pub use operations::{Kind, OfKind};
pub use pacer::{Pace, Pacer};
pub use question::Labels;
pub use slots::{Slot, Slots};
