//! The question that `undo` asks at a terminal, and signals while it waits.
#![cfg(unix)]

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
};

use hubassoc::sandbox::Sandbox;

use crate::support::{
    links,
    sandbox::start,
    workdir::{STATE_HOME, TOKEN, Workdir},
};

/// The program at a terminal of its own.
struct AtTerminal {
    child: Child,
    terminal: File,
    said: String,
}

impl AtTerminal {
    fn undo(workdir: &Workdir) -> Self {
        let pty = nix::pty::openpty(None, None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_hubassoc"))
            .args(["undo", "links.results.csv", "--progress", "never"])
            .current_dir(workdir.path("."))
            .env_clear()
            .env(STATE_HOME, workdir.state_home())
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let terminal = File::from(pty.master);
        let said = String::new();
        Self {
            child,
            terminal,
            said,
        }
    }

    /// Reads until one of these words is said, or the program has ended.
    fn until(&mut self, words: &[&str]) -> &mut Self {
        let from = self.said.len();
        let mut bytes = [0; 1024];
        while !words.iter().any(|words| self.said[from..].contains(words)) {
            // A terminal that nobody has open any more is an error on Linux.
            match self.terminal.read(&mut bytes) {
                Ok(read) if read > 0 => self.said += &String::from_utf8_lossy(&bytes[..read]),
                Ok(_) | Err(_) => break,
            }
        }
        self
    }

    fn signal(&mut self, signal: &str) -> &mut Self {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").args([signal, &pid]).status();
        assert!(kill.unwrap().success());
        self
    }

    fn types(&mut self, line: &str) -> &mut Self {
        // It may have ended.
        let _ = self.terminal.write_all(line.as_bytes());
        self
    }

    fn exits(&mut self, code: i32) {
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(code), "{}", self.said);
    }
}

/// A test that fails leaves no program behind.
impl Drop for AtTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const QUESTION: &[&str] = &["go on?"];

fn imported() -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5));
    let run = workdir.import(&sandbox.base_url(), "--api 2026-09");
    run.exits(0);
    (sandbox, workdir)
}

#[test]
fn a_signal_at_the_question_ends_the_undo_and_a_later_yes_is_no_consent() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let (sandbox, workdir) = imported();
        let (stood, log) = (sandbox.links(), workdir.bytes("links.results.csv.run"));
        let mut undo = AtTerminal::undo(&workdir);
        undo.until(QUESTION).signal(signal);
        undo.until(&["interrupted", "stopping"]).types("yes\n");
        undo.exits(code);
        assert!(!undo.said.contains("within 8 s"), "{}", undo.said);
        assert_eq!(sandbox.links(), stood);
        assert_eq!(workdir.bytes("links.results.csv.run"), log);
        assert!(!workdir.has("links.undo.csv"), "{:?}", workdir.names());
    }
}

#[test]
fn a_yes_that_is_typed_right_after_a_signal_is_no_consent() {
    for _ in 0..5 {
        let (sandbox, workdir) = imported();
        let stood = sandbox.links();
        let mut undo = AtTerminal::undo(&workdir);
        undo.until(QUESTION).signal("-INT").types("yes\n");
        undo.exits(130);
        assert_eq!(sandbox.links(), stood);
        assert!(!workdir.has("links.undo.csv"), "{:?}", workdir.names());
    }
}

#[test]
fn a_yes_is_consent_and_nothing_else_is() {
    let (sandbox, workdir) = imported();
    let stood = sandbox.links();
    let mut undo = AtTerminal::undo(&workdir);
    undo.until(QUESTION).types("y\n").exits(2);
    assert_eq!(sandbox.links(), stood);
    let mut undo = AtTerminal::undo(&workdir);
    undo.until(QUESTION).types("yes\n").until(&["report:"]);
    undo.exits(0);
    assert!(sandbox.links().is_empty());
}
