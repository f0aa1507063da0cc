//! Sentences about the file of keys of a run: each says what, where and the remedy.

use std::path::Path;

use super::journal::{cannot_create, not_a_file};
use crate::keys::{KeyFileFault, KeyFileLocation, KeyStoreError};

/// Why what is known of keys cannot be kept.
#[must_use]
pub fn key_store(error: &KeyStoreError) -> String {
    match &error.location {
        KeyFileLocation::BesideResults(path) => beside_results(path, &error.fault),
        KeyFileLocation::TemporaryIn(folder) => temporary(folder, &error.fault),
    }
}

fn beside_results(path: &Path, fault: &KeyFileFault) -> String {
    let shown = path.display();
    match fault {
        KeyFileFault::Create(error) => cannot_create(path, error),
        KeyFileFault::Read(error) => format!(
            "{shown} cannot be read: {error}; delete it and resume the run, which looks up its \
             keys again"
        ),
        KeyFileFault::Write(error) => format!(
            "{shown} could not be written: {error}; check that the disk works and has free space, \
             then resume the run"
        ),
        KeyFileFault::Remove(error) => format!(
            "{shown} cannot be deleted: {error}; the run no longer needs it, so delete it yourself"
        ),
        KeyFileFault::NotAFile => not_a_file(path),
        KeyFileFault::OtherFile => format!(
            "{shown} should hold what a run knows of keys but is another file, and is never \
             overwritten; move it away, or choose another file (-o)"
        ),
        KeyFileFault::Changed => format!(
            "another program changed {shown} while the run was using it; delete it and resume the \
             run, which looks up its keys again"
        ),
        KeyFileFault::NoRandomNumbers => format!(
            "{shown} cannot be created, because the operating system gave no random numbers; run \
             this again later"
        ),
    }
}

fn temporary(folder: &Path, fault: &KeyFileFault) -> String {
    let folder = folder.display();
    match fault {
        KeyFileFault::Create(error) => format!(
            "no temporary file can be created in {folder}: {error}; set TMPDIR (on Windows: TMP) \
             to another folder"
        ),
        KeyFileFault::Write(error) => format!(
            "a temporary file in {folder} could not be written: {error}; free some space there, or \
             set TMPDIR (on Windows: TMP) to another folder"
        ),
        KeyFileFault::Read(error) | KeyFileFault::Remove(error) => format!(
            "a temporary file in {folder} cannot be read: {error}; check that the disk works, then \
             run this again"
        ),
        KeyFileFault::Changed | KeyFileFault::NotAFile | KeyFileFault::OtherFile => format!(
            "another program changed a temporary file in {folder} while it was in use; run this \
             again"
        ),
        KeyFileFault::NoRandomNumbers => format!(
            "no temporary file can be created in {folder}, because the operating system gave no \
             random numbers; run this again later"
        ),
    }
}
