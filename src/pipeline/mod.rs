//! The pipeline: takes rows, delivers batches concurrently, and records reports.
//!
//! All requests that are in flight together are made here, on one task. Knows nothing of HubSpot, CSV or terminals.

mod batch_builder;
mod capacity;
mod event_loop;
mod held_writes;
mod key_ordering;
mod multi_link_rows;
mod recording;
mod resolve;
mod row_feed;
mod row_strategy;
mod state;

pub use capacity::ConcurrencyLimits;
pub use event_loop::{run, run_command, run_resolving};
pub use resolve::{PassThrough, ResolveRows, ResolvedRows, ResolvedSender, send_all};
pub use row_strategy::{NextStep, RowStrategy};
