//! One candidate for the delimiter, and the first record if it is split by it.
//!
//! Reads nothing, and does not know the other candidates.

use super::{
    columns::{self, InputColumns},
    data_refusal::{self, FirstRow},
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
    /// The first record, when it is complete and lacks needed columns.
    pub(super) rejected: Option<RejectedHeader>,
}

/// The first record, split by one delimiter, if it lacks needed columns.
pub(super) struct RejectedHeader {
    pub(super) cells: Vec<String>,
    pub(super) missing: Vec<MissingColumn>,
    pub(super) has_broken_quote: bool,
}

impl DelimiterCandidate {
    pub(super) fn all(fixed: Option<Delimiter>) -> Vec<Self> {
        let delimiters = fixed.map_or(Delimiter::ALL.to_vec(), |only| vec![only]);
        let start = |delimiter: Delimiter| Self {
            delimiter,
            scanner: RecordScanner::new(delimiter.byte()),
            rejected: None,
        };
        delimiters.into_iter().map(start).collect()
    }

    /// The columns, if the first record is complete and has them.
    pub(super) fn find_columns(
        &mut self,
        framer: &Framer,
        options: &InputOptions,
    ) -> Result<Option<InputColumns>, InputRefusal> {
        if self.rejected.is_some() {
            return Ok(None);
        }
        let Some(end) = self.first_record_end(framer) else {
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
            Ok(_) if end.has_broken_quote => Err(HeaderFault::BrokenQuote { line }.into()),
            Ok(columns) => Ok(Some(columns)),
            Err(HeaderMismatch::Refused(fault)) => Err(fault.into()),
            Err(HeaderMismatch::Data) => {
                let row = FirstRow {
                    cells: &cells,
                    line,
                    in_sheet: false,
                };
                Err(data_refusal::with_given_names(row, options).into())
            }
            Err(HeaderMismatch::Missing(missing)) => {
                self.rejected = Some(RejectedHeader {
                    cells,
                    missing,
                    has_broken_quote: end.has_broken_quote,
                });
                Ok(None)
            }
        }
    }

    /// The columns by their usual names, if the first record lacks needed columns.
    pub(super) fn find_by_usual_names(
        &self,
        line: u64,
        options: &InputOptions,
    ) -> Option<Result<InputColumns, InputRefusal>> {
        let rejected = self.rejected.as_ref()?;
        let columns = columns::find_by_usual_names(&rejected.cells, line, options)?;
        Some(if rejected.has_broken_quote {
            Err(HeaderFault::BrokenQuote { line }.into())
        } else {
            Ok(columns)
        })
    }

    /// The end of the first record: its line end, or the end of the input.
    fn first_record_end(&mut self, framer: &Framer) -> Option<RecordEnd> {
        let text = framer.text();
        let end = self.scanner.scan(text);
        let ends_here = || framer.ended() && self.scanner.open_quote(text).is_none();
        end.or_else(|| {
            ends_here().then_some(RecordEnd {
                at: text.len(),
                lines: 0,
                has_quotes: true,
                has_broken_quote: false,
            })
        })
    }

    /// The quote that is open in the first record, if it is not complete.
    pub(super) fn open_quote(&self, framer: &Framer) -> Option<OpenQuote> {
        self.scanner
            .open_quote(framer.text())
            .filter(|_| self.rejected.is_none())
    }
}
