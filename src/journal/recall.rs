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
    companion::Event,
    error::JournalError,
    lock::Locked,
    notes::{Displaced, Stood},
    past::Past,
};

/// Rows where something stood, in the order in which they were noted; of each
/// row only what was found first, for after that the run itself has written.
#[derive(Debug)]
pub struct StoodBefore<'a> {
    path: &'a Path,
    lines: Take<BufReader<&'a File>>,
    line: Vec<u8>,
    number: u64,
    /// The rest of the last line.
    found: vec::IntoIter<Stood>,
    seen: RoaringTreemap,
}

/// The same together: sets of rows, and what lost the primary type.
#[derive(Debug, Default)]
pub struct Notes {
    /// Rows whose own link stood.
    pub had_it: RoaringTreemap,
    /// Other rows between whose records something else stood.
    pub had_pair: RoaringTreemap,
    /// What each row displaced, in the order in which they were noted.
    pub displaced: Vec<(u64, Displaced)>,
}

impl Locked {
    /// What stood before the run wrote, row by row.
    ///
    /// # Errors
    /// If the companion cannot be read.
    pub fn stood_before(&self, past: &Past) -> Result<StoodBefore<'_>, JournalError> {
        let path = &self.companion.path;
        let mut file = &self.companion.file;
        file.rewind()
            .map_err(|error| JournalError::Read(path.clone(), error))?;
        Ok(StoodBefore {
            path,
            // Whole lines; a torn one may follow.
            lines: BufReader::new(file).take(past.log.length),
            line: Vec::new(),
            number: 0,
            found: Vec::new().into_iter(),
            seen: RoaringTreemap::new(),
        })
    }

    /// Writes down that the run is being undone: it is not to go on then.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn note_undone(&self, past: &Past) -> Result<(), JournalError> {
        if past.is_undone() {
            return Ok(());
        }
        let companion = &self.companion;
        // A torn line may follow the whole ones.
        let cut = companion.file.set_len(past.log.length);
        cut.and_then(|()| companion.append(&Event::Undone(Timestamp::now())))
            .and_then(|()| companion.file.sync_data())
            .map_err(|error| JournalError::Write(companion.path.clone(), error))
    }

    /// What stood before the run wrote, all together.
    ///
    /// # Errors
    /// If the companion cannot be read.
    pub fn notes(&self, past: &Past) -> Result<Notes, JournalError> {
        let mut notes = Notes::default();
        for stood in self.stood_before(past)? {
            notes.take(stood?);
        }
        Ok(notes)
    }
}

impl Notes {
    fn take(&mut self, stood: Stood) {
        if stood.had_it {
            self.had_it.insert(stood.row);
        } else if !stood.types.is_empty() {
            self.had_pair.insert(stood.row);
        }
        if let Some(displaced) = stood.displaces {
            self.displaced.push((stood.row, displaced));
        }
    }
}

impl StoodBefore<'_> {
    /// Reads the next line; `false` at the end.
    fn next_line(&mut self) -> Result<bool, JournalError> {
        self.line.clear();
        self.number += 1;
        let read = self.lines.read_until(b'\n', &mut self.line);
        if read.map_err(|error| JournalError::Read(self.path.to_owned(), error))? == 0 {
            return Ok(false);
        }
        match serde_json::from_slice(&self.line) {
            Ok(Event::Absent(ranges)) => {
                for (first, last) in ranges {
                    self.seen.insert_range(first..=last);
                }
            }
            Ok(Event::Before(stood)) => self.found = stood.into_iter(),
            Ok(
                Event::Begun(_)
                | Event::Resumed(_)
                | Event::Account(_)
                | Event::Agreed(_)
                | Event::Merged(_)
                | Event::HandedOut(_)
                | Event::Ids(_)
                | Event::Synced(_)
                | Event::Ended(_)
                | Event::Undone(_),
            ) => {}
            Err(_) => {
                return Err(JournalError::Companion {
                    path: self.path.to_owned(),
                    line: self.number,
                });
            }
        }
        Ok(true)
    }
}

impl Iterator for StoodBefore<'_> {
    type Item = Result<Stood, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(stood) = self.found.next() {
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
