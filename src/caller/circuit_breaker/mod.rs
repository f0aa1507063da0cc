//! Whether a server is there, and whose fault failures are: the state that all
//! operations share, and what is done while nothing gets through.
//!
//! Sends nothing.

mod half_open;
mod in_flight;
mod reachability;
mod state;

pub(super) use state::{CircuitBreaker, HoldResult, SendPermit};
