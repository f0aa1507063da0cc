//! A line for people, and how grave it is where lines are log events. Knows nothing of
//! the screen.

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Totals, names of files, what to type next.
    Info,
    /// What somebody has to look at: bad rows.
    Warning,
    /// What ended the run.
    Error,
}

/// A line of what is said at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave it is.
    pub severity: Severity,
    /// The words.
    pub text: String,
}

impl Notice {
    /// One that tells.
    #[must_use]
    pub fn info(text: impl Into<String>) -> Self {
        Self::new(Severity::Info, text.into())
    }

    /// One that somebody has to look at.
    #[must_use]
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text.into())
    }

    /// One that says why the run ended.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Severity::Error, text.into())
    }

    fn new(severity: Severity, text: String) -> Self {
        Self { severity, text }
    }
}
