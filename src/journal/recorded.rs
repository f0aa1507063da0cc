//! What the lines of the results say, read from the first to the last whole one:
//! checked to be what was written, a torn tail told from damage.

use std::io::{self, Read};

use super::{
    companion::{Mark, Reached},
    log::Log,
    rows::Rows,
    scan::{Line, Scanner},
    sums::{LineSums, Sums},
};

/// What the results say.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Whole lines after the header.
    pub(super) lines: u64,
    pub(super) rows: Rows,
    /// What proves that an input is the one that was read.
    pub(super) sums: Sums,
    /// Where the whole lines end.
    pub(super) mark: Mark,
    /// What lines say that are not known to be on the disk.
    unsynced: LineSums,
}

impl Recorded {
    /// Reads all lines up to the end or to a torn one; `None` if what was known to be on
    /// the disk is not what was written.
    pub(super) fn read(
        scanner: Scanner<impl Read>,
        header: &[u8],
        log: &Log,
    ) -> io::Result<Option<Self>> {
        let known = log.on_disk.mark;
        let mut recorded = Self::default();
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(header);
        let mut scanner = scanner.summing_from(known.length);
        loop {
            let at = scanner.offset();
            if at == known.length && checksum.clone().finalize() != known.crc32 {
                return Ok(None);
            }
            match scanner.next(|line| checksum.update(line))? {
                Line::Whole(record) => {
                    recorded.lines += 1;
                    if at < known.length && scanner.offset() > known.length {
                        return Ok(None);
                    }
                    if log.latest.retry_from.is_some_and(|from| at >= from) {
                        recorded.rows.retried.insert(record.row);
                    }
                    if at >= known.length {
                        recorded.unsynced.add(record.row, record.sum);
                    }
                    if recorded.rows.take(record) {
                        recorded.sums.add(record.row, record.cells);
                    }
                }
                Line::Torn if at < known.length => return Ok(None),
                Line::Torn | Line::End => {
                    let crc32 = checksum.finalize();
                    recorded.mark = Mark { length: at, crc32 };
                    return Ok((at >= known.length).then_some(recorded));
                }
            }
        }
    }

    /// What a session that goes on adds to the run log: all lines are on the disk then.
    pub(super) fn reached(&self) -> Reached {
        Reached {
            mark: self.mark,
            blocks: self.unsynced.clone(),
            counters: None,
        }
    }
}
