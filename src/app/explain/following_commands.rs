//! The commands that follow from what happened to rows: they send the rows again, or import the
//! corrected ones.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::known_run::{KnownRun, ResultsOrigin};
use crate::{
    app::{command_line::CommandLine, import::TypedCommand},
    cli::{ConfigValues, RunOption, RunOptions},
    code::Code,
    config,
    journal::{LoggedRun, SessionEnd},
    messages::ResendBenefit,
    output::{SuggestedCommand, report_path},
    private_file,
};

/// What the commands are made of.
pub(super) struct FollowingCommands<'a> {
    origin: ResultsOrigin,
    run: &'a LoggedRun,
    /// Options that the run was given.
    options: RunOptions,
    /// Options of the configuration file that the commands read.
    config: &'a ConfigValues,
    /// Whether the import can be resumed.
    can_resume: bool,
    /// The failures file, if it is there.
    failures: Option<PathBuf>,
}

impl<'a> FollowingCommands<'a> {
    /// `None` if no command is known to work: the run is not known, or goes on.
    pub(super) fn new(
        origin: ResultsOrigin,
        run: &'a KnownRun,
        config: &'a ConfigValues,
    ) -> Option<Self> {
        let import = run.import.as_ref().filter(|_| !run.is_running)?;
        let options = RunOptions::from_record(import.options()).ok()?;
        let options = options.with(RunOption::Api, &import.info().server.api);
        // A token in the environment is meant to be used.
        let options = if config::has_credentials() {
            options.without(RunOption::TokenFile)
        } else {
            options
        };
        // As it was used, whatever is typed or set for it.
        let options = match options.get(RunOption::BaseUrl) {
            Some(_) => options.with(RunOption::BaseUrl, &import.info().server.target),
            None => options,
        };
        Some(Self {
            origin,
            run: import,
            options,
            config,
            can_resume: import.undone_at().is_none() && import.has_own_results(),
            failures: import.failures().filter(|path| path.is_file()),
        })
    }

    /// The command for rows with this code.
    pub(super) fn for_rows(
        &self,
        code: Option<Code>,
        resend: ResendBenefit,
    ) -> Option<SuggestedCommand> {
        match (self.origin, resend) {
            (ResultsOrigin::Undo, _) if code == Some(Code::NotChecked) => {
                let words = "to remove these links too:";
                let command = self.about_run("undo").with("--include-unchecked");
                Some(SuggestedCommand::new(words, command))
            }
            (_, ResendBenefit::No) => None,
            (ResultsOrigin::Undo, _) => {
                let words = "to try again:";
                Some(SuggestedCommand::new(words, self.about_run("undo")))
            }
            (ResultsOrigin::Verify, _) if code == Some(Code::LinkNotFound) => {
                let words = "verify again: it writes the missing links to a file, and prints the \
                             command that imports them:";
                Some(SuggestedCommand::new(words, self.about_run("verify")))
            }
            (ResultsOrigin::Verify, _) => {
                let words = "to read these links again:";
                Some(SuggestedCommand::new(words, self.about_run("verify")))
            }
            (ResultsOrigin::Import, ResendBenefit::Yes | ResendBenefit::Later)
                if self.can_resume =>
            {
                let words = "to send all failed rows again:";
                let command = self.resuming().with("--retry-failed");
                Some(SuggestedCommand::new(words, command))
            }
            (ResultsOrigin::Import, _) => self.for_corrected_rows(resend),
        }
    }

    /// The command for rows that somebody has to correct, or that are not sent again otherwise.
    fn for_corrected_rows(&self, resend: ResendBenefit) -> Option<SuggestedCommand> {
        let Some(failures) = &self.failures else {
            let words = "to write the failures file, in which you correct these rows:";
            return self
                .can_resume
                .then(|| SuggestedCommand::new(words, self.resuming()));
        };
        let words = match resend {
            ResendBenefit::Yes | ResendBenefit::Later => {
                "to send the rows of the failures file again:"
            }
            ResendBenefit::AfterCorrection | ResendBenefit::No => {
                "correct these rows in the failures file, then import it:"
            }
        };
        let command = self.importing(failures);
        if self.run.info().input.plan.is_some() {
            let words = "correct these rows in the failures file, then make a plan for them:";
            return Some(SuggestedCommand::new(words, command.into_plan()));
        }
        Some(SuggestedCommand::new(words, command))
    }

    /// The command that goes on with a run that did not come to its end.
    pub(super) fn to_complete(&self) -> Option<SuggestedCommand> {
        let end = self.run.last_end();
        let is_complete = end.is_some_and(SessionEnd::is_completed);
        let is_wanted = self.origin == ResultsOrigin::Import && !is_complete && self.can_resume;
        is_wanted.then(|| SuggestedCommand::new("to send the rest of its rows:", self.resuming()))
    }

    /// The import continues. It takes its options from its log, or from its plan.
    fn resuming(&self) -> CommandLine {
        let input = KnownRun::input(self.run);
        let plan = self.run.info().input.plan.as_ref();
        let is_rehearsal = KnownRun::is_rehearsal(self.run);
        let beside = config::results_beside(&input, is_rehearsal);
        let is_beside = beside.is_some_and(|path| path == self.run.results());
        let line = match plan {
            Some(plan) => {
                let line = CommandLine::new("apply");
                let line = line.with_file(&KnownRun::find_file(self.run, &plan.document));
                self.with_connection(line).resuming()
            }
            None => self.typed(&self.words(&input)).to_resume(true),
        };
        if is_beside && !self.names_results() {
            line
        } else {
            line.with("-o").with_file(self.run.results())
        }
    }

    /// Another import, of the failures file.
    fn importing(&self, failures: &Path) -> CommandLine {
        let input = KnownRun::input(self.run);
        // A rehearsal replaces the results of an earlier one.
        let is_rehearsal = KnownRun::is_rehearsal(self.run);
        let is_free = is_rehearsal || !failures.with_extension("results.csv").exists();
        let results = (self.names_results() || !is_free).then(|| {
            let path_of = |n| match n {
                1 => failures.with_extension("results.csv"),
                n => failures.with_extension(format!("results-{n}.csv")),
            };
            private_file::first_free(path_of)
        });
        let words = self.words(&input);
        let typed = self.typed(&words);
        typed.for_another_run(Some(failures), results.as_deref())
    }

    /// A command about the run, with what it needs to connect.
    fn about_run(&self, command: &str) -> CommandLine {
        let line = CommandLine::new(command).with_file(self.run.results());
        let line = self.with_connection(line);
        let names_report = self.config.get("output").is_some() || config::has_variable("output");
        // An existing report is never written to again.
        if names_report && command == "verify" {
            let path_of = |n| report_path(self.run.results(), command, n);
            return line
                .with("-o")
                .with_file(&private_file::first_free(path_of));
        }
        line
    }

    /// Adds what any command needs to connect.
    fn with_connection(&self, line: CommandLine) -> CommandLine {
        let kept = [RunOption::Batch, RunOption::TokenFile, RunOption::CaFile];
        kept.into_iter()
            .fold(line, |line, option| match self.options.get(option) {
                Some(text) => line.with_run_option(option, text),
                None => line,
            })
    }

    /// Whether the environment or the configuration file names results, so that a command has to
    /// name others.
    fn names_results(&self) -> bool {
        self.config.get("results").is_some() || config::has_variable("results")
    }

    /// The command line of the import as it could have been typed.
    fn words(&self, input: &Path) -> Vec<OsString> {
        let is_option = input.as_os_str().as_encoded_bytes().starts_with(b"-");
        let is_stdin = input == Path::new("-");
        let input = if is_option && !is_stdin {
            Path::new(".").join(input)
        } else {
            input.to_owned()
        };
        let mut words = vec!["hubassoc".into(), "import".into(), input.into_os_string()];
        if KnownRun::is_rehearsal(self.run) {
            words.push("--sandbox".into());
        }
        words
    }

    fn typed<'b>(&'b self, words: &'b [OsString]) -> TypedCommand<'b> {
        TypedCommand {
            words,
            continued_by: words,
            input: &words[2],
            names_results: self.names_results(),
            inherited: &self.options,
            config: self.config,
        }
    }
}
