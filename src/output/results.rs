//! The results file: one line per row as soon as its outcome stands.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use csv::StringRecord;
use jiff::Timestamp;

use crate::{
    cell::neutralise,
    row::{Outcome, RESULT_COLUMNS, RowReport},
};

pub(super) const BOM: &[u8; 3] = b"\xEF\xBB\xBF";

/// Why results cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The directory is missing, read-only, …
    #[error("{0} cannot be created: {1}")]
    Create(PathBuf, #[source] io::Error),
    /// Disk full, quota, …
    #[error("{0} could not be written: {1}")]
    Write(PathBuf, #[source] io::Error),
}

impl ResultsError {
    /// Whether whoever reads the results has gone away.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(_, error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What the system said.
    #[must_use]
    pub fn into_io(self) -> io::Error {
        match self {
            Self::Create(_, error) | Self::Write(_, error) => error,
        }
    }
}

/// Writes results lines to a file, or to standard output.
#[derive(Debug)]
pub struct Results<W: Write> {
    csv: csv::Writer<WholeLines<W>>,
    path: PathBuf,
}

impl<W: Write> Results<W> {
    /// Writes the header to `inner`, which errors call `path`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn start(
        inner: W,
        path: &Path,
        header: &StringRecord,
        delimiter: u8,
        bom: bool,
    ) -> Result<Self, ResultsError> {
        let before = if bom { &BOM[..] } else { &[] };
        let mut results = Self::after(before, inner, path, delimiter);
        let cells = header.iter().map(neutralise);
        let mut cells = cells.chain(RESULT_COLUMNS.iter().map(|name| (*name).into()));
        let written = cells.try_for_each(|cell| results.csv.write_field(cell.as_bytes()));
        results.end_line(written)?;
        results.flush()?;
        Ok(results)
    }

    /// Goes on after lines that stand already.
    pub fn go_on(inner: W, path: &Path, delimiter: u8) -> Self {
        Self::after(&[], inner, path, delimiter)
    }

    fn after(before: &[u8], inner: W, path: &Path, delimiter: u8) -> Self {
        let pending = before.to_vec();
        let csv = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .from_writer(WholeLines { pending, inner });
        Self {
            csv,
            path: path.to_owned(),
        }
    }

    /// Where the lines go.
    pub fn inner(&self) -> &W {
        &self.csv.get_ref().inner
    }

    /// Where the lines went, all of them.
    ///
    /// # Errors
    /// If the last could not be written.
    pub fn into_inner(self) -> Result<W, ResultsError> {
        let Self { csv, path } = self;
        let lines = csv.into_inner().map_err(csv::IntoInnerError::into_error);
        lines
            .map(|lines| lines.inner)
            .map_err(|error| ResultsError::Write(path, error))
    }

    /// Writes the lines of all reports that have an outcome, in one write.
    ///
    /// # Errors
    /// If they could not be written whole.
    pub fn write(&mut self, reports: &[RowReport]) -> Result<(), ResultsError> {
        for report in reports {
            if let Some(outcome) = &report.outcome {
                let written = self.line(report, outcome);
                self.end_line(written)?;
            }
        }
        self.flush()
    }

    fn line(&mut self, report: &RowReport, outcome: &Outcome) -> csv::Result<()> {
        for cell in &report.row.cells {
            self.csv.write_field(neutralise(cell).as_bytes())?;
        }
        let failure = outcome.failure();
        let http_status = match outcome {
            Outcome::Succeeded { http_status } => Some(*http_status),
            Outcome::Already => None,
            Outcome::Failed(failure) | Outcome::Invalid(failure) => failure.http_status,
        };
        self.csv.write_field(report.row.number.to_string())?;
        self.csv.write_field(report.row.line.to_string())?;
        self.csv.write_field(outcome.word())?;
        self.csv
            .write_field(http_status.map(|n| n.to_string()).unwrap_or_default())?;
        self.csv.write_field(report.attempts.to_string())?;
        self.csv
            .write_field(failure.map_or("", |failure| failure.code.as_str()))?;
        let message = failure.map_or("", |failure| failure.message.as_str());
        self.csv.write_field(neutralise(message).as_bytes())?;
        let correlation = failure.and_then(|failure| failure.correlation_id.as_deref());
        self.csv
            .write_field(neutralise(correlation.unwrap_or_default()).as_bytes())?;
        self.csv.write_field(time(report.finished_at))
    }

    fn end_line(&mut self, written: csv::Result<()>) -> Result<(), ResultsError> {
        let ended = written.and_then(|()| self.csv.write_record(None::<&[u8]>));
        ended.map_err(|error| self.failed(error.into()))
    }

    fn flush(&mut self) -> Result<(), ResultsError> {
        self.csv.flush().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> ResultsError {
        ResultsError::Write(self.path.clone(), error)
    }
}

/// RFC 3339 in UTC, to the millisecond.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Collects what is written and passes it on in one piece when flushed, so
/// that only whole lines reach the kernel.
#[derive(Debug)]
struct WholeLines<W> {
    pending: Vec<u8>,
    inner: W,
}

impl<W: Write> Write for WholeLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let written = self.inner.write_all(&self.pending);
        // What could not be written is not written twice.
        self.pending.clear();
        written.and_then(|()| self.inner.flush())
    }
}
