//! Takes the files of a run for this process alone.
//!
//! The lock is on the companion, so that others can read the results
//! everywhere. It dies with its holder.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    companion::{Companion, companion_path},
    error::JournalError,
    events::Event,
    log,
    past::Past,
    place::{Use, create, exists, leads_to, nothing_at, reopen},
};
use crate::output::FailuresFile;

/// Files that appear or vanish between two looks are looked at again.
const TRIES: usize = 10;

/// So long a killed run may keep its lock.
const DYING_TAKES: Duration = Duration::from_secs(1);

/// How often it is tried meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Whether a run left anything at this path.
#[must_use]
pub fn is_there(results: &Path) -> bool {
    exists(results) || exists(&companion_path(results))
}

/// Whether these are results without anything beside them that could be locked.
#[must_use]
pub fn stand_alone(results: &Path) -> bool {
    exists(results) && !exists(&companion_path(results))
}

/// Whether another run has the files of this one at this moment.
#[must_use]
pub fn is_in_use(results: &Path) -> bool {
    let file = reopen(&companion_path(results), Use::Read);
    let tried = file.ok().flatten().map(|file| file.try_lock());
    matches!(tried, Some(Err(TryLockError::WouldBlock)))
}

/// Refuses results that are there: none are overwritten.
///
/// # Errors
/// If they are there.
pub fn refuse_existing(results: &Path) -> Result<(), JournalError> {
    if exists(results) {
        return Err(JournalError::Exists(results.to_owned()));
    }
    Ok(())
}

/// The files of a run, ours until this is dropped.
#[derive(Debug)]
pub struct Locked {
    pub(super) unbegun: Unbegun,
    pub(super) results: PathBuf,
    pub(super) companion: Companion,
    pub(super) tell: fn(&Event),
}

/// A companion that we made and that says nothing yet; it goes again if
/// nothing comes of it.
#[derive(Debug)]
pub(super) struct Unbegun(pub(super) Option<PathBuf>);

impl Drop for Unbegun {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Takes the files of a run; `tell` tells what happens to them.
///
/// # Errors
/// If another run has them, or they are not files of ours.
pub fn lock(results: &Path, tell: fn(&Event)) -> Result<Locked, JournalError> {
    let path = companion_path(results);
    for _ in 0..TRIES {
        let (file, unbegun) = match create(&path) {
            Ok(file) => (file, Unbegun(Some(path.clone()))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match reopen(&path, Use::Append)? {
                    Some(file) => (file, Unbegun(None)),
                    None => continue,
                }
            }
            Err(error) => return Err(JournalError::Create(path, error)),
        };
        if let Some(locked) = take(results, &path, file, unbegun, tell)? {
            return Ok(locked);
        }
    }
    Err(JournalError::InUse(results.to_owned()))
}

/// Takes the files of a run only to look at them, and reads them. Nothing is
/// created or changed, and they may be protected from being written to.
///
/// # Errors
/// If there is no such run, another has its files, or they are not as it left
/// them.
pub fn open_past(results: &Path, tell: fn(&Event)) -> Result<(Locked, Past), JournalError> {
    let path = companion_path(results);
    for _ in 0..TRIES {
        let Some(file) = reopen(&path, Use::Read)? else {
            return Err(nothing_at(results, path));
        };
        if let Some(locked) =
            take(results, &path, file, Unbegun(None), tell).map_err(JournalError::of_past)?
        {
            let log = log::read(&locked.companion).map_err(JournalError::of_past)?;
            let past = match log {
                Some(log) => Past::read(results, log, Use::Read, tell)?,
                None => None,
            };
            let past = past.ok_or_else(|| nothing_at(results, path))?;
            return Ok((locked, past));
        }
    }
    Err(JournalError::InUse(results.to_owned()))
}

/// Locks an open companion; `None` if whoever had it has taken it away before
/// we got it.
fn take(
    results: &Path,
    path: &Path,
    file: File,
    unbegun: Unbegun,
    tell: fn(&Event),
) -> Result<Option<Locked>, JournalError> {
    match try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(results.to_owned())),
        Err(TryLockError::Error(error)) => tell(&Event::NotLocked(path.to_owned(), error)),
    }
    let path = path.to_owned();
    match leads_to(&path, &file) {
        Ok(false) => Ok(None),
        Err(error) => Err(JournalError::Create(path, error)),
        Ok(true) => Ok(Some(Locked {
            unbegun,
            results: results.to_owned(),
            companion: Companion::new(file, path),
            tell,
        })),
    }
}

/// Takes the lock, or waits a little for it: one that was just killed may
/// still be held by a sync that is under way.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    let until = Instant::now() + DYING_TAKES;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOOK_EVERY),
            tried => return tried,
        }
    }
}

/// Locks the results as well, where that keeps no reader away: they may have
/// another name (a hard link) with another companion.
#[cfg(unix)]
pub(super) fn lock_results(file: &File, path: &Path) -> Result<(), JournalError> {
    match try_lock(file) {
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn lock_results(_: &File, _: &Path) -> Result<(), JournalError> {
    // A lock would keep readers away there.
    Ok(())
}

impl Locked {
    /// Where the run wrote to that the files record, and the failures file that it left
    /// last, without a look at its results; `None` if there is none.
    ///
    /// # Errors
    /// If the companion is none of ours, or damaged.
    pub fn target_and_failures(
        &self,
    ) -> Result<Option<(String, Option<FailuresFile>)>, JournalError> {
        let log = log::read(&self.companion)?;
        Ok(log.map(|log| (log.begun.server.target, log.latest.failures)))
    }

    /// The run that the files record; `None` if there are no results.
    ///
    /// # Errors
    /// If they are not as a run left them.
    pub fn past(&self) -> Result<Option<Past>, JournalError> {
        match log::read(&self.companion)? {
            Some(log) => Past::read(&self.results, log, Use::Append, self.tell),
            None if exists(&self.results) => Err(JournalError::NoCompanion {
                results: self.results.clone(),
                companion: self.companion.path.clone(),
            }),
            None => Ok(None),
        }
    }
}
