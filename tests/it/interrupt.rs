//! Signals: the first drains, the second ends at once.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Command, Stdio},
};

use crate::support::{
    fake_hubspot::{Answer, FakeHubSpot},
    links,
    sandbox::start,
    workdir::Workdir,
};

struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    fn start(workdir: &Workdir, base_url: &str, options: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hubassoc"))
            .current_dir(workdir.path("."))
            .env_clear()
            .env("HUBSPOT_ACCESS_TOKEN", "t")
            .args(["import", "links.csv", "--base-url", base_url])
            .args(options.split_whitespace())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// Reads what it says until a line holds these words.
    fn until(&mut self, words: &str) -> &mut Self {
        let mut said = String::new();
        loop {
            let from = said.len();
            assert!(
                self.stderr.read_line(&mut said).unwrap() > 0,
                "'{words}' never came\n{said}"
            );
            if said[from..].contains(words) {
                return self;
            }
        }
    }

    fn kill(&mut self, signal: &str) -> &mut Self {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        self
    }

    fn exits(&mut self, code: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

#[test]
fn a_signal_ends_the_run_with_its_own_code_and_the_results_say_what_was_done() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let sandbox = start(&[]);
        let workdir = Workdir::with(links(1..=500));
        let mut run = Running::start(&workdir, &sandbox.base_url(), "--rate 50/s -vv");
        run.until("succeeded")
            .kill(signal)
            .until("interrupted by")
            .exits(code);
        let recorded = workdir.text("links.results.csv").lines().count() as u64 - 1;
        assert!(recorded > 0);
        assert_eq!(recorded, sandbox.ledger().answered(204));
    }
}

#[test]
fn a_signal_ends_a_wait_that_the_server_asked_for() {
    let fake = FakeHubSpot::answer([Answer::from(429).header("retry-after", "600")]);
    let workdir = Workdir::with(links(1..=5));
    let mut run = Running::start(&workdir, &fake.base_url(), "");
    run.until("nothing is sent until").kill("-TERM").exits(143);
}

#[test]
fn a_second_signal_ends_at_once() {
    let sandbox = start(&["silence=#1-"]);
    let workdir = Workdir::with(links(1..=5));
    let mut run = Running::start(&workdir, &sandbox.base_url(), "");
    run.until("results go to")
        .kill("-INT")
        .until("once more ends at once")
        .kill("-INT")
        .exits(130);
}
