//! What follows a campaign's import: it is verified, and an undo of it is
//! killed and begun again until the server is as it was before.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    leg::{End, Leg, Signal},
    links::{displaces, pair, told},
    run::{Import, Moment, SUMMARY},
    scene::RESULTS,
    script::{Ending, Row},
    strict,
};
use crate::support::workdir::{CsvLine, lines};

/// What the undo records, and what it remembers.
pub(super) const UNDONE: &str = "links.undo.csv";
pub(super) const UNDONE_COMPANION: &str = "links.undo.csv.run";

/// What the verification records.
const VERIFIED: &str = "links.verify.csv";

/// Types beneath all others of a pair that the first API does not see.
const UNSEEN: [&str; 4] = ["=279", "=280", "=341", "=342"];

impl Import {
    /// Every link that the run says stands is read back, and is there; but for
    /// those that a later row displaced.
    pub(super) fn is_verified(&mut self) {
        let command = format!("verify {RESULTS} {}", self.manner.sending());
        let end = Leg::start(&self.scene.workdir, &command, None).wait();
        self.scene.tell(&format!("verified: {end:?}"));
        let standing = self.scene.sandbox.links();
        let report = last_words(&self.scene.bytes(VERIFIED));
        let settled = self.standing_now();
        let mut complaints = Vec::new();
        let mut missing = 0;
        for (number, ending) in settled {
            let link = self.row(number).link.filter(|_| {
                let stands = [Ending::Succeeded, Ending::Already];
                stands.contains(&ending)
            });
            let Some(link) = link else {
                if report.contains_key(&number) {
                    complaints.push(format!("row {number} was asked for without need"));
                }
                continue;
            };
            let is_there = standing.contains(&told(&link));
            let later = usize::try_from(number).unwrap();
            let mut later = self.script.rows[later..].iter();
            let is_displaced = later.any(|later| {
                later.ending == Ending::Succeeded
                    && later.link.is_some_and(|later| displaces(&later, &link))
            });
            let word = if is_there { "present" } else { "missing" };
            missing += usize::from(!is_there);
            if !is_there && !is_displaced {
                complaints.push(format!("row {number}, {link}, does not stand at the end"));
            }
            if report.get(&number).map(|line| &*line["assoc_status"]) != Some(word) {
                complaints.push(format!("row {number} is {word} and not told so"));
            }
        }
        let code = i32::from(missing > 0);
        if end != End::Exited(code) {
            complaints.push(format!(
                "{missing} rows are missing, and it ends with {end:?}"
            ));
        }
        self.scene.blame(&complaints);
    }

    /// An undo that is cut short, unless it ends before; says whether it was.
    pub(super) fn undo_cut_short(&mut self, moment: Moment, signal: Signal) -> bool {
        self.scene.tell(&format!("undo, {signal:?} at {moment:?}"));
        let before = self.undone_lines();
        let end = self.signalled(moment, signal, Self::undo);
        self.scene.tell(&format!("  {end:?}"));
        // What a dead program had sent is done before the next one begins.
        self.scene.knock();
        let after = self.undone_lines();
        self.scene.check(
            after.starts_with(&before),
            "lines of the undo are gone or changed",
        );
        let cut_short = signal.exit_code().map_or(End::Died, End::Exited);
        self.scene.check(
            [cut_short, End::Died, End::Exited(0)].contains(&end),
            "another exit code of the undo",
        );
        end == cut_short
    }

    /// The undo goes on to its end, and then the server is as it was before the
    /// run; one more sends nothing.
    pub(super) fn is_undone(&mut self) {
        self.scene.tell("undo to the end");
        let end = self.undo().wait();
        self.scene.check(
            end == End::Exited(0),
            &format!("the undo ends with {end:?}"),
        );
        let seen = |links: &BTreeSet<String>| {
            let mut seen = links.clone();
            if !self.manner.is_dated {
                seen.retain(|link| !UNSEEN.iter().any(|unseen| link.ends_with(unseen)));
            }
            seen
        };
        let (stood, stands) = (seen(&self.stood), seen(&self.scene.sandbox.links()));
        let gone = stood
            .difference(&stands)
            .map(|link| format!("is gone: {link}"));
        let left = stands
            .difference(&stood)
            .map(|link| format!("is left: {link}"));
        let mut complaints: Vec<_> = gone.chain(left).collect();
        complaints.extend(self.undone_rows());
        self.scene.blame(&complaints);
        let requests = self.scene.sandbox.request_log().requests;
        let end = self.undo().wait();
        let scene = &self.scene;
        scene.check(end == End::Exited(0), "another exit code of one more undo");
        let after = scene.sandbox.request_log().requests;
        scene.check(after == requests, "one more undo sent something");
    }

    fn undo(&self) -> Leg {
        let sending = self.manner.sending();
        let line = format!("undo {RESULTS} --yes {sending} --summary {SUMMARY}");
        Leg::start(&self.scene.workdir, &line, None)
    }

    /// The whole lines of the undo; none while there is no more than a header.
    fn undone_lines(&self) -> Vec<u8> {
        let bytes = self.scene.bytes(UNDONE);
        let parsed = strict::parse(&bytes);
        let parsed = parsed.unwrap_or_else(|problem| self.scene.fail(&[problem]));
        let whole = if parsed.records.len() > 1 {
            parsed.whole
        } else {
            0
        };
        bytes[..whole].to_vec()
    }

    /// What is wrong with the last words on each row.
    fn undone_rows(&mut self) -> Vec<String> {
        let words = last_words(&self.scene.bytes(UNDONE));
        let settled = self.standing_now();
        let mut complaints = Vec::new();
        let mut removed = BTreeSet::new();
        for (number, line) in &words {
            if line["assoc_status"] == "removed" {
                removed.extend(self.row(*number).link.map(|link| pair(&link)));
            }
        }
        for (number, ending) in settled {
            let word = words.get(&number).map(|line| &*line["assoc_status"]);
            let stands = matches!(ending, Ending::Succeeded | Ending::Already);
            let link = self.row(number).link.filter(|_| stands);
            let stood = link.is_some_and(|link| self.stood.contains(&told(&link)));
            let others = link.is_some_and(|link| removed.contains(&pair(&link)));
            let is_right = match word {
                None => !stands,
                Some("removed") => stands && !stood,
                // What one row made and another found is taken back with the first.
                Some("kept") => stood || others,
                Some(_) => false,
            };
            if !is_right {
                complaints.push(format!(
                    "row {number}, {ending:?}, stood: {stood}, and the undo says {word:?}"
                ));
            }
        }
        complaints
    }

    fn row(&self, number: u64) -> &Row {
        &self.script.rows[usize::try_from(number).unwrap() - 1]
    }

    /// How the rows of the import ended; nothing is sent meanwhile.
    fn standing_now(&self) -> BTreeMap<u64, Ending> {
        self.judge().settled(&self.scene.bytes(RESULTS))
    }
}

/// The last line of each row.
fn last_words(report: &[u8]) -> BTreeMap<u64, CsvLine> {
    let lines = lines(report).into_iter();
    lines
        .map(|line| (line["assoc_row"].parse().unwrap(), line))
        .collect()
}
