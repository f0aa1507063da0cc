//! Reads the lines of the results from the first to the last whole one. It checks that they are
//! what was written, and tells a torn tail from damage.

use std::io::{self, Read};

use super::{
    line_scanner::{LineScanner, ScannedLine},
    recorded_rows::RecordedRows,
    run_log::{ResultsMark, SyncPoint},
    run_log_reader::RunLog,
    sums::{BlockSums, LineSums},
};

/// The contents of a results file.
#[derive(Debug, Default)]
pub(super) struct ResultsContents {
    /// Whole lines after the header.
    pub(super) lines: u64,
    pub(super) rows: RecordedRows,
    /// Sums that prove that an input is the one that was read.
    pub(super) sums: BlockSums,
    /// Where the last whole line ends.
    pub(super) mark: ResultsMark,
    /// Sums of lines that are not yet known to be on the disk.
    unsynced: LineSums,
}

impl ResultsContents {
    /// Reads all lines up to the end or a torn line. `None` if the part that was known to be on
    /// the disk has changed.
    pub(super) fn read(
        scanner: LineScanner<impl Read>,
        header: &[u8],
        log: &RunLog,
    ) -> io::Result<Option<Self>> {
        let synced = log.synced.mark;
        let mut recorded = Self::default();
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(header);
        let mut scanner = scanner.with_sums_from(synced.length);
        loop {
            let at = scanner.offset();
            if at == synced.length && checksum.clone().finalize() != synced.crc32 {
                return Ok(None);
            }
            match scanner.next(|line| checksum.update(line))? {
                ScannedLine::Whole(record) => {
                    recorded.lines += 1;
                    if at < synced.length && scanner.offset() > synced.length {
                        return Ok(None);
                    }
                    if log.latest.retry_from.is_some_and(|from| at >= from) {
                        recorded.rows.resent_before_interruption.insert(record.row);
                    }
                    if at >= synced.length {
                        recorded.unsynced.add(record.row, record.sum);
                    }
                    if recorded.rows.add(record) {
                        recorded.sums.add(record.row, record.cells_hash);
                    }
                }
                ScannedLine::Torn if at < synced.length => return Ok(None),
                ScannedLine::Torn | ScannedLine::End => {
                    let crc32 = checksum.finalize();
                    recorded.mark = ResultsMark { length: at, crc32 };
                    return Ok((at >= synced.length).then_some(recorded));
                }
            }
        }
    }

    /// What a resumed session adds to the run log, once all lines are on the disk.
    pub(super) fn sync_point(&self) -> SyncPoint {
        SyncPoint {
            mark: self.mark,
            blocks: self.unsynced.clone(),
            counters: None,
        }
    }
}
