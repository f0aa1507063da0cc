//! The question that `undo` asks at a terminal, and signals while it waits.
#![cfg(unix)]

use hubassoc::sandbox::Sandbox;

use crate::support::{links, sandbox::start, terminal::TerminalSession, workdir::Workdir};

const UNDO: &str = "undo links.results.csv --progress never";

const QUESTION: &[&str] = &["Remove these links?"];

fn imported() -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5));
    let run = workdir.import(&sandbox.base_url(), "--api 2026-09");
    run.exits(0);
    (sandbox, workdir)
}

#[test]
fn a_signal_at_the_question_ends_the_undo_and_a_later_yes_does_not_count() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let (sandbox, workdir) = imported();
        let (initial_links, log) = (sandbox.links(), workdir.bytes("links.results.csv.run"));
        let mut undo = TerminalSession::start(&workdir, UNDO);
        undo.until(QUESTION).signal(signal);
        undo.until(&["interrupted", "stopping"]).types("yes\n");
        undo.exits(code);
        assert!(!undo.said.contains("within 8 s"), "{}", undo.said);
        assert_eq!(sandbox.links(), initial_links);
        assert_eq!(workdir.bytes("links.results.csv.run"), log);
        assert!(!workdir.has("links.undo.csv"), "{:?}", workdir.names());
    }
}

#[test]
fn a_yes_typed_right_after_a_signal_does_not_count() {
    for _ in 0..5 {
        let (sandbox, workdir) = imported();
        let initial_links = sandbox.links();
        let mut undo = TerminalSession::start(&workdir, UNDO);
        undo.until(QUESTION).signal("-INT").types("yes\n");
        undo.exits(130);
        assert_eq!(sandbox.links(), initial_links);
        assert!(!workdir.has("links.undo.csv"), "{:?}", workdir.names());
    }
}

#[test]
fn only_a_yes_is_consent() {
    let (sandbox, workdir) = imported();
    let initial_links = sandbox.links();
    let mut undo = TerminalSession::start(&workdir, UNDO);
    let refused = ["Cancelled; nothing was removed"];
    undo.until(QUESTION).types("y\n").until(&refused).exits(2);
    assert_eq!(sandbox.links(), initial_links);
    let mut undo = TerminalSession::start(&workdir, UNDO);
    undo.until(QUESTION).types("yes\n").until(&["report:"]);
    undo.exits(0);
    assert!(sandbox.links().is_empty());
}
