//! One candidate for the delimiter, and the first record if it is split by it.
//!
//! Reads nothing, and does not know the other candidates.

use super::{
    columns::{self, InputColumns},
    error::{HeaderFault, InputRefusal},
    frame::{Framer, MAX_RECORD_BYTES},
    header_names::{HeaderMismatch, MissingColumn},
    options::{Delimiter, InputOptions},
    scan::{OpenQuote, RecordEnd, RecordScanner},
    split::cells,
};

/// One candidate for the delimiter.
pub(super) struct DelimiterCandidate {
    pub(super) delimiter: Delimiter,
    scanner: RecordScanner,
    /// Known when the first record is complete.
    pub(super) trial: Option<HeaderTrial>,
}

/// The first record, split by one delimiter.
pub(super) struct HeaderTrial {
    pub(super) cells: Vec<String>,
    pub(super) missing: Vec<MissingColumn>,
}

impl DelimiterCandidate {
    pub(super) fn all(fixed: Option<Delimiter>) -> Vec<Self> {
        let tried = fixed.map_or(Delimiter::ALL.to_vec(), |only| vec![only]);
        let start = |delimiter: Delimiter| Self {
            delimiter,
            scanner: RecordScanner::new(delimiter.byte()),
            trial: None,
        };
        tried.into_iter().map(start).collect()
    }

    /// The columns, if the first record is complete and has them.
    pub(super) fn judge(
        &mut self,
        framer: &Framer,
        options: &InputOptions,
    ) -> Result<Option<InputColumns>, InputRefusal> {
        if self.trial.is_some() {
            return Ok(None);
        }
        let Some(end) = self.end(framer) else {
            return Ok(None);
        };
        let line = framer.line();
        if end.at > MAX_RECORD_BYTES {
            return Err(HeaderFault::too_large(line).into());
        }
        let Some(cells) = cells(&framer.text()[..end.at], self.delimiter.byte()) else {
            return Err(HeaderFault::too_large(line).into());
        };
        match columns::find(&cells, line, options) {
            Ok(_) if end.broken => Err(HeaderFault::BrokenQuote { line }.into()),
            Ok(columns) => Ok(Some(columns)),
            Err(HeaderMismatch::Refused(fault)) => Err(fault.into()),
            Err(HeaderMismatch::Missing(missing)) => {
                self.trial = Some(HeaderTrial { cells, missing });
                Ok(None)
            }
        }
    }

    /// The end of the first record. The end of the input ends it as well.
    fn end(&mut self, framer: &Framer) -> Option<RecordEnd> {
        let text = framer.text();
        let end = self.scanner.scan(text);
        let at_end = || framer.ended() && self.scanner.open_quote(text).is_none();
        end.or_else(|| {
            at_end().then_some(RecordEnd {
                at: text.len(),
                lines: 0,
                quotes: true,
                broken: false,
            })
        })
    }

    /// The quote that is open in the first record, if it is not complete.
    pub(super) fn open_quote(&self, framer: &Framer) -> Option<OpenQuote> {
        self.scanner
            .open_quote(framer.text())
            .filter(|_| self.trial.is_none())
    }
}
