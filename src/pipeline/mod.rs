//! The pipeline: takes rows, delivers batches concurrently, and records reports.
//!
//! The only concurrency of the program. Knows nothing of HubSpot, CSV or terminals.

mod batch_builder;
mod capacity;
mod command;
mod event_loop;
mod held_writes;
mod key_ordering;
mod multi_link_rows;
mod recording;
mod resolve;
mod state;

pub use capacity::ConcurrencyLimits;
pub use command::{NextStep, RowCommand};
pub use event_loop::{run, run_command, run_resolving};
pub use resolve::{PassThrough, ResolveRows, ResolvedRows};
