//! What a run has recorded so far, from its companion and its results.

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

/// A run that was begun, and what it recorded.
#[derive(Debug)]
pub struct RecordedRun {
    pub(super) path: PathBuf,
    /// The results; `None` if they are gone.
    file: Option<File>,
    pub(super) log: RunLog,
    pub(super) header_length: u64,
    pub(super) results: ResultsContents,
    torn_bytes: u64,
    resaved: Option<ResavedResults>,
}

impl RecordedRun {
    /// Reads the results; `None` if there are none to look at. A run goes on without them:
    /// what its log says of it stays true.
    pub(super) fn read(
        path: &Path,
        log: RunLog,
        wanted: OpenMode,
        tell: fn(&JournalEvent),
    ) -> Result<Option<Self>, JournalError> {
        let failed = |error| JournalError::Read(path.to_owned(), error);
        let Some(mut file) = reopen(path, wanted)? else {
            return Self::without_results(path, log, wanted, tell).map_err(failed);
        };
        let length = file.metadata().map_err(failed)?.len();
        let known = log.synced.mark.length;
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
            return if known == 0 && is_unwritten(&mut file, &header).map_err(failed)? {
                Ok(Some(past))
            } else {
                let altered = alteration_error(&mut file, path, &header, known);
                past.read_resaved(wanted, altered)
            };
        }
        if length < known {
            let cut = JournalError::Truncated {
                path: path.to_owned(),
                length,
                known,
            };
            return past.read_resaved(wanted, cut);
        }
        let lines = past.lines().map_err(failed)?;
        let recorded = ResultsContents::read(lines, &header, &past.log).map_err(failed)?;
        let Some(recorded) = recorded else {
            let altered = alteration_error(&mut file, path, &header, known);
            return past.read_resaved(wanted, altered);
        };
        past.torn_bytes = length.saturating_sub(recorded.mark.length);
        past.results = recorded;
        Ok(Some(past))
    }

    /// A run of which the log alone is left: no row is recorded, and those that it noted may
    /// be written.
    fn without_results(
        path: &Path,
        mut log: RunLog,
        wanted: OpenMode,
        tell: fn(&JournalEvent),
    ) -> io::Result<Option<Self>> {
        if log.synced.mark.length > 0 {
            tell(&JournalEvent::ResultsGone(path.to_owned(), log.info.at));
        }
        match wanted {
            OpenMode::Append => {}
            OpenMode::Read => return Ok(None),
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

    /// Whoever only looks at a run may do with results that another program has
    /// saved, if every line ends as it did. Whether the ids are as they were is
    /// another question: see [`unproven`](Self::unproven).
    fn read_resaved(
        mut self,
        wanted: OpenMode,
        error: JournalError,
    ) -> Result<Option<Self>, JournalError> {
        match wanted {
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
            Err(ResavedError::NoSums) => Err(error.as_read_only_error()),
            Err(ResavedError::Columns) => Err(self.not_as_written(FileChange::Columns)),
            Err(ResavedError::Rows(from, to)) => {
                Err(self.not_as_written(FileChange::Rows(from, to)))
            }
        }
    }

    fn not_as_written(&self, flaw: FileChange) -> JournalError {
        let path = self.path.clone();
        JournalError::NotAsWritten { path, change: flaw }
    }

    /// The lines after the header, from the first.
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

    /// Whether another program has saved the results since.
    #[must_use]
    pub fn is_resaved(&self) -> bool {
        self.resaved.is_some()
    }

    /// Rows of which the results do not prove what they link, for another program has
    /// saved them with other cells. The input may.
    #[must_use]
    pub fn unproven(&self) -> RoaringTreemap {
        let resaved = self.resaved.as_ref();
        resaved
            .map(|resaved| resaved.unproven.clone())
            .unwrap_or_default()
    }

    /// Whether the rows that are [`unproven`](Self::unproven) have these cells: `key`
    /// hashes those of a row.
    #[must_use]
    pub fn is_proven_by(&self, key: impl Fn(u64) -> u64) -> bool {
        let resaved = self.resaved.as_ref();
        resaved.is_none_or(|resaved| resaved.is_proven_by(key, &self.log.synced.sums))
    }

    /// The hash of the cells of a row that say what it links, as the run log sums
    /// them up.
    #[must_use]
    pub fn key_hash(&self, row: &Row) -> u64 {
        key_hash(row, &self.log.info.results_format.key_columns)
    }

    /// Whether no row is recorded yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.results.rows.settled.is_empty()
    }

    /// Whether a run that would begin like this goes on with it. Where no row is
    /// recorded it may have written some all the same: what it noted before that
    /// stays, as long as the input is the one that it read.
    #[must_use]
    pub fn is_resumed_by(&self, begun: &RunInfo) -> bool {
        let then = &self.log.info;
        let content = |begun: &RunInfo| {
            let input = &begun.input;
            (input.size, input.sha256_of_first_64_kib.clone())
        };
        let is_same = || {
            content(then) == content(begun)
                && then.results_format.has_same_layout(&begun.results_format)
        };
        let knows =
            !self.snapshot_rows().is_empty() || self.has_lost_results() || self.has_written();
        !self.is_empty() || knows && is_same()
    }

    /// Whether its log says that it has called to make links.
    pub(super) fn has_written(&self) -> bool {
        self.log.progress.has_written
    }

    /// Whether rows were recorded and their lines are gone, with the whole file.
    #[must_use]
    pub fn has_lost_results(&self) -> bool {
        self.is_without_results() && self.log.synced.mark.length > self.header_length
    }

    /// Whether there is no results file.
    #[must_use]
    pub fn is_without_results(&self) -> bool {
        self.file.is_none()
    }

    /// What was run.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.log.info
    }

    /// Where its run log is.
    #[must_use]
    pub fn run_log(&self) -> PathBuf {
        run_log_path(&self.path)
    }

    /// Options as they were given last, by name.
    #[must_use]
    pub fn options(&self) -> &BTreeMap<String, OsString> {
        &self.log.latest.options
    }

    /// The account that it wrote to, if that was learnt.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.log.account.id.map(AccountId::new)
    }

    /// What a person has agreed to, if one was asked.
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

    /// So many rows the input had at least: they are recorded, or a session read them or
    /// handed them out.
    #[must_use]
    pub fn rows_seen(&self) -> u64 {
        self.last_recorded_row().max(self.log.progress.rows_seen())
    }

    /// Refuses a plain file that is smaller than at the latest session: it was
    /// cut, and its last rows would be missing without a word.
    ///
    /// # Errors
    /// If it is smaller.
    pub fn refuse_smaller(&self, size: Option<u64>) -> Result<(), JournalError> {
        match (size, self.log.latest.input_size) {
            (Some(now), Some(then)) if now < then => Err(JournalError::OtherInput {
                results: self.path.clone(),
                how: InputDifference::Smaller { now, then },
            }),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Rows with a note of what stood before they were written; the first one
    /// counts.
    #[must_use]
    pub fn snapshot_rows(&self) -> &RoaringTreemap {
        &self.log.snapshots.rows
    }

    /// Rows that it was about to write and that have no line.
    #[must_use]
    pub fn unsettled(&self) -> RoaringTreemap {
        self.snapshot_rows() - &self.rows().settled
    }

    /// Failed rows that it was sending again when it was cut short, and that it was
    /// about to write: they have an older line.
    #[must_use]
    pub fn interrupted_resends(&self) -> RoaringTreemap {
        if self.was_resending_failed() {
            (&self.rows().failed - &self.rows().resent) & self.snapshot_rows()
        } else {
            RoaringTreemap::new()
        }
    }

    /// Whether its notes are of rows with these ids: `hash` tells that of a row. `None`
    /// if the notes say nothing of ids.
    pub fn matches_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        self.log.snapshots.matches_ids(hash)
    }

    /// When its links were taken back for the first time, if they were.
    #[must_use]
    pub fn undone_at(&self) -> Option<Timestamp> {
        self.log.undone
    }

    /// Whether its links are, or were, taken back.
    #[must_use]
    pub fn is_undone(&self) -> bool {
        self.log.undone.is_some()
    }

    /// Whole lines after the header.
    #[must_use]
    pub fn line_count(&self) -> u64 {
        self.results.lines
    }

    /// How the last session ended, if it ended by itself.
    #[must_use]
    pub fn last_end(&self) -> Option<&SessionEnd> {
        self.log.latest.ended.as_ref()
    }

    /// The failures file that was written last, by whichever session.
    #[must_use]
    pub fn failures_file(&self) -> Option<&FailuresFile> {
        self.log.latest.failures.as_ref()
    }

    /// Whether rows that failed were being sent again when it was cut short.
    #[must_use]
    pub fn was_resending_failed(&self) -> bool {
        self.log.latest.retry_from.is_some()
    }

    /// Which rows are recorded, and how.
    #[must_use]
    pub fn rows(&self) -> &RecordedRows {
        &self.results.rows
    }

    /// The highest row that is recorded.
    #[must_use]
    pub fn last_recorded_row(&self) -> u64 {
        self.rows().settled.max().unwrap_or(0)
    }

    /// Bytes of a torn tail, which will be cut off.
    #[must_use]
    pub fn torn_bytes(&self) -> u64 {
        self.torn_bytes
    }
}
