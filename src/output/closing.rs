//! The closing text: counts that add up, how the run went, the problems by cause, and what to
//! type next.

use std::{
    collections::BTreeSet,
    fmt::{self, Display},
    path::Path,
};

use super::{
    formatting::{duration, number, path as shown, plural, status_count},
    notice::Notice,
    summary::{RowScope, RowTotals, Summary, SummarySource},
};
use crate::{
    association::Definition,
    cause::{FailureGroup, FailureGroups, RowLocation},
    row::Status,
};

/// The most causes that are named. A file has all their rows.
pub const MOST_CAUSES_NAMED: usize = 10;

/// A command to type next, with the words before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedCommand {
    /// When to type it, and why.
    pub words: String,
    /// The command as a shell takes it.
    pub command: String,
}

impl SuggestedCommand {
    /// A command with the words before it.
    pub fn new(words: impl Into<String>, command: impl Display) -> Self {
        Self {
            words: words.into(),
            command: command.to_string(),
        }
    }
}

impl Display for SuggestedCommand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { words, command } = self;
        write!(out, "{words}\n  {command}")
    }
}

/// The lines at the end of a session. `problems` is `None` if they were already reported.
#[must_use]
pub fn closing_notices(
    summary: &Summary,
    problems: Option<&FailureGroups>,
    unknown_definitions: &BTreeSet<Definition>,
    next: &[SuggestedCommand],
) -> Vec<Notice> {
    let rows = &summary.rows;
    let mut notices = incomplete_notice(summary.end.stopped.as_deref(), rows.unsettled);
    let (bad, details) = match &summary.source {
        SummarySource::Input {
            failures,
            failure_rows,
            in_sheet,
            ..
        } => {
            let details = RowDetails {
                file: failures.as_deref(),
                line: line_word(*in_sheet),
            };
            (*failure_rows, details)
        }
        SummarySource::SeveralInputs {} => {
            let (file, line) = (None, "line");
            (rows.outcomes.bad(), RowDetails { file, line })
        }
        SummarySource::Recorded { report, .. } => {
            let details = RowDetails {
                file: report.as_deref(),
                line: "line",
            };
            (rows.outcomes.bad(), details)
        }
    };
    notices.extend(cause_notices(problems, bad, details));
    if !unknown_definitions.is_empty() {
        let ids: Vec<_> = unknown_definitions
            .iter()
            .map(ToString::to_string)
            .collect();
        notices.push(Notice::warning(format!(
            "definition {} is not in HubSpot's published list for this API",
            ids.join(", ")
        )));
    }
    let mut lines = vec![counts_line(rows), effort_line(summary)];
    lines.extend(file_lines(&summary.source));
    lines.extend(next.iter().map(ToString::to_string));
    notices.extend(lines.into_iter().map(Notice::info));
    notices
}

/// The paths of the files that hold the details.
fn file_lines(source: &SummarySource) -> Vec<String> {
    match source {
        SummarySource::Input {
            results,
            failures,
            failure_rows,
            ..
        } => {
            let results = results.as_ref();
            let failures = failures.as_ref().map(|path| {
                let rows = plural(*failure_rows, "row", "rows");
                format!("failures: {} ({rows})", shown(path))
            });
            let results = results.map(|path| format!("results:  {}", shown(path)));
            results.into_iter().chain(failures).collect()
        }
        SummarySource::Recorded { report, .. } => {
            let report = report.as_ref();
            let report = report.map(|path| format!("report:   {}", shown(path)));
            report.into_iter().collect()
        }
        SummarySource::SeveralInputs {} => Vec::new(),
    }
}

/// Why the run stopped, or that some rows got no valid answer.
fn incomplete_notice(stopped: Option<&str>, unsettled: u64) -> Vec<Notice> {
    let why = match (stopped, unsettled) {
        (Some(reason), _) => format!("stopped: {reason}"),
        (None, 0) => return Vec::new(),
        (None, rows) => format!(
            "not finished: {} got no usable answer",
            plural(rows, "row", "rows")
        ),
    };
    vec![Notice::error(why)]
}

/// What a line of an input is called, in a sheet or elsewhere.
#[must_use]
pub const fn line_word(in_sheet: bool) -> &'static str {
    if in_sheet { "sheet row" } else { "line" }
}

/// Where bad rows are.
#[derive(Clone, Copy, Debug)]
pub struct RowDetails<'a> {
    /// The file with all of them.
    pub file: Option<&'a Path>,
    /// What a line of the input is called.
    pub line: &'static str,
}

/// One line per cause, with its first rows. `bad` is the number of bad rows.
#[must_use]
pub fn cause_notices(
    problems: Option<&FailureGroups>,
    bad: u64,
    RowDetails { file, line }: RowDetails<'_>,
) -> Vec<Notice> {
    let Some(problems) = problems else {
        return Vec::new();
    };
    // Rows that are kept may also be problems.
    let bad = bad.max(problems.rows());
    let details = file.map(|path| format!(": {}", shown(path)));
    let details = details.unwrap_or_default();
    let mut named = 0;
    let groups = problems.by_size().into_iter().take(MOST_CAUSES_NAMED);
    let mut lines: Vec<_> = groups
        .map(|group| {
            named += group.rows;
            Notice::warning(cause_text(group, line, &details))
        })
        .collect();
    if bad > named && named > 0 {
        let more = plural(bad - named, "more row", "more rows");
        lines.push(Notice::warning(format!("… and {more}{details}")));
    }
    lines
}

fn cause_text(group: &FailureGroup, line_word: &str, details: &str) -> String {
    let FailureGroup {
        code,
        message,
        rows,
        first,
    } = group;
    let place = |RowLocation { row, line }: &RowLocation| format!("{row} ({line_word} {line})");
    let places: Vec<_> = first.iter().map(place).collect();
    let places = places.join(", ");
    if *rows == 1 {
        return format!("row {places} {code}: {message}");
    }
    let named = u64::try_from(first.len()).unwrap_or(u64::MAX);
    let more = match rows.saturating_sub(named) {
        0 => String::new(),
        more => format!(" and {} more{details}", number(more)),
    };
    let rows = plural(*rows, "row", "rows");
    format!("{rows} {code}: {message}\n  rows {places}{more}")
}

fn unsettled_text(rows: u64) -> Option<String> {
    (rows > 0).then(|| format!("{} not sent, or no answer yet", number(rows)))
}

/// How many rows were read, how they ended, and whether there are more.
#[must_use]
pub fn counts_line(rows: &RowTotals) -> String {
    let rest = if rows.is_complete() {
        ""
    } else {
        "; the rest of the input was not read"
    };
    row_counts(rows) + rest
}

/// How many rows were read, and how they ended.
#[must_use]
pub fn row_counts(rows: &RowTotals) -> String {
    let mut parts: Vec<_> = match rows.scope {
        RowScope::Input { .. } => {
            let statuses = [Status::Succeeded, Status::Failed, Status::Invalid];
            let already = (rows.with_status(Status::Already) > 0).then_some(Status::Already);
            let statuses = statuses.into_iter().chain(already);
            statuses
                .map(|status| status_count(rows.with_status(status), status))
                .collect()
        }
        RowScope::Recorded { .. } => rows
            .outcomes
            .iter()
            .map(|(status, rows)| status_count(rows, status))
            .collect(),
    };
    parts.extend(unsettled_text(rows.unsettled));
    let parts = parts.join(", ");
    let count = plural(rows.count(), "row", "rows");
    let before = match rows.scope {
        RowScope::Recorded { .. } => return format!("{count}: {parts}"),
        RowScope::Input {
            recorded_before: 0, ..
        } => String::new(),
        RowScope::Input {
            recorded_before, ..
        } => format!("; {} done before", number(recorded_before)),
    };
    format!("{count} read: {parts}{before}")
}

/// What the session took: time, pace and calls.
#[must_use]
pub fn effort_line(summary: &Summary) -> String {
    let (calls, time) = (&summary.calls, summary.duration());
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = summary.rows.recorded as f64 / time.as_secs_f64().max(0.001);
    let remaining_today = calls
        .daily_calls_remaining
        .map(|calls| format!(", {} left today", number(calls)));
    format!(
        "took {}: {speed:.1} rows/s, {} ({} retried, {} answered 429{})",
        duration(time),
        plural(calls.calls, "call", "calls"),
        number(calls.retries),
        number(calls.throttled),
        remaining_today.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        cause::CauseTexts,
        output::{
            run_files::RunFiles,
            summary::{CallTotals, RunEnd, SummaryTarget, TimeSpan},
        },
    };

    fn summary() -> Summary {
        let outcomes = [
            (Status::Removed, 1_200),
            (Status::Kept, 3),
            (Status::Failed, 12),
        ];
        Summary {
            version: Summary::VERSION,
            command: "undo",
            source: SummarySource::Recorded {
                results: "links.results.csv".into(),
                report: Some("links.undo.csv".into()),
            },
            files: RunFiles::default(),
            target: SummaryTarget {
                target: "sandbox".to_owned(),
                api: "v1",
                account: Some(7),
            },
            time: TimeSpan {
                started_at: Timestamp::UNIX_EPOCH,
                finished_at: Timestamp::UNIX_EPOCH,
                seconds: 10.0,
            },
            rows: RowTotals {
                scope: RowScope::Recorded { rows: 1_220 },
                recorded: 1_215,
                outcomes: outcomes.into_iter().collect(),
                codes: BTreeMap::new(),
                unsettled: 5,
                read: None,
            },
            calls: CallTotals {
                calls: 13,
                retries: 1,
                throttled: 0,
                daily_calls_remaining: Some(1_000),
            },
            end: RunEnd {
                exit_code: 1,
                stopped: None,
            },
        }
    }

    #[test]
    fn the_summary_has_a_field_for_each_status_of_the_command() {
        let json: serde_json::Value = serde_json::to_value(summary()).unwrap();
        let counts = ["removed", "kept", "failed", "invalid"].map(|name| json[name].as_u64());
        assert_eq!(counts, [Some(1_200), Some(3), Some(12), None]);
    }

    /// The texts of the closing notices.
    fn closing_lines(problems: &FailureGroups, next: &[SuggestedCommand]) -> Vec<String> {
        let notices = closing_notices(&summary(), Some(problems), &BTreeSet::new(), next);
        notices.into_iter().map(|notice| notice.text).collect()
    }

    fn same(message: &str) -> CauseTexts<'_> {
        CauseTexts {
            message,
            in_common: message,
        }
    }

    #[test]
    fn the_closing_text_has_all_counts_and_says_that_there_are_more_problems() {
        let mut problems = FailureGroups::default();
        let place = RowLocation { row: 4, line: 5 };
        problems.add(place, "timeout", same("no answer"));
        let next = [SuggestedCommand::new("go on with", "hubassoc undo")];
        let lines = closing_lines(&problems, &next);
        assert_eq!(
            lines,
            [
                "not finished: 5 rows got no usable answer",
                "row 4 (line 5) timeout: no answer",
                "… and 11 more rows: links.undo.csv",
                "1,220 rows: 1,200 removed, 3 kept, 12 failed, 5 not sent, or no answer yet",
                "took 10 s: 121.5 rows/s, 13 calls (1 retried, 0 answered 429, 1,000 left today)",
                "report:   links.undo.csv",
                "go on with\n  hubassoc undo",
            ]
        );
    }

    #[test]
    fn rows_with_one_cause_get_one_line_with_three_places_and_a_file() {
        let mut problems = FailureGroups::default();
        for row in 1..=12 {
            let place = RowLocation { row, line: row + 1 };
            let message = format!("no contact {row}");
            problems.add(place, "record_not_found", same(&message));
        }
        let lines = closing_lines(&problems, &[]);
        assert_eq!(
            lines[1],
            "12 rows record_not_found: no contact …\n  \
             rows 1 (line 2), 2 (line 3), 3 (line 4) and 9 more: links.undo.csv"
        );
        assert!(lines[2].starts_with("1,220 rows: "), "{lines:?}");
    }
}
