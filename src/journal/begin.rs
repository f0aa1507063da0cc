//! Begins a run on new files, or resumes the run that existing files record.

use std::{
    fs,
    io::{self, Seek as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    error::JournalError,
    lock::{LockedRun, lock_results},
    open_file::{OpenMode, create, exists, reopen, sync_parent_folder},
    recorded_run::RecordedRun,
    results_file::ResultsFile,
    results_header,
    run_info::RunInfo,
    run_log::{ResultsMark, ResumeOptions, ResumedSession, RunLogEntry},
    run_log_reader,
    running::{Journal, JournalState},
    writes_under_way::WritesUnderWay,
};
use crate::{output::ResultsWriter, private_file, stop::StopSwitch};

/// The journal of a run, and the results file that it appends to.
pub type OpenedRun = (Journal, ResultsWriter<ResultsFile>);

impl LockedRun {
    /// Begins a run. The run log is on the disk before the results file exists.
    ///
    /// # Errors
    /// If the results exist, or the files cannot be created.
    pub fn begin(self, info: &RunInfo, stop: &StopSwitch) -> Result<OpenedRun, JournalError> {
        if exists(&self.results) {
            return Err(JournalError::Exists(self.results));
        }
        self.write_run_info(info)?;
        let file = self.create_results()?;
        self.write_header(file, info, stop)
    }

    /// Begins a run again where an earlier one recorded nothing: its results have a header at
    /// most.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn restart(self, info: &RunInfo, stop: &StopSwitch) -> Result<OpenedRun, JournalError> {
        if reopen(&self.results, OpenMode::Append)?.is_some() {
            // The old results go first. If we were killed in between, results beside a
            // half-written run log would be refused forever.
            fs::remove_file(&self.results)
                .and_then(|()| sync_parent_folder(&self.results))
                .map_err(|error| JournalError::Create(self.results.clone(), error))?;
        }
        self.begin(info, stop)
    }

    fn write_run_info(&self, info: &RunInfo) -> Result<(), JournalError> {
        // Refuses a file that is no run log, because it would be overwritten.
        run_log_reader::read(&self.run_log)?;
        let entry = RunLogEntry::Begun(Box::new(info.clone()));
        let file = &self.run_log.file;
        file.set_len(0)
            .and_then(|()| self.run_log.append(&entry))
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_parent_folder(&self.run_log.path))
            .map_err(|error| JournalError::Create(self.run_log.path.clone(), error))
    }

    fn write_header(
        self,
        file: fs::File,
        info: &RunInfo,
        stop: &StopSwitch,
    ) -> Result<OpenedRun, JournalError> {
        let format = &info.results_format;
        let file = ResultsFile::append_after(ResultsMark::default(), file, &format.key_columns);
        let results = results_header::write_header(file, &self.results, format);
        let results = results.map_err(|error| {
            // Not even the header was written: leave no files that would make the next try
            // fail.
            let _ = fs::remove_file(&self.results);
            let _ = fs::remove_file(&self.run_log.path);
            JournalError::Write(self.results.clone(), error.into_io())
        })?;
        let header_length = results.inner().written().mark().length;
        let state = JournalState {
            header_length,
            under_way: info.subject.is_none().then(WritesUnderWay::default),
            ..JournalState::default()
        };
        self.open(results, state, stop)
    }

    /// Resumes after the last recorded line. Only now a torn tail is cut off.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn resume(
        self,
        past: &RecordedRun,
        session: ResumeOptions,
        stop: &StopSwitch,
    ) -> Result<OpenedRun, JournalError> {
        let mark = past.results.mark;
        let results_file = self.open_truncated_results(past)?;
        let resumed = RunLogEntry::Resumed(ResumedSession {
            at: Timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            length: mark.length,
            options: session.options,
            // A resend of failed rows that was interrupted continues as one.
            retry_from: if session.resend_failed {
                Some(mark.length)
            } else {
                past.log.latest.retry_from
            },
            input_size: session.input_size,
        });
        let run_log = &self.run_log;
        truncate(&run_log.file, past.log.length)
            .and_then(|()| run_log.append(&RunLogEntry::Synced(past.results.sync_point())))
            .and_then(|()| run_log.append(&resumed))
            .and_then(|()| run_log.file.sync_all())
            .map_err(|error| JournalError::Write(run_log.path.clone(), error))?;
        let format = &past.log.info.results_format;
        let file = match results_file {
            Some(file) => file,
            // Created only now: the run log would mention lines that the new file lacks, and
            // every later run would refuse it.
            None => self.create_results()?,
        };
        let file = ResultsFile::append_after(mark, file, &format.key_columns);
        let results = if mark.length == 0 {
            // Not even the header was written.
            results_header::write_header(file, &self.results, format)
                .map_err(|error| JournalError::Write(self.results.clone(), error.into_io()))?
        } else {
            let delimiter = format.delimiter_byte();
            ResultsWriter::append_to(file, &self.results, delimiter, format.result_columns())
        };
        let state = JournalState {
            dispatched: past.dispatched(),
            account: past.account(),
            has_snapshots: !past.snapshot_rows().is_empty(),
            has_sent_creates: past.has_sent_creates() || past.has_lost_results(),
            header_length: past.header_length,
            is_replaced: false,
            under_way: (past.info().subject.is_none())
                .then(|| WritesUnderWay::new(past.rows_under_way())),
        };
        self.open(results, state, stop)
    }

    /// The results without a torn tail. `None` if they were already missing when the run was
    /// opened.
    fn open_truncated_results(&self, past: &RecordedRun) -> Result<Option<fs::File>, JournalError> {
        let path = &self.results;
        let Some(file) = reopen(path, OpenMode::Append)? else {
            let missing = || JournalError::Read(path.clone(), io::ErrorKind::NotFound.into());
            return past
                .is_without_results()
                .then_some(None)
                .ok_or_else(missing);
        };
        if past.is_without_results() {
            return Err(JournalError::Exists(path.clone()));
        }
        lock_results(&file, path)?;
        truncate(&file, past.results.mark.length)
            .map_err(|error| JournalError::Write(path.clone(), error))?;
        Ok(Some(file))
    }

    /// Creates the results file, and locks it.
    fn create_results(&self) -> Result<fs::File, JournalError> {
        let path = &self.results;
        let file = create(path).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                JournalError::Exists(path.clone())
            } else {
                JournalError::Create(path.clone(), error)
            }
        })?;
        lock_results(&file, path)?;
        sync_parent_folder(path).map_err(|error| JournalError::Create(path.clone(), error))?;
        Ok(file)
    }

    /// Copies the run log that is about to be replaced, if it holds snapshots: they are
    /// recorded nowhere else. Returns the path of the copy.
    ///
    /// # Errors
    /// If the log cannot be read, or the copy cannot be written.
    pub fn keep_snapshots(&self) -> Result<Option<PathBuf>, JournalError> {
        let log = run_log_reader::read(&self.run_log)?;
        if log.is_none_or(|log| log.snapshots.rows.is_empty()) {
            return Ok(None);
        }
        let path = &self.run_log.path;
        let failed = |(path, error)| JournalError::Create(path, error);
        let (copy, mut file) =
            private_file::create_first(|n| kept_path(path, n)).map_err(failed)?;
        let mut log = &self.run_log.file;
        let copied = log.rewind().and_then(|()| io::copy(&mut log, &mut file));
        let copied = copied.and_then(|_| file.sync_all());
        match copied.and_then(|()| sync_parent_folder(&copy)) {
            Ok(()) => Ok(Some(copy)),
            Err(error) => {
                let _ = fs::remove_file(&copy);
                Err(failed((copy, error)))
            }
        }
    }

    fn open(
        self,
        results: ResultsWriter<ResultsFile>,
        state: JournalState,
        stop: &StopSwitch,
    ) -> Result<OpenedRun, JournalError> {
        let Self {
            mut new_log,
            results: path,
            run_log,
            on_event: _,
        } = self;
        new_log.0 = None;
        let journal = Journal::start(run_log, path, results.inner(), state, stop)?;
        Ok((journal, results))
    }
}

/// `links.results.csv.run` → `links.results.csv.run.old`, `links.results.csv.run.old-2`, …
fn kept_path(run_log: &Path, n: u32) -> PathBuf {
    let mut name = run_log.as_os_str().to_owned();
    name.push(".old");
    if n > 1 {
        name.push(format!("-{n}"));
    }
    name.into()
}

/// Shortens a file to this length, and syncs it.
fn truncate(file: &fs::File, length: u64) -> io::Result<()> {
    if file.metadata()?.len() > length {
        file.set_len(length)?;
    }
    file.sync_all()
}
