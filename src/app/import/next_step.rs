//! What to type next, made from what was typed before.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use crate::{
    app::command_line::CommandLine,
    app::session::close::cure,
    output::{Summary, numbered_path},
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
        steps.push((words, typed.resumed(summary.results.is_some()).to_string()));
    }
    if summary.limit == Some(summary.rows_read) && stop.is_none() {
        let words = "next: only the first rows were read (--limit); to go on with the rest";
        steps.push((words.to_owned(), typed.unlimited().to_string()));
    }
    if let Some(failures) = &summary.failures {
        if to_correct > 0 {
            let words = "next: correct the rows in the failures file, then";
            let results = typed
                .names_results
                .then(|| failures.with_extension("results.csv"));
            let again = typed.again(Some(failures), results.as_deref());
            steps.push((words.to_owned(), again.to_string()));
        } else if summary.bad() > 0 {
            let words = "next, when HubSpot is well again: send the failed rows once more";
            let again = typed.resumed(true).with("--retry-failed");
            steps.push((words.to_owned(), again.to_string()));
        }
    }
    let was_good = summary.settled() > 0 && summary.exit_code == 0;
    if let (true, Summary::SANDBOX, Some(results)) =
        (was_good, summary.target.as_str(), &summary.results)
    {
        let results = typed.names_results.then(|| numbered(results));
        let again = typed.again(None, results.as_deref());
        let again = again.without(&[], &["--sandbox"]);
        let words = "next: the rehearsal went well, but only HubSpot knows whether these records \
                     exist; for the real thing";
        steps.push((words.to_owned(), again.to_string()));
    }
    steps
}

/// `links.results.csv` → the first free one of `links.results-2.csv`, ….
fn numbered(results: &Path) -> PathBuf {
    let mut free = (2..=MOST_FILES).map(|n| numbered_path(results, n));
    free.find(|path| !path.exists())
        .unwrap_or_else(|| results.to_owned())
}

impl Typed<'_> {
    fn as_it_was(self) -> CommandLine {
        CommandLine::typed(self.words)
    }

    /// Whether the input has to be given anew.
    fn is_stream(self) -> bool {
        let is_file = std::fs::metadata(self.input).is_ok_and(|there| there.is_file());
        self.input == "-" || !is_file
    }

    /// The same to go on.
    fn resumed(self, goes_on: bool) -> CommandLine {
        let line = self.as_it_was().without(&[], &["--retry-failed"]);
        if goes_on && !line.has("--resume") {
            line.with("--resume")
        } else {
            line
        }
    }

    /// The same to go on with all rows.
    fn unlimited(self) -> CommandLine {
        let line = self.resumed(true).without(&["--limit"], &[]);
        line.with_option("--limit", "off")
    }

    /// The same with another input or results file, which is another run.
    fn again(self, input: Option<&Path>, results: Option<&Path>) -> CommandLine {
        let of_a_run = ["--resume", "--retry-failed"];
        let line = self.as_it_was();
        let mut line = line.without(&["-o", "--results", "--limit"], &of_a_run);
        if let Some(path) = input {
            // What we write is UTF-8, whatever the input was; and its summary
            // is not the one of this run.
            line = line.without(&["--encoding", "--summary"], &[]);
            line = line.replacing(self.input, path);
        }
        match results {
            Some(results) => line.with("-o").with_file(results),
            None => line,
        }
    }
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
            typed
                .again(Some(Path::new("r.failures.csv")), None)
                .to_string(),
            "hubassoc import r.failures.csv --rate 19/s"
        );
        assert_eq!(
            typed.again(None, Some(Path::new("r-2.csv"))).to_string(),
            "hubassoc import 'my links.csv' --rate 19/s -o r-2.csv"
        );
    }
}
