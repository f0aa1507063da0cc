//! Counts the rows of an input in parallel to the run.
//!
//! Skips records of any format, and reads them only if one can be several rows. Does not know what
//! the number is used for.

use std::{
    fmt,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use super::{
    error::InputError,
    format_types::ReadStep,
    open::open,
    options::{InputLimit, InputOptions},
    rows::{InputReader, RowStep},
};

/// A number of rows that becomes known later. Clones share the number.
#[derive(Clone, Default)]
pub struct RowCount(Arc<SharedCount>);

#[derive(Default)]
struct SharedCount {
    state: Mutex<CountState>,
    known: Condvar,
}

#[derive(Default)]
struct CountState {
    progress: CountProgress,
    /// Called when the number is known.
    listener: Option<Box<dyn FnOnce(Option<u64>) + Send>>,
}

impl RowCount {
    /// The number of rows, if it is known.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.state().progress.rows()
    }

    /// Whether the rows are still being counted.
    #[must_use]
    pub fn is_counting(&self) -> bool {
        self.state().progress.is_counting()
    }

    /// Waits until the number is known, but not longer than this.
    pub fn wait(&self, timeout: Duration) {
        let is_counting = |state: &mut CountState| state.progress.is_counting();
        let waited = self
            .0
            .known
            .wait_timeout_while(self.state(), timeout, is_counting);
        // A panic of the counting thread is reported elsewhere.
        drop(waited);
    }

    /// Calls this when the number is known: now, or from the counting thread.
    pub fn when_known(&self, listener: impl FnOnce(Option<u64>) + Send + 'static) {
        let mut state = self.state();
        let progress = state.progress;
        if progress.is_counting() {
            state.listener = Some(Box::new(listener));
        } else {
            drop(state);
            listener(progress.rows());
        }
    }

    /// Sets the number, or that it cannot be known.
    pub fn set(&self, rows: Option<u64>) {
        let mut state = self.state();
        state.progress = rows.map_or(CountProgress::Unknowable, CountProgress::Known);
        let listener = state.listener.take();
        drop(state);
        self.0.known.notify_all();
        if let Some(listener) = listener {
            listener(rows);
        }
    }

    fn state(&self) -> MutexGuard<'_, CountState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RowCount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("RowCount").field(&self.rows()).finish()
    }
}

/// The progress of the counting.
#[derive(Clone, Copy, Default)]
enum CountProgress {
    #[default]
    Counting,
    Known(u64),
    /// The input cannot be read to its end, so the number stays unknown.
    Unknowable,
}

impl CountProgress {
    fn is_counting(self) -> bool {
        matches!(self, Self::Counting)
    }

    fn rows(self) -> Option<u64> {
        match self {
            Self::Known(rows) => Some(rows),
            Self::Counting | Self::Unknowable => None,
        }
    }
}

/// The counting thread. Dropping this ends it.
#[derive(Debug)]
pub struct RowCounter {
    is_wanted: Arc<AtomicBool>,
}

impl Drop for RowCounter {
    fn drop(&mut self) {
        self.is_wanted.store(false, Relaxed);
    }
}

/// Counts the rows of a file in a thread. The file has to be readable a second time.
#[must_use]
pub fn count_rows(options: &InputOptions) -> (RowCounter, RowCount) {
    let is_wanted = Arc::new(AtomicBool::new(true));
    let (count, options) = (RowCount::default(), options.clone());
    thread::spawn({
        let (is_wanted, count) = (Arc::clone(&is_wanted), count.clone());
        move || {
            // Errors are reported when the rows are read.
            let rows = open(&options).and_then(|mut input| input.count(&is_wanted));
            if is_wanted.load(Relaxed) {
                count.set(rows.ok());
            }
        }
    });
    (RowCounter { is_wanted }, count)
}

impl InputReader {
    /// Counts the rows, as long as the number is wanted.
    fn count(&mut self, is_wanted: &AtomicBool) -> Result<u64, InputError> {
        if self.row_builder.splitter.is_some() {
            return self.count_split(is_wanted);
        }
        // Each record is one row.
        let limit = self.limit.map_or(u64::MAX, InputLimit::number);
        let mut rows = 0;
        while rows < limit {
            match self.records.skip() {
                ReadStep::Record(()) => rows += 1,
                ReadStep::NeedsRead if is_wanted.load(Relaxed) => self.fill()?,
                ReadStep::NeedsRead | ReadStep::End => break,
                ReadStep::ReadFailed { line, fault } => return Err(self.read_failed(line, fault)),
            }
        }
        Ok(rows)
    }

    /// Reads and counts the rows, of which a record may have several.
    fn count_split(&mut self, is_wanted: &AtomicBool) -> Result<u64, InputError> {
        let mut row = Self::empty_row();
        loop {
            match self.step(&mut row)? {
                RowStep::Row => {}
                RowStep::NeedsRead if is_wanted.load(Relaxed) => self.fill()?,
                RowStep::NeedsRead | RowStep::End => return Ok(self.rows_read()),
            }
        }
    }
}
