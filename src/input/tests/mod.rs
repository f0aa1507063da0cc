//! Tests of the whole input, from bytes to rows.

mod bytes;
mod counting;
mod files;
mod framing;
mod ids;
mod key_columns;
mod label_references;
mod quotes;
mod recorded;
mod refusals;
mod results;
mod split_cells;
mod thread;
mod types;
mod usual_columns;

use std::{
    collections::VecDeque,
    io::{self, Read},
};

use crate::{code::Code, messages, row::Row};

use super::{
    InputError, InputLimit, InputOptions, InputPath,
    error::InputRefusal,
    open::read_header,
    rows::InputReader,
    source::{InputSource, SourceBytes},
};

const HEADER: &str = "from_object_id,to_object_id,definition_id\n";

/// The message for a row without a link.
#[track_caller]
fn message(row: &Row) -> String {
    messages::failure(row.link.as_ref().unwrap_err()).into_owned()
}

/// The result of reading an input.
#[derive(Debug)]
struct InputResult {
    rows: Vec<Row>,
    blank_rows: u64,
    error: Option<InputError>,
}

/// The numbers of a link, or the code.
type Link = Result<(u64, u64, u32), Code>;

impl InputResult {
    fn links(&self) -> Vec<Link> {
        self.rows.iter().map(link).collect()
    }

    fn lines(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.line).collect()
    }

    fn cells(&self) -> Vec<Vec<&str>> {
        self.rows
            .iter()
            .map(|row| row.cells.iter().collect())
            .collect()
    }
}

fn link(row: &Row) -> Link {
    let failure = row.link.as_ref().map_err(|failure| failure.code).err();
    let link = row.association().ok_or_else(|| failure.unwrap())?;
    Ok((link.from.get(), link.to.get(), link.definition.get()))
}

fn options() -> InputOptions {
    InputOptions::new(InputPath::File("links.csv".into()))
}

fn open(
    source: impl Read + Send + 'static,
    options: &InputOptions,
) -> Result<InputReader, InputRefusal> {
    let bytes = SourceBytes::Stream(Box::new(source));
    read_header(
        InputSource {
            bytes,
            size: None,
            watch: None,
        },
        options,
    )
}

fn drain(mut input: InputReader) -> InputResult {
    let (mut rows, mut row) = (Vec::new(), InputReader::empty_row());
    let error = loop {
        match input.next_row(&mut row) {
            Ok(true) => rows.push(row.clone()),
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    InputResult {
        rows,
        blank_rows: input.blank_rows(),
        error,
    }
}

/// Reads a file with these bytes.
fn read_bytes(bytes: impl Into<Vec<u8>>) -> InputResult {
    drain(open(io::Cursor::new(bytes.into()), &options()).unwrap())
}

/// Reads rows below the usual header.
fn read_rows(rows: &str) -> InputResult {
    read_bytes(format!("{HEADER}{rows}"))
}

/// The message for a file with these bytes.
fn refusal(bytes: impl Into<Vec<u8>>) -> String {
    match open(io::Cursor::new(bytes.into()), &options()) {
        Ok(input) => panic!("not refused: {:?}", input.shape()),
        Err(refusal) => messages::refusal(&refusal),
    }
}

/// Returns its bytes in pieces. A read beyond the last piece panics.
struct Pieces(VecDeque<Vec<u8>>);

impl Pieces {
    /// Pieces with these sizes, repeated.
    fn of(bytes: &[u8], sizes: &[usize]) -> Self {
        let (mut pieces, mut rest) = (VecDeque::new(), bytes);
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*size).clamp(1, rest.len()));
            pieces.push_back(piece.to_vec());
            rest = after;
        }
        Self(pieces)
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.0.pop_front() else {
            return Ok(0);
        };
        let read = piece.as_slice().read(into)?;
        if read < piece.len() {
            self.0.push_front(piece.split_off(read));
        }
        Ok(read)
    }
}
