//! The reading thread: sends rows in chunks through a bounded channel.
//!
//! The channel carries only rows; the result of the reading is returned afterwards. Does not know
//! what happens to a row.

use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc as end_channel,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_util::stream::{self, Stream};
use tokio::sync::mpsc;

use crate::{row::Row, row_cells::RowCells};

use super::{
    error::{InputError, ReadFault},
    options::InputPath,
    rows::{InputReader, RowStep},
};

/// The most rows in a chunk.
const CHUNK_ROWS: usize = 256;

/// A chunk is sent when its cells have this number of bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// The most chunks that wait in the channel.
const CHANNEL_CHUNKS: usize = 4;

/// The time for the thread to notice that no more rows are wanted. After this it is assumed to be
/// blocked in a read and is abandoned.
const GRACE: Duration = Duration::from_millis(200);

/// How the reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderEnd {
    /// The rows that were read. If the end was not reached, some may not have been sent.
    pub rows: u64,
    /// Whether it ended at the limit.
    pub at_limit: bool,
    /// The lines and rows that were skipped because all their cells are blank.
    pub blank_rows: u64,
    /// How many cells of a sheet are merged of several ones. 0 if the end was not reached.
    pub merged_cells: u64,
    /// Whether it reached the end of the input or the limit.
    pub reached_end: bool,
}

/// The reading thread.
pub struct ReaderThread {
    path: InputPath,
    counts: Arc<ReadCounts>,
    thread: JoinHandle<()>,
    end: end_channel::Receiver<Result<ReaderEnd, InputError>>,
    rows: mpsc::WeakSender<Vec<Row>>,
}

#[derive(Default)]
struct ReadCounts {
    rows: AtomicU64,
    blank_rows: AtomicU64,
    merged_cells: AtomicU64,
    line: AtomicU64,
    at_limit: AtomicBool,
}

/// The chunks of a reader, as a stream.
pub fn row_chunks(rows: mpsc::Receiver<Vec<Row>>) -> impl Stream<Item = Vec<Row>> {
    stream::unfold(rows, async |mut rows| Some((rows.recv().await?, rows)))
}

/// Starts to read. Only rows that are wanted are sent, but all are counted. Dropping the receiver
/// ends the thread.
#[must_use]
pub fn spawn_reader(
    mut input: InputReader,
    is_wanted: impl FnMut(&Row) -> bool + Send + 'static,
) -> (mpsc::Receiver<Vec<Row>>, ReaderThread) {
    let (sender, receiver) = mpsc::channel(CHANNEL_CHUNKS);
    let (end_sender, end) = end_channel::sync_channel(1);
    let counts = Arc::<ReadCounts>::default();
    let (path, rows) = (input.path.clone(), sender.downgrade());
    let thread = thread::spawn({
        let counts = Arc::clone(&counts);
        move || {
            let reached_end = send_rows(&mut input, is_wanted, &sender, &counts);
            // Sent before the channel closes, so that the result is known by then. The receiver may
            // be gone already.
            let _ = end_sender.send(reached_end.map(|reached| counts.end(reached)));
        }
    });
    let reader = ReaderThread {
        path,
        counts,
        thread,
        end,
        rows,
    };
    (receiver, reader)
}

impl ReaderThread {
    /// Returns how the reading ended. Call it when the receiver is at its end or dropped.
    ///
    /// The counts are valid even if the end was not reached or the thread panicked.
    #[must_use]
    pub fn finish(self) -> (ReaderEnd, Option<InputError>) {
        let counts = Arc::clone(&self.counts);
        match self.ended() {
            Ok(end) => (end, None),
            Err(error) => (counts.end(false), Some(error)),
        }
    }

    fn ended(self) -> Result<ReaderEnd, InputError> {
        let closed = self.rows.strong_count() == 0;
        let end = if closed {
            self.end.recv().map_err(end_channel::RecvTimeoutError::from)
        } else {
            self.end.recv_timeout(GRACE)
        };
        match end {
            Ok(end) => end,
            Err(end_channel::RecvTimeoutError::Timeout) => Ok(self.counts.end(false)),
            Err(end_channel::RecvTimeoutError::Disconnected) => {
                let panic = self.thread.join().err();
                let message = panic
                    .as_deref()
                    .map_or("it ended without a result", panic_text);
                Err(InputError::ReadFailed {
                    path: self.path,
                    line: self.counts.line.load(Ordering::Relaxed),
                    fault: ReadFault::Panicked(message.to_owned()),
                })
            }
        }
    }
}

impl ReadCounts {
    fn end(&self, reached_end: bool) -> ReaderEnd {
        ReaderEnd {
            rows: self.rows.load(Ordering::Relaxed),
            at_limit: self.at_limit.load(Ordering::Relaxed),
            blank_rows: self.blank_rows.load(Ordering::Relaxed),
            merged_cells: self.merged_cells.load(Ordering::Relaxed),
            reached_end,
        }
    }

    fn update(&self, input: &InputReader) {
        self.rows.store(input.rows_read(), Ordering::Relaxed);
        self.blank_rows.store(input.blank_rows(), Ordering::Relaxed);
        self.merged_cells
            .store(input.merged_cells(), Ordering::Relaxed);
        self.line.store(input.line(), Ordering::Relaxed);
        self.at_limit.store(input.is_at_limit(), Ordering::Relaxed);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it panicked")
}

/// Sends rows until the end. Returns `false` if the receiver was dropped.
fn send_rows(
    input: &mut InputReader,
    mut is_wanted: impl FnMut(&Row) -> bool,
    sender: &mpsc::Sender<Vec<Row>>,
    counts: &ReadCounts,
) -> Result<bool, InputError> {
    let mut chunk = RowChunk::default();
    let mut row = InputReader::empty_row();
    loop {
        let step = input.step(&mut row);
        if let Ok(RowStep::Row) = step {
            if is_wanted(&row) {
                chunk.push(&mut row);
            }
            if !chunk.is_full() {
                continue;
            }
        }
        counts.update(input);
        // Send what there is before a read that may block.
        if !chunk.send(sender) {
            return Ok(false);
        }
        match step? {
            RowStep::Row => {}
            RowStep::NeedsRead => input.fill()?,
            RowStep::End => return Ok(true),
        }
    }
}

/// The rows of the next chunk.
#[derive(Default)]
struct RowChunk {
    rows: Vec<Row>,
    bytes: usize,
}

impl RowChunk {
    /// Takes the content of the row, and leaves it space for the next one.
    fn push(&mut self, row: &mut Row) {
        let bytes = row.cells.text().len();
        self.bytes += bytes;
        if self.rows.is_empty() {
            self.rows.reserve_exact(CHUNK_ROWS);
        }
        self.rows.push(Row {
            number: row.number,
            line: row.line,
            // The size of the last row is a good estimate for the next one.
            cells: std::mem::replace(&mut row.cells, RowCells::with_capacity(bytes)),
            link: row.link.clone(),
            origin: row.origin.take(),
        });
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES
    }

    /// Sends the chunk. Returns `false` if the receiver was dropped.
    fn send(&mut self, sender: &mpsc::Sender<Vec<Row>>) -> bool {
        if self.rows.is_empty() {
            return !sender.is_closed();
        }
        self.bytes = 0;
        sender.blocking_send(std::mem::take(&mut self.rows)).is_ok()
    }
}
