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
    error::JournalError,
    events::JournalEvent,
    open_file::{OpenMode, create, exists, leads_to, no_run_error, reopen},
    recorded_run::RecordedRun,
    run_log::{RunLogFile, run_log_path},
    run_log_reader,
};
use crate::output::FailuresFile;

/// Files that appear or vanish between two looks are looked at again.
const MAX_TRIES: usize = 10;

/// So long a killed run may keep its lock.
const RELEASE_WAIT: Duration = Duration::from_secs(1);

/// How often it is tried meanwhile.
const RETRY_EVERY: Duration = Duration::from_millis(20);

/// Whether a run left anything at this path.
#[must_use]
pub fn files_exist(results: &Path) -> bool {
    exists(results) || exists(&run_log_path(results))
}

/// Whether these are results without anything beside them that could be locked.
#[must_use]
pub fn lacks_run_log(results: &Path) -> bool {
    exists(results) && !exists(&run_log_path(results))
}

/// Whether another run has the files of this one at this moment.
#[must_use]
pub fn is_in_use(results: &Path) -> bool {
    let file = reopen(&run_log_path(results), OpenMode::Read);
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
pub struct LockedRun {
    pub(super) new_log: NewLogGuard,
    pub(super) results: PathBuf,
    pub(super) run_log: RunLogFile,
    pub(super) on_event: fn(&JournalEvent),
}

/// A companion that we made and that says nothing yet; it goes again if
/// nothing comes of it.
#[derive(Debug)]
pub(super) struct NewLogGuard(pub(super) Option<PathBuf>);

impl Drop for NewLogGuard {
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
pub fn lock(results: &Path, tell: fn(&JournalEvent)) -> Result<LockedRun, JournalError> {
    let path = run_log_path(results);
    for _ in 0..MAX_TRIES {
        let (file, unbegun) = match create(&path) {
            Ok(file) => (file, NewLogGuard(Some(path.clone()))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match reopen(&path, OpenMode::Append)? {
                    Some(file) => (file, NewLogGuard(None)),
                    None => continue,
                }
            }
            Err(error) => return Err(JournalError::Create(path, error)),
        };
        if let Some(locked) = lock_file(results, &path, file, unbegun, tell)? {
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
pub fn open_recorded_run(
    results: &Path,
    tell: fn(&JournalEvent),
) -> Result<(LockedRun, RecordedRun), JournalError> {
    let path = run_log_path(results);
    for _ in 0..MAX_TRIES {
        let Some(file) = reopen(&path, OpenMode::Read)? else {
            return Err(no_run_error(results, path));
        };
        if let Some(locked) = lock_file(results, &path, file, NewLogGuard(None), tell)
            .map_err(JournalError::as_read_only_error)?
        {
            let log =
                run_log_reader::read(&locked.run_log).map_err(JournalError::as_read_only_error)?;
            let past = match log {
                Some(log) => RecordedRun::read(results, log, OpenMode::Read, tell)?,
                None => None,
            };
            let past = past.ok_or_else(|| no_run_error(results, path))?;
            return Ok((locked, past));
        }
    }
    Err(JournalError::InUse(results.to_owned()))
}

/// Locks an open companion; `None` if whoever had it has taken it away before
/// we got it.
fn lock_file(
    results: &Path,
    path: &Path,
    file: File,
    unbegun: NewLogGuard,
    tell: fn(&JournalEvent),
) -> Result<Option<LockedRun>, JournalError> {
    match try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(results.to_owned())),
        Err(TryLockError::Error(error)) => tell(&JournalEvent::NotLocked(path.to_owned(), error)),
    }
    let path = path.to_owned();
    match leads_to(&path, &file) {
        Ok(false) => Ok(None),
        Err(error) => Err(JournalError::Create(path, error)),
        Ok(true) => Ok(Some(LockedRun {
            new_log: unbegun,
            results: results.to_owned(),
            run_log: RunLogFile::new(file, path),
            on_event: tell,
        })),
    }
}

/// Takes the lock, or waits a little for it: one that was just killed may
/// still be held by a sync that is under way.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    let until = Instant::now() + RELEASE_WAIT;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(RETRY_EVERY),
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

impl LockedRun {
    /// Where the run wrote to that the files record, and the failures file that it left
    /// last, without a look at its results; `None` if there is none.
    ///
    /// # Errors
    /// If the companion is none of ours, or damaged.
    pub fn target_and_failures(
        &self,
    ) -> Result<Option<(String, Option<FailuresFile>)>, JournalError> {
        let log = run_log_reader::read(&self.run_log)?;
        Ok(log.map(|log| (log.info.server.target, log.latest.failures)))
    }

    /// The run that the files record; `None` if there are no results.
    ///
    /// # Errors
    /// If they are not as a run left them.
    pub fn recorded_run(&self) -> Result<Option<RecordedRun>, JournalError> {
        match run_log_reader::read(&self.run_log)? {
            Some(log) => RecordedRun::read(&self.results, log, OpenMode::Append, self.on_event),
            None if exists(&self.results) => Err(JournalError::NoRunLogToResume {
                results: self.results.clone(),
                run_log: self.run_log.path.clone(),
            }),
            None => Ok(None),
        }
    }
}
