//! Finds the header, and with it the delimiter: the one by which the needed
//! columns are there.
//!
//! Reads no further than to the header's end. What speaks against a text
//! without a header is worded in `refusal`.

use memchr::memchr2;

use super::{
    columns::{self, Columns, Misfit, Missing},
    error::{Fault, Refusal},
    frame::{Framer, MAX_RECORD_BYTES},
    options::{Delimiter, InputOptions},
    refusal,
    scan::{End, OpenQuote, Scanner},
    split::{Split, Splitter},
};

/// A header, and how to read what is below it.
pub(super) struct Header {
    pub(super) delimiter: Delimiter,
    pub(super) columns: Columns,
}

/// One delimiter on trial.
pub(super) struct Candidate {
    pub(super) delimiter: Delimiter,
    scanner: Scanner,
    /// Known once the first record has ended by this delimiter.
    pub(super) trial: Option<Trial>,
}

/// What the first record is by one delimiter.
pub(super) struct Trial {
    pub(super) cells: Vec<String>,
    pub(super) missing: Vec<Missing>,
}

/// Takes everything up to and including the header.
pub(super) fn find(framer: &mut Framer, options: &InputOptions) -> Result<Header, Refusal> {
    let mut fixed = options.delimiter;
    let mut candidates = Candidate::all(fixed);
    let mut after_sep = false;
    loop {
        framer.settle_line_end();
        if let Some(line) = first_line(framer) {
            let bytes = line.len();
            if line.iter().all(|byte| b" \t,;|".contains(byte)) {
                if framer.ended() && bytes == framer.text().len() {
                    return Err(Refusal::Empty(columns::needed_names(options)));
                }
                framer.count_blank();
                framer.skip_line(bytes);
                candidates = Candidate::all(fixed);
                continue;
            }
            if let (Some(delimiter), false) = (sep_line(line, framer.line())?, after_sep) {
                after_sep = true;
                framer.skip_line(bytes);
                fixed = fixed.or(Some(delimiter));
                candidates = Candidate::all(fixed);
                continue;
            }
        }
        for candidate in &mut candidates {
            if let Some(columns) = candidate.judge(framer, options)? {
                return Ok(take(framer, candidate.delimiter, columns));
            }
        }
        let too_long = framer.text().len() > MAX_RECORD_BYTES;
        if framer.ended() || too_long || candidates.iter().all(|tried| tried.trial.is_some()) {
            return Err(refusal::explain(framer, &candidates, options));
        }
        let filled = framer.fill();
        filled.map_err(|error| Refusal::BrokeOff(Fault::of(error)))?;
    }
}

fn take(framer: &mut Framer, delimiter: Delimiter, columns: Columns) -> Header {
    framer.set_delimiter(delimiter.byte());
    // It is known to be there, and to be the next record.
    let _header = framer.next();
    Header { delimiter, columns }
}

/// The first physical line, without its end, once it has one.
fn first_line(framer: &Framer) -> Option<&[u8]> {
    let text = framer.text();
    match memchr2(b'\n', b'\r', text) {
        Some(end) => Some(&text[..end]),
        None => framer.ended().then_some(text),
    }
}

/// The delimiter that a line like `sep=;` names; some spreadsheets write it first.
fn sep_line(line: &[u8], number: u64) -> Result<Option<Delimiter>, Refusal> {
    let named = match line {
        [s, e, p, b'=', named] if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" => *named,
        _ => return Ok(None),
    };
    match Delimiter::from_byte(named) {
        Some(delimiter) => Ok(Some(delimiter)),
        None => Err(Refusal::SepLine {
            line: number,
            found: crate::cell::clean(&String::from_utf8_lossy(line), columns::NAME_CHARS),
        }),
    }
}

impl Candidate {
    fn all(fixed: Option<Delimiter>) -> Vec<Self> {
        let tried = fixed.map_or(Delimiter::ALL.to_vec(), |only| vec![only]);
        let start = |delimiter: Delimiter| Self {
            delimiter,
            scanner: Scanner::new(delimiter.byte()),
            trial: None,
        };
        tried.into_iter().map(start).collect()
    }

    /// The columns, if the first record has ended and has them by this delimiter.
    fn judge(
        &mut self,
        framer: &Framer,
        options: &InputOptions,
    ) -> Result<Option<Columns>, Refusal> {
        if self.trial.is_some() {
            return Ok(None);
        }
        let Some(end) = self.end(framer) else {
            return Ok(None);
        };
        let line = framer.line();
        if end.at > MAX_RECORD_BYTES {
            return Err(Refusal::HeaderTooLarge { line });
        }
        let Some(cells) = cells(&framer.text()[..end.at], self.delimiter) else {
            return Err(Refusal::HeaderTooLarge { line });
        };
        match columns::find(&cells, line, options) {
            Ok(_) if end.broken => Err(Refusal::BrokenQuoteInHeader { line }),
            Ok(columns) => Ok(Some(columns)),
            Err(Misfit::Refused(refusal)) => Err(refusal),
            Err(Misfit::Missing(missing)) => {
                self.trial = Some(Trial { cells, missing });
                Ok(None)
            }
        }
    }

    /// The first record's end; the end of the input ends it too.
    fn end(&mut self, framer: &Framer) -> Option<End> {
        let text = framer.text();
        let end = self.scanner.scan(text);
        let at_end = || framer.ended() && self.scanner.open_quote(text).is_none();
        end.or_else(|| {
            at_end().then_some(End {
                at: text.len(),
                lines: 0,
                quotes: true,
                broken: false,
            })
        })
    }

    /// The quote that keeps the first record open.
    pub(super) fn open_quote(&self, framer: &Framer) -> Option<OpenQuote> {
        self.scanner
            .open_quote(framer.text())
            .filter(|_| self.trial.is_none())
    }
}

/// The cells of one record; `None` if there are too many.
pub(super) fn cells(record: &[u8], delimiter: Delimiter) -> Option<Vec<String>> {
    let mut splitter = Splitter::new(delimiter.byte());
    let split = splitter.split(&[record, b"\n"].concat());
    let cell = |i| splitter.cell_text(i).into_owned();
    match split {
        Split::Cells(count) => Some((0..count).map(cell).collect()),
        // The strict pass has said where it ends: what is left has no columns.
        Split::Disagrees => Some(Vec::new()),
        Split::TooMany => None,
    }
}
