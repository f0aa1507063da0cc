//! Reads a companion back: the events folded into what they say together.
//!
//! A torn last line is what a kill or a power loss leaves; damage before it
//! is refused.

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

/// What a companion says.
#[derive(Debug)]
pub(super) struct RunLog {
    pub(super) info: RunInfo,
    pub(super) latest: LatestSession,
    pub(super) account: AccountInfo,
    pub(super) progress: RowProgress,
    pub(super) snapshots: SnapshotRows,
    pub(super) synced: SyncedResults,
    /// When its links were taken back for the first time, if they were.
    pub(super) undone: Option<Timestamp>,
    /// Bytes of the companion that are whole lines.
    pub(super) length: u64,
}

/// The latest session.
#[derive(Debug)]
pub(super) struct LatestSession {
    /// Options as they were given last.
    pub(super) options: BTreeMap<String, OsString>,
    /// The size that the input had as a plain file.
    pub(super) input_size: Option<u64>,
    /// Where the lines of a retry begin that did not come to its end.
    pub(super) retry_from: Option<u64>,
    /// How it ended, if it did by itself.
    pub(super) ended: Option<SessionEnd>,
    /// The failures file that was written last, also by a session before it.
    pub(super) failures: Option<FailuresFile>,
}

/// What is known of the account that the rows went to.
#[derive(Debug, Default)]
pub(super) struct AccountInfo {
    pub(super) id: Option<u64>,
    /// What a person has agreed to, if one was asked.
    pub(super) agreed: Option<Consent>,
    /// Records that were merged: object type, old id, new id.
    merged: Vec<(String, u64, u64)>,
}

/// How far into the input the run has come.
#[derive(Debug, Default)]
pub(super) struct RowProgress {
    /// Rows up to this number may have been sent.
    pub(super) dispatched: u64,
    /// The most rows that a session had read when it ended by itself.
    rows_read: u64,
    /// Whether a session has called to make links.
    pub(super) has_written: bool,
}

/// Rows with a note of what stood before.
#[derive(Debug, Default)]
pub(super) struct SnapshotRows {
    pub(super) rows: RoaringTreemap,
    /// Those that were noted more than once, so often as they were again.
    repeats: Vec<u64>,
    /// What the notes say of the ids of their rows, if they say anything.
    id_hash: Option<u64>,
}

/// What is known to be on the disk of the results.
#[derive(Debug, Default)]
pub(super) struct SyncedResults {
    pub(super) mark: ResultsMark,
    /// What the lines say up to there.
    pub(super) sums: LineSums,
}

/// Reads a companion; `None` if it was never finished beginning.
pub(super) fn read(companion: &RunLogFile) -> Result<Option<RunLog>, JournalError> {
    let path = &companion.path;
    let broken = |error| JournalError::Read(path.clone(), error);
    (&companion.file).rewind().map_err(broken)?;
    let mut lines = BufReader::new(&companion.file);
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(broken)?;
    let Some(mut log) = parse_first_line(&line, path)? else {
        return Ok(None);
    };
    for number in 2_u64.. {
        line.clear();
        let read = lines.read_until(b'\n', &mut line).map_err(broken)?;
        let event = line.strip_suffix(b"\n").map(serde_json::from_slice);
        match event {
            Some(Ok(event)) => log.apply(event, read as u64),
            // The last line may be torn, or be rubbish that follows it.
            None | Some(Err(_)) if lines.fill_buf().map_err(broken)?.is_empty() => break,
            None | Some(Err(_)) => {
                let path = path.clone();
                return Err(JournalError::DamagedRunLog { path, line: number });
            }
        }
    }
    Ok(Some(log))
}

/// What a first line of any version says.
#[derive(Deserialize)]
struct AnyVersionLine {
    begun: FormatField,
}

#[derive(Deserialize)]
struct FormatField {
    format: u32,
}

/// The first line says what was run; only then is the file ours.
fn parse_first_line(line: &[u8], path: &Path) -> Result<Option<RunLog>, JournalError> {
    let Some(whole) = line.strip_suffix(b"\n") else {
        // Nothing, its beginning, or what a power loss made of it.
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
        (Ok(_), Ok(RunLogEntry::Begun(begun))) => match begun.results_format.unknown_column() {
            Some(column) => Err(JournalError::NewerColumn {
                path: path.to_owned(),
                column: column.to_owned(),
            }),
            None => Ok(Some(RunLog::new(*begun, line.len() as u64))),
        },
        _ if line.starts_with(RUN_LOG_PREFIX) => Err(JournalError::DamagedRunLog {
            path: path.to_owned(),
            line: 1,
        }),
        _ => Err(JournalError::NotARunLog(path.to_owned())),
    }
}

impl RunLog {
    /// A run that has only just begun, by a line of so many bytes.
    fn new(begun: RunInfo, length: u64) -> Self {
        Self {
            latest: LatestSession::new(&begun),
            info: begun,
            account: AccountInfo::default(),
            progress: RowProgress::default(),
            snapshots: SnapshotRows::default(),
            synced: SyncedResults::default(),
            undone: None,
            length,
        }
    }

    fn apply(&mut self, event: RunLogEntry, bytes: u64) {
        self.length += bytes;
        match event {
            // Only the first line begins; another would have been cut off.
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
            // Who undoes the run reads them, one by one.
            RunLogEntry::Before(stood) => stood
                .iter()
                .for_each(|stood| self.snapshots.add(stood.row, stood.row)),
            RunLogEntry::Ids(sum) => self.snapshots.add_id_hash(sum),
            RunLogEntry::Synced(reached) => {
                self.progress.add_counters(reached.counters.as_ref());
                self.synced.advance(&reached);
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
    /// The session that begins the run.
    fn new(begun: &RunInfo) -> Self {
        Self {
            options: begun.options.clone(),
            input_size: begun.input.plain_size(),
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
        self.has_written |= counters.is_some_and(CallCounters::has_creates);
    }

    /// So many rows the input had at least: a session read them, or handed them
    /// out. Those are told in blocks, before the first row of each goes.
    pub(super) fn rows_seen(&self) -> u64 {
        let handed_out = self.dispatched.saturating_sub(DISPATCH_BLOCK - 1);
        self.rows_read.max(handed_out)
    }
}

impl SnapshotRows {
    /// Notes a range of rows, ends included.
    fn add(&mut self, first: u64, last: u64) {
        let again = (first..=last).filter(|row| self.rows.contains(*row));
        self.repeats.extend(again);
        self.rows.insert_range(first..=last);
    }

    fn add_id_hash(&mut self, sum: u64) {
        self.id_hash = Some(self.id_hash.unwrap_or(0).wrapping_add(sum));
    }

    /// Whether the notes are of rows with these ids: `hash` tells that of a row. `None`
    /// if they say nothing of ids.
    pub(super) fn matches_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        let ids = self.id_hash?;
        let rows = self.rows.iter().chain(self.repeats.iter().copied());
        Some(rows.map(hash).fold(0, u64::wrapping_add) == ids)
    }
}

impl SyncedResults {
    fn advance(&mut self, reached: &SyncPoint) {
        if reached.mark.length < self.mark.length {
            // The results were gone, and were begun anew.
            self.sums = LineSums::default();
        }
        self.mark = reached.mark;
        self.sums.add_all(&reached.blocks);
    }
}
