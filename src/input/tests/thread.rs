//! Tests of the reading thread: promptness, ends and errors.

use std::{
    io::Write as _,
    sync::mpsc,
    time::{Duration, Instant},
};

use super::*;
use crate::input::{ReaderEnd, ReaderThread, spawn_reader};

/// A time-out for tests that hang.
const HANGS: Duration = Duration::from_secs(20);

/// A pipe that the test writes to.
struct Pipe(mpsc::Receiver<Vec<u8>>, Vec<u8>);

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.recv().unwrap_or_default();
        }
        let read = self.1.as_slice().read(into)?;
        self.1.drain(..read);
        Ok(read)
    }
}

fn pipe() -> (mpsc::Sender<Vec<u8>>, Pipe) {
    let (writer, reader) = mpsc::channel();
    (writer, Pipe(reader, Vec::new()))
}

fn spawn_on(
    source: impl Read + Send + 'static,
) -> (tokio::sync::mpsc::Receiver<Vec<Row>>, ReaderThread) {
    spawn_reader(open(source, &options()).unwrap(), |_| true)
}

/// The result of a reading without errors.
fn ended(reader: ReaderThread) -> ReaderEnd {
    let (end, error) = reader.finish();
    assert!(error.is_none(), "{error:?}");
    end
}

#[test]
fn all_rows_arrive_in_order_in_bounded_chunks() {
    let note = "x".repeat(40_000);
    let rows: Vec<_> = (1..=3000)
        .map(|n| {
            format!(
                "{n},2,1,
"
            )
        })
        .collect();
    let rows = rows.concat();
    let large: Vec<_> = (3001..=3100)
        .map(|n| {
            format!(
                "{n},2,1,{note}
"
            )
        })
        .collect();
    let large = large.concat();
    let header = "from_object_id,to_object_id,definition_id,note\n";
    let (mut chunks, reader) = spawn_on(io::Cursor::new(format!("{header}\n{rows}{large}")));
    let mut numbers = Vec::new();
    while let Some(chunk) = chunks.blocking_recv() {
        assert!(chunk.len() <= 256);
        assert!(
            chunk
                .iter()
                .map(|row| row.cells.text().len())
                .sum::<usize>()
                < 400_000
        );
        numbers.extend(chunk.iter().map(|row| (row.number, link(row))));
    }
    let expected: Vec<_> = (1..=3100).map(|n| (n, Ok((n, 2, 1)))).collect();
    assert_eq!(numbers, expected);
    let end = ReaderEnd {
        rows: 3100,
        blank_rows: 1,
        merged_cells: 0,
        at_limit: false,
        reached_end: true,
    };
    assert_eq!(ended(reader), end);
}

#[test]
fn a_row_does_not_wait_for_the_next_one() {
    let (writer, reader) = pipe();
    writer.send(HEADER.as_bytes().to_vec()).unwrap();
    let (mut chunks, reader) = spawn_on(reader);
    for rows in ["1,2,1\n", "1,2,1\r", "1,2,1\n1,2,1\n\n,,\n3"] {
        writer.send(rows.as_bytes().to_vec()).unwrap();
        let chunk = chunks.blocking_recv().unwrap();
        assert!(chunk.iter().all(|row| link(row) == Ok((1, 2, 1))));
    }
    drop(writer);
    assert_eq!(
        link(&chunks.blocking_recv().unwrap()[0]),
        Err(Code::TooFewCells)
    );
    assert!(chunks.blocking_recv().is_none());
    assert!(ended(reader).reached_end);
}

#[test]
fn a_thread_blocked_in_a_read_is_not_waited_for() {
    let (writer, source) = pipe();
    writer
        .send(format!("{HEADER}1,2,1\n").into_bytes())
        .unwrap();
    let (mut chunks, reader) = spawn_on(source);
    assert_eq!(chunks.blocking_recv().unwrap().len(), 1);
    drop(chunks);
    let start = Instant::now();
    let end = ReaderEnd {
        rows: 1,
        blank_rows: 0,
        merged_cells: 0,
        at_limit: false,
        reached_end: false,
    };
    assert_eq!(ended(reader), end);
    assert!(start.elapsed() < HANGS);
    drop(writer);
}

#[test]
fn dropping_the_receiver_ends_the_thread() {
    let endless = io::Cursor::new(HEADER).chain(Repeat(b"1,2,1\n"));
    let (mut chunks, reader) = spawn_on(endless);
    assert!(chunks.blocking_recv().is_some());
    drop(chunks);
    assert!(!ended(reader).reached_end);
}

struct Repeat(&'static [u8]);

impl Read for Repeat {
    fn read(&mut self, mut into: &mut [u8]) -> io::Result<usize> {
        into.write(self.0)
    }
}

#[test]
fn an_error_comes_after_the_rows_before_it() {
    let (mut chunks, reader) = spawn_on(io::Cursor::new(format!("{HEADER}1,2,1\n3,4,\"1\n")));
    assert_eq!(chunks.blocking_recv().unwrap().len(), 1);
    assert!(chunks.blocking_recv().is_none());
    assert!(messages::input(&reader.finish().1.unwrap()).contains("a quote opens here"));
}

#[test]
fn a_panic_is_an_error() {
    struct PanickingReader;
    impl Read for PanickingReader {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("out of luck")
        }
    }
    let (mut chunks, reader) =
        spawn_on(io::Cursor::new(format!("{HEADER}1,2,1\n")).chain(PanickingReader));
    assert_eq!(chunks.blocking_recv().unwrap().len(), 1);
    assert!(chunks.blocking_recv().is_none());
    let error = reader.finish().1.unwrap();
    assert!(
        !error.is_refusal() && messages::input(&error).contains("out of luck"),
        "{error:?}"
    );
}
