//! What would have to be typed for one of several inputs: the typed words without the other
//! inputs.

use std::ffi::{OsStr, OsString};

use crate::{
    cli::{Cli, Command},
    config,
};

/// The typed words for each of these inputs, in their order.
pub(super) fn words_of_each(typed: &[OsString], inputs: &[OsString]) -> Vec<Vec<OsString>> {
    let places = places(typed, inputs);
    let without_others = |kept: &usize| {
        let words = typed.iter().enumerate();
        let words = words.filter(|(at, _)| at == kept || !places.contains(at));
        words.map(|(_, word)| word.clone()).collect()
    };
    places.iter().map(without_others).collect()
}

/// Where the inputs are among the words.
fn places(typed: &[OsString], inputs: &[OsString]) -> Vec<usize> {
    let mut places = Vec::with_capacity(inputs.len());
    let mut end = typed.len();
    // From the end, because inputs keep their order.
    for input in inputs.iter().rev() {
        end = place_before(end, typed, input);
        places.push(end);
    }
    places.reverse();
    places
}

/// Where this input is, before that word. The same word may also be the value of an option.
fn place_before(end: usize, typed: &[OsString], input: &OsStr) -> usize {
    let is_input = |at: &usize| typed[*at] == input;
    let mut candidates = (1..end).rev().filter(is_input);
    let Some(last) = candidates.next() else {
        return end;
    };
    if !(1..last).any(|at| is_input(&at)) {
        return last;
    }
    let inputs = inputs_among(typed).len();
    let is_removed = |at: &usize| {
        let mut words = typed.to_vec();
        words.remove(*at);
        let left = inputs_among(&words);
        left.len() + 1 == inputs && left.iter().all(|left| left != input)
    };
    [last]
        .into_iter()
        .chain(candidates)
        .find(is_removed)
        .unwrap_or(last)
}

/// The inputs that a command line has, as far as it can be read.
fn inputs_among(words: &[OsString]) -> Vec<OsString> {
    let read = Cli::read(words.to_vec(), config::is_empty_variable);
    match read.map(|cli| cli.command) {
        Ok(Command::Import(args)) => args.input.inputs,
        Ok(Command::Check(args)) => args.import.input.inputs,
        Ok(_) | Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_words_of_one_input_have_no_other_input() {
        for (line, inputs, expected) in [
            (
                "h import a b --yes",
                "a b",
                ["h import a --yes", "h import b --yes"],
            ),
            (
                "h import a --label b b",
                "a b",
                ["h import a --label b", "h import --label b b"],
            ),
            (
                "h import --label b b a",
                "b a",
                ["h import --label b b", "h import --label b a"],
            ),
            (
                "h import b a --label b",
                "b a",
                ["h import b --label b", "h import a --label b"],
            ),
            (
                "h check import -- -a",
                "import -a",
                ["h check import --", "h check -- -a"],
            ),
            (
                "h import import check",
                "import check",
                ["h import import", "h import check"],
            ),
        ] {
            let of_each = words_of_each(&words(line), &words(inputs));
            assert_eq!(of_each, expected.map(words), "{line}");
        }
    }
}
