//! How many rows an input has, counted beside the run that sends them.
//!
//! Records are passed over, whatever their format. Knows nothing of what the number is for.

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
    error::InputError, format_types::ReadStep, open::open, options::InputOptions, rows::InputReader,
};

/// A number that becomes known beside what else is done. Clones are about the same.
#[derive(Clone, Default)]
pub struct RowCount(Arc<SharedCount>);

#[derive(Default)]
struct SharedCount {
    state: Mutex<CountState>,
    ended: Condvar,
}

#[derive(Default)]
struct CountState {
    counted: CountProgress,
    /// Who wants to hear of it.
    listener: Option<Box<dyn FnOnce(Option<u64>) + Send>>,
}

impl RowCount {
    /// The rows, once they are counted.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        self.state().counted.rows()
    }

    /// Whether they are still being counted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state().counted.is_open()
    }

    /// Waits until it is known, but not for longer than this.
    pub fn wait(&self, longest: Duration) {
        let is_open = |state: &mut CountState| state.counted.is_open();
        let waited = self
            .0
            .ended
            .wait_timeout_while(self.state(), longest, is_open);
        // A counter that panicked has said so elsewhere.
        drop(waited);
    }

    /// Calls this once it is known: now, or from the thread that counts.
    pub fn when_known(&self, listener: impl FnOnce(Option<u64>) + Send + 'static) {
        let mut state = self.state();
        let counted = state.counted;
        if counted.is_open() {
            state.listener = Some(Box::new(listener));
        } else {
            drop(state);
            listener(counted.rows());
        }
    }

    /// Says what it is, or that it cannot be known.
    pub fn set(&self, rows: Option<u64>) {
        let mut state = self.state();
        state.counted = rows.map_or(CountProgress::Unknowable, CountProgress::Known);
        let listener = state.listener.take();
        drop(state);
        self.0.ended.notify_all();
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

/// How far that is.
#[derive(Clone, Copy, Default)]
enum CountProgress {
    #[default]
    Open,
    Known(u64),
    /// The input cannot be read to its end.
    Unknowable,
}

impl CountProgress {
    fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }

    fn rows(self) -> Option<u64> {
        match self {
            Self::Known(rows) => Some(rows),
            Self::Open | Self::Unknowable => None,
        }
    }
}

/// A thread that counts; it is told to end when this is dropped.
#[derive(Debug)]
pub struct RowCounter {
    is_wanted: Arc<AtomicBool>,
}

impl Drop for RowCounter {
    fn drop(&mut self) {
        self.is_wanted.store(false, Relaxed);
    }
}

/// Counts the rows of a file that can be opened once more, beside what else is done.
#[must_use]
pub fn count_rows(options: &InputOptions) -> (RowCounter, RowCount) {
    let is_wanted = Arc::new(AtomicBool::new(true));
    let (count, options) = (RowCount::default(), options.clone());
    thread::spawn({
        let (is_wanted, count) = (Arc::clone(&is_wanted), count.clone());
        move || {
            // A file that cannot be read is told where it is read for real.
            let rows = open(&options).and_then(|mut input| input.count(&is_wanted));
            if is_wanted.load(Relaxed) {
                count.set(rows.ok());
            }
        }
    });
    (RowCounter { is_wanted }, count)
}

impl InputReader {
    /// The number of its rows, while somebody wants to know it.
    fn count(&mut self, is_wanted: &AtomicBool) -> Result<u64, InputError> {
        let limit = self.limit.unwrap_or(u64::MAX);
        let mut rows = 0;
        while rows < limit {
            match self.records.skip() {
                ReadStep::Record(()) => rows += 1,
                ReadStep::Wait if is_wanted.load(Relaxed) => self.fill()?,
                ReadStep::Wait | ReadStep::End => break,
                ReadStep::BrokeOff { line, fault } => return Err(self.broke_off(line, fault)),
            }
        }
        Ok(rows)
    }
}
