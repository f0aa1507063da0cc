//! Reads snapshots back from the run log for an undo: one row at a time, so that memory does
//! not grow with them.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, Take},
    path::Path,
    vec,
};

use jiff::Timestamp;
use roaring::RoaringTreemap;

use super::{
    error::JournalError,
    lock::LockedRun,
    recorded_run::RecordedRun,
    run_log::RunLogEntry,
    snapshots::{DisplacedLink, RowSnapshot},
};

/// Rows where links already existed, in the order of the log. Only the first snapshot of a row
/// is returned, because after it the run itself may have written.
#[derive(Debug)]
pub struct SnapshotReader<'a> {
    path: &'a Path,
    lines: Take<BufReader<&'a File>>,
    line: Vec<u8>,
    number: u64,
    /// Snapshots of the current line that are not returned yet.
    pending: vec::IntoIter<RowSnapshot>,
    seen: RoaringTreemap,
}

/// All snapshots together, as sets of rows and a list of displaced links.
#[derive(Debug, Default)]
pub struct SnapshotSummary {
    /// Rows whose own link already existed.
    pub had_own_link: RoaringTreemap,
    /// Other rows whose records already had a link to each other.
    pub had_other_types: RoaringTreemap,
    /// What each row displaced, in the order of the log.
    pub displaced: Vec<(u64, DisplacedLink)>,
}

impl LockedRun {
    /// The snapshots, row by row.
    ///
    /// # Errors
    /// If the run log cannot be read.
    pub fn read_snapshots(&self, past: &RecordedRun) -> Result<SnapshotReader<'_>, JournalError> {
        let path = &self.run_log.path;
        let mut file = &self.run_log.file;
        file.rewind()
            .map_err(|error| JournalError::Read(path.clone(), error))?;
        Ok(SnapshotReader {
            path,
            // The whole lines. A torn one may follow.
            lines: BufReader::new(file).take(past.log.length),
            line: Vec::new(),
            number: 0,
            pending: Vec::new().into_iter(),
            seen: RoaringTreemap::new(),
        })
    }

    /// Writes down that an undo begins. After that the run cannot be resumed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn mark_undone(&self, past: &RecordedRun) -> Result<(), JournalError> {
        if past.is_undone() {
            return Ok(());
        }
        let run_log = &self.run_log;
        // A torn line may follow the whole ones.
        let cut = run_log.file.set_len(past.log.length);
        cut.and_then(|()| run_log.append(&RunLogEntry::Undone(Timestamp::now())))
            .and_then(|()| run_log.file.sync_data())
            .map_err(|error| JournalError::Write(run_log.path.clone(), error))
    }

    /// All snapshots together.
    ///
    /// # Errors
    /// If the run log cannot be read.
    pub fn summarize_snapshots(&self, past: &RecordedRun) -> Result<SnapshotSummary, JournalError> {
        let mut summary = SnapshotSummary::default();
        for snapshot in self.read_snapshots(past)? {
            summary.add(snapshot?);
        }
        Ok(summary)
    }
}

impl SnapshotSummary {
    fn add(&mut self, snapshot: RowSnapshot) {
        if snapshot.had_own_link {
            self.had_own_link.insert(snapshot.row);
        } else if !snapshot.types.is_empty() {
            self.had_other_types.insert(snapshot.row);
        }
        if let Some(displaced) = snapshot.displaces {
            self.displaced.push((snapshot.row, displaced));
        }
    }
}

impl SnapshotReader<'_> {
    /// Reads the next line; `false` at the end.
    fn next_line(&mut self) -> Result<bool, JournalError> {
        self.line.clear();
        self.number += 1;
        let read = self.lines.read_until(b'\n', &mut self.line);
        if read.map_err(|error| JournalError::Read(self.path.to_owned(), error))? == 0 {
            return Ok(false);
        }
        match serde_json::from_slice(&self.line) {
            Ok(RunLogEntry::Absent(ranges)) => {
                for (first, last) in ranges {
                    self.seen.insert_range(first..=last);
                }
            }
            Ok(RunLogEntry::Existing(snapshots)) => self.pending = snapshots.into_iter(),
            Ok(
                RunLogEntry::Begun(_)
                | RunLogEntry::Resumed(_)
                | RunLogEntry::Account(_)
                | RunLogEntry::Agreed(_)
                | RunLogEntry::Merged(_)
                | RunLogEntry::Dispatched(_)
                | RunLogEntry::Ids(_)
                | RunLogEntry::Synced(_)
                | RunLogEntry::Ended(_)
                | RunLogEntry::Undone(_),
            ) => {}
            Err(_) => {
                return Err(JournalError::DamagedRunLog {
                    path: self.path.to_owned(),
                    line: self.number,
                });
            }
        }
        Ok(true)
    }
}

impl Iterator for SnapshotReader<'_> {
    type Item = Result<RowSnapshot, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(snapshot) = self.pending.next() {
                if self.seen.insert(snapshot.row) {
                    return Some(Ok(snapshot));
                }
                continue;
            }
            match self.next_line() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
