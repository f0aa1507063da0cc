//! The summary of a command. It is written at every end, also if a run fails before its first
//! row. Otherwise a monitor would go on reading the success of an older run.
//!
//! Owns when it is written. The commands provide the figures.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write as _},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use crate::{
    app::{error::AppError, print::print},
    cli::{ApplyArgs, ImportArgs, UndoArgs, VerifyArgs},
    config,
    exit::ExitCode,
    journal::{self, JournalError, run_log_path},
    os_text,
    output::{AnySummary, CommandSummary, EarlyEndSummary, Notice, RunFiles, Screen, Summary},
};

/// How a command ended, and its summary.
pub(crate) struct CommandEnd {
    pub(crate) code: ExitCode,
    /// `None` if the summary belongs to another command.
    pub(crate) summary: Option<CommandSummary>,
}

/// How a run ended, and its summary.
pub(crate) struct EndedRun {
    pub(crate) code: ExitCode,
    pub(crate) summary: AnySummary,
}

impl From<EndedRun> for CommandEnd {
    fn from(run: EndedRun) -> Self {
        Self {
            code: run.code,
            summary: Some(CommandSummary::OfRun(run.summary)),
        }
    }
}

/// What the command line says that a summary needs, even if the run fails early.
pub(crate) struct SummaryRequest {
    /// Where the summary is written, if one is wanted.
    path: Option<PathBuf>,
    command: &'static str,
    api: Option<&'static str>,
    files: RunFiles,
    /// Other files that it must not replace.
    protected_files: Vec<PathBuf>,
    started_at: Timestamp,
}

impl SummaryRequest {
    pub(crate) fn import(args: &ImportArgs) -> Self {
        if args.input.inputs.len() > 1 {
            return Self::import_several(args);
        }
        let input = Some(PathBuf::from(&args.input.input)).filter(|path| path != Path::new("-"));
        let results = config::results_path(args, &args.input.input.clone().into()).ok();
        Self {
            api: Some(args.input.api.name()),
            files: RunFiles {
                input,
                ..RunFiles::of_run(results)
            },
            ..Self::new("import", args.sending.summary.clone())
        }
    }

    /// Each input has files of its own, and none of them may be replaced.
    fn import_several(args: &ImportArgs) -> Self {
        let of_each = args.input.inputs.iter().flat_map(|input| {
            let results = config::results_path(args, &input.clone().into());
            [Some(PathBuf::from(input)), results.ok()]
        });
        Self {
            api: Some(args.input.api.name()),
            protected_files: of_each.flatten().collect(),
            ..Self::new("import", args.sending.summary.clone())
        }
    }

    pub(crate) fn apply(args: &ApplyArgs) -> Self {
        Self {
            files: RunFiles::of_run(args.results.clone()),
            protected_files: vec![args.plan.clone()],
            ..Self::new("apply", args.sending.summary.clone())
        }
    }

    pub(crate) fn verify(args: &VerifyArgs) -> Self {
        Self {
            files: RunFiles::of_run(Some(args.results.clone())),
            protected_files: args.output.iter().chain(&args.input).cloned().collect(),
            ..Self::new("verify", args.sending.summary.clone())
        }
    }

    pub(crate) fn undo(args: &UndoArgs) -> Self {
        Self {
            files: RunFiles::of_run(Some(args.results.clone())),
            protected_files: args.output.iter().chain(&args.input).cloned().collect(),
            ..Self::new("undo", args.sending.summary.clone())
        }
    }

    fn new(command: &'static str, path: Option<PathBuf>) -> Self {
        Self {
            path,
            command,
            api: None,
            files: RunFiles::default(),
            protected_files: Vec::new(),
            started_at: Timestamp::now(),
        }
    }

    /// Does the work, and writes the summary.
    pub(crate) fn run_with_summary(
        self,
        screen: &Screen,
        work: impl FnOnce() -> Result<CommandEnd, AppError>,
    ) -> Result<ExitCode, AppError> {
        let Some(path) = self.path.clone() else {
            return work().map(|end| end.code);
        };
        match panic::catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(end)) => {
                if let Some(summary) = &end.summary {
                    write(&path, summary)?;
                }
                Ok(end.code)
            }
            Ok(Err(error)) => {
                let is_locked = matches!(error, AppError::Journal(JournalError::InUse(_)));
                let why = error.to_string();
                self.write_early_end(screen, error.exit_code(), &why, is_locked);
                Err(error)
            }
            Err(panic) => {
                let why = "internal error; please report it";
                self.write_early_end(screen, ExitCode::Internal, why, false);
                panic::resume_unwind(panic)
            }
        }
    }

    /// Writes that the run ended early. It leaves a summary alone that belongs to another run
    /// (the one that has the results locked), and any file that is not a summary. If writing
    /// fails, that is only a warning.
    fn write_early_end(self, screen: &Screen, code: ExitCode, why: &str, is_locked: bool) {
        let Some(path) = self.path.clone() else {
            return;
        };
        let is_file = path != Path::new("-");
        if is_file && (is_locked || self.belongs_to_another_run(&path)) {
            return;
        }
        if let Err(error) = write(
            &path,
            &CommandSummary::OfRun(self.early_end_summary(code, why)),
        ) {
            let program = if screen.is_json() { "" } else { "hubassoc: " };
            screen.conclude(&[Notice::warning(format!("{program}{error}"))], false);
        }
    }

    fn belongs_to_another_run(&self, path: &Path) -> bool {
        let own_files = [&self.files.input, &self.files.results];
        let files: Vec<_> = own_files
            .into_iter()
            .flatten()
            .chain(&self.protected_files)
            .collect();
        let files: Vec<_> = files.into_iter().map(PathBuf::as_path).collect();
        if config::check_summary(Some(path), &files).is_err() {
            return true;
        }
        // A run in progress has emptied the file, and will write it.
        let is_under_way = || files.iter().any(|file| journal::is_in_use(file));
        fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) && is_under_way()
    }

    pub(crate) fn early_end_summary(self, code: ExitCode, why: &str) -> AnySummary {
        let RunFiles {
            input,
            results,
            run_log,
            failures,
            report,
        } = self.files;
        let if_exists = |path: Option<PathBuf>| path.filter(|path| path.exists());
        AnySummary::EarlyEnd(Box::new(EarlyEndSummary {
            version: Summary::VERSION,
            command: self.command,
            files: RunFiles {
                input,
                results: if_exists(results),
                run_log: if_exists(run_log),
                failures,
                report,
            },
            api: self.api,
            account: None,
            started_at: self.started_at,
            finished_at: Timestamp::now(),
            exit_code: code.get(),
            stopped: why.to_owned(),
        }))
    }
}

impl RunFiles {
    /// The files of a run with these results.
    pub(crate) fn of_run(results: Option<PathBuf>) -> Self {
        Self {
            run_log: results.as_deref().map(run_log_path),
            results,
            ..Self::default()
        }
    }
}

/// Writes why the command line cannot be used. Only the names in it are known.
pub(crate) fn write_usage_summary(typed: &[OsString], why: &str, screen: &Screen) {
    let mut words = typed.iter().skip(1);
    let commands = ["import", "apply", "verify", "undo"];
    let is_command = |word: &OsString| commands.into_iter().find(|name| word == name);
    let Some(command) = words.clone().find_map(is_command) else {
        return;
    };
    let mut path = config::untyped_text(typed, "summary").map(PathBuf::from);
    let mut protected = Vec::new();
    while let Some(word) = words.next() {
        if let Some(named) = os_text::strip_prefix("--summary=", word) {
            path = Some(named.into());
        } else if word == "--summary" {
            path = words.next().map(PathBuf::from);
        } else {
            let word = Path::new(word);
            protected.extend([word.to_owned(), word.with_extension("results.csv")]);
        }
    }
    let request = SummaryRequest {
        protected_files: protected,
        ..SummaryRequest::new(command, path)
    };
    request.write_early_end(screen, ExitCode::Refused, why, false);
}

fn write(path: &Path, summary: &CommandSummary) -> Result<(), AppError> {
    if path == Path::new("-") {
        return print(summary.to_json_line().as_bytes());
    }
    if !config::summary_may_replace(path) {
        return Err(AppError::Summary(
            path.to_owned(),
            io::ErrorKind::AlreadyExists.into(),
        ));
    }
    let json = summary.to_json();
    let opened = config::overwrite_summary(path);
    let written = opened.and_then(|mut file| file.write_all(json.as_bytes()));
    written.map_err(|error| AppError::Summary(path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_written_to_the_summary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.json");
        let request = SummaryRequest::new("import", Some(path.clone()));
        let screen = Screen::new(false, false);
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            request.run_with_summary(&screen, || panic!("on purpose"))
        }));
        assert!(ended.is_err());
        let written: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(
            (&written["command"], &written["exit_code"]),
            (&"import".into(), &5.into())
        );
    }
}
