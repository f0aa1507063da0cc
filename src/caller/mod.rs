//! One operation of the API through ordered gates to its completion.
//!
//! Knows nothing of rows, nor of status codes, headers or URLs.

mod account;
mod breaker;
mod budget;
mod call_stats;
mod day;
mod decision;
mod events;
mod gates;
mod in_flight;
mod metrics;
mod operation;
mod outage;
mod pacer;
mod question;
mod reminder;
mod retry;
mod slots;
mod throttle;
mod verdicts;
mod wire;

pub use budget::RetryPolicy;
pub use call_stats::{CallKind, CallKindStats};
pub use day::{DailyReserve, DayPolicy, OnQuota};
pub use decision::Completion;
pub use events::{
    CallerEvent, ErrorCategory, EventReporter, OutageReport, Pause, PauseDetails, PauseReason,
    RetryCause,
};
pub use in_flight::{Earlier, InFlight, Siblings, Subject};
pub use metrics::{Metrics, OutageInfo};
pub use operation::Caller;
pub use pacer::{Pace, Pacer};
pub use question::Labels;
pub use slots::{Slot, Slots};
