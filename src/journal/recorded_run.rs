//! What a run has recorded so far, read from its run log and its results.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::{self, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use roaring::RoaringTreemap;

use super::{
    error::{FileChange, InputDifference, JournalError},
    events::JournalEvent,
    line_scanner::LineScanner,
    open_file::{OpenMode, reopen},
    recorded_rows::RecordedRows,
    resaved::{ResavedError, ResavedResults},
    results_header::{alteration_error, has_header, header_bytes, is_unwritten},
    results_line::LineLayout,
    results_reader::ResultsContents,
    run_info::RunInfo,
    run_log::{Consent, SessionEnd, run_log_path},
    run_log_reader::RunLog,
    sums::key_hash,
};
use crate::{account::AccountId, association::Merges, output::FailuresFile, row::Row};

/// A run and what it recorded.
#[derive(Debug)]
pub struct RecordedRun {
    pub(super) path: PathBuf,
    /// The results; `None` if they are missing.
    file: Option<File>,
    pub(super) log: RunLog,
    pub(super) header_length: u64,
    pub(super) results: ResultsContents,
    torn_bytes: u64,
    resaved: Option<ResavedResults>,
}

impl RecordedRun {
    /// Reads the results; `None` if there are none to read. To resume, a run needs no results:
    /// what its log says is still true.
    pub(super) fn read(
        path: &Path,
        log: RunLog,
        mode: OpenMode,
        on_event: fn(&JournalEvent),
    ) -> Result<Option<Self>, JournalError> {
        let failed = |error| JournalError::Read(path.to_owned(), error);
        let Some(mut file) = reopen(path, mode)? else {
            return Self::without_results(path, log, mode, on_event).map_err(failed);
        };
        let length = file.metadata().map_err(failed)?.len();
        let synced_length = log.synced.mark.length;
        let header = header_bytes(&log.info.results_format).map_err(failed)?;
        let mut past = Self {
            path: path.to_owned(),
            file: Some(file.try_clone().map_err(failed)?),
            header_length: header.len() as u64,
            results: ResultsContents::default(),
            torn_bytes: 0,
            resaved: None,
            log,
        };
        if !has_header(&mut file, &header).map_err(failed)? {
            return if synced_length == 0 && is_unwritten(&mut file, &header).map_err(failed)? {
                Ok(Some(past))
            } else {
                let altered = alteration_error(&mut file, path, &header, synced_length);
                past.read_resaved(mode, altered)
            };
        }
        if length < synced_length {
            let cut = JournalError::Truncated {
                path: path.to_owned(),
                length,
                known: synced_length,
            };
            return past.read_resaved(mode, cut);
        }
        let lines = past.lines().map_err(failed)?;
        let recorded = ResultsContents::read(lines, &header, &past.log).map_err(failed)?;
        let Some(recorded) = recorded else {
            let altered = alteration_error(&mut file, path, &header, synced_length);
            return past.read_resaved(mode, altered);
        };
        past.torn_bytes = length.saturating_sub(recorded.mark.length);
        past.results = recorded;
        Ok(Some(past))
    }

    /// A run of which only the log is left. No row is recorded, and rows that have snapshots
    /// may have been written.
    fn without_results(
        path: &Path,
        mut log: RunLog,
        mode: OpenMode,
        on_event: fn(&JournalEvent),
    ) -> io::Result<Option<Self>> {
        match mode {
            OpenMode::Append => {}
            OpenMode::Read => return Ok(None),
        }
        if log.synced.mark.length > 0 {
            on_event(&JournalEvent::ResultsGone(path.to_owned(), log.info.at));
        }
        log.latest.retry_from = None;
        Ok(Some(Self {
            path: path.to_owned(),
            file: None,
            header_length: header_bytes(&log.info.results_format)?.len() as u64,
            results: ResultsContents::default(),
            torn_bytes: 0,
            resaved: None,
            log,
        }))
    }

    /// A command that only reads the run accepts results that another program has saved, if
    /// every line has its status and code. Whether the ids are unchanged is a separate
    /// question: see [`altered_rows`](Self::altered_rows).
    fn read_resaved(
        mut self,
        mode: OpenMode,
        error: JournalError,
    ) -> Result<Option<Self>, JournalError> {
        match mode {
            OpenMode::Append => return Err(error),
            OpenMode::Read => {}
        }
        let Some(file) = &self.file else {
            return Err(error);
        };
        match ResavedResults::read(file, &self.log.info.results_format, &self.log.synced.sums) {
            Ok(mut resaved) => {
                self.results.rows = std::mem::take(&mut resaved.rows);
                self.results.lines = resaved.lines;
                self.resaved = Some(resaved);
                Ok(Some(self))
            }
            Err(ResavedError::Io(error)) => Err(JournalError::Read(self.path, error)),
            Err(ResavedError::NoSums) => Err(error.into_read_only_error()),
            Err(ResavedError::Columns) => Err(self.not_as_written(FileChange::Columns)),
            Err(ResavedError::Rows(from, to)) => {
                Err(self.not_as_written(FileChange::Rows(from, to)))
            }
        }
    }

    fn not_as_written(&self, change: FileChange) -> JournalError {
        let path = self.path.clone();
        JournalError::NotAsWritten { path, change }
    }

    /// All lines after the header.
    pub(super) fn lines(&self) -> io::Result<LineScanner<File>> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let mut lines = file.try_clone()?;
        lines.seek(SeekFrom::Start(self.header_length))?;
        Ok(LineScanner::new(
            lines,
            self.header_length,
            LineLayout::new(&self.log.info.results_format),
        ))
    }

    /// Whether another program has saved the results.
    #[must_use]
    pub fn is_resaved(&self) -> bool {
        self.resaved.is_some()
    }

    /// Rows whose links the results do not prove, because another program has changed their
    /// cells. The input may prove them.
    #[must_use]
    pub fn altered_rows(&self) -> RoaringTreemap {
        let resaved = self.resaved.as_ref();
        resaved
            .map(|resaved| resaved.altered_rows.clone())
            .unwrap_or_default()
    }

    /// Whether the [`altered_rows`](Self::altered_rows) have these cells: `key` returns the hash
    /// of a row's key cells.
    #[must_use]
    pub fn is_proven_by(&self, key: impl Fn(u64) -> u64) -> bool {
        let resaved = self.resaved.as_ref();
        resaved.is_none_or(|resaved| resaved.is_proven_by(key, &self.log.synced.sums))
    }

    /// The hash of a row's key cells, computed as in the run log.
    #[must_use]
    pub fn key_hash(&self, row: &Row) -> u64 {
        key_hash(row, &self.log.info.results_format.key_columns)
    }

    /// Whether no row is recorded yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.results.rows.recorded.is_empty()
    }

    /// Whether a run that begins with this info resumes this one. A run without recorded rows
    /// may still have written some: its snapshots stay, as long as the input is the same.
    #[must_use]
    pub fn is_resumed_by(&self, info: &RunInfo) -> bool {
        let recorded = &self.log.info;
        let content = |info: &RunInfo| {
            let input = &info.input;
            (input.size, input.sha256_of_first_64_kib.clone())
        };
        let is_same_input = || {
            content(recorded) == content(info)
                && recorded
                    .results_format
                    .has_same_layout(&info.results_format)
        };
        let may_have_written =
            !self.snapshot_rows().is_empty() || self.has_lost_results() || self.has_sent_creates();
        !self.is_empty() || may_have_written && is_same_input()
    }

    /// Whether its log says that it sent requests to create links.
    pub(super) fn has_sent_creates(&self) -> bool {
        self.log.progress.has_sent_creates
    }

    /// Whether rows were recorded, but the whole results file is missing.
    #[must_use]
    pub fn has_lost_results(&self) -> bool {
        self.is_without_results() && self.log.synced.mark.length > self.header_length
    }

    /// Whether there is no results file.
    #[must_use]
    pub fn is_without_results(&self) -> bool {
        self.file.is_none()
    }

    /// The run's info, as it began.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.log.info
    }

    /// The path of its run log.
    #[must_use]
    pub fn run_log(&self) -> PathBuf {
        run_log_path(&self.path)
    }

    /// The options it was last given, by name.
    #[must_use]
    pub fn options(&self) -> &BTreeMap<String, OsString> {
        &self.log.latest.options
    }

    /// The account that it wrote to, if known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.log.account.id.map(AccountId::new)
    }

    /// What a person has agreed to, if asked.
    #[must_use]
    pub fn consent(&self) -> Option<Consent> {
        self.log.account.agreed
    }

    /// Records that it found to be merged.
    #[must_use]
    pub fn merges(&self) -> Merges {
        self.log.account.merges()
    }

    /// Rows up to this number may have been sent.
    #[must_use]
    pub fn dispatched(&self) -> u64 {
        self.log.progress.dispatched
    }

    /// The input had at least this many rows: they are recorded, or a session read or
    /// dispatched them.
    #[must_use]
    pub fn rows_seen(&self) -> u64 {
        self.last_recorded_row().max(self.log.progress.rows_seen())
    }

    /// Refuses a plain file that is smaller than in the latest session. It was cut, and its
    /// last rows would silently be missing.
    ///
    /// # Errors
    /// If it is smaller.
    pub fn refuse_smaller(&self, size: Option<u64>) -> Result<(), JournalError> {
        match (size, self.log.latest.input_size) {
            (Some(current), Some(recorded)) if current < recorded => {
                Err(JournalError::OtherInput {
                    results: self.path.clone(),
                    how: InputDifference::Smaller { current, recorded },
                })
            }
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Rows with a snapshot taken before they were written. The first snapshot of a row counts.
    #[must_use]
    pub fn snapshot_rows(&self) -> &RoaringTreemap {
        &self.log.snapshots.rows
    }

    /// Rows that may have been written when the last session ended, and that have no line that
    /// says so. After a kill, all rows count that were about to be written, as far as they have a
    /// snapshot.
    #[must_use]
    pub fn rows_under_way(&self) -> RoaringTreemap {
        let Some(ranges) = self.listed_under_way() else {
            let with_line = &self.rows().recorded - self.resends_left();
            return self.snapshot_rows() - with_line;
        };
        let mut rows = RoaringTreemap::new();
        for (first, last) in ranges {
            rows.insert_range(*first..=*last);
        }
        rows
    }

    /// Which rows were under way, as a session that was not killed has written down. If the results
    /// are gone since, so are the lines of other rows.
    fn listed_under_way(&self) -> Option<&[(u64, u64)]> {
        let end = self.last_end().filter(|_| !self.is_without_results())?;
        end.under_way.as_deref()
    }

    /// Rows under way that have no line at all.
    #[must_use]
    pub fn possibly_sent(&self) -> RoaringTreemap {
        self.rows_under_way() - &self.rows().recorded
    }

    /// Whether rows may have been sent of which nothing tells: it was killed, and did not read
    /// existing associations first.
    #[must_use]
    pub fn may_lack_lines(&self) -> bool {
        self.last_end().is_none() && !self.info().reads_before_write && !self.is_undone()
    }

    /// How many rows were read and not sent, if the last session was not killed.
    #[must_use]
    pub fn unsent_count(&self) -> u64 {
        let read = self.listed_under_way().map_or(0, |_| self.rows_seen());
        read.saturating_sub(self.rows().recorded.len() + self.possibly_sent().len())
    }

    /// Failed rows under way: they were sent again, and have only an older line.
    #[must_use]
    pub fn interrupted_resends(&self) -> RoaringTreemap {
        self.rows_under_way() & self.resends_left()
    }

    /// Failed rows that an interrupted resend has left.
    fn resends_left(&self) -> RoaringTreemap {
        if self.was_resending_failed() {
            &self.rows().failed - &self.rows().resent_before_interruption
        } else {
            RoaringTreemap::new()
        }
    }

    /// Whether its snapshots are of rows with these ids: `hash` returns the hash of a row's
    /// ids. `None` if the log has no id hashes.
    pub fn matches_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        self.log.snapshots.matches_ids(hash)
    }

    /// When its first undo began, if there was one.
    #[must_use]
    pub fn undone_at(&self) -> Option<Timestamp> {
        self.log.undone
    }

    /// Whether an undo of it has begun.
    #[must_use]
    pub fn is_undone(&self) -> bool {
        self.log.undone.is_some()
    }

    /// The number of whole lines after the header.
    #[must_use]
    pub fn line_count(&self) -> u64 {
        self.results.lines
    }

    /// How the last session ended, unless it was killed.
    #[must_use]
    pub fn last_end(&self) -> Option<&SessionEnd> {
        self.log.latest.ended.as_ref()
    }

    /// The failures file that was written last, by any session.
    #[must_use]
    pub fn failures_file(&self) -> Option<&FailuresFile> {
        self.log.latest.failures.as_ref()
    }

    /// Whether it was sending failed rows again when it was interrupted.
    #[must_use]
    pub fn was_resending_failed(&self) -> bool {
        self.log.latest.retry_from.is_some()
    }

    /// The recorded rows, by status.
    #[must_use]
    pub fn rows(&self) -> &RecordedRows {
        &self.results.rows
    }

    /// The highest recorded row.
    #[must_use]
    pub fn last_recorded_row(&self) -> u64 {
        self.rows().recorded.max().unwrap_or(0)
    }

    /// Bytes of a torn tail, which is cut off on resume.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }
}
