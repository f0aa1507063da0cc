//! The commands to type next, made from the one that was typed.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use crate::{
    app::{
        command_line::{CommandLine, input_options},
        session::closing::EndReason,
    },
    cli::{ConfigValues, RunOption, RunOptions},
    output::{SuggestedCommand, Summary, SummarySource, numbered_path},
    private_file,
};

/// The command line that ran.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedCommand<'a> {
    /// Its words, with the program as the first one.
    pub(crate) words: &'a [OsString],
    /// The words that continue the run, if they are others.
    pub(crate) continued_by: &'a [OsString],
    /// The word that names the input.
    pub(crate) input: &'a OsStr,
    /// Whether results were named, here or in the environment. Then the next command has to
    /// name different ones.
    pub(crate) names_results: bool,
    /// Options of the resumed run that are not among the words.
    pub(crate) inherited: &'a RunOptions,
    /// Options of the configuration file, which the next command reads, too.
    pub(crate) config: &'a ConfigValues,
}

/// The suggested commands. `to_correct` is the number of failed rows that have to be corrected.
pub(super) fn next_commands(
    typed: TypedCommand<'_>,
    summary: &Summary,
    to_correct: u64,
    reason: EndReason<'_>,
) -> Vec<SuggestedCommand> {
    let SummarySource::Input {
        results, failures, ..
    } = &summary.source
    else {
        return Vec::new();
    };
    let rows = &summary.rows;
    let mut steps = Vec::new();
    if rows.unsettled > 0 || !rows.is_complete() {
        let input_complete = rows.is_complete();
        let remedy = EndReason {
            input_complete,
            ..reason
        }
        .remedy();
        let words = match results {
            Some(_) if typed.is_stream() => {
                format!("next, {remedy}: continue where it stopped, with the same input")
            }
            Some(_) => format!("next, {remedy}: continue where it stopped"),
            None => format!("next, {remedy}: start again"),
        };
        steps.push(SuggestedCommand::new(
            words,
            typed.to_resume(results.is_some()),
        ));
    }
    let is_at_limit = rows.read.is_some_and(|read| read.is_at_limit);
    // The plan has no other rows.
    if is_at_limit && reason.stop.is_none() && !typed.is_apply() {
        let words = "next: only the first rows were read (--limit); to continue with the rest";
        steps.push(SuggestedCommand::new(words, typed.to_resume_unlimited()));
    }
    if let Some(failures) = failures {
        if to_correct > 0 {
            steps.push(typed.for_corrected_rows(failures));
        } else if rows.outcomes.bad() > 0 {
            let words = "next, when HubSpot works again: send the failed rows once more";
            let command = typed.to_resume(true).with("--retry-failed");
            steps.push(SuggestedCommand::new(words, command));
        }
    }
    steps.extend(after_rehearsal(typed, summary, results.as_deref()));
    steps
}

/// The command after a successful rehearsal.
fn after_rehearsal(
    typed: TypedCommand<'_>,
    summary: &Summary,
    results: Option<&Path>,
) -> Option<SuggestedCommand> {
    let has_succeeded = summary.rows.outcomes.with_outcome() > 0 && summary.end.exit_code == 0;
    let was_rehearsal = summary.target.target == Summary::SANDBOX;
    let results = results.filter(|_| has_succeeded && was_rehearsal)?;
    let free_path = || private_file::first_free(|n| numbered_path(results, n + 1));
    let results = typed.names_results.then(free_path);
    let command = typed.for_another_run(None, results.as_deref());
    let command = command.without(&["--records"], &["--sandbox"]);
    let words = "next: the rehearsal succeeded, but it did not check whether these records exist \
                 in HubSpot; for the real import";
    Some(SuggestedCommand::new(words, command))
}

impl TypedCommand<'_> {
    fn command_line(self) -> CommandLine {
        CommandLine::from_words(self.words)
    }

    /// Whether the run carries out a plan.
    fn is_apply(self) -> bool {
        self.continued_by != self.words
    }

    /// Whether the input cannot be opened a second time, and has to be provided again.
    fn is_stream(self) -> bool {
        let is_file = std::fs::metadata(self.input).is_ok_and(|file| file.is_file());
        self.input == "-" || !is_file
    }

    /// The command to resume the run, or to start it again. A run that was stopped while it sent
    /// failed rows again goes on with those that are left. With the option, it would begin with
    /// all of them.
    pub(crate) fn to_resume(self, has_results: bool) -> CommandLine {
        let line = CommandLine::from_words(self.continued_by);
        let line = line.without(&[], &["--retry-failed"]);
        if has_results {
            line.resuming()
        } else {
            self.with_inherited(line, &[])
        }
    }

    /// Adds the inherited options, except these.
    fn with_inherited(self, line: CommandLine, excluded: &[RunOption]) -> CommandLine {
        let options = self.inherited.iter();
        let options = options.filter(|(option, _)| !excluded.contains(option));
        options.fold(line, |line, (option, text)| {
            line.with_run_option(option, text)
        })
    }

    /// The command for the failures file.
    fn for_corrected_rows(self, failures: &Path) -> SuggestedCommand {
        let results = failures.with_extension("results.csv");
        let results = self.names_results.then_some(results);
        if self.is_apply() {
            let words = "next: correct the rows in the failures file, then make a plan for them";
            let command = self.for_another_run(Some(failures), results.as_deref());
            return SuggestedCommand::new(words, command.into_plan());
        }
        let words = "next: correct the rows in the failures file, then import it";
        let command = self.for_another_run(Some(failures), results.as_deref());
        SuggestedCommand::new(words, command)
    }

    /// The command to resume with all rows.
    fn to_resume_unlimited(self) -> CommandLine {
        let line = self.to_resume(true).without(&["--limit"], &[]);
        line.with_option("--limit", "off")
    }

    /// The command for another run, with another input or results file.
    pub(crate) fn for_another_run(
        self,
        input: Option<&Path>,
        results: Option<&Path>,
    ) -> CommandLine {
        let resume_flags = ["--resume", "--retry-failed"];
        let line = self.command_line();
        let mut line = line.without(&["-o", "--results", "--limit"], &resume_flags);
        let mut excluded = vec![RunOption::Limit];
        if let Some(path) = input {
            // The summary and the metrics belong to this run.
            line = line.without(&["--summary", "--metrics"], &[]);
            line = line.replacing(self.input, path);
            line = line.for_written_file(self.config);
            excluded.extend(input_options());
        }
        line = self.with_inherited(line, &excluded);
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
    fn the_command_keeps_its_options_except_input_and_results() {
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
        let typed = TypedCommand {
            words: &words,
            continued_by: &words,
            input,
            names_results: true,
            inherited: &RunOptions::default(),
            config: &ConfigValues::default(),
        };
        assert_eq!(
            typed
                .for_another_run(Some(Path::new("r.failures.csv")), None)
                .to_string(),
            "hubassoc import r.failures.csv --rate 19/s"
        );
        assert_eq!(
            typed
                .for_another_run(None, Some(Path::new("r-2.csv")))
                .to_string(),
            "hubassoc import 'my links.csv' --rate 19/s -o r-2.csv"
        );
    }
}
