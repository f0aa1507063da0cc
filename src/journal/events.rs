//! Events about the files of a run that the user should hear of, as data.
//!
//! Contains no sentences: the caller passes in the function that reports them.

use std::{io, path::PathBuf};

use jiff::Timestamp;

/// An event to report.
#[derive(Debug)]
pub enum JournalEvent {
    /// This file cannot be locked, so another run may be writing to it.
    NotLocked(PathBuf, io::Error),
    /// The results of a run that began at this time are missing, so it starts over.
    ResultsGone(PathBuf, Timestamp),
}
