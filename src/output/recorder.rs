//! The one recorder: results line, then tally, then screen. Nothing is
//! counted or shown that is not written.

use super::{
    results::{Results, ResultsError, Sink},
    row_log::{RowLog, Words},
    tally::Tally,
};
use crate::row::RowReport;

/// Records reports; it does not care which words a command uses.
#[derive(Debug)]
pub struct Recorder<W: Sink> {
    results: Results<W>,
    tally: Tally,
    log: RowLog,
    words: Words,
}

impl<W: Sink> Recorder<W> {
    /// A recorder that goes on counting from `tally`, and tells of rows in these words.
    #[must_use]
    pub fn new(results: Results<W>, tally: Tally, words: Words) -> Self {
        let log = RowLog::default();
        Self {
            results,
            tally,
            log,
            words,
        }
    }

    /// Writes, then counts.
    ///
    /// # Errors
    /// If the lines could not be written; then none of them counts.
    pub fn record(&mut self, reports: &[RowReport]) -> Result<(), ResultsError> {
        self.results.write(reports, self.words.failure)?;
        for report in reports {
            self.tally.add(report, self.words.failure);
            self.log.log(report, self.words);
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
