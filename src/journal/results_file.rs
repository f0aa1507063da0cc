//! The results file as bytes. Whole lines are appended or nothing, with a running checksum and
//! the sums of lines for the run log.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    run_log::{ResultsMark, SyncPoint},
    sums::{LineSum, LineSums, key_hash},
};
use crate::{output::ResultsSink, row::Row};

/// This many of the last written bytes are kept, to compare them with the file.
const TAIL: usize = 64;

/// How much of the file is written, and the sums of the lines since the last sync. Shared with
/// the sync thread.
#[derive(Clone, Debug, Default)]
pub(super) struct WriteProgress(Arc<Mutex<WriteState>>);

#[derive(Debug, Default)]
struct WriteState {
    sync_point: SyncPoint,
    tail: Vec<u8>,
}

impl WriteProgress {
    pub(super) fn mark(&self) -> ResultsMark {
        self.locked().sync_point.mark
    }

    /// Everything written so far, the sums of the lines since the last call, and the last
    /// bytes.
    pub(super) fn take(&self) -> (SyncPoint, Vec<u8>) {
        let mut state = self.locked();
        let sync_point = SyncPoint {
            mark: state.sync_point.mark,
            blocks: std::mem::take(&mut state.sync_point.blocks),
            counters: None,
        };
        (sync_point, state.tail.clone())
    }

    fn locked(&self) -> MutexGuard<'_, WriteState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open results file. Each write is of whole lines.
#[derive(Debug)]
pub struct ResultsFile {
    file: File,
    checksum: crc32fast::Hasher,
    written: WriteProgress,
    /// The columns that say what a row links. Without them, no sums are computed.
    key_columns: Vec<usize>,
    /// The sums of the lines in the next write.
    next: LineSums,
}

impl ResultsFile {
    /// Appends after `mark` to `file`, which is open to append. Lines are summed by these key
    /// columns of the input.
    pub(super) fn append_after(mark: ResultsMark, file: File, key_columns: &[usize]) -> Self {
        let sync_point = SyncPoint {
            mark,
            blocks: LineSums::default(),
            counters: None,
        };
        let tail = Vec::new();
        Self {
            file,
            checksum: crc32fast::Hasher::new_with_initial_len(mark.crc32, mark.length),
            written: WriteProgress(Arc::new(Mutex::new(WriteState { sync_point, tail }))),
            key_columns: key_columns.to_vec(),
            next: LineSums::default(),
        }
    }

    pub(super) fn written(&self) -> WriteProgress {
        self.written.clone()
    }

    pub(super) fn share(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

impl Write for ResultsFile {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.write_all(lines).map(|()| lines.len())
    }

    /// Writes everything or nothing: on a full disk, the part that got through is removed
    /// again. So no row is in the file without counting.
    fn write_all(&mut self, lines: &[u8]) -> io::Result<()> {
        let next = std::mem::take(&mut self.next);
        if let Err(error) = self.file.write_all(lines) {
            // If even that fails, the next resume cuts it off.
            let _ = self.file.set_len(self.written.mark().length);
            return Err(error);
        }
        self.checksum.update(lines);
        let mut written = self.written.locked();
        let WriteState { sync_point, tail } = &mut *written;
        sync_point.mark.length += lines.len() as u64;
        sync_point.mark.crc32 = self.checksum.clone().finalize();
        sync_point.blocks.add_all(&next);
        tail.clear();
        tail.extend_from_slice(&lines[lines.len().saturating_sub(TAIL)..]);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ResultsSink for ResultsFile {
    fn before_line(&mut self, row: &Row, status: &str, code: &str) {
        if self.key_columns.is_empty() {
            return;
        }
        let keys = key_hash(row, &self.key_columns);
        let sent = row.sent_ids();
        let sent = sent.map(|id| id.map(|id| id.to_string()).unwrap_or_default());
        let sent = sent.each_ref().map(String::as_bytes);
        let outcome = [status, code].map(str::as_bytes);
        let sum = LineSum::new(row.number, keys, sent, outcome);
        self.next.add(row.number, sum);
    }
}
