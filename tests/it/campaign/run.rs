//! One import through many legs: started, cut short, judged, resumed, until it
//! is through. The server is never killed and keeps a ledger.

use std::{
    fs,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::Value;

use super::{
    judge::{Evidence, Judge, Standing},
    leg::{End, Leg, Signal},
    scene::{COMPANION, INPUT, LATENCY, RESULTS, Scene},
    script::{Ending, Script},
};
use crate::support::workdir::column;

/// Requests in flight, and rows in one of them, where rows go together; so
/// that not too many rows are under way at once.
const BATCHES_IN_FLIGHT: usize = 4;
const LARGEST_BATCH: usize = 8;

/// The default number of requests in flight.
const IN_FLIGHT: usize = 16;

/// The run in figures.
const SUMMARY: &str = "summary.json";

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
    /// Rows in a call at most.
    pub(super) batch: usize,
    judge: Judge,
}

impl Import {
    /// Everything of it follows from the seed, but for the moments at which
    /// the system lets things happen.
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rows = rng.usize(600..1_800);
        let script = Script::random(rows, &mut rng);
        // Neighbours differ, so that no campaign is of one kind alone.
        let batch = if seed.is_multiple_of(2) {
            1
        } else {
            rng.usize(2..=LARGEST_BATCH)
        };
        let story = format!("seed {seed}, {rows} rows, {batch} a call");
        Self {
            judge: Judge::new(&script, LATENCY.shortest),
            scene: Scene::new(script.text("\n"), seed, story),
            rng,
            script,
            is_piped: false,
            batch,
        }
    }

    /// Requests in flight at most.
    fn in_flight(&self) -> usize {
        if self.batch > 1 {
            BATCHES_IN_FLIGHT
        } else {
            IN_FLIGHT
        }
    }

    /// One that was killed about half-way.
    pub(super) fn killed_half_way(seed: u64) -> Self {
        let mut import = Self::new(seed);
        let half = (import.script.rows.len() / import.batch) as u64 / 2;
        assert!(import.cut_short(Moment::Requests(half), Signal::Kill));
        import
    }

    /// Another input from now on.
    pub(super) fn put(&mut self, script: Script, line_end: &str) {
        self.scene.workdir.write(INPUT, script.text(line_end));
        self.judge = Judge::new(&script, LATENCY.shortest);
        self.script = script;
    }

    /// Starts the program, or lets it go on.
    pub(super) fn start(&self) -> Leg {
        let (workdir, url) = (&self.scene.workdir, self.scene.sandbox.base_url());
        // One that a leg of before left would be read for this one's.
        let _ = fs::remove_file(workdir.path(SUMMARY));
        let (batch, in_flight) = (self.batch, self.in_flight());
        let options = format!(
            "--base-url {url} --rate unlimited --batch {batch} --concurrency {in_flight} \
             --resume --summary {SUMMARY}"
        );
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
        let scene = &self.scene;
        let requests = || scene.sandbox.ledger().requests;
        let (requests_before, sizes) = (requests(), [RESULTS, COMPANION].map(|n| scene.size(n)));
        let mut leg = self.start();
        let came = leg.until(|leg| match moment {
            Moment::Elapsed(time) => leg.started.elapsed() >= time,
            Moment::Requests(n) => requests() >= requests_before + n,
            Moment::Grown(file, bytes) => {
                let before = sizes[usize::from(file == COMPANION)];
                scene.size(file) >= before + bytes
            }
        });
        if came {
            leg.signal(signal);
        }
        let end = leg.ends();
        self.judge_leg(&before, end, signal);
        end == signal.exit_code().map_or(End::Died, End::Exited)
    }

    /// Goes on to the end of the file; a further resume sends nothing.
    pub(super) fn go_on_to_the_end(&mut self) {
        let code = End::Exited(self.script.exit_code());
        for last in ["to the end", "after the end"] {
            self.scene.tell(last);
            let before = self.standing();
            let end = self.start().ends();
            let after = self.judge_leg(&before, end, Signal::Terminate);
            self.scene.check(end == code, "another exit code");
            self.scene.blame(&self.judge.end(&after));
        }
    }

    /// A leg that has to refuse what it finds, say so and touch nothing.
    pub(super) fn is_refused(&mut self, words: &str) {
        let files = |scene: &Scene| [RESULTS, COMPANION].map(|name| scene.bytes(name));
        let (before, sent) = (files(&self.scene), self.scene.arrivals().len());
        let end = self.start().ends();
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
            End::Died => self.in_flight() * self.batch,
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
        if let End::Exited(code) = end {
            self.judge_account(&after, code);
        }
        after
    }

    /// What a run that ended by itself says of the rows: its summary, and the
    /// file of those without a link.
    fn judge_account(&self, after: &Standing, code: i32) {
        let (scene, summary) = (&self.scene, self.scene.workdir.json(SUMMARY));
        let count = |ending| after.settled.values().filter(|e| **e == ending).count();
        let counts = [Ending::Succeeded, Ending::Failed, Ending::Invalid].map(count);
        let told = ["succeeded", "failed", "invalid"].map(|name| summary[name].as_u64());
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
        let is_bad = |(_, ending): &(&u64, &Ending)| **ending != Ending::Succeeded;
        let expected: Vec<u64> = after
            .settled
            .iter()
            .filter(is_bad)
            .map(|(row, _)| *row)
            .collect();
        scene.check(bad == expected, "the failures file has other rows");
    }
}
