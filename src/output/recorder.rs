//! The one recorder: results line, then tally, then screen. Nothing is
//! counted or shown that is not written.

use super::{
    results::{ResultsError, ResultsSink, ResultsWriter},
    row_log::{RowLog, RowMessages},
    tally::Tally,
};
use crate::row::RowReport;

/// Records reports; it does not care which words a command uses.
#[derive(Debug)]
pub struct Recorder<W: ResultsSink> {
    results: ResultsWriter<W>,
    tally: Tally,
    log: RowLog,
    messages: RowMessages,
}

impl<W: ResultsSink> Recorder<W> {
    /// A recorder that goes on counting from `tally`, and tells of rows in these words.
    #[must_use]
    pub fn new(results: ResultsWriter<W>, tally: Tally, words: RowMessages) -> Self {
        let log = RowLog::default();
        Self {
            results,
            tally,
            log,
            messages: words,
        }
    }

    /// Writes, then counts.
    ///
    /// # Errors
    /// If the lines could not be written; then none of them counts.
    pub fn record(&mut self, reports: &[RowReport]) -> Result<(), ResultsError> {
        self.results.write(reports, self.messages.failure)?;
        for report in reports {
            self.tally.add(report, self.messages.failure);
            self.log.log(report, self.messages);
        }
        Ok(())
    }

    /// What was counted.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The end: what was counted.
    #[must_use]
    pub fn finish(self) -> Tally {
        self.tally
    }
}
