//! `--min-rows`: an input that is shorter than it should be is refused before anything is sent.

use crate::{
    app::error::AppError,
    input::{self, InputError, InputOptions, InputReader},
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
    refuse_fewer(&whole, count_rows_up_to(&whole, min_rows)?, min_rows)
}

/// Counts the rows, up to this many.
pub(crate) fn count_rows_up_to(options: &InputOptions, max: u64) -> Result<u64, InputError> {
    let mut input = input::open(options)?;
    let mut row = InputReader::empty_row();
    while input.rows_read() < max && input.next_row(&mut row)? {}
    Ok(input.rows_read())
}

/// Reads the minimum number of rows of a stream. Fails if it has fewer.
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
    while input.rows_read() < min_rows && input.next_row(&mut row)? {
        buffered.push(&row, options)?;
    }
    refuse_fewer(options, input.rows_read(), min_rows)?;
    Ok(buffered.rows)
}

/// Refuses an input with fewer rows than it should have. Rows behind the limit were not read.
pub(crate) fn refuse_fewer(
    options: &InputOptions,
    rows: u64,
    min_rows: u64,
) -> Result<(), AppError> {
    if rows >= min_rows.min(options.limit.unwrap_or(u64::MAX)) {
        return Ok(());
    }
    Err(AppError::FewerRows {
        input: options.path.to_string(),
        rows,
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
