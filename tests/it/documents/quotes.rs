//! What docs/troubleshooting.md quotes without running it is in the program's own words.

use std::fs;

use super::page;
use crate::house::sources;

const PAGE: &str = "docs/troubleshooting.md";

/// What stands for a value in a quoted sentence.
const VALUE: char = '…';

#[test]
fn every_quoted_sentence_is_one_of_the_programs() {
    let said = all_sentences();
    let text = page::read(PAGE);
    let quoted = text.split("```text\n").skip(1);
    let quoted: Vec<_> = quoted
        .flat_map(|block| block.split("```").next().unwrap().lines())
        .collect();
    assert!(quoted.len() > 5, "{quoted:?}");
    for sentence in quoted {
        for part in sentence.split(VALUE).filter(|part| part.len() > 3) {
            assert!(said.contains(part), "{PAGE}: nothing says '{part}'");
        }
    }
}

/// The source text, with sentences that are split over lines in one piece.
fn all_sentences() -> String {
    let mut all = String::new();
    for path in sources(&page::root().join("src")) {
        let text = fs::read_to_string(path).unwrap();
        let mut pieces = text.split("\\\n");
        all += pieces.next().unwrap_or_default();
        for piece in pieces {
            all += piece.trim_start();
        }
    }
    all
}
