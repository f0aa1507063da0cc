//! Whether a server is there, and whose fault failures are: the state that all
//! operations share, and what is done while nothing gets through.
//!
//! Sends nothing.

mod contact;
mod probes;
mod state;
mod witnesses;

pub(super) use state::{Breaker, News, Turn};
