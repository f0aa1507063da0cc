//! The pipeline: rows in, parcels delivered side by side, reports recorded.
//!
//! The only concurrency of the program. Knows nothing of HubSpot, CSV or
//! terminals.

mod command;
mod held;
mod links;
mod packing;
mod pipeline;
mod recording;
mod resolve;
mod room;
mod turns;
mod work;

pub use command::{Command, Next};
pub use pipeline::{run, run_command, run_resolving};
pub use resolve::{AsRead, Resolve, Resolved};
pub use room::Bounds;
