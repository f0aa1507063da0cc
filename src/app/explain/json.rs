//! An explanation as a program reads it.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;
use serde::Serialize;

use super::explanation::Explanation;
use crate::{
    account::AccountId,
    app::{cause_fields::CauseFields, print::JSON_VERSION},
    journal::LoggedRun,
    output::SuggestedCommand,
};

/// The whole explanation.
#[derive(Debug, Serialize)]
pub(super) struct ExplainDocument<'a> {
    version: u32,
    command: &'static str,
    file: String,
    /// The command that wrote the file.
    written_by: &'static str,
    run: RunFields<'a>,
    lines: LineFields,
    rows: RowFields,
    causes_found: usize,
    causes: Vec<ExplainedCauseFields<'a>>,
}

/// What is known of the run.
#[derive(Debug, Serialize)]
struct RunFields<'a> {
    import: Option<ImportFields<'a>>,
    unusable_log: Option<&'a str>,
    is_running: bool,
    to_complete: Option<CommandFields<'a>>,
}

/// The import, as its log describes it.
#[derive(Debug, Serialize)]
struct ImportFields<'a> {
    results: String,
    input: String,
    line_is: &'static str,
    started_at: Timestamp,
    undone_at: Option<Timestamp>,
    exit_code: Option<u8>,
    target: &'a str,
    api: &'a str,
    account: Option<u64>,
}

/// The lines of the file.
#[derive(Debug, Serialize)]
struct LineFields {
    unreadable: u64,
    last_is_incomplete: bool,
}

/// How many rows there are.
#[derive(Debug, Serialize)]
struct RowFields {
    read: u64,
    statuses: BTreeMap<&'static str, u64>,
    explained: u64,
}

/// A cause, with the command that follows from it.
#[derive(Debug, Serialize)]
struct ExplainedCauseFields<'a> {
    #[serde(flatten)]
    cause: CauseFields,
    next: Option<CommandFields<'a>>,
}

/// A command, quoted for a shell, and when to type it.
#[derive(Debug, Serialize)]
struct CommandFields<'a> {
    words: &'a str,
    command: &'a str,
}

impl<'a> ExplainDocument<'a> {
    pub(super) fn new(explanation: &'a Explanation) -> Self {
        let counts = explanation.rows.iter();
        let statuses = counts.filter(|(_, rows)| **rows > 0);
        let causes = explanation.causes.iter();
        Self {
            version: JSON_VERSION,
            command: "explain",
            file: text(&explanation.file),
            written_by: explanation.origin.command(),
            run: RunFields {
                import: explanation.run.import.as_ref().map(|run| {
                    let line_is = explanation.run.line_word();
                    ImportFields::new(run, line_is)
                }),
                unusable_log: explanation.run.unusable_log.as_deref(),
                is_running: explanation.run.is_running,
                to_complete: explanation.to_complete.as_ref().map(CommandFields::new),
            },
            lines: LineFields {
                unreadable: explanation.lines.unreadable,
                last_is_incomplete: explanation.lines.is_torn,
            },
            rows: RowFields {
                read: explanation.rows.iter().map(|(_, rows)| rows).sum(),
                statuses: statuses
                    .map(|(status, rows)| (status.word(), *rows))
                    .collect(),
                explained: explanation.explained_rows,
            },
            causes_found: explanation.all_causes,
            causes: causes
                .map(|cause| ExplainedCauseFields {
                    cause: CauseFields::of(&cause.group),
                    next: cause.next.as_ref().map(CommandFields::new),
                })
                .collect(),
        }
    }
}

impl<'a> ImportFields<'a> {
    fn new(run: &'a LoggedRun, line_is: &'static str) -> Self {
        let info = run.info();
        Self {
            results: text(run.results()),
            input: text(&info.input.name),
            line_is,
            started_at: info.at,
            undone_at: run.undone_at(),
            exit_code: run.last_end().map(|end| end.exit_code),
            target: &info.server.target,
            api: &info.server.api,
            account: run.account().map(AccountId::get),
        }
    }
}

impl<'a> CommandFields<'a> {
    fn new(next: &'a SuggestedCommand) -> Self {
        Self {
            words: next.words.trim_end_matches(':'),
            command: &next.command,
        }
    }
}

/// A path that is not UTF-8 must not prevent the document.
fn text(path: &Path) -> String {
    path.display().to_string()
}
