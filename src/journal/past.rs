//! What a run has recorded so far, from its companion and its results: checked
//! to be what was written, a torn tail told from damage.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use roaring::RoaringTreemap;
use tracing::warn;

use super::{
    companion::{Begun, Ended, Mark},
    error::JournalError,
    header::{altered, has_header, header, is_unwritten},
    log::Log,
    place::{Use, reopen},
    resaved::Rewritten,
    rows::Rows,
    running::HANDED_OUT_BLOCK,
    scan::{Layout, Line, Scanner},
    sums::Sums,
};
use crate::{
    account::AccountId,
    association::{self, Merge, Merges, RecordId},
};

/// A run that was begun, and what it recorded.
#[derive(Debug)]
pub struct Past {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) log: Log,
    pub(super) header_length: u64,
    pub(super) sums: Sums,
    mark: Mark,
    torn: u64,
    is_resaved: bool,
    lines: u64,
    rows: Rows,
}

impl Past {
    /// Reads the results; `None` if there are none.
    pub(super) fn read(path: &Path, log: Log, wanted: Use) -> Result<Option<Self>, JournalError> {
        let failed = |error| JournalError::Read(path.to_owned(), error);
        let Some(file) = reopen(path, wanted)? else {
            if log.synced.length > 0 {
                warn!(
                    "{} is not there any more: the run of {:.0} that it recorded is begun anew",
                    path.display(),
                    log.begun.at
                );
            }
            return Ok(None);
        };
        let length = file.metadata().map_err(failed)?.len();
        let known = log.synced.length;
        let header = header(&log.begun).map_err(failed)?;
        let mut past = Self {
            path: path.to_owned(),
            file,
            header_length: header.len() as u64,
            sums: Sums::default(),
            mark: Mark::default(),
            torn: 0,
            is_resaved: false,
            lines: 0,
            rows: Rows::default(),
            log,
        };
        if !has_header(&mut past.file, &header).map_err(failed)? {
            return if known == 0 && is_unwritten(&mut past.file, &header).map_err(failed)? {
                Ok(Some(past))
            } else {
                let altered = altered(&mut past.file, path, &header, known);
                past.resaved(wanted, &header, altered)
            };
        }
        if length < known {
            let cut = JournalError::Cut {
                path: path.to_owned(),
                length,
                known,
            };
            return past.resaved(wanted, &header, cut);
        }
        if !past.scan(&header).map_err(failed)? {
            let altered = altered(&mut past.file, path, &header, known);
            return past.resaved(wanted, &header, altered);
        }
        past.torn = length.saturating_sub(past.mark.length);
        Ok(Some(past))
    }

    /// Whoever only looks at a run may do with results that another program has
    /// saved, if their cells are those that the run wrote.
    fn resaved(
        mut self,
        wanted: Use,
        header: &[u8],
        error: JournalError,
    ) -> Result<Option<Self>, JournalError> {
        match wanted {
            Use::Append => return Err(error),
            Use::Read => {}
        }
        self.is_resaved = true;
        (self.rows, self.sums, self.lines) = Default::default();
        let failed = |error| JournalError::Read(self.path.clone(), error);
        let mut start = Vec::new();
        let rewritten = Rewritten::open(&self.file, &self.log.begun).map_err(failed)?;
        if let Some(rewritten) = rewritten {
            let mut head = rewritten.take(self.header_length);
            head.read_to_end(&mut start).map_err(failed)?;
        }
        let is_ours = start == header;
        if is_ours
            && self
                .scan(header)
                .map_err(|error| JournalError::Read(self.path.clone(), error))?
        {
            return Ok(Some(self));
        }
        Err(error.of_past())
    }

    /// Reads all lines up to the end or to a torn one; `false` if what was
    /// known to be on the disk is not what was written.
    fn scan(&mut self, header: &[u8]) -> io::Result<bool> {
        let known = self.log.synced;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(header);
        let mut scanner = self.lines()?;
        loop {
            let at = scanner.offset();
            if at == known.length && checksum.clone().finalize() != known.crc32 {
                return Ok(false);
            }
            match scanner.next(|line| checksum.update(line))? {
                Line::Whole(record) => {
                    self.lines += 1;
                    if at < known.length && scanner.offset() > known.length {
                        return Ok(false);
                    }
                    if self.log.retry_from.is_some_and(|from| at >= from) {
                        self.rows.retried.insert(record.row);
                    }
                    if self.rows.take(record) {
                        self.sums.add(record.row, record.cells);
                    }
                }
                Line::Torn if at < known.length => return Ok(false),
                Line::Torn | Line::End => {
                    let crc32 = checksum.finalize();
                    self.mark = Mark { length: at, crc32 };
                    return Ok(at >= known.length);
                }
            }
        }
    }

    /// The lines after the header, from the first.
    pub(super) fn lines(&self) -> io::Result<Scanner<Box<dyn Read>>> {
        let lines = self.bytes_of_lines()?;
        let begun = &self.log.begun;
        let layout = Layout {
            delimiter: begun.delimiter_byte(),
            of_input: begun.columns.len(),
            columns: begun.result_columns(),
        };
        Ok(Scanner::new(lines, self.header_length, layout))
    }

    fn bytes_of_lines(&self) -> io::Result<Box<dyn Read>> {
        if self.is_resaved
            && let Some(mut lines) = Rewritten::open(&self.file, &self.log.begun)?
        {
            let mut header = (&mut lines).take(self.header_length);
            io::copy(&mut header, &mut io::sink())?;
            return Ok(Box::new(lines));
        }
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(self.header_length))?;
        Ok(Box::new(file))
    }

    /// Whether another program has saved the results since, and changed nothing that
    /// they say.
    #[must_use]
    pub fn is_resaved(&self) -> bool {
        self.is_resaved
    }

    /// Whether no row is recorded yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.settled.is_empty()
    }

    /// Whether a run that would begin like this goes on with it. Where no row is
    /// recorded it may have written some all the same: what it noted before that
    /// stays, as long as the input is the one that it read.
    #[must_use]
    pub fn goes_on_as(&self, begun: &Begun) -> bool {
        let then = &self.log.begun;
        let content = |begun: &Begun| {
            let input = &begun.input;
            (input.size, input.sha256_of_first_64_kib.clone())
        };
        let form = |begun: &Begun| (begun.columns.clone(), begun.delimiter, begun.bom);
        let is_same = || content(then) == content(begun) && form(then) == form(begun);
        !self.is_empty() || !self.log.noted.is_empty() && is_same()
    }

    /// What was run.
    #[must_use]
    pub fn begun(&self) -> &Begun {
        &self.log.begun
    }

    /// Options as they were given last, by name.
    #[must_use]
    pub fn options(&self) -> &std::collections::BTreeMap<String, String> {
        &self.log.options
    }

    /// The account that it wrote to, if that was learnt.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.log.account.map(AccountId::new)
    }

    /// Records that it found to be merged.
    #[must_use]
    pub fn merges(&self) -> Merges {
        let merged = self.log.merged.iter();
        let merge = |(object_type, old, new): &(String, u64, u64)| {
            Some(Merge {
                object_type: association::object_type(object_type)?,
                old: RecordId::new(*old)?,
                new: RecordId::new(*new)?,
            })
        };
        merged.filter_map(merge).collect()
    }

    /// Rows up to this number may have been sent.
    #[must_use]
    pub fn handed_out(&self) -> u64 {
        self.log.handed_out
    }

    /// So many rows the input had at least: a session read them, or handed them
    /// out. Those are told in blocks, before the first row of each goes.
    #[must_use]
    pub fn rows_seen(&self) -> u64 {
        let handed_out = self.log.handed_out.saturating_sub(HANDED_OUT_BLOCK - 1);
        self.highest().max(self.log.rows_read).max(handed_out)
    }

    /// Refuses a plain file that is smaller than at the latest session: it was
    /// cut, and its last rows would be missing without a word.
    ///
    /// # Errors
    /// If it is smaller.
    pub fn refuse_smaller(&self, size: Option<u64>) -> Result<(), JournalError> {
        match (size, self.log.input_size) {
            (Some(now), Some(then)) if now < then => Err(JournalError::Smaller {
                results: self.path.clone(),
                now,
                then,
            }),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// Rows with a note of what stood before they were written; the first one
    /// counts.
    #[must_use]
    pub fn noted(&self) -> &RoaringTreemap {
        &self.log.noted
    }

    /// Rows that it was about to write and that have no line.
    #[must_use]
    pub fn unsettled(&self) -> RoaringTreemap {
        &self.log.noted - &self.rows.settled
    }

    /// Failed rows that it was sending again when it was cut short, and that it was
    /// about to write: they have an older line.
    #[must_use]
    pub fn sent_again(&self) -> RoaringTreemap {
        if self.was_retrying() {
            (&self.rows.failed - &self.rows.retried) & &self.log.noted
        } else {
            RoaringTreemap::new()
        }
    }

    /// Whether its notes are of rows with these ids: `hash` tells that of a row. `None`
    /// if the notes say nothing of ids.
    pub fn has_ids(&self, hash: impl Fn(u64) -> u64) -> Option<bool> {
        let ids = self.log.ids?;
        let rows = self.log.noted.iter();
        let rows = rows.chain(self.log.noted_again.iter().copied());
        Some(rows.map(hash).fold(0, u64::wrapping_add) == ids)
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
    pub fn lines_recorded(&self) -> u64 {
        self.lines
    }

    /// How the last session ended, if it ended by itself.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        self.log.ended.as_ref()
    }

    /// Whether rows that failed were being sent again when it was cut short.
    #[must_use]
    pub fn was_retrying(&self) -> bool {
        self.log.retry_from.is_some()
    }

    /// Which rows are recorded, and how.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The highest row that is recorded.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.rows.settled.max().unwrap_or(0)
    }

    /// Bytes of a torn tail, which will be cut off.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.torn
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }
}
