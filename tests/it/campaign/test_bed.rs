//! What there is to see: the files in the run's directory, and what the
//! server knows. And what to do when it is wrong: print the whole history.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use hubassoc::sandbox::{Latency, LoggedAssociation, RequestLog, Sandbox, SandboxOptions};

use super::run_process::STDERR_FILE;
use crate::support::{sandbox, workdir::Workdir};

/// The file that is imported.
pub(super) const INPUT: &str = "links.csv";

/// Where its results are.
pub(super) const RESULTS: &str = "links.results.csv";

/// Where the program keeps what it has to know beyond them.
pub(super) const COMPANION: &str = "links.results.csv.run";

/// How long the server takes for an answer.
pub(super) const LATENCY: Latency = Latency {
    shortest: Duration::from_millis(2),
    longest: Duration::from_millis(8),
};

/// A directory and a server.
pub(super) struct TestBed {
    pub(super) workdir: Workdir,
    pub(super) sandbox: Sandbox,
    /// Requests of the harness itself.
    own_requests: usize,
    /// What the server had seen before the run.
    before: RequestLog,
    /// What was done so far, for whoever has to understand a failure.
    history: String,
}

impl TestBed {
    pub(super) fn new(input: String, seed: u64, history: String) -> Self {
        let faults = ["500=2%", "reset-after=2%", "reset=1%"];
        Self {
            workdir: Workdir::with(input),
            sandbox: sandbox::start_with(SandboxOptions {
                faults: faults.map(|fault| fault.parse().unwrap()).into(),
                latency: Some(LATENCY),
                seed,
                ..SandboxOptions::default()
            }),
            own_requests: 0,
            before: RequestLog::default(),
            history,
        }
    }

    /// Two requests of the harness, one after the other. What a dead program
    /// had sent lies before them at the server, so that all of it is in the
    /// ledger when they are answered.
    pub(super) fn flush_requests(&mut self) {
        for _ in 0..2 {
            let mut stream = TcpStream::connect(self.sandbox.address()).unwrap();
            let request = "GET /knock HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            // Whether it is answered or reset: the request has been seen.
            let _ = stream.read_to_end(&mut Vec::new());
            self.own_requests += 1;
        }
    }

    /// What was sent so far is not the run's.
    pub(super) fn start_here(&mut self) {
        self.before = self.sandbox.request_log();
        self.own_requests = 0;
    }

    /// What the program sent so far.
    pub(super) fn arrivals(&self) -> Vec<LoggedAssociation> {
        let ledger = self.sandbox.request_log();
        let asked = |ledger: &RequestLog| {
            ledger.counts.accounts
                + ledger.counts.reads
                + ledger.counts.labels
                + ledger.counts.limits
                + ledger.counts.records
        };
        let questions = usize::try_from(asked(&ledger) - asked(&self.before)).unwrap();
        let mut arrivals = ledger.associations;
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

    /// Whether the last leg said these words.
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

    /// Leaves the files to whoever looks into it.
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
