//! What happens to the files of a run and is worth telling, as data.
//!
//! Knows no words: who tells is handed in.

use std::{io, path::PathBuf};

use jiff::Timestamp;

/// Something to be told.
#[derive(Debug)]
pub enum JournalEvent {
    /// This file cannot be locked, so that another run may write there.
    NotLocked(PathBuf, io::Error),
    /// The results of the run that was begun then are gone: it is begun anew.
    ResultsGone(PathBuf, Timestamp),
}
