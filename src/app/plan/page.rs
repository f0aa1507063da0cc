//! What a plan says at its end: counts first, then what an apply takes, then what to type. Pure.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    code::Code,
    output::{duration, number, plural},
    plan::{PlanCounts, PlanEffort},
    plan_action::PlanAction,
};

/// The width of the counts, so that they stand below each other.
const COUNT_WIDTH: usize = 11;

/// For a shorter apply nobody needs to know when it ends.
const MIN_SECONDS_WITH_END: u64 = 60;

/// What is said if rows were left out.
pub(super) const LIMITED: &str =
    "only the first rows were planned (--limit); an apply leaves out the others";

/// The codes that are named.
const CODES_NAMED: usize = 5;

/// The counts, one line for each action that rows have.
pub(super) fn count_lines(counts: &PlanCounts) -> Vec<String> {
    let head = format!("planned: {}", plural(counts.total, "row", "rows"));
    let actions = PlanAction::ALL.iter().copied();
    let lines = actions.filter_map(|action| {
        let rows = counts.with_action(action);
        let words = match action {
            PlanAction::Create => "create a link".to_owned(),
            PlanAction::AddLabel => "add a label to records that are linked already".to_owned(),
            PlanAction::ReplacePrimary => {
                "replace the primary company or the parent of a record".to_owned()
            }
            PlanAction::None => format!("need nothing: {}", nothing_words(counts)),
            PlanAction::Cannot => format!("cannot be imported: {}", code_words(counts)),
        };
        (rows > 0).then(|| format!("{:>COUNT_WIDTH$}  {words}", number(rows)))
    });
    [head].into_iter().chain(lines).collect()
}

/// Why nothing is done for some rows.
fn nothing_words(counts: &PlanCounts) -> String {
    let with_code = |code: Code| counts.codes.get(code.as_str()).copied().unwrap_or(0);
    let (exist, repeat) = (with_code(Code::LinkExists), with_code(Code::RepeatsRow));
    let exist = (exist > 0).then(|| format!("{} already in HubSpot", number(exist)));
    let repeat = (repeat > 0).then(|| format!("{} as in an earlier row", number(repeat)));
    let parts: Vec<_> = exist.into_iter().chain(repeat).collect();
    parts.join(", ")
}

/// Why some rows cannot be imported, the most frequent reason first.
fn code_words(counts: &PlanCounts) -> String {
    let not_bad = [Code::LinkExists, Code::RepeatsRow, Code::RecordMerged].map(Code::as_str);
    let codes = counts.codes.iter();
    let mut codes: Vec<_> = codes
        .filter(|(code, _)| !not_bad.contains(&code.as_str()))
        .collect();
    codes.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
    let more = codes.len().saturating_sub(CODES_NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    let named = codes.iter().take(CODES_NAMED);
    let named = named.map(|(code, rows)| format!("{} {code}", number(**rows)));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

/// What an apply takes, as far as that is known.
pub(super) fn effort_lines(effort: &PlanEffort, now: Timestamp) -> Vec<String> {
    if effort.write_calls == 0 {
        return vec!["an apply has nothing to send".to_owned()];
    }
    let windows = effort.calls_by_window.iter();
    let windows: Vec<_> = windows
        .map(|(name, calls)| format!("{} in the {name} window", number(*calls)))
        .collect();
    let writes = plural(effort.write_calls, "call", "calls");
    let mut lines = vec![format!(
        "an apply sends {writes} to write, and {} to read ({})",
        number(effort.read_calls),
        windows.join(", ")
    )];
    if let Some(seconds) = effort.seconds {
        let time = Duration::from_secs(seconds);
        let words = format!("it takes about {}", duration(time));
        lines.push(if seconds < MIN_SECONDS_WITH_END {
            words
        } else {
            let done = (now + time).strftime("%Y-%m-%d %H:%M UTC");
            format!("{words}: if it begins now, until {done}")
        });
    }
    lines.push(day_line(effort));
    lines
}

/// The share of the day's quota.
fn day_line(effort: &PlanEffort) -> String {
    let calls = effort.write_calls + effort.read_calls;
    let Some(daily) = effort.daily_calls.filter(|daily| *daily > 0) else {
        return "HubSpot does not say how many calls the account has in a day".to_owned();
    };
    let share = (calls * 100).div_ceil(daily);
    let left = effort
        .daily_calls_remaining
        .map_or_else(String::new, |left| {
            format!(", of which {} are left today", number(left))
        });
    let days = calls.div_ceil(daily);
    let days = if days > 1 {
        format!(": it takes {days} days at least")
    } else {
        String::new()
    };
    format!(
        "that is {share} % of the {} that the account has in a day{left}{days}",
        plural(daily, "call", "calls")
    )
}
