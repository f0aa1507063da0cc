//! The recorder: first the results line, then the tally, then the log. Nothing is counted or
//! shown that is not written.

use super::{
    results::{ResultsError, ResultsSink, ResultsWriter},
    row_log::{RowLog, RowMessages},
    tally::Tally,
};
use crate::row::RowReport;

/// Records the reports of any command.
#[derive(Debug)]
pub struct Recorder<W: ResultsSink> {
    results: ResultsWriter<W>,
    tally: Tally,
    log: RowLog,
    messages: RowMessages,
}

impl<W: ResultsSink> Recorder<W> {
    /// Continues to count from `tally`, and words log events with `messages`.
    #[must_use]
    pub fn new(results: ResultsWriter<W>, tally: Tally, messages: RowMessages) -> Self {
        let log = RowLog::default();
        Self {
            results,
            tally,
            log,
            messages,
        }
    }

    /// Writes the reports, then counts them.
    ///
    /// # Errors
    /// If the lines could not be written. Then none of them counts.
    pub fn record(&mut self, reports: &[RowReport]) -> Result<(), ResultsError> {
        self.results.write(reports, self.messages.recorded)?;
        for report in reports {
            self.tally.add(report, self.messages.grouped);
            self.log.log(report, self.messages);
        }
        Ok(())
    }

    /// The counts so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Ends recording, and returns the counts.
    #[must_use]
    pub fn finish(self) -> Tally {
        self.tally
    }
}
