//! Words belong to the edge: below the commands no module names an option or the program.

use std::{fs, path::Path};

use super::{literals::literals, sources};
use crate::dependency_cycles::tokens::{
    Token::{Mark, Text, Word},
    tokens,
};

/// The edge: input, output and logs. The sandbox is a separate program.
const EDGE: [&str; 8] = [
    "app",
    "cli",
    "config",
    "messages",
    "sandbox",
    "exit.rs",
    "logging.rs",
    "main.rs",
];

/// Modules that may log for the user. All others return what happened as data.
const LOGS: [&str; 6] = [
    "app",
    "messages",
    "output",
    "sandbox",
    "logging.rs",
    "main.rs",
];

/// Macros that log for the user. Events for debugging (`debug!`, `trace!`) are allowed everywhere.
const LOGGING: [&str; 4] = ["info", "warn", "error", "event"];

const PROGRAM: &str = "hubassoc";

#[test]
fn no_lower_layer_mentions_an_option_or_the_program() {
    for (name, text) in lower_files() {
        let said = literals(&text);
        let mention = said.iter().find(|said| mentions(said));
        assert_eq!(mention, None, "{name}: put it into src/messages");
    }
}

#[test]
fn no_lower_layer_imports_the_messages() {
    for (name, text) in lower_files() {
        let uses = text.split(";\n").filter_map(|part| {
            let start = part.rfind("use crate::")?;
            Some(part[start..].to_owned())
        });
        for imported in uses {
            let mut words = imported.split(|c: char| !c.is_alphanumeric() && c != '_');
            assert!(!words.any(|word| word == "messages"), "{name}: {imported}");
        }
        assert!(!text.contains("crate::messages"), "{name}");
    }
}

#[test]
fn no_lower_layer_logs_for_the_user() {
    for (name, text) in files_except(&LOGS) {
        let logged = logged(&text);
        assert_eq!(logged, [], "{name}: hand it on as data, for src/messages");
    }
}

/// Only an invalid typed value has its message where it is parsed, because `FromStr` needs one.
#[test]
fn no_lower_layer_words_errors_except_of_typed_values() {
    for (name, text) in lower_files() {
        let words = text.contains("#[error(") && !text.contains("impl FromStr for");
        assert!(!words, "{name}: put the sentence into src/messages");
    }
}

#[test]
fn log_events_are_distinguished_from_other_names() {
    let source = "
        use tracing::{debug, error, trace, warn as other};
        fn f(info: u8, error: u8) -> bool { error != info }
        // info!(\"no\"); warn!(\"no\")
        fn g() { trace!(\"no\"); debug!(\"warn!(no)\"); let info = !error; }
        fn h() { info!(\"yes\"); tracing::warn! { \"yes\" } event ! [Level::WARN, \"yes\"] }
        use tracing::{self as t, Level}; use tracing::*; use std::io::{error, info};
    ";
    let found = [
        ("error", 2),
        ("warn", 2),
        ("info", 6),
        ("warn", 6),
        ("event", 6),
        ("self", 7),
        ("*", 7),
    ];
    assert_eq!(logged(source), found);
}

/// The lines that log events for the user or import such macros.
fn logged(source: &str) -> Vec<(&str, usize)> {
    let all = tokens(source);
    let calls = all.windows(3).filter_map(|three| match three {
        [
            (Word(name), line),
            (Mark('!'), _),
            (Mark('(' | '[' | '{'), _),
        ] => Some((*name, *line)),
        _ => None,
    });
    let calls = calls.filter(|(name, _)| LOGGING.contains(name));
    let imports = (0..all.len()).filter_map(|at| match &all[at..] {
        [(Word("use"), _), (Word("tracing"), _), rest @ ..] => Some(rest),
        _ => None,
    });
    let imported = imports.flat_map(|rest| {
        let line = rest.iter().take_while(|(token, _)| *token != Mark(';'));
        line.filter_map(|(token, line)| match token {
            Word(name) if *name == "self" || LOGGING.contains(name) => Some((*name, *line)),
            Mark('*') => Some(("*", *line)),
            Word(_) | Text(_) | Mark(_) => None,
        })
    });
    let mut found: Vec<_> = calls.chain(imported).collect();
    found.sort_by_key(|(_, line)| *line);
    found
}

/// All files below the edge, by path in `src`, without their tests.
fn lower_files() -> impl Iterator<Item = (String, String)> {
    files_except(&EDGE)
}

/// All files except those of these modules, by path in `src`, without their tests.
pub(super) fn files_except(rooms: &[&str]) -> impl Iterator<Item = (String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root).into_iter().filter_map(move |path| {
        let inner = path.strip_prefix(&root).unwrap().to_owned();
        let first = inner.iter().next()?.to_str()?;
        let is_test = inner
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if rooms.contains(&first) || is_test {
            return None;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next();
        Some((inner.display().to_string(), code?.to_owned()))
    })
}

/// Whether a text names the program, or an option: `--input`, or ` -o`.
fn mentions(text: &str) -> bool {
    let is_option = |word: &str| {
        let word = word.trim_start_matches(['(', '\'', '`']);
        let name = word.strip_prefix("--").or_else(|| {
            let short = word.strip_prefix('-')?;
            let letters = short.bytes().take_while(u8::is_ascii_lowercase).count();
            let ends = short[letters..].chars().all(|c| c.is_ascii_punctuation());
            (letters > 0 && letters < 3 && ends).then_some(short)
        });
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    text.contains(PROGRAM) || text.split_whitespace().any(is_option)
}

#[test]
fn options_and_the_program_are_distinguished_from_other_words() {
    for text in [
        "give --base-url",
        "(--max-wait)",
        "another file (-o)",
        "(-vv logs each)",
        "or -o",
        "--input",
        "`hubassoc types`",
    ] {
        assert!(mentions(text), "{text}");
    }
    for text in [
        "a - b",
        "-1",
        "pre-set",
        "2026-09",
        "- for standard input",
        "a--b",
        "-",
    ] {
        assert!(!mentions(text), "{text}");
    }
}
