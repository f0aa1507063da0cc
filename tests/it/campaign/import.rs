//! One import through many processes: started, interrupted, checked and resumed, until it is
//! finished. The server is never killed and logs every request.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::Value;

use super::{
    import_options::ImportOptions,
    input_file::{ExpectedEnding, InputFile},
    keyed_input,
    oracle::{ImportState, Observation, Oracle},
    run_process::{KillSignal, ProcessEnd, RunProcess},
    test_bed::{INPUT, LATENCY, RESULTS, RUN_LOG, TestBed},
};
use crate::support::workdir::column;

/// The summary file.
pub(super) const SUMMARY: &str = "summary.json";

/// When a process is interrupted.
#[derive(Clone, Copy, Debug)]
pub(super) enum KillTime {
    /// This long after its start.
    Elapsed(Duration),
    /// When the server has received this many of its requests.
    Requests(u64),
    /// When a file has grown by this many bytes.
    Grown(&'static str, u64),
}

/// A running import.
pub(super) struct Import {
    pub(super) rng: Rng,
    pub(super) file: InputFile,
    pub(super) bed: TestBed,
    /// Whether the input comes through standard input.
    pub(super) is_piped: bool,
    pub(super) options: ImportOptions,
    /// The links that existed before the run.
    pub(super) initial_links: BTreeSet<String>,
    oracle: Oracle,
}

impl Import {
    /// A random import. Everything follows from the seed, except the timing of the system.
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rows = rng.usize(600..1_800);
        let file = InputFile::random(rows, &mut rng);
        let options = ImportOptions::of(seed, &mut rng);
        Self::of((seed, rng), file, options)
    }

    /// Like `new`, from an Excel workbook.
    pub(super) fn of_workbook(seed: u64) -> Self {
        let mut import = Self::new(seed);
        let file = InputFile {
            is_workbook: true,
            ..import.file.clone()
        };
        import.replace_input(file, "");
        import
    }

    /// Like `new`, of rows that name their records by keys.
    pub(super) fn of_keys(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rows = rng.usize(600..1_800);
        let options = ImportOptions::of(seed, &mut rng);
        let file = keyed_input::random_file(rows, options.is_dated, &mut rng);
        Self::of((seed, rng), file, options)
    }

    /// An import of this file with these options.
    pub(super) fn of((seed, rng): (u64, Rng), file: InputFile, options: ImportOptions) -> Self {
        let rows = file.rows.len();
        let history = format!("seed {seed}, {rows} rows, {options:?}");
        let initial_links = BTreeSet::new();
        Self {
            oracle: Oracle::new(&file, LATENCY.shortest, (options, &initial_links)),
            bed: TestBed::new(&file, seed, history),
            rng,
            file,
            is_piped: false,
            options,
            initial_links,
        }
    }

    /// Treats the current links as those that existed before the run.
    pub(super) fn start_here(&mut self) {
        self.initial_links = self.bed.sandbox.links();
        self.bed.start_here();
        self.oracle = self.oracle_for(&self.file);
    }

    pub(super) fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    fn oracle_for(&self, file: &InputFile) -> Oracle {
        Oracle::new(file, LATENCY.shortest, (self.options, &self.initial_links))
    }

    /// The approximate number of calls. v1 reads one row per call.
    pub(super) fn calls(&self) -> u64 {
        let (rows, options) = (self.file.rows.len(), self.options);
        let looks = if options.skips && !options.is_dated {
            rows
        } else {
            0
        };
        (looks + rows / options.batch) as u64
    }

    /// An import that was killed about half-way.
    pub(super) fn killed_half_way(seed: u64) -> Self {
        let mut import = Self::new(seed);
        let half = KillTime::Requests(import.calls() / 2);
        assert!(import.interrupt(half, KillSignal::Kill));
        import
    }

    /// Replaces the input.
    pub(super) fn replace_input(&mut self, file: InputFile, line_end: &str) {
        self.bed.workdir.write(INPUT, file.bytes(line_end));
        self.oracle = self.oracle_for(&file);
        self.file = file;
    }

    /// Starts or resumes the import.
    pub(super) fn start(&self) -> RunProcess {
        let (workdir, url) = (&self.bed.workdir, self.bed.sandbox.base_url());
        // An old summary must not be mistaken for this process's.
        let _ = fs::remove_file(workdir.path(SUMMARY));
        let options = self.options.importing();
        // The failures are compared as text.
        let options =
            format!("--base-url {url} {options} --failures csv --resume --summary {SUMMARY}");
        if self.is_piped {
            let line = format!("import - -o {RESULTS} {options}");
            RunProcess::start(workdir, &line, Some(workdir.bytes(INPUT)))
        } else {
            RunProcess::start(workdir, &format!("import {INPUT} {options}"), None)
        }
    }

    /// Runs one process and interrupts it, unless it ends before. Returns whether it was
    /// interrupted.
    pub(super) fn interrupt(&mut self, kill_time: KillTime, signal: KillSignal) -> bool {
        self.bed.log_step(&format!("{signal:?} at {kill_time:?}"));
        let before = self.state();
        let end = self.end_after_signal(kill_time, signal, Self::start);
        self.check_process(&before, end, signal);
        end == signal
            .exit_code()
            .map_or(ProcessEnd::Died, ProcessEnd::Exited)
    }

    /// How a process ends if it gets a signal at that time; it may end before.
    pub(super) fn end_after_signal(
        &self,
        kill_time: KillTime,
        signal: KillSignal,
        start: impl FnOnce(&Self) -> RunProcess,
    ) -> ProcessEnd {
        let bed = &self.bed;
        let requests = || bed.sandbox.request_log().requests;
        let size = || match kill_time {
            KillTime::Elapsed(_) | KillTime::Requests(_) => 0,
            KillTime::Grown(file, _) => bed.size(file),
        };
        let (requests_before, size_before) = (requests(), size());
        let mut process = start(self);
        let came = process.until(|process| match kill_time {
            KillTime::Elapsed(time) => process.started.elapsed() >= time,
            KillTime::Requests(n) => requests() >= requests_before + n,
            KillTime::Grown(_, bytes) => size() >= size_before + bytes,
        });
        if came {
            process.signal(signal);
        }
        process.wait()
    }

    /// Resumes to the end of the file, and checks that a further resume sends nothing.
    pub(super) fn resume_to_the_end(&mut self) {
        let code = ProcessEnd::Exited(self.file.exit_code());
        for last in ["to the end", "after the end"] {
            self.bed.log_step(last);
            let before = self.state();
            let received = self.bed.sandbox.request_log().requests;
            let end = self.start().wait();
            let received = self.bed.sandbox.request_log().requests - received;
            let after = self.check_process(&before, end, KillSignal::Terminate);
            self.check_calls(received);
            self.bed.check(end == code, "another exit code");
            self.bed.fail_on(&self.oracle.check_end(&after));
        }
    }

    /// Checks that a run that was not interrupted counts the calls that the server has received.
    fn check_calls(&self, received: u64) {
        let summary = self.bed.workdir.json(SUMMARY);
        let violation = format!("the server has received {received} calls: {summary}");
        self.bed.check(summary["calls"] == received, &violation);
    }

    /// Asserts that a process refuses the files with these words and changes nothing.
    pub(super) fn assert_refused(&mut self, words: &str) {
        let files = |bed: &TestBed| [RESULTS, RUN_LOG].map(|name| bed.bytes(name));
        let (before, sent) = (files(&self.bed), self.bed.arrivals().len());
        let end = self.start().wait();
        let bed = &mut self.bed;
        bed.log_step(&format!("{end:?}, to be refused with '{words}'"));
        bed.check(end == ProcessEnd::Exited(2), "not refused");
        bed.check(bed.says(words), "not said");
        bed.flush_requests();
        bed.check(bed.arrivals().len() == sent, "something was sent");
        bed.check(files(bed) == before, "the files were touched");
    }

    /// The state of the import while no process runs.
    pub(super) fn state(&mut self) -> ImportState {
        let at = Instant::now();
        self.bed.flush_requests();
        let (results, arrivals) = (self.bed.bytes(RESULTS), self.bed.arrivals());
        let state = self.oracle.state(Observation {
            results: self.file.without_mark(&results),
            arrivals: &arrivals,
            at,
        });
        state.unwrap_or_else(|violations| self.bed.fail(&violations))
    }

    /// Checks how a process ended and what it left.
    fn check_process(
        &mut self,
        before: &ImportState,
        end: ProcessEnd,
        signal: KillSignal,
    ) -> ImportState {
        self.bed.log_step(&format!("  {end:?}"));
        let after = self.state();
        let (bed, arrivals) = (&self.bed, self.bed.arrivals());
        let cut_off = match end {
            ProcessEnd::Died => self.options.in_flight() * self.options.batch,
            ProcessEnd::Exited(_) => 0,
        };
        match end {
            // A signal before the program handles signals ends it too.
            ProcessEnd::Died => bed.check(
                signal == KillSignal::Kill || before.arrivals == arrivals.len(),
                "a signal was not heeded, though requests had been sent",
            ),
            ProcessEnd::Exited(code) if signal.exit_code() == Some(code) => {}
            ProcessEnd::Exited(code) => {
                bed.check(code == self.file.exit_code(), "another exit code");
                bed.fail_on(&self.oracle.check_end(&after));
            }
        }
        bed.fail_on(&self.oracle.check_step(before, &after, &arrivals, cut_off));
        if let ProcessEnd::Exited(code) = end
            && !self.stopped_before_reading(code, signal, before.arrivals == arrivals.len())
        {
            self.check_summary(&after, code);
        }
        after
    }

    /// Whether a signal came before the program had read any rows (while it still opened its
    /// files), so that it counts none.
    fn stopped_before_reading(&self, code: i32, signal: KillSignal, nothing_came: bool) -> bool {
        let summary = self.bed.workdir.json(SUMMARY);
        let counts_none = summary.get("succeeded").is_none();
        let says_so = |words: &str| words.ends_with("; nothing was sent");
        let is_so = signal.exit_code() == Some(code)
            && summary["exit_code"] == code
            && summary["stopped"].as_str().is_some_and(says_so)
            && nothing_came;
        self.bed.check(
            is_so || !counts_none,
            &format!("no rows are counted by {summary}"),
        );
        counts_none
    }

    /// Checks the summary and the failures file of a run that ended by itself.
    fn check_summary(&self, after: &ImportState, code: i32) {
        let (bed, summary) = (&self.bed, self.bed.workdir.json(SUMMARY));
        let status = |ending: &ExpectedEnding| match ending {
            ExpectedEnding::Succeeded => "succeeded",
            ExpectedEnding::Already => "already",
            ExpectedEnding::Failed | ExpectedEnding::NotFound => "failed",
            ExpectedEnding::Invalid => "invalid",
        };
        let statuses = ["succeeded", "already", "failed", "invalid"];
        let count = |name| after.settled.values().filter(|e| status(e) == name).count();
        let counts = statuses.map(count);
        let counted = statuses.map(|name| summary[name].as_u64());
        bed.check(
            counted == counts.map(|count| Some(count as u64)) && summary["exit_code"] == code,
            &format!("{counts:?} are recorded, and the summary says {summary}"),
        );
        let rows: u64 = counted.iter().flatten().sum();
        let unsettled = summary["unsettled"].as_u64().unwrap_or(u64::MAX);
        bed.check(
            summary["rows_read"].as_u64() == rows.checked_add(unsettled),
            &format!("rows are not accounted for: {summary}"),
        );
        let mut bad = Vec::<u64>::new();
        if let Value::String(name) = &summary["failures"] {
            let lines = bed.workdir.lines(name);
            bad = column(&lines, "assoc_row")
                .iter()
                .map(|row| row.parse().unwrap())
                .collect();
            bad.sort_unstable();
        }
        let is_bad =
            |(_, ending): &(&u64, &ExpectedEnding)| ["failed", "invalid"].contains(&status(ending));
        let expected: Vec<u64> = after
            .settled
            .iter()
            .filter(is_bad)
            .map(|(row, _)| *row)
            .collect();
        bed.check(bad == expected, "the failures file has other rows");
    }
}
