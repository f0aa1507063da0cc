//! What happens to the ledger and is worth telling, as data.
//!
//! Knows no words: who tells is handed in.

use std::io;

/// Something to be told.
#[derive(Debug)]
pub enum RateStateEvent {
    /// It was damaged, or the clock was set back: it begins anew, as if the limit had just
    /// been used up.
    Reset,
    /// It cannot be used any more, and the run keeps to its pace alone.
    Abandoned(UnusableReason),
}

/// Why it cannot be used.
#[derive(Debug)]
pub enum UnusableReason {
    /// Another process has held its lock for seconds.
    LockHeld,
    /// It can be read or written no more.
    Io(io::Error),
}
