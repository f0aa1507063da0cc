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
    companion::{BEGINS, Begun, Companion, Consent, Ended, Event, Mark},
    error::JournalError,
    sums::LineSums,
};

/// What a companion says.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) begun: Begun,
    /// Options as they were given last.
    pub(super) options: BTreeMap<String, OsString>,
    pub(super) account: Option<u64>,
    /// What a person has agreed to, if one was asked.
    pub(super) agreed: Option<Consent>,
    /// Records that were merged: object type, old id, new id.
    pub(super) merged: Vec<(String, u64, u64)>,
    pub(super) handed_out: u64,
    /// The most rows that a session had read when it ended by itself.
    pub(super) rows_read: u64,
    /// The size that the input had as a plain file, at the latest session.
    pub(super) input_size: Option<u64>,
    /// Rows with a note of what stood before.
    pub(super) noted: RoaringTreemap,
    /// Those that were noted more than once, so often as they were again.
    pub(super) noted_again: Vec<u64>,
    /// What the notes say of the ids of their rows, if they say anything.
    pub(super) ids: Option<u64>,
    pub(super) synced: Mark,
    /// What the lines say that are known to be on the disk.
    pub(super) sums: LineSums,
    pub(super) ended: Option<Ended>,
    /// When its links were taken back for the first time, if they were.
    pub(super) undone: Option<Timestamp>,
    /// Where the lines of a retry begin that did not come to its end.
    pub(super) retry_from: Option<u64>,
    /// Bytes of the companion that are whole lines.
    pub(super) length: u64,
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
        (Ok(_), Ok(Event::Begun(begun))) => match begun.unknown_column() {
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
            options: begun.options.clone(),
            input_size: begun.input.plain_size(),
            rows_read: 0,
            begun,
            account: None,
            agreed: None,
            merged: Vec::new(),
            handed_out: 0,
            noted: RoaringTreemap::new(),
            noted_again: Vec::new(),
            ids: None,
            synced: Mark::default(),
            sums: LineSums::default(),
            ended: None,
            undone: None,
            retry_from: None,
            length,
        }
    }

    fn take(&mut self, event: Event, bytes: u64) {
        self.length += bytes;
        match event {
            // Only the first line begins; another would have been cut off.
            Event::Begun(_) => {}
            Event::Resumed(resumed) => {
                self.options.extend(resumed.options);
                self.retry_from = resumed.retry_from;
                self.input_size = resumed.input_size.or(self.input_size);
                self.ended = None;
            }
            Event::Account(account) => self.account = Some(account),
            Event::Agreed(consent) => self.agreed = Some(consent),
            Event::Merged(merged) => self.merged.extend(merged),
            Event::HandedOut(row) => self.handed_out = self.handed_out.max(row),
            Event::Absent(ranges) => {
                for (first, last) in ranges {
                    self.note(first, last);
                }
            }
            // Who undoes the run reads them, one by one.
            Event::Before(stood) => stood
                .iter()
                .for_each(|stood| self.note(stood.row, stood.row)),
            Event::Ids(sum) => self.ids = Some(self.ids.unwrap_or(0).wrapping_add(sum)),
            Event::Synced(reached) => {
                self.synced = reached.mark;
                self.sums.add_all(&reached.blocks);
            }
            Event::Undone(at) => self.undone = self.undone.or(Some(at)),
            Event::Ended(ended) => {
                if ended.is_gone_through() {
                    self.retry_from = None;
                }
                self.rows_read = self.rows_read.max(ended.rows_read.unwrap_or(0));
                self.ended = Some(ended);
            }
        }
    }

    /// Notes a range of rows, ends included.
    fn note(&mut self, first: u64, last: u64) {
        let again = (first..=last).filter(|row| self.noted.contains(*row));
        self.noted_again.extend(again);
        self.noted.insert_range(first..=last);
    }
}
