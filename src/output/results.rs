//! The results file: one line per row as soon as its outcome stands.

use std::{
    fs::{self, File, OpenOptions},
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
    /// Never overwritten.
    #[error(
        "the results file {0} exists already and is never overwritten; move it away, or name \
         another with --results"
    )]
    Exists(PathBuf),
    /// The directory is missing, read-only, …
    #[error("the results file {0} cannot be created: {1}; name another with --results")]
    Create(PathBuf, #[source] io::Error),
    /// Disk full, quota, …
    #[error("the results in {0} could not be written: {1}")]
    Write(PathBuf, #[source] io::Error),
}

impl ResultsError {
    /// Whether whoever reads the results has gone away.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(_, error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// Writes results lines to a file, or to standard output.
#[derive(Debug)]
pub struct Results<W: Write> {
    csv: csv::Writer<WholeLines<W>>,
    path: PathBuf,
}

impl Results<File> {
    /// Creates the file and writes the header; an existing one is refused, and
    /// a link that somebody planted there is not followed.
    ///
    /// # Errors
    /// If it exists or cannot be created.
    pub fn create(
        path: &Path,
        header: &StringRecord,
        delimiter: u8,
        bom: bool,
    ) -> Result<Self, ResultsError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                ResultsError::Exists(path.to_owned())
            } else {
                ResultsError::Create(path.to_owned(), error)
            }
        })?;
        let started = Self::start(file, path, header, delimiter, bom);
        if started.is_err() {
            // Not even a header: leave nothing that refuses the next try.
            let _ = fs::remove_file(path);
        }
        started
    }

    /// Makes sure that everything is on the disk.
    ///
    /// # Errors
    /// If the disk says that it is not.
    pub fn sync(self) -> Result<(), ResultsError> {
        let Self { csv, path } = self;
        let lines = csv.into_inner().map_err(csv::IntoInnerError::into_error);
        let synced = lines.and_then(|lines| lines.inner.sync_all());
        synced.map_err(|error| ResultsError::Write(path, error))
    }
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
        let pending = if bom { BOM.to_vec() } else { Vec::new() };
        let csv = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .from_writer(WholeLines { pending, inner });
        let mut results = Self {
            csv,
            path: path.to_owned(),
        };
        let cells = header.iter().map(neutralise);
        let mut cells = cells.chain(RESULT_COLUMNS.iter().map(|name| (*name).into()));
        let written = cells.try_for_each(|cell| results.csv.write_field(cell.as_bytes()));
        results.end_line(written)?;
        results.flush()?;
        Ok(results)
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
