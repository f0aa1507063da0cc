//! What every command over rows shares: start, run, close. `command_context`, `signals` and
//! `lock_wait` begin a command; `connect` makes its caller; `run` processes rows with the
//! command's job; `run_records` records them; `closing` and `summary` end the command with its
//! closing report; `metrics` tells a monitor about it all the while.

pub(super) mod closing;
pub(super) mod command_context;
pub(super) mod connect;
mod explain_command;
mod lock_wait;
mod metrics;
pub(super) mod run;
pub(super) mod run_records;
pub(super) mod signals;
pub(super) mod summary;

pub(super) use lock_wait::LockWait;
