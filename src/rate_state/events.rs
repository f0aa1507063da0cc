//! Events of the shared rate-limit state, as data.
//!
//! Contains no texts: the function that reports is passed in.

use std::io;

/// An event to report.
#[derive(Debug)]
pub enum RateStateEvent {
    /// The state was damaged, or the clock was set back. It starts again as if the limit had just
    /// been used up.
    Reset,
    /// The state cannot be used any more. The run keeps its own pace alone.
    Abandoned(UnusableReason),
}

/// Why the state cannot be used.
#[derive(Debug)]
pub enum UnusableReason {
    /// Another process has held the lock for seconds.
    LockHeld,
    /// It cannot be read or written any more.
    Io(io::Error),
}
