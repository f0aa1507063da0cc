//! The thread that makes sure: what is written is put on the disk twice a
//! second, and the companion told so.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    companion::{Companion, Event, Mark},
    counters::{Counting, Due},
    error::JournalError,
    file::Written,
    place::leads_to,
};
use crate::stop::{Stop, StopReason};

/// What is written is on the disk after 500 ms; a sync itself takes some.
const SYNC_EVERY: Duration = Duration::from_millis(400);

/// The running thread.
#[derive(Debug)]
pub(super) struct Syncer {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<Result<(), JournalError>>>,
}

/// What the thread works on.
pub(super) struct Synced {
    pub(super) results: File,
    pub(super) path: PathBuf,
    pub(super) companion: Companion,
    pub(super) written: Written,
    /// What is known to be on the disk.
    pub(super) mark: Mark,
    /// The last bytes of it, as they were written in this session.
    pub(super) tail: Vec<u8>,
    /// Who counts what the session calls.
    pub(super) counting: Counting,
    pub(super) counters_due: Due,
}

impl Syncer {
    /// A sync that fails stops the run.
    pub(super) fn start(mut synced: Synced, stop: Stop) -> io::Result<Self> {
        let (end, ended) = mpsc::channel();
        let work = move || {
            let mut due = Instant::now() + SYNC_EVERY;
            loop {
                let wait = due.saturating_duration_since(Instant::now());
                let last = !matches!(ended.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
                due = Instant::now() + SYNC_EVERY;
                if let Err(error) = synced.sync() {
                    stop.request(StopReason::Output(error.to_string()));
                    // A page that could not be written may be gone: a later
                    // sync that succeeds would prove nothing.
                    return Err(error);
                }
                if last {
                    return Ok(());
                }
            }
        };
        let thread = thread::Builder::new().name("sync".to_owned()).spawn(work)?;
        Ok(Self {
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// Syncs a last time.
    pub(super) fn finish(mut self) -> Result<(), JournalError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), JournalError> {
        drop(self.end.take());
        let ended = self.thread.take().map(JoinHandle::join);
        ended.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| {
            let error = io::Error::other("the thread that syncs panicked");
            Err(JournalError::Write(PathBuf::from("the results"), error))
        })
    }
}

/// The thread has the files open, too: the lock ends with it.
impl Drop for Syncer {
    fn drop(&mut self) {
        // Whoever wants to know how it ended calls `finish`.
        let _ = self.join();
    }
}

impl Synced {
    fn sync(&mut self) -> Result<(), JournalError> {
        let failed = |error| JournalError::Write(self.path.clone(), error);
        if self.written.mark() != self.mark {
            let (mut reached, tail) = self.written.take();
            self.results.sync_data().map_err(failed)?;
            (self.mark, self.tail) = (reached.mark, tail);
            if self.counters_due.is_now() {
                reached.counters = self.counting.now();
            }
            self.companion
                .append(&Event::Synced(reached))
                .map_err(|error| JournalError::Write(self.companion.path.clone(), error))?;
        }
        self.refuse_replaced().map_err(failed)
    }

    /// A program that saves the file anew puts another in its place: what is
    /// written after that would be lost. One that writes over it in place mostly
    /// moves what stood there.
    fn refuse_replaced(&self) -> io::Result<()> {
        let is_whole = self.results.metadata()?.len() >= self.mark.length;
        let companion = leads_to(&self.companion.path, &self.companion.file)?;
        let results = leads_to(&self.path, &self.results)?;
        if !is_whole || !companion || !results || !self.ends_as_written()? {
            return Err(replaced());
        }
        Ok(())
    }

    fn ends_as_written(&self) -> io::Result<bool> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.mark.length - self.tail.len() as u64))?;
        let mut found = Vec::with_capacity(self.tail.len());
        file.take(self.tail.len() as u64).read_to_end(&mut found)?;
        Ok(found == self.tail)
    }
}

fn replaced() -> io::Error {
    io::Error::other(
        "it or its .run was replaced, moved or cut by another program while the run was \
         writing; put it back",
    )
}
