//! The circuit breaker: whether the server can be reached, whose fault failures are, and what
//! happens while nothing gets through. All operations share it.
//!
//! Sends nothing.

mod half_open;
mod reachability;
mod state;
mod unfinished_operations;

pub(super) use state::{CircuitBreaker, HoldResult, SendPermit};
