//! Standard error: text for people, or log events for machines. Lines and the progress bar do
//! not garble each other.

use std::io::{self, IsTerminal as _, Write};

use indicatif::MultiProgress;
use tracing::{error, info, warn};

use super::notice::{Notice, Severity};
use crate::cell::clean;

/// The target of lines that are written as log events.
pub const SCREEN: &str = concat!(env!("CARGO_PKG_NAME"), "::screen");

/// The target of questions. No filter may hide a question that waits for an answer.
pub const QUESTION: &str = concat!(env!("CARGO_PKG_NAME"), "::question");

/// The only way to standard error. Clones share one screen.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    bars: MultiProgress,
    quiet: bool,
    json: bool,
}

impl Screen {
    /// `quiet` suppresses everything but errors. `json` turns lines into log events.
    #[must_use]
    pub fn new(quiet: bool, json: bool) -> Self {
        Self {
            bars: MultiProgress::new(),
            quiet,
            json,
        }
    }

    /// Whether it shows more than errors.
    #[must_use]
    pub fn shows_info(&self) -> bool {
        !self.quiet
    }

    /// Shows a line, unless quiet.
    pub fn say(&self, line: &str) {
        if self.quiet {
            return;
        }
        if self.json {
            info!(target: SCREEN, "{line}");
        } else {
            self.lines(line);
        }
    }

    /// Shows how the command ended. If quiet, only when it went badly.
    pub fn conclude(&self, notices: &[Notice], went_well: bool) {
        if self.quiet && went_well {
            return;
        }
        for Notice { severity, text } in notices {
            if !self.json {
                self.lines(text);
                continue;
            }
            match severity {
                Severity::Info => info!(target: SCREEN, "{text}"),
                Severity::Warning => warn!(target: SCREEN, "{text}"),
                Severity::Error => error!(target: SCREEN, "{text}"),
            }
        }
    }

    /// Shows a question to a person, even when quiet.
    pub fn prompt(&self, text: &str) {
        if self.json {
            info!(target: QUESTION, "{text}");
        } else {
            self.lines(text);
        }
    }

    fn lines(&self, text: &str) {
        for line in text.split('\n') {
            self.write(format!("{}\n", clean(line, usize::MAX)).as_bytes());
        }
    }

    /// Whether lines are written as log events.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person may be watching.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Where progress bars are added.
    #[must_use]
    pub(super) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// A screen that draws its bars elsewhere.
    #[cfg(test)]
    pub(super) fn drawing_on(bars: MultiProgress) -> Self {
        let (quiet, json) = (false, false);
        Self { bars, quiet, json }
    }

    /// Writes whole lines above the bar. A closed standard error must not stop an import.
    fn write(&self, bytes: &[u8]) {
        self.bars.suspend(|| {
            let _ = io::stderr().lock().write_all(bytes);
        });
    }
}

/// A writer for log events, which passes each whole event to the screen.
#[derive(Debug)]
pub struct ScreenWriter {
    screen: Screen,
    line: Vec<u8>,
}

impl Write for ScreenWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ScreenWriter {
    fn drop(&mut self) {
        self.screen.write(&self.line);
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Screen {
    type Writer = ScreenWriter;

    fn make_writer(&self) -> ScreenWriter {
        ScreenWriter {
            screen: self.clone(),
            line: Vec::new(),
        }
    }
}
