//! The results file: one line per row, as soon as its outcome is known.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use csv::StringRecord;

use super::line_buffer::LineBuffer;
use crate::{
    association::RecordId,
    failure::FailureWording,
    results_column::ResultsColumn,
    row::{Outcome, Row, RowReport},
};

pub(super) const BOM: &[u8; 3] = b"\xEF\xBB\xBF";

/// Why results cannot be written.
#[derive(Debug)]
pub enum ResultsError {
    /// For example, the directory is missing or read-only.
    Create(PathBuf, io::Error),
    /// For example, the disk is full or a quota is reached.
    Write(PathBuf, io::Error),
}

impl ResultsError {
    /// Whether the reader of the results has closed the pipe.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(_, error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The error of the operating system.
    #[must_use]
    pub fn into_io(self) -> io::Error {
        match self {
            Self::Create(_, error) | Self::Write(_, error) => error,
        }
    }
}

/// A destination for lines.
pub trait ResultsSink: Write {
    /// The next write includes a line of this row, with this status and code.
    fn before_line(&mut self, _row: &Row, _status: &str, _code: &str) {}
}

impl ResultsSink for Vec<u8> {}

impl ResultsSink for File {}

impl<W: Write> ResultsSink for BufWriter<W> {}

/// Writes results lines to a file or to standard output.
#[derive(Debug)]
pub struct ResultsWriter<W: ResultsSink> {
    /// Lines that are not written yet, so that only whole lines reach the kernel.
    lines: LineBuffer,
    /// Our own columns, in the order of the file.
    columns: Vec<ResultsColumn>,
    inner: W,
    path: PathBuf,
}

impl<W: ResultsSink> ResultsWriter<W> {
    /// Writes the header with all our columns to `inner`. Errors name `path`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(
        inner: W,
        path: &Path,
        header: &StringRecord,
        delimiter: u8,
        bom: bool,
    ) -> Result<Self, ResultsError> {
        let columns = ResultsColumn::ALL.to_vec();
        Self::create_with_columns(inner, path, header, delimiter, bom, columns)
    }

    /// Like `create`, with only these columns of ours.
    pub(crate) fn create_with_columns(
        inner: W,
        path: &Path,
        header: &StringRecord,
        delimiter: u8,
        bom: bool,
        columns: Vec<ResultsColumn>,
    ) -> Result<Self, ResultsError> {
        let prefix = if bom { &BOM[..] } else { &[] };
        let lines = LineBuffer::new(prefix, delimiter);
        let mut results = Self::new(lines, inner, path, columns);
        results.lines.cells(&header.iter().collect());
        for column in &results.columns {
            results.lines.word(column.name());
        }
        results.lines.end();
        results.flush()?;
        Ok(results)
    }

    /// Continues after existing lines, in a file with these columns of ours.
    pub fn append_to(inner: W, path: &Path, delimiter: u8, columns: Vec<ResultsColumn>) -> Self {
        Self::new(LineBuffer::new(&[], delimiter), inner, path, columns)
    }

    fn new(lines: LineBuffer, inner: W, path: &Path, columns: Vec<ResultsColumn>) -> Self {
        Self {
            lines,
            columns,
            inner,
            path: path.to_owned(),
        }
    }

    /// The destination.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    /// The destination, once nothing more is written.
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// Writes the lines of all reports that have an outcome, in one write. `wording` turns
    /// failures into messages.
    ///
    /// # Errors
    /// If they could not be written completely.
    pub fn write(
        &mut self,
        reports: &[RowReport],
        wording: FailureWording,
    ) -> Result<(), ResultsError> {
        for report in reports {
            if let Some(outcome) = &report.outcome {
                self.line(report, outcome, wording);
            }
        }
        self.flush()
    }

    fn line(&mut self, report: &RowReport, outcome: &Outcome, wording: FailureWording) {
        let lines = &mut self.lines;
        lines.cells(&report.row.cells);
        let note = report.note();
        let note = note.as_deref();
        let code = note.map_or("", |note| note.code.as_str());
        let [from, to] = report.row.sent_ids();
        for column in &self.columns {
            match column {
                ResultsColumn::Row => lines.number(report.row.number),
                ResultsColumn::Line => lines.number(report.row.line),
                ResultsColumn::Status => lines.word(outcome.word()),
                ResultsColumn::HttpStatus => {
                    lines.number_or_none(outcome.http_status().map(u64::from));
                }
                ResultsColumn::Attempts => lines.number(report.attempts.into()),
                ResultsColumn::Code => lines.word(code),
                ResultsColumn::Message => lines.cell(&note.map(wording).unwrap_or_default()),
                ResultsColumn::CorrelationId => {
                    let id = note.and_then(|note| note.correlation_id.as_deref());
                    lines.cell(id.unwrap_or_default());
                }
                ResultsColumn::FinishedAt => lines.time(report.finished_at),
                ResultsColumn::FromId => lines.number_or_none(from.map(RecordId::get)),
                ResultsColumn::ToId => lines.number_or_none(to.map(RecordId::get)),
            }
        }
        lines.end();
        self.inner.before_line(&report.row, outcome.word(), code);
    }

    fn flush(&mut self) -> Result<(), ResultsError> {
        let written = self.inner.write_all(self.lines.text());
        // Lines that failed are not written a second time.
        self.lines.clear();
        let flushed = written.and_then(|()| self.inner.flush());
        flushed.map_err(|error| ResultsError::Write(self.path.clone(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        code::Code, failure::ResponseFault, http_status::HttpStatus, input::InputReader, messages,
        row::Failure,
    };

    #[test]
    fn a_row_that_was_kept_has_a_code_a_message_and_a_correlation_id() {
        let report = RowReport {
            row: InputReader::empty_row(),
            attempts: 1,
            singled_out: false,
            may_have_written: false,
            outcome: Some(Outcome::Kept(Box::new(Failure {
                code: Code::ChangedSince,
                detail: Box::new(ResponseFault::Quoted("a label was added".to_owned()).into()),
                http_status: Some(HttpStatus::OK),
                correlation_id: Some("1f".to_owned()),
            }))),
            finished_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let mut results = ResultsWriter::append_to(
            Vec::new(),
            Path::new("r.csv"),
            b',',
            ResultsColumn::ALL.to_vec(),
        );
        results.write(&[report], messages::failure).unwrap();
        let line = String::from_utf8(results.into_inner()).unwrap();
        let ours = "kept,200,1,changed_since,a label was added,1f,1970-01-01T00:00:00.000Z,,\n";
        assert!(line.ends_with(ours), "{line}");
    }
}
