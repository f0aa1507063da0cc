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
    begun::Begun,
    companion::{BEGINS, Companion, Consent, Ended, Event, Mark, Reached, Resumed},
    counters::Counters,
    error::JournalError,
    running::HANDED_OUT_BLOCK,
    sums::LineSums,
};
use crate::{
    association::{self, Merge, Merges, RecordId},
    output::FailuresFile,
};

/// What a companion says.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) begun: Begun,
    pub(super) latest: Latest,
    pub(super) account: AccountRecord,
    pub(super) reach: Reach,
    pub(super) noted: NotedRows,
    pub(super) on_disk: OnDisk,
    /// When its links were taken back for the first time, if they were.
    pub(super) undone: Option<Timestamp>,
    /// Bytes of the companion that are whole lines.
    pub(super) length: u64,
}

/// The latest session.
#[derive(Debug)]
pub(super) struct Latest {
    /// Options as they were given last.
    pub(super) options: BTreeMap<String, OsString>,
    /// The size that the input had as a plain file.
    pub(super) input_size: Option<u64>,
    /// Where the lines of a retry begin that did not come to its end.
    pub(super) retry_from: Option<u64>,
    /// How it ended, if it did by itself.
    pub(super) ended: Option<Ended>,
    /// The failures file that was written last, also by a session before it.
    pub(super) failures: Option<FailuresFile>,
}

/// What is known of the account that the rows went to.
#[derive(Debug, Default)]
pub(super) struct AccountRecord {
    pub(super) id: Option<u64>,
    /// What a person has agreed to, if one was asked.
    pub(super) agreed: Option<Consent>,
    /// Records that were merged: object type, old id, new id.
    merged: Vec<(String, u64, u64)>,
}

/// How far into the input the run has come.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Rows up to this number may have been sent.
    pub(super) handed_out: u64,
    /// The most rows that a session had read when it ended by itself.
    rows_read: u64,
    /// Whether a session has called to make links.
    pub(super) has_written: bool,
}

/// Rows with a note of what stood before.
#[derive(Debug, Default)]
pub(super) struct NotedRows {
    pub(super) rows: RoaringTreemap,
    /// Those that were noted more than once, so often as they were again.
    again: Vec<u64>,
    /// What the notes say of the ids of their rows, if they say anything.
    ids: Option<u64>,
}

/// What is known to be on the disk of the results.
#[derive(Debug, Default)]
pub(super) struct OnDisk {
    pub(super) mark: Mark,
    /// What the lines say up to there.
    pub(super) sums: LineSums,
}

/// Reads a companion; `None` if it was never finished beginning.
pub(super) fn read(companion: &Companion) -> Result<Option<Log>, JournalError> {
    let path = &companion.path;
    let broken = |error| JournalError::Read(path.clone(), error);
    (&companion.file).rewind().map_err(broken)?;
    let mut lines = BufReader::new(&companion.file);
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(broken)?;
    let Some(mut log) = first(&line, path)? else {
        return Ok(None);
    };
    for number in 2_u64.. {
        line.clear();
        let read = lines.read_until(b'\n', &mut line).map_err(broken)?;
        let event = line.strip_suffix(b"\n").map(serde_json::from_slice);
        match event {
            Some(Ok(event)) => log.take(event, read as u64),
            // The last line may be torn, or be rubbish that follows it.
            None | Some(Err(_)) if lines.fill_buf().map_err(broken)?.is_empty() => break,
            None | Some(Err(_)) => {
                let path = path.clone();
                return Err(JournalError::Companion { path, line: number });
            }
        }
    }
    Ok(Some(log))
}

/// What a first line of any version says.
#[derive(Deserialize)]
struct Versioned {
    begun: Format,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The first line says what was run; only then is the file ours.
fn first(line: &[u8], path: &Path) -> Result<Option<Log>, JournalError> {
    let Some(whole) = line.strip_suffix(b"\n") else {
        // Nothing, its beginning, or what a power loss made of it.
        let text = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let torn = BEGINS.starts_with(text) || text.starts_with(BEGINS);
        return if torn {
            Ok(None)
        } else {
            Err(JournalError::Foreign(path.to_owned()))
        };
    };
    let format = serde_json::from_slice(whole).map(|Versioned { begun }| begun.format);
    match (format, serde_json::from_slice(whole)) {
        (Ok(format), _) if format > Begun::FORMAT => Err(JournalError::Newer {
            path: path.to_owned(),
            format,
            known: Begun::FORMAT,
        }),
        (Ok(_), Ok(Event::Begun(begun))) => match begun.form.unknown_column() {
            Some(column) => Err(JournalError::NewerColumn {
                path: path.to_owned(),
                column: column.to_owned(),
            }),
            None => Ok(Some(Log::begun(*begun, line.len() as u64))),
        },
        _ if line.starts_with(BEGINS) => Err(JournalError::Companion {
            path: path.to_owned(),
            line: 1,
        }),
        _ => Err(JournalError::Foreign(path.to_owned())),
    }
}

impl Log {
    /// A run that has only just begun, by a line of so many bytes.
    fn begun(begun: Begun, length: u64) -> Self {
        Self {
            latest: Latest::first(&begun),
            begun,
            account: AccountRecord::default(),
            reach: Reach::default(),
            noted: NotedRows::default(),
            on_disk: OnDisk::default(),
            undone: None,
            length,
        }
    }

    fn take(&mut self, event: Event, bytes: u64) {
        self.length += bytes;
        match event {
            // Only the first line begins; another would have been cut off.
            Event::Begun(_) => {}
            Event::Resumed(resumed) => self.latest.go_on(resumed),
            Event::Account(account) => self.account.id = Some(account),
            Event::Agreed(consent) => self.account.agreed = Some(consent),
            Event::Merged(merged) => self.account.merged.extend(merged),
            Event::HandedOut(row) => self.reach.hand_out(row),
            Event::Absent(ranges) => {
                for (first, last) in ranges {
                    self.noted.add(first, last);
                }
            }
            // Who undoes the run reads them, one by one.
            Event::Before(stood) => stood
                .iter()
                .for_each(|stood| self.noted.add(stood.row, stood.row)),
            Event::Ids(sum) => self.noted.add_ids(sum),
            Event::Synced(reached) => {
                self.reach.write(reached.counters.as_ref());
                self.on_disk.reach(&reached);
            }
            Event::Undone(at) => self.undone = self.undone.or(Some(at)),
            Event::Ended(ended) => {
                self.reach.read(ended.rows_read.unwrap_or(0));
                self.reach.write(ended.counters.as_ref());
                self.latest.end(ended);
            }
        }
    }
}

impl Latest {
    /// The session that begins the run.
    fn first(begun: &Begun) -> Self {
        Self {
            options: begun.options.clone(),
            input_size: begun.input.plain_size(),
            retry_from: None,
            ended: None,
            failures: None,
        }
    }

    fn go_on(&mut self, resumed: Resumed) {
        self.options.extend(resumed.options);
        self.retry_from = resumed.retry_from;
        self.input_size = resumed.input_size.or(self.input_size);
        self.ended = None;
    }

    fn end(&mut self, ended: Ended) {
        if ended.is_gone_through() {
            self.retry_from = None;
        }
        self.failures.clone_from(&ended.failures);
        self.ended = Some(ended);
    }
}

impl AccountRecord {
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

impl Reach {
    fn hand_out(&mut self, row: u64) {
        self.handed_out = self.handed_out.max(row);
    }

    fn read(&mut self, rows: u64) {
        self.rows_read = self.rows_read.max(rows);
    }

    fn write(&mut self, counters: Option<&Counters>) {
        self.has_written |= counters.is_some_and(Counters::have_creates);
    }

    /// So many rows the input had at least: a session read them, or handed them
    /// out. Those are told in blocks, before the first row of each goes.
    pub(super) fn rows_seen(&self) -> u64 {
        let handed_out = self.handed_out.saturating_sub(HANDED_OUT_BLOCK - 1);
        self.rows_read.max(handed_out)
    }
}

impl NotedRows {
    /// Notes a range of rows, ends included.
    fn add(&mut self, first: u64, last: u64) {
        let again = (first..=last).filter(|row| self.rows.contains(*row));
        self.again.extend(again);
        self.rows.insert_range(first..=last);
    }

    fn add_ids(&mut self, sum: u64) {
        self.ids = Some(self.ids.unwrap_or(0).wrapping_add(sum));
    }

    /// Whether the notes are of rows with these ids: `hash` tells that of a row. `None`
    /// if they say nothing of ids.
    pub(super) fn has_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        let ids = self.ids?;
        let rows = self.rows.iter().chain(self.again.iter().copied());
        Some(rows.map(hash).fold(0, u64::wrapping_add) == ids)
    }
}

impl OnDisk {
    fn reach(&mut self, reached: &Reached) {
        if reached.mark.length < self.mark.length {
            // The results were gone, and were begun anew.
            self.sums = LineSums::default();
        }
        self.mark = reached.mark;
        self.sums.add_all(&reached.blocks);
    }
}
