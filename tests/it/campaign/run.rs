//! One import through many legs: started, cut short, judged, resumed, until it
//! is through. The server is never killed and keeps a ledger.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::Value;

use super::{
    judge::{Evidence, Judge, Standing},
    leg::{End, Leg, Signal},
    manner::Manner,
    scene::{COMPANION, INPUT, LATENCY, RESULTS, Scene},
    script::{Ending, Script},
};
use crate::support::workdir::column;

/// The run in figures.
pub(super) const SUMMARY: &str = "summary.json";

/// When a leg is cut short.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// So long after its start.
    Elapsed(Duration),
    /// When the server has seen so many requests of it.
    Requests(u64),
    /// When a file has grown by so many bytes.
    Grown(&'static str, u64),
}

/// An import under way.
pub(super) struct Import {
    pub(super) rng: Rng,
    pub(super) script: Script,
    pub(super) scene: Scene,
    /// Whether the input comes through standard input.
    pub(super) is_piped: bool,
    pub(super) manner: Manner,
    /// The links that stood before the run.
    pub(super) stood: BTreeSet<String>,
    judge: Judge,
}

impl Import {
    /// Everything of it follows from the seed, but for the moments at which
    /// the system lets things happen.
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rows = rng.usize(600..1_800);
        let script = Script::random(rows, &mut rng);
        let manner = Manner::of(seed, &mut rng);
        Self::of((seed, rng), script, manner)
    }

    /// One of these rows, in this manner.
    pub(super) fn of((seed, rng): (u64, Rng), script: Script, manner: Manner) -> Self {
        let rows = script.rows.len();
        let story = format!("seed {seed}, {rows} rows, {manner:?}");
        let stood = BTreeSet::new();
        Self {
            judge: Judge::new(&script, LATENCY.shortest, (manner, &stood)),
            scene: Scene::new(script.text("\n"), seed, story),
            rng,
            script,
            is_piped: false,
            manner,
            stood,
        }
    }

    /// What stands now stood before the run, and was not sent by it.
    pub(super) fn begins_here(&mut self) {
        self.stood = self.scene.sandbox.links();
        self.scene.begins_here();
        self.judge = self.judge_of(&self.script);
    }

    pub(super) fn judge(&self) -> &Judge {
        &self.judge
    }

    fn judge_of(&self, script: &Script) -> Judge {
        Judge::new(script, LATENCY.shortest, (self.manner, &self.stood))
    }

    /// Calls that write all rows, roughly; the first API looks at one row a call.
    pub(super) fn calls(&self) -> u64 {
        let (rows, manner) = (self.script.rows.len(), self.manner);
        let looks = if manner.skips && !manner.is_dated {
            rows
        } else {
            0
        };
        (looks + rows / manner.batch) as u64
    }

    /// One that was killed about half-way.
    pub(super) fn killed_half_way(seed: u64) -> Self {
        let mut import = Self::new(seed);
        let half = Moment::Requests(import.calls() / 2);
        assert!(import.cut_short(half, Signal::Kill));
        import
    }

    /// Another input from now on.
    pub(super) fn put(&mut self, script: Script, line_end: &str) {
        self.scene.workdir.write(INPUT, script.text(line_end));
        self.judge = self.judge_of(&script);
        self.script = script;
    }

    /// Starts the program, or lets it go on.
    pub(super) fn start(&self) -> Leg {
        let (workdir, url) = (&self.scene.workdir, self.scene.sandbox.base_url());
        // One that a leg of before left would be read for this one's.
        let _ = fs::remove_file(workdir.path(SUMMARY));
        let manner = self.manner.importing();
        let options = format!("--base-url {url} {manner} --resume --summary {SUMMARY}");
        if self.is_piped {
            let line = format!("import - -o {RESULTS} {options}");
            Leg::start(workdir, &line, Some(workdir.bytes(INPUT)))
        } else {
            Leg::start(workdir, &format!("import {INPUT} {options}"), None)
        }
    }

    /// One leg that is cut short, unless it ends before; says whether it was.
    pub(super) fn cut_short(&mut self, moment: Moment, signal: Signal) -> bool {
        self.scene.tell(&format!("{signal:?} at {moment:?}"));
        let before = self.standing();
        let end = self.signalled(moment, signal, Self::start);
        self.judge_leg(&before, end, signal);
        end == signal.exit_code().map_or(End::Died, End::Exited)
    }

    /// How a program ends that gets a signal at that moment, if it lasts so long.
    pub(super) fn signalled(
        &self,
        moment: Moment,
        signal: Signal,
        start: impl FnOnce(&Self) -> Leg,
    ) -> End {
        let scene = &self.scene;
        let requests = || scene.sandbox.request_log().requests;
        let size = || match moment {
            Moment::Elapsed(_) | Moment::Requests(_) => 0,
            Moment::Grown(file, _) => scene.size(file),
        };
        let (requests_before, size_before) = (requests(), size());
        let mut leg = start(self);
        let came = leg.until(|leg| match moment {
            Moment::Elapsed(time) => leg.started.elapsed() >= time,
            Moment::Requests(n) => requests() >= requests_before + n,
            Moment::Grown(_, bytes) => size() >= size_before + bytes,
        });
        if came {
            leg.signal(signal);
        }
        leg.wait()
    }

    /// Goes on to the end of the file; a further resume sends nothing.
    pub(super) fn go_on_to_the_end(&mut self) {
        let code = End::Exited(self.script.exit_code());
        for last in ["to the end", "after the end"] {
            self.scene.tell(last);
            let before = self.standing();
            let end = self.start().wait();
            let after = self.judge_leg(&before, end, Signal::Terminate);
            self.scene.check(end == code, "another exit code");
            self.scene.blame(&self.judge.end(&after));
        }
    }

    /// A leg that has to refuse what it finds, say so and touch nothing.
    pub(super) fn is_refused(&mut self, words: &str) {
        let files = |scene: &Scene| [RESULTS, COMPANION].map(|name| scene.bytes(name));
        let (before, sent) = (files(&self.scene), self.scene.arrivals().len());
        let end = self.start().wait();
        let scene = &mut self.scene;
        scene.tell(&format!("{end:?}, to be refused with '{words}'"));
        scene.check(end == End::Exited(2), "not refused");
        scene.check(scene.says(words), "not said");
        scene.knock();
        scene.check(scene.arrivals().len() == sent, "something was sent");
        scene.check(files(scene) == before, "the files were touched");
    }

    /// Where things stand; no program runs.
    pub(super) fn standing(&mut self) -> Standing {
        let at = Instant::now();
        self.scene.knock();
        let (results, arrivals) = (self.scene.bytes(RESULTS), self.scene.arrivals());
        let standing = self.judge.standing(Evidence {
            results: &results,
            arrivals: &arrivals,
            at,
        });
        standing.unwrap_or_else(|complaints| self.scene.fail(&complaints))
    }

    /// How the leg ended, and what it left.
    fn judge_leg(&mut self, before: &Standing, end: End, signal: Signal) -> Standing {
        self.scene.tell(&format!("  {end:?}"));
        let after = self.standing();
        let (scene, arrivals) = (&self.scene, self.scene.arrivals());
        let cut_off = match end {
            End::Died => self.manner.in_flight() * self.manner.batch,
            End::Exited(_) => 0,
        };
        match end {
            // A signal before the program listens to it ends it all the same.
            End::Died => scene.check(
                signal == Signal::Kill || before.arrivals == arrivals.len(),
                "a signal was not heeded, though requests had been sent",
            ),
            End::Exited(code) if signal.exit_code() == Some(code) => {}
            End::Exited(code) => {
                scene.check(code == self.script.exit_code(), "another exit code");
                scene.blame(&self.judge.end(&after));
            }
        }
        scene.blame(&self.judge.leg(before, &after, &arrivals, cut_off));
        if let End::Exited(code) = end
            && !self.never_began(code, signal, before.arrivals == arrivals.len())
        {
            self.judge_account(&after, code);
        }
        after
    }

    /// Whether a signal came before it knew of any rows (it was still taking its files), so that
    /// it counts none.
    fn never_began(&self, code: i32, signal: Signal, nothing_came: bool) -> bool {
        let summary = self.scene.workdir.json(SUMMARY);
        let counts_none = summary.get("succeeded").is_none();
        let says_so = |words: &str| words.ends_with("; nothing was sent");
        let is_so = signal.exit_code() == Some(code)
            && summary["exit_code"] == code
            && summary["stopped"].as_str().is_some_and(says_so)
            && nothing_came;
        self.scene.check(
            is_so || !counts_none,
            &format!("no rows are counted by {summary}"),
        );
        counts_none
    }

    /// What a run that ended by itself says of the rows: its summary, and the
    /// file of those without a link.
    fn judge_account(&self, after: &Standing, code: i32) {
        let (scene, summary) = (&self.scene, self.scene.workdir.json(SUMMARY));
        let count = |ending| after.settled.values().filter(|e| **e == ending).count();
        let endings = [
            ("succeeded", Ending::Succeeded),
            ("already", Ending::Already),
            ("failed", Ending::Failed),
            ("invalid", Ending::Invalid),
        ];
        let counts = endings.map(|(_, ending)| count(ending));
        let told = endings.map(|(name, _)| summary[name].as_u64());
        scene.check(
            told == counts.map(|count| Some(count as u64)) && summary["exit_code"] == code,
            &format!("{counts:?} are recorded, and the summary says {summary}"),
        );
        let rows: u64 = told.iter().flatten().sum();
        let unsettled = summary["unsettled"].as_u64().unwrap_or(u64::MAX);
        scene.check(
            summary["rows_read"].as_u64() == rows.checked_add(unsettled),
            &format!("rows are not accounted for: {summary}"),
        );
        let mut bad = Vec::<u64>::new();
        if let Value::String(name) = &summary["failures"] {
            let lines = scene.workdir.lines(name);
            bad = column(&lines, "assoc_row")
                .iter()
                .map(|row| row.parse().unwrap())
                .collect();
            bad.sort_unstable();
        }
        let is_bad =
            |(_, ending): &(&u64, &Ending)| matches!(ending, Ending::Failed | Ending::Invalid);
        let expected: Vec<u64> = after
            .settled
            .iter()
            .filter(is_bad)
            .map(|(row, _)| *row)
            .collect();
        scene.check(bad == expected, "the failures file has other rows");
    }
}
