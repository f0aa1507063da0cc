//! What every command over rows has: open, run, close. Who is told, what ends it and what it
//! waits for (`opening`, `signals`, `lock`); who makes its calls (`connect`); what is done for
//! rows, which the command brings along (`run`), and what is written down of it (`books`); and
//! how it ends, with a page of the command's own (`close`, `summary`).

pub(super) mod closing;
pub(super) mod command_context;
pub(super) mod connect;
mod lock_wait;
pub(super) mod run;
pub(super) mod run_records;
pub(super) mod signals;
pub(super) mod summary;

pub(super) use lock_wait::LockWait;
