//! Carries out API operations: each passes the gates in order, is sent, and is retried until it is
//! complete.
//!
//! Knows nothing of rows, status codes, headers or URLs.

mod account;
mod backoff;
mod call_stats;
mod circuit_breaker;
mod day_quota;
mod events;
mod execution;
mod gates;
mod metered_api;
mod metrics;
mod operation_state;
mod outage_detector;
mod pacer;
mod permits;
mod question;
mod reminder;
mod retry_budget;
mod retry_decision;
mod throttle;
mod verdicts;

pub use call_stats::{CallKind, CallKindStats, CallLatency};
pub use day_quota::{DailyReserve, DayPolicy, OnQuotaExhausted};
pub use events::{
    CallerEvent, ErrorCategory, EventReporter, OutageReport, Pause, PauseDetails, PauseReason,
    RetryCause,
};
pub use execution::Caller;
pub use metrics::{LaterSearch, Metrics, OutageInfo};
pub use operation_state::{LoggedRows, OperationState, PriorAttempts, SplitSiblings};
pub use pacer::{Pace, Pacer};
pub use permits::{Permit, PermitPool};
pub use question::LabeledTypes;
pub use retry_budget::RetryPolicy;
pub use retry_decision::Completion;
