//! The environment of an import: the run's directory and the server. On a failure it prints the
//! whole history.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use hubassoc::sandbox::{
    CallLimit, Latency, LoggedAssociation, RecordOptions, RequestLog, Sandbox, SandboxOptions,
};

use super::{input_file::InputFile, run_process::STDERR_FILE};
use crate::support::{sandbox, workdir::Workdir};

/// The input.
pub(super) const INPUT: &str = "links.csv";

/// The results.
pub(super) const RESULTS: &str = "links.results.csv";

/// The run log.
pub(super) const RUN_LOG: &str = "links.results.csv.run";

/// The list of the records that exist, if they are limited.
const RECORDS: &str = "records.csv";

/// What is known of keys.
pub(super) const KEYS: &str = "links.results.csv.keys";

/// The latency of the server.
pub(super) const LATENCY: Latency = Latency {
    shortest: Duration::from_millis(2),
    longest: Duration::from_millis(8),
};

/// A directory and a server.
pub(super) struct TestBed {
    pub(super) workdir: Workdir,
    pub(super) sandbox: Sandbox,
    /// Requests of the test itself.
    own_requests: usize,
    /// The server's log before the run.
    before: RequestLog,
    /// The steps so far, to help to understand a failure.
    history: String,
}

impl TestBed {
    pub(super) fn new(input: &InputFile, seed: u64, history: String) -> Self {
        let faults = ["500=2%", "reset-after=2%", "reset=1%"];
        let workdir = Workdir::with(input.bytes("\n"));
        let records = input.records.as_ref().map(|records| {
            workdir.write(RECORDS, records);
            workdir.path(RECORDS)
        });
        Self {
            workdir,
            sandbox: sandbox::start_with(SandboxOptions {
                faults: faults.map(|fault| fault.parse().unwrap()).into(),
                latency: Some(LATENCY),
                seed,
                record_options: RecordOptions {
                    records,
                    search_limit: CallLimit::Off,
                    ..RecordOptions::default()
                },
                ..SandboxOptions::default()
            }),
            own_requests: 0,
            before: RequestLog::default(),
            history,
        }
    }

    /// Sends two requests of the test, one after another. The server handles the requests of a dead
    /// process before them, so these are all in the log when the two are answered.
    pub(super) fn flush_requests(&mut self) {
        for _ in 0..2 {
            let mut stream = TcpStream::connect(self.sandbox.address()).unwrap();
            let request = "GET /knock HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            // Answered or reset, the server has received the request.
            let _ = stream.read_to_end(&mut Vec::new());
            self.own_requests += 1;
        }
    }

    /// Excludes the requests so far from those of the run.
    pub(super) fn start_here(&mut self) {
        self.before = self.sandbox.request_log();
        self.own_requests = 0;
    }

    /// The associations that the program sent so far.
    pub(super) fn arrivals(&self) -> Vec<LoggedAssociation> {
        let log = self.sandbox.request_log();
        let asked = |log: &RequestLog| {
            log.counts.accounts
                + log.counts.reads
                + log.counts.labels
                + log.counts.limits
                + log.counts.records
                + log.counts.searches
        };
        let questions = usize::try_from(asked(&log) - asked(&self.before)).unwrap();
        let mut arrivals = log.associations;
        arrivals.drain(..self.before.associations.len());
        let all = arrivals.len();
        arrivals.retain(|arrival| arrival.association.is_some());
        let others = all - arrivals.len();
        let foreign = others - self.own_requests - questions;
        self.check(foreign == 0, "a request that is no association");
        arrivals
    }

    /// A file; empty if there is none.
    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.workdir.path(name)).unwrap_or_default()
    }

    /// The size of a file; 0 if there is none.
    pub(super) fn size(&self, name: &str) -> u64 {
        fs::metadata(self.workdir.path(name)).map_or(0, |file| file.len())
    }

    /// Whether the last process printed these words.
    pub(super) fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.bytes(STDERR_FILE)).contains(words)
    }

    pub(super) fn log_step(&mut self, what: &str) {
        self.history.push('\n');
        self.history.push_str(what);
    }

    pub(super) fn check(&self, holds: bool, violation: &str) {
        if !holds {
            self.fail(&[violation.to_owned()]);
        }
    }

    pub(super) fn fail_on(&self, violations: &[String]) {
        if !violations.is_empty() {
            self.fail(violations);
        }
    }

    /// Fails the test and keeps the files for an investigation.
    pub(super) fn fail(&self, violations: &[String]) -> ! {
        const SHOWN: usize = 20;
        let kept = tempfile::tempdir().unwrap().keep();
        for name in self.workdir.names() {
            let _ = fs::copy(self.workdir.path(&name), kept.join(&name));
        }
        let violations = &violations[..violations.len().min(SHOWN)];
        panic!(
            "{}\n\n{}\n\nthe files are in {}; what was said last:\n{}",
            self.history,
            violations.join("\n"),
            kept.display(),
            String::from_utf8_lossy(&self.bytes(STDERR_FILE)),
        );
    }
}
