//! What to type next, made from what was typed before.

use std::{ffi::OsString, path::Path};

use crate::{
    output::{Summary, shell_word},
    stop::StopReason,
};

/// So many results files of one input are stepped over.
const MOST_FILES: u32 = 10_000;

/// Commands, each with the words that precede it.
pub(super) fn next_steps(
    typed: &[OsString],
    input: &str,
    summary: &Summary,
    stop: Option<&StopReason>,
) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    if let Some(failures) = &summary.failures {
        let words = "next: correct the rows in the failures file, then";
        steps.push((words.to_owned(), again(typed, input, Some(failures), None)));
    }
    let sandbox_is_clean =
        summary.target == "sandbox" && summary.settled() > 0 && summary.exit_code == 0;
    if sandbox_is_clean {
        let command = again(typed, input, None, None).replace(" --sandbox", "");
        steps.push((
            "next: the rehearsal went well; for the real thing".to_owned(),
            command,
        ));
    }
    if summary.unsettled > 0 || !summary.input_complete {
        let cure = match stop {
            Some(StopReason::Credentials(_)) => "with a token that HubSpot accepts",
            Some(StopReason::DayQuota(_)) => "when the day's quota is back",
            Some(StopReason::Output(_)) => "when there is room",
            Some(StopReason::NotHubSpot(_) | StopReason::Away(_) | StopReason::Certificate(_)) => {
                "when HubSpot is reachable"
            }
            None if !summary.input_complete => "when the input can be read to its end",
            Some(StopReason::Signal(_)) | None => "to send the rest",
        };
        let words = format!("next, {cure}: import the file again (repeats do no harm)");
        let command = match &summary.results {
            Some(results) => again(typed, input, None, Some(&numbered(results))),
            // Nothing is recorded, and the file that was begun is gone.
            None => as_typed(typed),
        };
        steps.push((words, command));
    }
    steps
}

/// `links.results.csv` → the first free one of `links.results-2.csv`, ….
fn numbered(results: &Path) -> String {
    let text = results.display().to_string();
    let stem = text.strip_suffix(".csv").unwrap_or(&text);
    let mut free = (2..=MOST_FILES).map(|n| format!("{stem}-{n}.csv"));
    free.find(|path| !Path::new(path).exists()).unwrap_or(text)
}

/// The command line as it was.
fn as_typed(typed: &[OsString]) -> String {
    let typed = typed.iter().skip(1).map(|word| word.to_string_lossy());
    let words = ["hubassoc".into()].into_iter().chain(typed);
    let words: Vec<_> = words.map(|word| shell_word(&word)).collect();
    words.join(" ")
}

/// The same with another input or results file.
fn again(
    typed: &[OsString],
    input: &str,
    new_input: Option<&Path>,
    results: Option<&str>,
) -> String {
    let mut words = vec!["hubassoc".to_owned()];
    let mut typed = typed
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    let mut input_seen = false;
    while let Some(word) = typed.next() {
        // What we write is UTF-8, whatever the input was.
        let of_the_input = word == "--encoding" && new_input.is_some();
        if word == "-o" || word == "--results" || of_the_input {
            typed.next();
        } else if word.starts_with("--encoding=") && new_input.is_some() {
            // As above.
        } else if word.starts_with("--results=") || word.starts_with("-o") {
            // Named anew below, or derived from the input.
        } else if word == input && !input_seen && words.len() > 1 {
            input_seen = true;
            words.push(new_input.map_or(word, |path| path.display().to_string()));
        } else {
            words.push(word);
        }
    }
    if let Some(results) = results {
        words.extend(["-o".to_owned(), results.to_owned()]);
    }
    words
        .iter()
        .map(|word| shell_word(word))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_keeps_its_options_but_for_input_and_results() {
        let typed: Vec<OsString> = [
            "/usr/bin/hubassoc",
            "import",
            "my links.csv",
            "-o",
            "r.csv",
            "--rate",
            "19/s",
        ]
        .map(Into::into)
        .into();
        let failures = Path::new("r.failures.csv");
        assert_eq!(
            again(&typed, "my links.csv", Some(failures), None),
            "hubassoc import r.failures.csv --rate 19/s"
        );
        assert_eq!(
            again(&typed, "my links.csv", None, Some("r-2.csv")),
            "hubassoc import 'my links.csv' --rate 19/s -o r-2.csv"
        );
    }
}
