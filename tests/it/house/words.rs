//! Words are at the edge: below the commands nobody names an option or the program.

use std::{fs, path::Path};

use super::{literals::literals, sources};

/// The edge: what is typed, said and logged. The sandbox is a program of its own.
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

/// Every file below the edge by its path in `src`, without its tests.
fn lower_files() -> impl Iterator<Item = (String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root).into_iter().filter_map(move |path| {
        let inner = path.strip_prefix(&root).unwrap().to_owned();
        let first = inner.iter().next()?.to_str()?;
        let is_test = inner
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
        if EDGE.contains(&first) || is_test {
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
fn options_and_the_program_are_told_from_other_words() {
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
