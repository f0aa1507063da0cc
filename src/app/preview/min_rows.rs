//! `--min-rows`: an input that is shorter than it should be is refused before anything is sent.

use crate::{
    app::error::AppError,
    input::{self, InputError, InputLimit, InputOptions, InputReader},
    row::Row,
};

/// The most rows of a stream that are kept in memory, because it cannot be read twice …
const MAX_BUFFERED_ROWS: usize = 100_000;

/// … and their most bytes.
const MAX_BUFFERED_BYTES: usize = 64 << 20;

/// Refuses a file with fewer rows, however few are to be sent. A stream is checked when it is
/// read.
pub(crate) fn check_file(options: &InputOptions, min_rows: Option<u64>) -> Result<(), AppError> {
    let Some(min_rows) = min_rows else {
        return Ok(());
    };
    if input::is_stream(&options.path) {
        return Ok(());
    }
    let whole = InputOptions {
        limit: None,
        labels: None,
        ..options.clone()
    };
    let records = count_up_to(&whole, min_rows, InputReader::records_read)?;
    refuse_fewer(&whole, records, min_rows)
}

/// Counts rows or records, up to this many.
pub(crate) fn count_up_to(
    options: &InputOptions,
    max: u64,
    count: impl Fn(&InputReader) -> u64,
) -> Result<u64, InputError> {
    let mut input = input::open(options)?;
    let mut row = InputReader::empty_row();
    while count(&input) < max && input.next_row(&mut row)? {}
    Ok(count(&input))
}

/// Reads the minimum number of records of a stream. Fails if it has fewer.
pub(crate) fn read_min_rows(
    options: &InputOptions,
    min_rows: Option<u64>,
    input: &mut InputReader,
) -> Result<Vec<Row>, AppError> {
    let mut buffered = BufferedRows::default();
    let Some(min_rows) = min_rows.filter(|_| !input.is_repeatable()) else {
        return Ok(buffered.rows);
    };
    let mut row = InputReader::empty_row();
    while input.records_read() < min_rows && input.next_row(&mut row)? {
        buffered.push(&row, options)?;
    }
    refuse_fewer(options, input.records_read(), min_rows)?;
    Ok(buffered.rows)
}

/// Refuses an input with fewer records than it should have. Those behind the limit were not read.
pub(crate) fn refuse_fewer(
    options: &InputOptions,
    records: u64,
    min_rows: u64,
) -> Result<(), AppError> {
    let limit = options.limit.map_or(u64::MAX, InputLimit::number);
    if records >= min_rows.min(limit) {
        return Ok(());
    }
    Err(AppError::FewerRows {
        input: options.path.to_string(),
        rows: records,
        min_rows,
    })
}

/// Rows of a stream, kept until they can be sent.
#[derive(Default)]
pub(crate) struct BufferedRows {
    pub(crate) rows: Vec<Row>,
    bytes: usize,
}

impl BufferedRows {
    /// Keeps one more row, unless there are too many.
    pub(crate) fn push(&mut self, row: &Row, options: &InputOptions) -> Result<(), AppError> {
        self.bytes += row.cells.text().len();
        if self.rows.len() == MAX_BUFFERED_ROWS || self.bytes > MAX_BUFFERED_BYTES {
            return Err(AppError::TooManyBuffered(options.path.to_string()));
        }
        self.rows.push(row.clone());
        Ok(())
    }
}
