//! The closing text: counts that add up, how it went, the first problems, and
//! what to type next.

use std::collections::BTreeSet;

use super::{
    summary::Summary,
    tally::Problem,
    words::{duration, number, path as shown, plural},
};
use crate::association::Definition;

/// The lines that end a run. `next` are commands, in words that precede them.
#[must_use]
pub fn closing(
    summary: &Summary,
    problems: &[Problem],
    unknown_definitions: &BTreeSet<Definition>,
    next: &[(String, String)],
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(reason) = &summary.stopped {
        lines.push(format!("stopped: {reason}"));
    }
    for problem in problems {
        let Problem {
            row,
            line,
            code,
            message,
        } = problem;
        lines.push(format!("row {row} (line {line}) {code}: {message}"));
    }
    let named = u64::try_from(problems.len()).unwrap_or(u64::MAX);
    let bad = summary.bad();
    if bad > named && named > 0 {
        lines.push(format!("… and {} more", number(bad - named)));
    }
    if !unknown_definitions.is_empty() {
        let ids: Vec<_> = unknown_definitions
            .iter()
            .map(ToString::to_string)
            .collect();
        lines.push(format!(
            "definition {} is in no published list; it was sent as it stands",
            ids.join(", ")
        ));
    }
    lines.push(counts(summary));
    lines.push(effort(summary));
    if let Some(path) = &summary.results {
        lines.push(format!("results:  {}", shown(path)));
    }
    if let Some(path) = &summary.failures {
        let rows = plural(bad, "row", "rows");
        lines.push(format!("failures: {} ({rows})", shown(path)));
    }
    for (words, command) in next {
        lines.push(format!("{words}\n  {command}"));
    }
    lines
}

fn counts(summary: &Summary) -> String {
    let mut parts = vec![
        format!("{} succeeded", number(summary.succeeded)),
        format!("{} failed", number(summary.failed)),
        format!("{} invalid", number(summary.invalid)),
    ];
    if summary.already > 0 {
        parts.push(format!("{} already there", number(summary.already)));
    }
    if summary.unsettled > 0 {
        parts.push(format!(
            "{} not attempted or without an answer",
            number(summary.unsettled)
        ));
    }
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

fn effort(summary: &Summary) -> String {
    let time = summary.time();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = summary.recorded as f64 / time.as_secs_f64().max(0.001);
    let left = summary
        .daily_calls_remaining
        .map(|left| format!(", {} left today", number(left)));
    format!(
        "took {}: {speed:.1} rows/s, {} ({} retried, {} answered 429{})",
        duration(time),
        plural(summary.calls, "call", "calls"),
        number(summary.retries),
        number(summary.throttled),
        left.unwrap_or_default()
    )
}
