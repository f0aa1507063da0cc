//! The steps after a campaign's import: it is verified, and an undo is killed and restarted until
//! the server is as it was before.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    import::{Import, KillTime, SUMMARY},
    input_file::{ExpectedEnding, InputRow},
    links::{displaces, link_text, record_pair},
    run_process::{KillSignal, ProcessEnd, RunProcess},
    strict_csv,
    test_bed::RESULTS,
};
use crate::support::workdir::{CsvLine, lines};

/// The results and the run log of the undo.
pub(super) const UNDONE: &str = "links.undo.csv";
pub(super) const UNDONE_RUN_LOG: &str = "links.undo.csv.run";

/// The report of the verification.
const VERIFIED: &str = "links.verify.csv";

/// Unlabeled types, which v1 does not see.
const INVISIBLE_TO_V1: [&str; 4] = ["=279", "=280", "=341", "=342"];

impl Import {
    /// Verifies the run: every link that it claims is read back and exists, except those that a
    /// later row displaced.
    pub(super) fn assert_verified(&mut self) {
        let command = format!("verify {RESULTS} {}", self.options.sending());
        let end = RunProcess::start(&self.bed.workdir, &command, None).wait();
        self.bed.log_step(&format!("verified: {end:?}"));
        let existing = self.bed.sandbox.links();
        let report = last_lines(&self.bed.bytes(VERIFIED));
        let settled = self.settled_rows();
        let mut violations = Vec::new();
        let mut missing = 0;
        for (number, ending) in settled {
            let link = self.row(number).link.filter(|_| {
                let stands = [ExpectedEnding::Succeeded, ExpectedEnding::Already];
                stands.contains(&ending)
            });
            let Some(link) = link else {
                if report.contains_key(&number) {
                    violations.push(format!("row {number} was asked for without need"));
                }
                continue;
            };
            let is_there = existing.contains(&link_text(&link));
            let later = usize::try_from(number).unwrap();
            let mut later = self.file.rows[later..].iter();
            let is_displaced = later.any(|later| {
                later.ending == ExpectedEnding::Succeeded
                    && later.link.is_some_and(|later| displaces(&later, &link))
            });
            let word = if is_there { "present" } else { "missing" };
            missing += usize::from(!is_there);
            if !is_there && !is_displaced {
                violations.push(format!("row {number}, {link}, does not stand at the end"));
            }
            if report.get(&number).map(|line| &*line["assoc_status"]) != Some(word) {
                violations.push(format!("row {number} is {word} and not told so"));
            }
        }
        let code = i32::from(missing > 0);
        if end != ProcessEnd::Exited(code) {
            violations.push(format!(
                "{missing} rows are missing, and it ends with {end:?}"
            ));
        }
        self.bed.fail_on(&violations);
    }

    /// Runs an undo and interrupts it, unless it ends before. Returns whether it was interrupted.
    pub(super) fn interrupt_undo(&mut self, kill_time: KillTime, signal: KillSignal) -> bool {
        self.bed
            .log_step(&format!("undo, {signal:?} at {kill_time:?}"));
        let before = self.undone_lines();
        let end = self.end_after_signal(kill_time, signal, Self::undo);
        self.bed.log_step(&format!("  {end:?}"));
        // Requests of a dead process are finished before the next one starts.
        self.bed.flush_requests();
        let after = self.undone_lines();
        self.bed.check(
            after.starts_with(&before),
            "lines of the undo are gone or changed",
        );
        let cut_short = signal
            .exit_code()
            .map_or(ProcessEnd::Died, ProcessEnd::Exited);
        self.bed.check(
            [cut_short, ProcessEnd::Died, ProcessEnd::Exited(0)].contains(&end),
            "another exit code of the undo",
        );
        end == cut_short
    }

    /// Resumes the undo to its end, and checks that the server is as before the run and that one
    /// more undo sends nothing.
    pub(super) fn assert_undone(&mut self) {
        self.bed.log_step("undo to the end");
        let end = self.undo().wait();
        self.bed.check(
            end == ProcessEnd::Exited(0),
            &format!("the undo ends with {end:?}"),
        );
        let seen = |links: &BTreeSet<String>| {
            let mut seen = links.clone();
            if !self.options.is_dated {
                seen.retain(|link| {
                    !INVISIBLE_TO_V1
                        .iter()
                        .any(|invisible| link.ends_with(invisible))
                });
            }
            seen
        };
        let (initial_links, stands) = (seen(&self.initial_links), seen(&self.bed.sandbox.links()));
        let gone = initial_links
            .difference(&stands)
            .map(|link| format!("is gone: {link}"));
        let left = stands
            .difference(&initial_links)
            .map(|link| format!("is left: {link}"));
        let mut violations: Vec<_> = gone.chain(left).collect();
        violations.extend(self.undo_violations());
        self.bed.fail_on(&violations);
        let requests = self.bed.sandbox.request_log().requests;
        let end = self.undo().wait();
        let bed = &self.bed;
        bed.check(
            end == ProcessEnd::Exited(0),
            "another exit code of one more undo",
        );
        let after = bed.sandbox.request_log().requests;
        bed.check(after == requests, "one more undo sent something");
    }

    fn undo(&self) -> RunProcess {
        let sending = self.options.sending();
        let line = format!("undo {RESULTS} --yes {sending} --summary {SUMMARY}");
        RunProcess::start(&self.bed.workdir, &line, None)
    }

    /// The whole lines of the undo; empty if there is only a header.
    fn undone_lines(&self) -> Vec<u8> {
        let bytes = self.bed.bytes(UNDONE);
        let parsed = strict_csv::parse(&bytes);
        let parsed = parsed.unwrap_or_else(|problem| self.bed.fail(&[problem]));
        let whole = if parsed.records.len() > 1 {
            parsed.whole
        } else {
            0
        };
        bytes[..whole].to_vec()
    }

    /// The violations in the last line of each row.
    fn undo_violations(&mut self) -> Vec<String> {
        let words = last_lines(&self.bed.bytes(UNDONE));
        let settled = self.settled_rows();
        let mut violations = Vec::new();
        let mut removed = BTreeSet::new();
        for (number, line) in &words {
            if line["assoc_status"] == "removed" {
                removed.extend(self.row(*number).link.map(|link| record_pair(&link)));
            }
        }
        for (number, ending) in settled {
            let word = words.get(&number).map(|line| &*line["assoc_status"]);
            let stands = matches!(ending, ExpectedEnding::Succeeded | ExpectedEnding::Already);
            let link = self.row(number).link.filter(|_| stands);
            let existed_before =
                link.is_some_and(|link| self.initial_links.contains(&link_text(&link)));
            let others = link.is_some_and(|link| removed.contains(&record_pair(&link)));
            let is_right = match word {
                None => !stands,
                Some("removed") => stands && !existed_before,
                // A link that one row created and another found is removed with the first row.
                Some("kept") => existed_before || others,
                Some(_) => false,
            };
            if !is_right {
                violations.push(format!(
                    "row {number}, {ending:?}, existed_before: {existed_before}, and the undo says {word:?}"
                ));
            }
        }
        violations
    }

    fn row(&self, number: u64) -> &InputRow {
        &self.file.rows[usize::try_from(number).unwrap() - 1]
    }

    /// How the rows of the import ended.
    fn settled_rows(&self) -> BTreeMap<u64, ExpectedEnding> {
        let results = self.bed.bytes(RESULTS);
        self.oracle().settled(self.file.without_mark(&results))
    }
}

/// The last line of each row.
fn last_lines(report: &[u8]) -> BTreeMap<u64, CsvLine> {
    let lines = lines(report).into_iter();
    lines
        .map(|line| (line["assoc_row"].parse().unwrap(), line))
        .collect()
}
