//! Reads a run log back, and folds its entries into one state.
//!
//! A torn last line is what a kill or a power loss leaves. Damage before it is refused.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{BufRead, BufReader, Seek as _},
    path::Path,
};

use jiff::Timestamp;
use roaring::RoaringTreemap;
use serde::Deserialize;

use super::{
    counters::CallCounters,
    error::JournalError,
    run_info::RunInfo,
    run_log::{
        Consent, RUN_LOG_PREFIX, ResultsMark, ResumedSession, RunLogEntry, RunLogFile, SessionEnd,
        SyncPoint,
    },
    running::DISPATCH_BLOCK,
    sums::LineSums,
};
use crate::{
    association::{self, Merge, Merges, RecordId},
    output::FailuresFile,
};

/// What a run log says.
#[derive(Debug)]
pub(super) struct RunLog {
    pub(super) info: RunInfo,
    pub(super) latest: LatestSession,
    pub(super) account: AccountInfo,
    pub(super) progress: RowProgress,
    pub(super) snapshots: SnapshotRows,
    pub(super) synced: SyncedResults,
    /// When the first undo began, if there was one.
    pub(super) undone: Option<Timestamp>,
    /// Bytes of the run log that are whole lines.
    pub(super) length: u64,
}

/// The latest session.
#[derive(Debug)]
pub(super) struct LatestSession {
    /// The options that were given last.
    pub(super) options: BTreeMap<String, OsString>,
    /// The input's size, if it was a plain file.
    pub(super) input_size: Option<u64>,
    /// Where the lines of an unfinished resend of failed rows begin.
    pub(super) retry_from: Option<u64>,
    /// How it ended, unless it was killed.
    pub(super) ended: Option<SessionEnd>,
    /// The failures file that was written last, by this or an earlier session.
    pub(super) failures: Option<FailuresFile>,
}

/// What is known of the account that the rows went to.
#[derive(Debug, Default)]
pub(super) struct AccountInfo {
    pub(super) id: Option<u64>,
    /// What a person has agreed to, if asked.
    pub(super) agreed: Option<Consent>,
    /// Records that were merged: object type, old id, new id.
    merged: Vec<(String, u64, u64)>,
}

/// How far the run has come in the input.
#[derive(Debug, Default)]
pub(super) struct RowProgress {
    /// Rows up to this number may have been sent.
    pub(super) dispatched: u64,
    /// The most rows that a session had read when it ended.
    rows_read: u64,
    /// Whether a session sent requests to create links.
    pub(super) has_sent_creates: bool,
}

/// Rows with a snapshot.
#[derive(Debug, Default)]
pub(super) struct SnapshotRows {
    pub(super) rows: RoaringTreemap,
    /// Rows with several snapshots: once for each further one.
    repeats: Vec<u64>,
    /// The sum of the id hashes of the rows, if the log has any.
    id_hash: Option<u64>,
}

/// The part of the results that is known to be on the disk.
#[derive(Debug, Default)]
pub(super) struct SyncedResults {
    pub(super) mark: ResultsMark,
    /// Sums of the lines in that part.
    pub(super) sums: LineSums,
}

/// Reads a run log. `None` if its first line was never completed.
pub(super) fn read(run_log: &RunLogFile) -> Result<Option<RunLog>, JournalError> {
    let path = &run_log.path;
    let failed = |error| JournalError::Read(path.clone(), error);
    (&run_log.file).rewind().map_err(failed)?;
    let mut lines = BufReader::new(&run_log.file);
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(failed)?;
    let Some(mut log) = parse_first_line(&line, path)? else {
        return Ok(None);
    };
    for number in 2_u64.. {
        line.clear();
        let read = lines.read_until(b'\n', &mut line).map_err(failed)?;
        let entry = line.strip_suffix(b"\n").map(serde_json::from_slice);
        match entry {
            Some(Ok(entry)) => log.apply(entry, read as u64),
            // The last line may be torn, or be garbage after a torn one.
            None | Some(Err(_)) if lines.fill_buf().map_err(failed)?.is_empty() => break,
            None | Some(Err(_)) => {
                let path = path.clone();
                return Err(JournalError::DamagedRunLog { path, line: number });
            }
        }
    }
    Ok(Some(log))
}

/// The part of the first line that every version can read.
#[derive(Deserialize)]
struct AnyVersionLine {
    begun: FormatField,
}

#[derive(Deserialize)]
struct FormatField {
    format: u32,
}

/// Parses the first line, which says what was run. Only this shows that the file is ours.
fn parse_first_line(line: &[u8], path: &Path) -> Result<Option<RunLog>, JournalError> {
    let Some(whole) = line.strip_suffix(b"\n") else {
        // Nothing, a part of it, or what a power loss left.
        let text = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let torn = RUN_LOG_PREFIX.starts_with(text) || text.starts_with(RUN_LOG_PREFIX);
        return if torn {
            Ok(None)
        } else {
            Err(JournalError::NotARunLog(path.to_owned()))
        };
    };
    let format = serde_json::from_slice(whole).map(|AnyVersionLine { begun }| begun.format);
    match (format, serde_json::from_slice(whole)) {
        (Ok(format), _) if format > RunInfo::FORMAT => Err(JournalError::NewerFormat {
            path: path.to_owned(),
            format,
            known: RunInfo::FORMAT,
        }),
        (Ok(_), Ok(RunLogEntry::Begun(info))) => match info.results_format.unknown_column() {
            Some(column) => Err(JournalError::NewerColumn {
                path: path.to_owned(),
                column: column.to_owned(),
            }),
            None => Ok(Some(RunLog::new(*info, line.len() as u64))),
        },
        _ if line.starts_with(RUN_LOG_PREFIX) => Err(JournalError::DamagedRunLog {
            path: path.to_owned(),
            line: 1,
        }),
        _ => Err(JournalError::NotARunLog(path.to_owned())),
    }
}

impl RunLog {
    /// A run that has just begun. Its first line has this many bytes.
    fn new(info: RunInfo, length: u64) -> Self {
        Self {
            latest: LatestSession::new(&info),
            info,
            account: AccountInfo::default(),
            progress: RowProgress::default(),
            snapshots: SnapshotRows::default(),
            synced: SyncedResults::default(),
            undone: None,
            length,
        }
    }

    fn apply(&mut self, entry: RunLogEntry, bytes: u64) {
        self.length += bytes;
        match entry {
            // Only the first line is `begun`.
            RunLogEntry::Begun(_) => {}
            RunLogEntry::Resumed(resumed) => self.latest.resume(resumed),
            RunLogEntry::Account(account) => self.account.id = Some(account),
            RunLogEntry::Agreed(consent) => self.account.agreed = Some(consent),
            RunLogEntry::Merged(merged) => self.account.merged.extend(merged),
            RunLogEntry::Dispatched(row) => self.progress.set_dispatched(row),
            RunLogEntry::Absent(ranges) => {
                for (first, last) in ranges {
                    self.snapshots.add(first, last);
                }
            }
            // An undo reads them one by one.
            RunLogEntry::Existing(snapshots) => snapshots
                .iter()
                .for_each(|snapshot| self.snapshots.add(snapshot.row, snapshot.row)),
            RunLogEntry::Ids(sum) => self.snapshots.add_id_hash(sum),
            RunLogEntry::Synced(sync_point) => {
                self.progress.add_counters(sync_point.counters.as_ref());
                self.synced.advance(&sync_point);
            }
            RunLogEntry::Undone(at) => self.undone = self.undone.or(Some(at)),
            RunLogEntry::Ended(ended) => {
                self.progress.set_rows_read(ended.rows_read.unwrap_or(0));
                self.progress.add_counters(ended.counters.as_ref());
                self.latest.end(ended);
            }
        }
    }
}

impl LatestSession {
    /// The first session of the run.
    fn new(info: &RunInfo) -> Self {
        Self {
            options: info.options.clone(),
            input_size: info.input.plain_size(),
            retry_from: None,
            ended: None,
            failures: None,
        }
    }

    fn resume(&mut self, resumed: ResumedSession) {
        self.options.extend(resumed.options);
        self.retry_from = resumed.retry_from;
        self.input_size = resumed.input_size.or(self.input_size);
        self.ended = None;
    }

    fn end(&mut self, ended: SessionEnd) {
        if ended.is_completed() {
            self.retry_from = None;
        }
        self.failures.clone_from(&ended.failures);
        self.ended = Some(ended);
    }
}

impl AccountInfo {
    /// Records that were found to be merged.
    pub(super) fn merges(&self) -> Merges {
        let merge = |(object_type, old, new): &(String, u64, u64)| {
            Some(Merge {
                object_type: association::object_type(object_type)?,
                old: RecordId::new(*old)?,
                new: RecordId::new(*new)?,
            })
        };
        self.merged.iter().filter_map(merge).collect()
    }
}

impl RowProgress {
    fn set_dispatched(&mut self, row: u64) {
        self.dispatched = self.dispatched.max(row);
    }

    fn set_rows_read(&mut self, rows: u64) {
        self.rows_read = self.rows_read.max(rows);
    }

    fn add_counters(&mut self, counters: Option<&CallCounters>) {
        self.has_sent_creates |= counters.is_some_and(CallCounters::has_creates);
    }

    /// The input had at least this many rows: a session read or dispatched them. Dispatch marks
    /// are written in blocks, before the first row of each.
    pub(super) fn rows_seen(&self) -> u64 {
        let dispatched_rows = self.dispatched.saturating_sub(DISPATCH_BLOCK - 1);
        self.rows_read.max(dispatched_rows)
    }
}

impl SnapshotRows {
    /// Adds a range of rows, ends included.
    fn add(&mut self, first: u64, last: u64) {
        let repeats = (first..=last).filter(|row| self.rows.contains(*row));
        self.repeats.extend(repeats);
        self.rows.insert_range(first..=last);
    }

    fn add_id_hash(&mut self, sum: u64) {
        self.id_hash = Some(self.id_hash.unwrap_or(0).wrapping_add(sum));
    }

    /// Whether the snapshots are of rows with these ids: `hash` returns the hash of a row's
    /// ids. `None` if the log has no id hashes.
    pub(super) fn matches_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        let ids = self.id_hash?;
        let rows = self.rows.iter().chain(self.repeats.iter().copied());
        Some(rows.map(hash).fold(0, u64::wrapping_add) == ids)
    }
}

impl SyncedResults {
    fn advance(&mut self, sync_point: &SyncPoint) {
        if sync_point.mark.length < self.mark.length {
            // The results were missing, and were begun again.
            self.sums = LineSums::default();
        }
        self.mark = sync_point.mark;
        self.sums.add_all(&sync_point.blocks);
    }
}
