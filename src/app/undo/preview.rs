//! What an undo shows before it begins: what is removed, what is kept, and why. Pure.

use roaring::RoaringTreemap;

use super::plan::UndoPlan;
use crate::{
    association::SingleLinkRecord,
    output::{number, plural},
};

/// From this many links on, batches save minutes.
const LARGE: u64 = 1_000;

/// Facts about the undo that the preview mentions.
#[derive(Clone, Debug)]
pub(super) struct UndoFacts {
    /// Why the input of rows without a line cannot be used, if it cannot.
    pub(super) input_problem: Option<String>,
    /// What to do about rows whose ids are not known, if rows name records by keys. Then only the
    /// results have ids.
    pub(super) keys_remedy: Option<String>,
    /// Whether the run read existing associations before it wrote.
    pub(super) reads_before_write: bool,
    /// Whether rows may have been sent of which nothing tells.
    pub(super) may_lack_lines: bool,
    /// Done rows that an earlier undo kept.
    pub(super) kept: u64,
    /// Whether each call removes one link.
    pub(super) one_link_per_call: bool,
    /// The most links that a call can remove.
    pub(super) max_links_per_call: u64,
}

/// The preview, given the rows that are already done.
pub(super) fn preview_lines(
    plan: &UndoPlan,
    done: &RoaringTreemap,
    facts: &UndoFacts,
) -> Vec<String> {
    let left = (plan.removed_rows() - done).len();
    let mut lines = rows_without_ids(plan, facts);
    if !done.is_empty() && done.len() >= plan.row_count() {
        lines.insert(0, nothing_left_line(done.len(), facts.kept));
        return lines;
    }
    if !done.is_empty() {
        let rows = plural(done.len(), "row was", "rows were");
        lines.push(format!("{rows} already done"));
    }
    lines.push(removal_line(plan, left, done.is_empty()));
    if left > 0 {
        lines.extend(restored_line(plan));
    }
    let (existed, unchecked) = (plan.existed_before.len(), plan.unchecked.len());
    if existed > 0 {
        let (amount, it) = (plural(existed, "link", "links"), it(existed));
        lines.push(format!("{amount} kept: {it} existed before the run"));
    }
    if unchecked > 0 {
        let (amount, it) = (plural(unchecked, "link", "links"), it(unchecked));
        let them = if unchecked == 1 { "it" } else { "them" };
        lines.push(format!(
            "{amount} kept: the run did not check whether {it} existed before (--include-unchecked \
             removes {them})"
        ));
    }
    if !facts.reads_before_write {
        lines.extend(unread_notes(left, facts.may_lack_lines));
    }
    if facts.one_link_per_call && left >= LARGE {
        let calls = plural(
            left.div_ceil(facts.max_links_per_call.max(1)),
            "call",
            "calls",
        );
        let single = plural(left, "call", "calls");
        lines.push(format!(
            "tip: --batch max needs only {calls} instead of {single}"
        ));
    }
    lines
}

/// Notes on a run that did not read existing associations first.
fn unread_notes(left: u64, may_lack_lines: bool) -> impl Iterator<Item = String> {
    let not_restored = "note: the run did not read existing associations before it wrote, so primary \
                        companies and parents that it replaced cannot be restored";
    let killed = "note: the import was killed, so it may have sent rows that have no line in the \
                  results; to be sure, complete it first (import --resume), then run undo again";
    let notes = [
        (left > 0).then_some(not_restored),
        may_lack_lines.then_some(killed),
    ];
    notes.into_iter().flatten().map(str::to_owned)
}

/// What records get back, if anything.
fn restored_line(plan: &UndoPlan) -> Option<String> {
    let count = plan.former_links.len() as u64;
    let is_parent = |record: &SingleLinkRecord| !record.is_primary();
    let (mut primary, mut parents) = (plan.former_links.keys(), plan.former_links.keys());
    let what = match (
        primary.any(SingleLinkRecord::is_primary),
        parents.any(is_parent),
    ) {
        (true, true) => "primary company or parent",
        (true, false) => "primary company",
        (false, true) => "parent",
        (false, false) => return None,
    };
    let records = plural(count, "record", "records");
    Some(format!("{records} will get back the previous {what}"))
}

/// What happened to the rows, if all are done.
fn nothing_left_line(done: u64, kept: u64) -> String {
    let removed = done.saturating_sub(kept);
    let (removed, kept) = (number(removed), number(kept));
    format!("nothing left to do: {removed} removed, {kept} kept")
}

/// Rows that cannot be undone without the input.
fn rows_without_ids(plan: &UndoPlan, facts: &UndoFacts) -> Vec<String> {
    if plan.without_ids == 0 {
        return Vec::new();
    }
    let rows = plural(plan.without_ids, "row", "rows");
    if let Some(remedy) = &facts.keys_remedy {
        return vec![format!(
            "{rows} that may have been sent cannot be checked, because records are named by keys, \
             and the results do not have their ids; {remedy}"
        )];
    }
    let why = facts
        .input_problem
        .as_deref()
        .unwrap_or("there is no input");
    vec![format!(
        "{rows} that the run was about to send when it stopped cannot be checked, because their \
         ids are only in its input ({why}); give it with --input PATH"
    )]
}

fn removal_line(plan: &UndoPlan, left: u64, is_first: bool) -> String {
    if left == 0 {
        return "no links will be removed".to_owned();
    }
    let links = plural(left, "link", "links");
    let first = plan.first.filter(|_| is_first);
    let first = first.map_or_else(String::new, |link| {
        format!(", the first: {link} (definition {})", link.definition)
    });
    format!("{links} will be removed{first}")
}

fn it(count: u64) -> &'static str {
    if count == 1 { "it" } else { "they" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKED: UndoFacts = UndoFacts {
        input_problem: None,
        keys_remedy: None,
        reads_before_write: true,
        may_lack_lines: false,
        kept: 0,
        one_link_per_call: true,
        max_links_per_call: 100,
    };

    fn rows(rows: std::ops::RangeInclusive<u64>) -> RoaringTreemap {
        rows.collect()
    }

    fn plan() -> UndoPlan {
        UndoPlan {
            whole_pair_removals: rows(1..=5),
            existed_before: rows(6..=6),
            ..UndoPlan::default()
        }
    }

    #[test]
    fn the_preview_says_what_is_removed_and_what_is_kept() {
        let lines = preview_lines(&plan(), &RoaringTreemap::new(), &LOOKED);
        let stays = "1 link kept: it existed before the run";
        assert_eq!(lines, ["5 links will be removed", stays]);
    }

    #[test]
    fn the_preview_leaves_out_what_is_already_done() {
        let lines = preview_lines(&plan(), &rows(1..=3), &LOOKED);
        assert_eq!(
            lines[..2],
            ["3 rows were already done", "2 links will be removed"]
        );
    }

    #[test]
    fn the_preview_is_short_if_all_is_done() {
        let how = UndoFacts { kept: 1, ..LOOKED };
        let lines = preview_lines(&plan(), &rows(1..=6), &how);
        assert_eq!(lines, ["nothing left to do: 5 removed, 1 kept"]);
    }

    #[test]
    fn the_preview_warns_if_the_run_did_not_read_first() {
        let (whole, unchecked) = (rows(1..=1), rows(2..=3));
        let plan = UndoPlan {
            whole_pair_removals: whole,
            unchecked,
            ..UndoPlan::default()
        };
        let how = UndoFacts {
            reads_before_write: false,
            ..LOOKED
        };
        let lines = preview_lines(&plan, &RoaringTreemap::new(), &how).join("\n");
        insta::assert_snapshot!(lines, @r"
        1 link will be removed
        2 links kept: the run did not check whether they existed before (--include-unchecked removes them)
        note: the run did not read existing associations before it wrote, so primary companies and parents that it replaced cannot be restored
        ");
    }

    #[test]
    fn from_a_thousand_links_on_the_preview_hints_at_batches() {
        for (links, one_link_per_call, hint) in [(999, true, false), (1_000, true, true)]
            .into_iter()
            .chain([(1_000, false, false)])
        {
            let plan = UndoPlan {
                whole_pair_removals: rows(1..=links),
                ..UndoPlan::default()
            };
            let how = UndoFacts {
                one_link_per_call,
                ..LOOKED
            };
            let lines = preview_lines(&plan, &RoaringTreemap::new(), &how).join("\n");
            let words = "--batch max needs only 10 calls instead of 1,000 calls";
            assert_eq!(lines.contains(words), hint, "{lines}");
        }
    }
}
