//! What to type next, made from what was typed before.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use crate::{
    output::{Summary, shell_word},
    stop::StopReason,
};

/// So many results files of one input are stepped over.
const MOST_FILES: u32 = 10_000;

/// The command line that ran.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed<'a> {
    /// Word by word, the program first.
    pub(super) words: &'a [OsString],
    /// The word that names the input.
    pub(super) input: &'a OsStr,
    /// Whether results were named, there or in the environment, so that the
    /// next command has to name others.
    pub(super) names_results: bool,
}

/// Commands, each with the words that precede it; so many of the failed rows
/// are `to_correct`.
pub(super) fn next_steps(
    typed: Typed<'_>,
    (summary, to_correct): (&Summary, u64),
    stop: Option<&StopReason>,
) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    if summary.unsettled > 0 || !summary.input_complete {
        let cure = cure(stop, summary.input_complete);
        let words = match &summary.results {
            Some(_) if typed.is_stream() => {
                format!("next, {cure}: go on where it stopped, with the same input")
            }
            Some(_) => format!("next, {cure}: go on where it stopped"),
            None => format!("next, {cure}: start it again"),
        };
        steps.push((words, command(&typed.resumed(summary.results.is_some()))));
    }
    if summary.limit == Some(summary.rows_read) && stop.is_none() {
        let words = "next: only the first rows were read (--limit); to go on with the rest";
        steps.push((words.to_owned(), command(&typed.unlimited())));
    }
    if let Some(failures) = &summary.failures {
        if to_correct > 0 {
            let words = "next: correct the rows in the failures file, then";
            let results = typed
                .names_results
                .then(|| failures.with_extension("results.csv"));
            let words_again = typed.again(Some(failures), results.as_deref());
            steps.push((words.to_owned(), command(&words_again)));
        } else {
            let words = "next, when HubSpot is well again: send the failed rows once more";
            let mut words_again = typed.resumed(true);
            words_again.push("--retry-failed".to_owned());
            steps.push((words.to_owned(), command(&words_again)));
        }
    }
    let was_good = summary.settled() > 0 && summary.exit_code == 0;
    if let (true, Summary::SANDBOX, Some(results)) =
        (was_good, summary.target.as_str(), &summary.results)
    {
        let results = typed.names_results.then(|| numbered(results));
        let mut words_again = typed.again(None, results.as_deref());
        words_again.retain(|word| word != "--sandbox");
        let words = "next: the rehearsal went well, but only HubSpot knows whether these records \
                     exist; for the real thing";
        steps.push((words.to_owned(), command(&words_again)));
    }
    steps
}

pub(super) fn cure(stop: Option<&StopReason>, input_complete: bool) -> &'static str {
    match stop {
        Some(StopReason::Credentials(_)) => "with a token and scopes that HubSpot accepts",
        Some(StopReason::WrongAccount(_)) => "with a token of the right account",
        Some(StopReason::DayQuota(_)) => "when the day's quota is back",
        Some(StopReason::Output(_)) => "when that is mended",
        Some(StopReason::NotHubSpot(_) | StopReason::Away(_) | StopReason::Certificate(_)) => {
            "when HubSpot is reachable"
        }
        Some(StopReason::TooManyErrors(_)) => "when the cause is mended",
        None if !input_complete => "when the input can be read to its end",
        Some(StopReason::Signal(_)) | None => "to send the rest",
    }
}

/// `links.results.csv` → the first free one of `links.results-2.csv`, ….
fn numbered(results: &Path) -> PathBuf {
    let text = results.display().to_string();
    let stem = text.strip_suffix(".csv").unwrap_or(&text);
    let mut free = (2..=MOST_FILES).map(|n| PathBuf::from(format!("{stem}-{n}.csv")));
    free.find(|path| !path.exists())
        .unwrap_or_else(|| results.to_owned())
}

fn command(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
    format!("hubassoc {}", words.join(" "))
}

impl Typed<'_> {
    fn as_it_was(self) -> Vec<String> {
        self.words
            .iter()
            .skip(1)
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    /// Whether the input has to be given anew.
    fn is_stream(self) -> bool {
        let is_file = std::fs::metadata(self.input).is_ok_and(|there| there.is_file());
        self.input == "-" || !is_file
    }

    /// The same to go on.
    fn resumed(self, goes_on: bool) -> Vec<String> {
        let mut words = without(self.as_it_was(), &[], &["--retry-failed"]);
        if goes_on && !words.iter().any(|word| word == "--resume") {
            words.push("--resume".to_owned());
        }
        words
    }

    /// The same to go on with all rows.
    fn unlimited(self) -> Vec<String> {
        let mut words = without(self.resumed(true), &["--limit"], &[]);
        words.extend(["--limit", "off"].map(str::to_owned));
        words
    }

    /// The same with another input or results file, which is another run.
    fn again(self, input: Option<&Path>, results: Option<&Path>) -> Vec<String> {
        let of_a_run = ["--resume", "--retry-failed"];
        let mut words = without(self.as_it_was(), &["-o", "--results", "--limit"], &of_a_run);
        if let Some(path) = input {
            // What we write is UTF-8, whatever the input was; and its summary
            // is not the one of this run.
            words = without(words, &["--encoding", "--summary"], &[]);
            let mut after_command = words.iter_mut().skip(1);
            if let Some(word) = after_command.find(|word| OsStr::new(word) == self.input) {
                *word = path.display().to_string();
            }
        }
        if let Some(results) = results {
            words.extend(["-o".to_owned(), results.display().to_string()]);
        }
        words
    }
}

/// Without these options, each with its value or as `--option=value`, and
/// without these flags. Of an option that stands twice the last one counts, so
/// that what is not seen here does no harm.
pub(super) fn without(words: Vec<String>, options: &[&str], flags: &[&str]) -> Vec<String> {
    let mut kept = Vec::with_capacity(words.len());
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let option = word.split_once('=').map_or(&*word, |(option, _)| option);
        if options.contains(&&*word) {
            words.next();
        } else if !options.contains(&option) && !flags.contains(&&*word) {
            kept.push(word);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_keeps_its_options_but_for_input_and_results() {
        let words: Vec<OsString> = [
            "hubassoc",
            "import",
            "my links.csv",
            "-o",
            "r.csv",
            "--rate",
            "19/s",
        ]
        .map(Into::into)
        .into();
        let input = OsStr::new("my links.csv");
        let typed = Typed {
            words: &words,
            input,
            names_results: true,
        };
        assert_eq!(
            command(&typed.again(Some(Path::new("r.failures.csv")), None)),
            "hubassoc import r.failures.csv --rate 19/s"
        );
        assert_eq!(
            command(&typed.again(None, Some(Path::new("r-2.csv")))),
            "hubassoc import 'my links.csv' --rate 19/s -o r-2.csv"
        );
    }
}
