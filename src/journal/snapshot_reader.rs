//! What stood before a run wrote, read back from its companion for whoever
//! undoes it: one row at a time, however many there are.

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

/// Rows where something stood, in the order in which they were noted; of each
/// row only what was found first, for after that the run itself has written.
#[derive(Debug)]
pub struct SnapshotReader<'a> {
    path: &'a Path,
    lines: Take<BufReader<&'a File>>,
    line: Vec<u8>,
    number: u64,
    /// The rest of the last line.
    pending: vec::IntoIter<RowSnapshot>,
    seen: RoaringTreemap,
}

/// The same together: sets of rows, and what lost the primary type.
#[derive(Debug, Default)]
pub struct SnapshotSummary {
    /// Rows whose own link stood.
    pub had_own_link: RoaringTreemap,
    /// Other rows between whose records something else stood.
    pub had_other_types: RoaringTreemap,
    /// What each row displaced, in the order in which they were noted.
    pub displaced: Vec<(u64, DisplacedLink)>,
}

impl LockedRun {
    /// What stood before the run wrote, row by row.
    ///
    /// # Errors
    /// If the companion cannot be read.
    pub fn read_snapshots(&self, past: &RecordedRun) -> Result<SnapshotReader<'_>, JournalError> {
        let path = &self.run_log.path;
        let mut file = &self.run_log.file;
        file.rewind()
            .map_err(|error| JournalError::Read(path.clone(), error))?;
        Ok(SnapshotReader {
            path,
            // Whole lines; a torn one may follow.
            lines: BufReader::new(file).take(past.log.length),
            line: Vec::new(),
            number: 0,
            pending: Vec::new().into_iter(),
            seen: RoaringTreemap::new(),
        })
    }

    /// Writes down that the run is being undone: it is not to go on then.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn mark_undone(&self, past: &RecordedRun) -> Result<(), JournalError> {
        if past.is_undone() {
            return Ok(());
        }
        let companion = &self.run_log;
        // A torn line may follow the whole ones.
        let cut = companion.file.set_len(past.log.length);
        cut.and_then(|()| companion.append(&RunLogEntry::Undone(Timestamp::now())))
            .and_then(|()| companion.file.sync_data())
            .map_err(|error| JournalError::Write(companion.path.clone(), error))
    }

    /// What stood before the run wrote, all together.
    ///
    /// # Errors
    /// If the companion cannot be read.
    pub fn summarize_snapshots(&self, past: &RecordedRun) -> Result<SnapshotSummary, JournalError> {
        let mut notes = SnapshotSummary::default();
        for stood in self.read_snapshots(past)? {
            notes.add(stood?);
        }
        Ok(notes)
    }
}

impl SnapshotSummary {
    fn add(&mut self, stood: RowSnapshot) {
        if stood.had_own_link {
            self.had_own_link.insert(stood.row);
        } else if !stood.types.is_empty() {
            self.had_other_types.insert(stood.row);
        }
        if let Some(displaced) = stood.displaces {
            self.displaced.push((stood.row, displaced));
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
            Ok(RunLogEntry::Before(stood)) => self.pending = stood.into_iter(),
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
            if let Some(stood) = self.pending.next() {
                if self.seen.insert(stood.row) {
                    return Some(Ok(stood));
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
