//! The sync thread: it puts what is written on the disk about twice a second, and writes that
//! to the run log.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    counters::{CounterSource, CounterTimer},
    error::JournalError,
    results_file::WriteProgress,
    run_log::{ResultsMark, RunLogEntry, RunLogFile},
};
use crate::{
    private_file::leads_to,
    stop::{OutputFailure, StopReason, StopSwitch},
};

/// A row is on the disk 500 ms after it was written: this, and the time of the sync itself.
const SYNC_EVERY: Duration = Duration::from_millis(400);

/// The running thread.
#[derive(Debug)]
pub(super) struct Syncer {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<Result<(), SyncError>>>,
}

/// Why written data may not be on the disk.
#[derive(Debug)]
enum SyncError {
    /// A file cannot be written.
    Write(PathBuf, io::Error),
    /// A file was replaced, moved or cut.
    Replaced(PathBuf),
}

/// What the thread works on.
pub(super) struct SyncWork {
    pub(super) results: File,
    pub(super) path: PathBuf,
    pub(super) run_log: RunLogFile,
    pub(super) written: WriteProgress,
    /// What is known to be on the disk.
    pub(super) mark: ResultsMark,
    /// The last bytes up to there, as this session wrote them.
    pub(super) tail: Vec<u8>,
    /// Where the call counters come from.
    pub(super) counters: CounterSource,
    pub(super) counter_timer: CounterTimer,
}

impl Syncer {
    /// Starts the thread. A failed sync stops the run.
    pub(super) fn start(mut work: SyncWork, stop: StopSwitch) -> io::Result<Self> {
        let (end, end_receiver) = mpsc::channel();
        let sync_until_end = move || {
            let mut due = Instant::now() + SYNC_EVERY;
            loop {
                let wait = due.saturating_duration_since(Instant::now());
                let is_last = !matches!(
                    end_receiver.recv_timeout(wait),
                    Err(RecvTimeoutError::Timeout)
                );
                due = Instant::now() + SYNC_EVERY;
                if let Err(error) = work.sync() {
                    stop.request(StopReason::Output(error.stop_cause()));
                    // A page that could not be written may be gone. A later sync that succeeds
                    // would prove nothing.
                    return Err(error);
                }
                if is_last {
                    return Ok(());
                }
            }
        };
        let thread = thread::Builder::new()
            .name("sync".to_owned())
            .spawn(sync_until_end)?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Syncs for the last time.
    pub(super) fn finish(mut self) -> Result<(), JournalError> {
        Ok(self.join()?)
    }

    fn join(&mut self) -> Result<(), SyncError> {
        drop(self.end.take());
        let ended = self.thread.take().map(JoinHandle::join);
        ended.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| {
            let error = io::Error::other("the thread that syncs panicked");
            Err(SyncError::Write(PathBuf::from("the results"), error))
        })
    }
}

/// The thread has the files open too, so the lock ends only with it.
impl Drop for Syncer {
    fn drop(&mut self) {
        // `finish` reports how it ended.
        let _ = self.join();
    }
}

impl SyncWork {
    fn sync(&mut self) -> Result<(), SyncError> {
        let failed = |error| SyncError::Write(self.path.clone(), error);
        if self.written.mark() != self.mark {
            let (mut sync_point, tail) = self.written.take();
            self.results.sync_data().map_err(failed)?;
            (self.mark, self.tail) = (sync_point.mark, tail);
            if self.counter_timer.check_due() {
                sync_point.counters = self.counters.current();
            }
            self.run_log
                .append(&RunLogEntry::Synced(sync_point))
                .map_err(|error| SyncError::Write(self.run_log.path.clone(), error))?;
        }
        if self.is_replaced().map_err(failed)? {
            return Err(SyncError::Replaced(self.path.clone()));
        }
        Ok(())
    }

    /// A program that saves the file usually replaces it with another one, so later writes
    /// would be lost. A program that overwrites it in place usually moves its contents.
    fn is_replaced(&self) -> io::Result<bool> {
        let is_whole = self.results.metadata()?.len() >= self.mark.length;
        let run_log = leads_to(&self.run_log.path, &self.run_log.file)?;
        let results = leads_to(&self.path, &self.results)?;
        Ok(!is_whole || !run_log || !results || !self.ends_as_written()?)
    }

    fn ends_as_written(&self) -> io::Result<bool> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.mark.length - self.tail.len() as u64))?;
        let mut tail = Vec::with_capacity(self.tail.len());
        file.take(self.tail.len() as u64).read_to_end(&mut tail)?;
        Ok(tail == self.tail)
    }
}

impl SyncError {
    /// What it means for the run.
    fn stop_cause(&self) -> OutputFailure {
        match self {
            Self::Write(path, why) => OutputFailure::File(path.clone(), why.to_string()),
            Self::Replaced(path) => OutputFailure::Replaced(path.clone()),
        }
    }
}

impl From<SyncError> for JournalError {
    fn from(fault: SyncError) -> Self {
        match fault {
            SyncError::Write(path, error) => Self::Write(path, error),
            SyncError::Replaced(path) => Self::Replaced(path),
        }
    }
}
