//! The metrics of a command, for a monitor: written when the run begins, again and again while it
//! is in progress, and at its end.
//!
//! A run that was killed cannot say so. Its file goes on saying that a run is in progress, and the
//! time of the last update gets old.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tracing::warn;

use crate::{
    app::error::AppError,
    caller::Metrics,
    config::{self, ConfigError},
    exit::ExitCode,
    journal, messages,
    output::{
        CallFigures, EndFigures, GoodEnds, MetricsFile, OutcomeCounts, RunFigures, StatusCounts,
        exposition_text, path,
    },
    row::Status,
};

/// Monitors read about as often.
const UPDATE_EVERY: Duration = Duration::from_secs(15);

/// Who writes the metrics of a command.
#[derive(Clone)]
pub(crate) struct MetricsWriter(Arc<WriterParts>);

struct WriterParts {
    file: MetricsFile,
    command: &'static str,
    started_at: Timestamp,
    started: Instant,
    /// The files of the run, which must not be replaced.
    run_files: Vec<PathBuf>,
    sources: Mutex<MetricsSources>,
    state: Mutex<WriterState>,
}

/// Where the figures come from. Each of several inputs adds its own.
#[derive(Default)]
struct MetricsSources {
    calls: Vec<Arc<Metrics>>,
    rows: Vec<(&'static [Status], Arc<OutcomeCounts>)>,
}

#[derive(Default)]
struct WriterState {
    phase: WriterPhase,
    /// When earlier runs ended well.
    earlier: GoodEnds,
    /// Asks for an update before its time. Ends the updates when it is dropped.
    updates: Option<mpsc::SyncSender<()>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum WriterPhase {
    #[default]
    BeforeRun,
    InProgress,
    Ended,
    /// The file cannot be used.
    Refused,
}

impl MetricsWriter {
    /// The command begins now, and nothing is written yet. `run_files` are those that must not be
    /// replaced.
    pub(super) fn new(file: MetricsFile, command: &'static str, run_files: Vec<PathBuf>) -> Self {
        Self(Arc::new(WriterParts {
            file,
            command,
            started_at: Timestamp::now(),
            started: Instant::now(),
            run_files,
            sources: Mutex::default(),
            state: Mutex::default(),
        }))
    }

    /// Refuses a file that cannot be used. Then it is not touched later either.
    pub(super) fn check(&self) -> Result<(), AppError> {
        let checked = config::check_metrics(&self.0.file, &self.0.run_files);
        if checked.is_err() {
            lock(&self.0.state).phase = WriterPhase::Refused;
        }
        Ok(checked?)
    }

    /// From now on these calls count too.
    pub(super) fn watch_calls(&self, calls: Arc<Metrics>) {
        lock(&self.0.sources).calls.push(calls);
    }

    /// From now on these rows count too.
    pub(super) fn watch_rows(&self, statuses: &'static [Status], counts: Arc<OutcomeCounts>) {
        lock(&self.0.sources).rows.push((statuses, counts));
    }

    /// Writes that a run is in progress, now and regularly. Call it when the run has its files
    /// locked, and as soon as that: before, another run may be writing the same metrics.
    pub(super) fn begin(&self) -> Result<(), AppError> {
        let mut state = lock(&self.0.state);
        if state.phase != WriterPhase::BeforeRun {
            // Another input of the same command.
            return Ok(());
        }
        state.earlier = self.0.earlier();
        state.phase = WriterPhase::InProgress;
        let written = self.0.write(&state, None);
        written.map_err(|error| {
            state.phase = WriterPhase::Refused;
            ConfigError::MetricsUnwritable(self.0.file.path().to_owned(), error)
        })?;
        let (updates, requests) = mpsc::sync_channel(0);
        let parts = Arc::clone(&self.0);
        let thread = thread::Builder::new().name("metrics".to_owned());
        let thread = thread.spawn(move || parts.update_while(&requests));
        thread.map_err(AppError::Setup)?;
        state.updates = Some(updates);
        Ok(())
    }

    /// Writes that the command ended. `unsettled` are rows without an outcome, if it had rows. It
    /// leaves the file alone if that is another run's: one that uses the same files is under way.
    pub(super) fn end(&self, code: ExitCode, unsettled: Option<u64>) -> Result<(), AppError> {
        let mut state = lock(&self.0.state);
        match state.phase {
            WriterPhase::Refused => return Ok(()),
            WriterPhase::BeforeRun if code == ExitCode::InUse || !self.0.is_free() => {
                return Ok(());
            }
            WriterPhase::BeforeRun => state.earlier = self.0.earlier(),
            WriterPhase::InProgress | WriterPhase::Ended => {}
        }
        state.phase = WriterPhase::Ended;
        state.updates = None;
        let end = EndFigures {
            exit_code: code.get(),
            unsettled,
        };
        let written = self.0.write(&state, Some(end));
        written.map_err(|error| AppError::Metrics(self.0.file.path().to_owned(), error))
    }

    /// Writes the end just before the program is left, and does not take longer than this: a disk
    /// that does not answer must not hold up who presses Ctrl-C. Whether it succeeds is not told any
    /// more.
    pub(super) fn end_within(&self, code: ExitCode, limit: Duration) {
        let (writer, (ended, is_ended)) = (self.clone(), mpsc::channel());
        thread::spawn(move || {
            let _ = writer.end(code, None);
            let _ = ended.send(());
        });
        let _ = is_ended.recv_timeout(limit);
    }
}

impl WriterParts {
    /// Whether the file may be written by a command that ended before its run began: not if it
    /// belongs to another run, which has the files of this one.
    fn is_free(&self) -> bool {
        let is_in_use = |file: &PathBuf| journal::is_in_use(file);
        config::check_metrics(&self.file, &self.run_files).is_ok()
            && !(messages::says_in_progress(&self.file.text())
                && self.run_files.iter().any(is_in_use))
    }

    fn earlier(&self) -> GoodEnds {
        messages::earlier_good_ends(&self.file.text(), &self.file.run_name(), self.command)
    }

    /// Updates the file regularly, and on request, as long as somebody may request it.
    fn update_while(&self, requests: &mpsc::Receiver<()>) {
        let mut has_failed = false;
        while requests.recv_timeout(UPDATE_EVERY) != Err(RecvTimeoutError::Disconnected) {
            let state = lock(&self.state);
            if state.phase != WriterPhase::InProgress {
                return;
            }
            let written = self.write(&state, None);
            drop(state);
            if let Err(error) = &written
                && !has_failed
            {
                let file = path(self.file.path());
                warn!(
                    "the metrics {file} could not be written: {error}; the run goes on, and tries again"
                );
            }
            has_failed = written.is_err();
        }
    }

    /// Writes the figures of this moment.
    fn write(&self, state: &WriterState, end: Option<EndFigures>) -> io::Result<()> {
        let at = Timestamp::now();
        let run = self.file.run_name();
        let sources = lock(&self.sources);
        let figures = RunFigures {
            run: &run,
            command: self.command,
            started_at: self.started_at,
            at,
            duration: self.started.elapsed(),
            end,
            good_ends: good_ends(state.earlier, end, at),
            rows: sources.row_counts(),
            calls: sources.call_figures(),
        };
        drop(sources);
        let text = exposition_text(&messages::metric_families(&figures));
        self.file.replace(&text)
    }
}

impl MetricsSources {
    /// Rows per status, of all inputs.
    fn row_counts(&self) -> Option<StatusCounts> {
        let (statuses, _) = self.rows.first()?;
        let counted = statuses.iter().map(|status| {
            let rows = self.rows.iter();
            let rows = rows.map(|(_, counts)| counts.with_status(*status));
            (*status, rows.sum())
        });
        Some(counted.collect())
    }

    fn call_figures(&self) -> CallFigures {
        let sum = |count: fn(&Metrics) -> u64| self.calls.iter().map(|calls| count(calls)).sum();
        let mut latest = self.calls.iter().rev();
        CallFigures {
            by_kind: Metrics::calls_by_kind_of(&self.calls),
            retries: sum(Metrics::retries),
            throttled: sum(Metrics::throttled_calls),
            daily_remaining: latest.find_map(|calls| calls.latest_quota()?.daily_remaining),
        }
    }
}

/// When runs last ended well, this end included.
fn good_ends(earlier: GoodEnds, end: Option<EndFigures>, at: Timestamp) -> GoodEnds {
    let now = |codes: &[ExitCode]| {
        let is_any = |end: &EndFigures| codes.iter().any(|code| code.get() == end.exit_code);
        end.filter(is_any).map(|_| messages::unix_seconds(at))
    };
    GoodEnds {
        success: now(&[ExitCode::Success]).or(earlier.success),
        completion: now(&[ExitCode::Success, ExitCode::SomeRowsBad]).or(earlier.completion),
    }
}

/// Locks, also after a panic elsewhere: the end is written even so.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A writer of the metrics in this folder.
    fn writer(folder: &std::path::Path) -> MetricsWriter {
        let file = MetricsFile::new(folder.join("m.prom"));
        MetricsWriter::new(file, "import", Vec::new())
    }

    #[test]
    fn a_run_in_progress_is_written_again_and_again_until_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let counts = Arc::new(OutcomeCounts::default());
        writer.watch_rows(Status::OF_IMPORT, Arc::clone(&counts));
        let says = |name: &str, label: &str, value: u64| {
            let text = fs::read_to_string(folder.path().join("m.prom")).unwrap();
            let labels = format!("{{run=\"m\",command=\"import\"{label}}}");
            text.contains(&format!("\nhubassoc_run_{name}{labels} {value}\n"))
        };
        let succeeded = |rows| says("rows", ",status=\"succeeded\"", rows);
        writer.begin().unwrap();
        assert!(succeeded(0) && says("in_progress", "", 1));
        let updates = lock(&writer.0.state).updates.clone().unwrap();
        // The second request is taken when the first one is done.
        let update = || (0..2).for_each(|_| updates.send(()).unwrap());
        counts.add(Status::Succeeded);
        update();
        assert!(succeeded(1) && says("in_progress", "", 1));
        // A folder that is away for some time is no reason to end a run.
        let away = folder.path().with_extension("away");
        fs::rename(folder.path(), &away).unwrap();
        counts.add(Status::Succeeded);
        update();
        fs::rename(&away, folder.path()).unwrap();
        assert!(succeeded(1));
        update();
        assert!(succeeded(2) && says("in_progress", "", 1));
        writer.end(ExitCode::SomeRowsBad, Some(0)).unwrap();
        assert!(says("in_progress", "", 0));
        // An update that comes too late finds that it is not needed any more, if there is one.
        let too_late = (0..3).filter(|_| updates.send(()).is_ok()).count();
        assert!(too_late <= 1, "{too_late}");
        assert!(says("in_progress", "", 0));
    }
}
