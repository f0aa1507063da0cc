//! A line for people, and its severity for when lines are log events. Knows nothing of the
//! screen.

/// The severity of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Totals, file names, what to type next.
    Info,
    /// Something to look at, such as bad rows.
    Warning,
    /// What ended the run.
    Error,
}

/// A line of the closing text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its severity.
    pub severity: Severity,
    /// The text.
    pub text: String,
}

impl Notice {
    /// A notice that informs.
    #[must_use]
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Severity::Info, text.into())
    }

    /// A notice of something to look at.
    #[must_use]
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text.into())
    }

    /// A notice that says why the run ended.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Severity::Error, text.into())
    }

    fn new(severity: Severity, text: String) -> Self {
        Self { severity, text }
    }
}
