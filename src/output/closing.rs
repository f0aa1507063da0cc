//! The closing text: counts that add up, how it went, the problems by their
//! cause, and what to type next.

use std::{collections::BTreeSet, path::Path, time::Duration};

use super::{
    figures::Figures,
    notice::Notice,
    summary::Summary,
    words::{duration, ended, number, path as shown, plural},
};
use crate::{
    association::Definition,
    cause::{Causes, Group, Place},
    row::Status,
};

/// So many causes are named; a file has all their rows.
const CAUSES_NAMED: usize = 10;

/// The lines that end a run. `next` are commands, in words that precede them.
/// Without `problems` where they have been told already.
#[must_use]
pub fn closing(
    summary: &Summary,
    problems: Option<&Causes>,
    unknown_definitions: &BTreeSet<Definition>,
    next: &[(String, String)],
) -> Vec<Notice> {
    let mut notices = why_not_whole(summary.stopped.as_deref(), summary.unsettled);
    let all = summary.failures.as_deref();
    notices.extend(by_cause(problems, summary.in_failures, all));
    if !unknown_definitions.is_empty() {
        let ids: Vec<_> = unknown_definitions
            .iter()
            .map(ToString::to_string)
            .collect();
        notices.push(Notice::warning(format!(
            "definition {} is in no published list; it was sent as it stands",
            ids.join(", ")
        )));
    }
    let mut lines = vec![counts(summary)];
    lines.push(effort(&Effort {
        rows: summary.recorded,
        time: summary.time(),
        calls: summary.calls,
        retries: summary.retries,
        throttled: summary.throttled,
        daily_calls_remaining: summary.daily_calls_remaining,
    }));
    if let Some(path) = &summary.results {
        lines.push(format!("results:  {}", shown(path)));
    }
    if let Some(path) = &summary.failures {
        let rows = plural(summary.in_failures, "row", "rows");
        lines.push(format!("failures: {} ({rows})", shown(path)));
    }
    lines.extend(next.iter().map(to_type));
    notices.extend(lines.into_iter().map(Notice::info));
    notices
}

/// The lines that end a run over recorded rows.
#[must_use]
pub fn closing_of(
    figures: &Figures,
    problems: Option<&Causes>,
    next: &[(String, String)],
) -> Vec<Notice> {
    let outcomes = &figures.outcomes;
    let mut notices = why_not_whole(figures.stopped.as_deref(), figures.unsettled);
    let (bad, all) = (outcomes.bad(), figures.report.as_deref());
    notices.extend(by_cause(problems, bad, all));
    let mut parts: Vec<_> = outcomes
        .iter()
        .map(|(status, rows)| ended(rows, status))
        .collect();
    parts.extend(unsettled(figures.unsettled));
    let rows = plural(figures.rows, "row", "rows");
    let mut lines = vec![format!("{rows}: {}", parts.join(", "))];
    lines.push(effort(&Effort {
        rows: figures.recorded,
        time: figures.time(),
        calls: figures.calls,
        retries: figures.retries,
        throttled: figures.throttled,
        daily_calls_remaining: figures.daily_calls_remaining,
    }));
    if let Some(path) = &figures.report {
        lines.push(format!("report:   {}", shown(path)));
    }
    lines.extend(next.iter().map(to_type));
    notices.extend(lines.into_iter().map(Notice::info));
    notices
}

/// Why it stopped, if it did; or that rows were asked for in vain.
fn why_not_whole(stopped: Option<&str>, unsettled: u64) -> Vec<Notice> {
    let why = match (stopped, unsettled) {
        (Some(reason), _) => format!("stopped: {reason}"),
        (None, 0) => return Vec::new(),
        (None, rows) => format!(
            "not finished: {} got no answer that counts",
            plural(rows, "row", "rows")
        ),
    };
    vec![Notice::error(why)]
}

/// A cause in each line, with its first rows; `all` has all rows that are `bad`.
fn by_cause(problems: Option<&Causes>, bad: u64, all: Option<&Path>) -> Vec<Notice> {
    let Some(problems) = problems else {
        return Vec::new();
    };
    // Rows that are kept may be problems, too.
    let bad = bad.max(problems.rows());
    let all = all.map(|path| format!(": {}", shown(path)));
    let all = all.unwrap_or_default();
    let mut named = 0;
    let groups = problems.by_size().into_iter().take(CAUSES_NAMED);
    let mut lines: Vec<_> = groups
        .map(|group| {
            named += group.rows;
            Notice::warning(cause(group, &all))
        })
        .collect();
    if bad > named && named > 0 {
        let more = plural(bad - named, "more row", "more rows");
        lines.push(Notice::warning(format!("… and {more}{all}")));
    }
    lines
}

fn cause(group: &Group, all: &str) -> String {
    let Group {
        code,
        message,
        rows,
        first,
    } = group;
    let place = |Place { row, line }: &Place| format!("{row} (line {line})");
    let places: Vec<_> = first.iter().map(place).collect();
    let places = places.join(", ");
    if *rows == 1 {
        return format!("row {places} {code}: {message}");
    }
    let named = u64::try_from(first.len()).unwrap_or(u64::MAX);
    let more = match rows.saturating_sub(named) {
        0 => String::new(),
        more => format!(" and {} more{all}", number(more)),
    };
    let rows = plural(*rows, "row", "rows");
    format!("{rows} {code}: {message}\n  rows {places}{more}")
}

/// A command to type, below the words that precede it.
#[must_use]
pub fn to_type((words, command): &(String, String)) -> String {
    format!("{words}\n  {command}")
}

fn unsettled(rows: u64) -> Option<String> {
    (rows > 0).then(|| format!("{} not attempted or without an answer", number(rows)))
}

fn counts(summary: &Summary) -> String {
    let mut parts = vec![
        ended(summary.succeeded, Status::Succeeded),
        ended(summary.failed, Status::Failed),
        ended(summary.invalid, Status::Invalid),
    ];
    if summary.already > 0 {
        parts.push(ended(summary.already, Status::Already));
    }
    parts.extend(unsettled(summary.unsettled));
    let before = match summary.recorded_before {
        0 => String::new(),
        rows => format!("; {} recorded before", number(rows)),
    };
    let rest = if summary.input_complete {
        ""
    } else {
        "; the rest of the input was not read"
    };
    format!(
        "{} read: {}{before}{rest}",
        plural(summary.rows_read, "row", "rows"),
        parts.join(", ")
    )
}

/// What it took.
struct Effort {
    /// Recorded in this session.
    rows: u64,
    time: Duration,
    calls: u64,
    retries: u64,
    throttled: u64,
    daily_calls_remaining: Option<u64>,
}

fn effort(effort: &Effort) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = effort.rows as f64 / effort.time.as_secs_f64().max(0.001);
    let left = effort
        .daily_calls_remaining
        .map(|left| format!(", {} left today", number(left)));
    format!(
        "took {}: {speed:.1} rows/s, {} ({} retried, {} answered 429{})",
        duration(effort.time),
        plural(effort.calls, "call", "calls"),
        number(effort.retries),
        number(effort.throttled),
        left.unwrap_or_default()
    )
}
