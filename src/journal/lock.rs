//! Locks the files of a run for this process.
//!
//! The lock is on the run log, so that other programs can read the results on every system. The
//! system releases it when the process ends.

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
    open_file::{OpenMode, create, exists, no_run_error, reopen},
    recorded_run::RecordedRun,
    run_log::{RunLogFile, run_log_path},
    run_log_reader,
};
use crate::{output::FailuresFile, private_file::leads_to};

/// A file may appear or vanish between two checks, so they are repeated.
const MAX_TRIES: usize = 10;

/// How long a killed run may still hold its lock.
const RELEASE_WAIT: Duration = Duration::from_secs(1);

/// How often the lock is tried during that time.
const RETRY_EVERY: Duration = Duration::from_millis(20);

/// Whether a run left any file at this path.
#[must_use]
pub fn files_exist(results: &Path) -> bool {
    exists(results) || exists(&run_log_path(results))
}

/// Whether results exist without a run log that could be locked.
#[must_use]
pub fn lacks_run_log(results: &Path) -> bool {
    exists(results) && !exists(&run_log_path(results))
}

/// Whether another run has these files locked now.
#[must_use]
pub fn is_in_use(results: &Path) -> bool {
    let file = reopen(&run_log_path(results), OpenMode::Read);
    let lock_result = file.ok().flatten().map(|file| file.try_lock());
    matches!(lock_result, Some(Err(TryLockError::WouldBlock)))
}

/// Refuses results that exist: they are never overwritten.
///
/// # Errors
/// If they exist.
pub fn refuse_existing(results: &Path) -> Result<(), JournalError> {
    if exists(results) {
        return Err(JournalError::Exists(results.to_owned()));
    }
    Ok(())
}

/// The locked files of a run, until this is dropped.
#[derive(Debug)]
pub struct LockedRun {
    pub(super) new_log: NewLogGuard,
    pub(super) results: PathBuf,
    pub(super) run_log: RunLogFile,
    pub(super) on_event: fn(&JournalEvent),
}

/// A run log that we created and that is still empty. It is removed on drop, unless the run
/// begins.
#[derive(Debug)]
pub(super) struct NewLogGuard(pub(super) Option<PathBuf>);

impl Drop for NewLogGuard {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Locks the files of a run. Events are passed to `on_event`.
///
/// # Errors
/// If another run has them, or they are not a run's files.
pub fn lock(results: &Path, on_event: fn(&JournalEvent)) -> Result<LockedRun, JournalError> {
    let path = run_log_path(results);
    for _ in 0..MAX_TRIES {
        let (file, new_log) = match create(&path) {
            Ok(file) => (file, NewLogGuard(Some(path.clone()))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match reopen(&path, OpenMode::Append)? {
                    Some(file) => (file, NewLogGuard(None)),
                    None => continue,
                }
            }
            Err(error) => return Err(JournalError::Create(path, error)),
        };
        if let Some(locked) = lock_file(results, &path, file, new_log, on_event)? {
            return Ok(locked);
        }
    }
    Err(JournalError::InUse(results.to_owned()))
}

/// Locks the files of a run to read them. Nothing is created or changed, and they may be
/// write-protected.
///
/// # Errors
/// If there is no such run, another one has its files, or they are not as it left them.
pub fn open_recorded_run(
    results: &Path,
    on_event: fn(&JournalEvent),
) -> Result<(LockedRun, RecordedRun), JournalError> {
    let path = run_log_path(results);
    for _ in 0..MAX_TRIES {
        let Some(file) = reopen(&path, OpenMode::Read)? else {
            return Err(no_run_error(results, path));
        };
        if let Some(locked) = lock_file(results, &path, file, NewLogGuard(None), on_event)
            .map_err(JournalError::into_read_only_error)?
        {
            let log = run_log_reader::read(&locked.run_log)
                .map_err(JournalError::into_read_only_error)?;
            let past = match log {
                Some(log) => RecordedRun::read(results, log, OpenMode::Read, on_event)?,
                None => None,
            };
            let past = past.ok_or_else(|| no_run_error(results, path))?;
            return Ok((locked, past));
        }
    }
    Err(JournalError::InUse(results.to_owned()))
}

/// Locks an open run log. `None` if its last holder removed it before we got the lock.
fn lock_file(
    results: &Path,
    path: &Path,
    file: File,
    new_log: NewLogGuard,
    on_event: fn(&JournalEvent),
) -> Result<Option<LockedRun>, JournalError> {
    match try_lock(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(results.to_owned())),
        Err(TryLockError::Error(error)) => {
            on_event(&JournalEvent::NotLocked(path.to_owned(), error));
        }
    }
    let path = path.to_owned();
    match leads_to(&path, &file) {
        Ok(false) => Ok(None),
        Err(error) => Err(JournalError::Create(path, error)),
        Ok(true) => Ok(Some(LockedRun {
            new_log,
            results: results.to_owned(),
            run_log: RunLogFile::new(file, path),
            on_event,
        })),
    }
}

/// Takes the lock, or waits briefly for it: a run that was just killed may still hold it during
/// a sync.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    let until = Instant::now() + RELEASE_WAIT;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(RETRY_EVERY),
            tried => return tried,
        }
    }
}

/// Also locks the results, where such a lock does not stop other programs from reading. They
/// may have a second name (a hard link) with another run log.
#[cfg(unix)]
pub(super) fn lock_results(file: &File, path: &Path) -> Result<(), JournalError> {
    match try_lock(file) {
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn lock_results(_: &File, _: &Path) -> Result<(), JournalError> {
    // Here, a lock would stop other programs from reading.
    Ok(())
}

impl LockedRun {
    /// The target of the recorded run and the last failures file, without reading the results.
    /// `None` if no run is recorded.
    ///
    /// # Errors
    /// If the run log is damaged, or is not one.
    pub fn target_and_failures(
        &self,
    ) -> Result<Option<(String, Option<FailuresFile>)>, JournalError> {
        let log = run_log_reader::read(&self.run_log)?;
        Ok(log.map(|log| (log.info.server.target, log.latest.failures)))
    }

    /// The run that the files record. `None` if there is none.
    ///
    /// # Errors
    /// If the files are not as a run left them.
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
