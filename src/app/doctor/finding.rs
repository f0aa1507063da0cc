//! A finding of `doctor`, and how all findings are shown, one line each.
//!
//! Knows nothing of how they were found.

use std::fmt;

use serde::Serialize;

use crate::{app::print::JSON_VERSION, exit::ExitCode};

/// The status of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FindingStatus {
    Ok,
    /// An import can begin, but somebody should look at this.
    Warn,
    /// An import would not begin or would fail, with this exit code.
    Bad(ExitCode),
    /// It could not be found out.
    Unknown,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    status: FindingStatus,
    about: &'static str,
    words: String,
}

impl Finding {
    fn new(status: FindingStatus, about: &'static str, words: impl Into<String>) -> Self {
        let words = words.into();
        Self {
            status,
            about,
            words,
        }
    }

    pub(super) fn ok(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(FindingStatus::Ok, about, words)
    }

    pub(super) fn warn(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(FindingStatus::Warn, about, words)
    }

    pub(super) fn bad(about: &'static str, code: ExitCode, words: impl Into<String>) -> Self {
        Self::new(FindingStatus::Bad(code), about, words)
    }

    pub(super) fn unknown(about: &'static str, words: impl Into<String>) -> Self {
        Self::new(FindingStatus::Unknown, about, words)
    }
}

impl FindingStatus {
    /// The exit code that it leads to.
    fn exit_code(self) -> ExitCode {
        match self {
            Self::Bad(code) => code,
            Self::Ok | Self::Warn | Self::Unknown => ExitCode::Success,
        }
    }
}

/// All findings, as a program reads them.
#[derive(Debug, Serialize)]
pub(super) struct DoctorDocument<'a> {
    version: u32,
    command: &'static str,
    exit_code: u8,
    findings: Vec<FindingFields<'a>>,
}

/// One finding.
#[derive(Debug, Serialize)]
struct FindingFields<'a> {
    status: &'static str,
    about: &'static str,
    text: &'a str,
    exit_code: u8,
}

impl<'a> DoctorDocument<'a> {
    pub(super) fn new(findings: &'a Findings) -> Self {
        let fields = findings.0.iter().map(|finding| FindingFields {
            status: match finding.status {
                FindingStatus::Ok => "ok",
                FindingStatus::Warn => "warn",
                FindingStatus::Bad(_) => "bad",
                FindingStatus::Unknown => "unknown",
            },
            about: finding.about,
            text: &finding.words,
            exit_code: finding.status.exit_code().get(),
        });
        Self {
            version: JSON_VERSION,
            command: "doctor",
            exit_code: findings.exit_code().get(),
            findings: fields.collect(),
        }
    }
}

impl fmt::Display for Finding {
    /// `ok    token      accepted`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.status {
            FindingStatus::Ok => "ok",
            FindingStatus::Warn => "warn",
            FindingStatus::Bad(_) => "bad",
            FindingStatus::Unknown => "?",
        };
        write!(out, "{mark:<6}{:<11}{}", self.about, self.words)
    }
}

/// All findings, in the order of display.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(pub(super) Vec<Finding>);

impl Findings {
    /// The exit code of `doctor`: that of the most serious finding.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        let codes = self.0.iter().map(|finding| finding.status.exit_code());
        codes.fold(ExitCode::Success, ExitCode::graver)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|finding| writeln!(out, "{finding}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_for_every_status() {
        let findings = Findings(vec![
            Finding::ok("token", "accepted"),
            Finding::warn("clock", "late"),
            Finding::bad("scopes", ExitCode::Credentials, "missing"),
            Finding::unknown("disk", "not told"),
        ]);
        insta::assert_snapshot!(findings, @r"
        ok    token      accepted
        warn  clock      late
        bad   scopes     missing
        ?     disk       not told
        ");
    }

    #[test]
    fn the_most_serious_bad_finding_sets_the_exit_code() {
        let bad = |code| Finding::bad("x", code, "");
        let code = |findings: &[Finding]| Findings(findings.to_vec()).exit_code().get();
        let calm = [
            Finding::ok("x", ""),
            Finding::warn("x", ""),
            Finding::unknown("x", ""),
        ];
        assert_eq!(code(&calm), 0);
        assert_eq!(
            code(&[bad(ExitCode::SomeRowsBad), bad(ExitCode::Unavailable)]),
            4
        );
        assert_eq!(
            code(&[bad(ExitCode::Refused), bad(ExitCode::Unavailable)]),
            2
        );
        assert_eq!(
            code(&[bad(ExitCode::Refused), bad(ExitCode::Credentials)]),
            3
        );
    }
}
