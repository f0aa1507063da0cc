//! The end of a command for monitors: its summary and its metrics. They are written at every end,
//! also if a run fails before its first row. Otherwise a monitor would go on reading the success of
//! an older run.
//!
//! Owns when the summary is written. The commands provide the figures.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write as _},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{command_context::Console, metrics::MetricsWriter};
use crate::{
    app::{error::AppError, print::print},
    cli::{ApplyArgs, ImportArgs, SendingArgs, UndoArgs, VerifyArgs},
    config,
    exit::ExitCode,
    journal::{self, JournalError, run_log_path},
    os_text,
    output::{
        self, AnySummary, CommandSummary, EarlyEndSummary, MetricsFile, Notice, RunFiles, Screen,
        Summary,
    },
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

/// What the command line says that a summary and metrics need, even if the run fails early.
pub(crate) struct SummaryRequest {
    /// Where the summary is written, if one is wanted.
    path: Option<PathBuf>,
    /// Where the metrics are written, if they are wanted.
    metrics: Option<PathBuf>,
    is_rehearsal: bool,
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
            is_rehearsal: args.sandbox,
            api: Some(args.input.api.name()),
            files: RunFiles {
                input,
                ..RunFiles::of_run(results)
            },
            ..Self::new("import", &args.sending)
        }
    }

    /// Each input has files of its own, and none of them may be replaced.
    fn import_several(args: &ImportArgs) -> Self {
        let of_each = args.input.inputs.iter().flat_map(|input| {
            let results = config::results_path(args, &input.clone().into());
            [Some(PathBuf::from(input)), results.ok()]
        });
        Self {
            is_rehearsal: args.sandbox,
            api: Some(args.input.api.name()),
            protected_files: of_each.flatten().collect(),
            ..Self::new("import", &args.sending)
        }
    }

    pub(crate) fn apply(args: &ApplyArgs) -> Self {
        Self {
            files: RunFiles::of_run(args.results.clone()),
            protected_files: vec![args.plan.clone()],
            ..Self::new("apply", &args.sending)
        }
    }

    pub(crate) fn verify(args: &VerifyArgs) -> Self {
        Self {
            files: RunFiles::of_run(Some(args.results.clone())),
            protected_files: args.output.iter().chain(&args.input).cloned().collect(),
            ..Self::new("verify", &args.sending)
        }
    }

    pub(crate) fn undo(args: &UndoArgs) -> Self {
        Self {
            files: RunFiles::of_run(Some(args.results.clone())),
            protected_files: args.output.iter().chain(&args.input).cloned().collect(),
            ..Self::new("undo", &args.sending)
        }
    }

    fn new(command: &'static str, sending: &SendingArgs) -> Self {
        let (summary, metrics) = (sending.summary.clone(), sending.metrics.clone());
        Self::of_paths(command, summary, metrics)
    }

    fn of_paths(command: &'static str, path: Option<PathBuf>, metrics: Option<PathBuf>) -> Self {
        Self {
            path,
            metrics,
            is_rehearsal: false,
            command,
            api: None,
            files: RunFiles::default(),
            protected_files: Vec::new(),
            started_at: Timestamp::now(),
        }
    }

    /// Does the work, and writes the summary and the metrics.
    pub(crate) fn run_with_summary(
        self,
        console: Console<'_>,
        work: impl FnOnce(Console<'_>) -> Result<CommandEnd, AppError>,
    ) -> Result<ExitCode, AppError> {
        let (screen, writer) = (console.screen, self.metrics_writer());
        if let (Some(path), None) = (&self.metrics, &writer) {
            screen.say(&format!(
                "note: --metrics {} is not written, because this is a rehearsal",
                output::path(path)
            ));
        }
        let metrics = writer.as_ref();
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            metrics.map_or(Ok(()), MetricsWriter::check)?;
            work(Console { metrics, ..console })
        }));
        let unsettled = match &ended {
            Ok(Ok(end)) => end.unsettled(),
            Ok(Err(_)) | Err(_) => None,
        };
        match ended {
            Ok(ended) => {
                let ended = self.end(screen, ended);
                let code = ended
                    .as_ref()
                    .map_or_else(AppError::exit_code, |code| *code);
                let written = end_metrics(metrics, code, unsettled);
                if ended.is_ok() {
                    return written.and(ended);
                }
                warn_of(screen, written);
                ended
            }
            Err(panic) => {
                let why = "internal error; please report it";
                self.write_early_end(screen, ExitCode::Internal, why, false);
                warn_of(screen, end_metrics(metrics, ExitCode::Internal, None));
                panic::resume_unwind(panic)
            }
        }
    }

    /// Writes the summary of this end.
    fn end(
        self,
        screen: &Screen,
        ended: Result<CommandEnd, AppError>,
    ) -> Result<ExitCode, AppError> {
        match ended {
            Ok(end) => {
                if let (Some(path), Some(summary)) = (&self.path, &end.summary) {
                    write(path, summary)?;
                }
                Ok(end.code)
            }
            Err(error) => {
                let is_locked = matches!(error, AppError::Journal(JournalError::InUse(_)));
                let why = error.to_string();
                self.write_early_end(screen, error.exit_code(), &why, is_locked);
                Err(error)
            }
        }
    }

    /// Who writes the metrics, if they are wanted. A rehearsal has none: a monitor would take it for
    /// an import.
    fn metrics_writer(&self) -> Option<MetricsWriter> {
        let path = self.metrics.clone().filter(|_| !self.is_rehearsal)?;
        let file = MetricsFile::new(path);
        let files = self.run_files().chain(&self.path);
        let files = files.cloned().collect();
        Some(MetricsWriter::new(file, self.command, files))
    }

    /// The files that must not be replaced, as far as they are known.
    fn run_files(&self) -> impl Iterator<Item = &PathBuf> {
        let own = self.files.input.iter().chain(&self.files.results);
        own.chain(&self.protected_files)
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
        let summary = CommandSummary::OfRun(self.early_end_summary(code, why));
        warn_of(screen, write(&path, &summary));
    }

    fn belongs_to_another_run(&self, path: &Path) -> bool {
        let files: Vec<_> = self.run_files().map(PathBuf::as_path).collect();
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

impl CommandEnd {
    /// Rows without an outcome, if the command had rows.
    fn unsettled(&self) -> Option<u64> {
        let totals = match self.summary.as_ref()? {
            CommandSummary::OfRun(summary) => summary,
            CommandSummary::OfInputs(inputs) => &inputs.totals,
        };
        match totals {
            AnySummary::Ended(summary) => Some(summary.rows.unsettled),
            AnySummary::EarlyEnd(_) => None,
        }
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
    let untyped = |flag| config::untyped_text(typed, flag).map(PathBuf::from);
    let (mut summary, mut metrics) = (untyped("summary"), untyped("metrics"));
    let (mut protected, mut is_rehearsal) = (Vec::new(), false);
    while let Some(word) = words.next() {
        if let Some(named) = os_text::strip_prefix("--summary=", word) {
            summary = Some(named.into());
        } else if let Some(named) = os_text::strip_prefix("--metrics=", word) {
            metrics = Some(named.into());
        } else if word == "--summary" {
            summary = words.next().map(PathBuf::from);
        } else if word == "--metrics" {
            metrics = words.next().map(PathBuf::from);
        } else {
            is_rehearsal |= word == "--sandbox" || word == "--dry-run";
            let word = Path::new(word);
            protected.extend([word.to_owned(), word.with_extension("results.csv")]);
        }
    }
    let request = SummaryRequest {
        protected_files: protected,
        is_rehearsal,
        ..SummaryRequest::of_paths(command, summary, metrics)
    };
    let metrics = request.metrics_writer();
    request.write_early_end(screen, ExitCode::Refused, why, false);
    warn_of(
        screen,
        end_metrics(metrics.as_ref(), ExitCode::Refused, None),
    );
}

/// Writes the metrics of this end, if they are wanted.
fn end_metrics(
    metrics: Option<&MetricsWriter>,
    code: ExitCode,
    unsettled: Option<u64>,
) -> Result<(), AppError> {
    metrics.map_or(Ok(()), |metrics| metrics.end(code, unsettled))
}

/// Says that something could not be written. The command has ended with something worse.
fn warn_of(screen: &Screen, written: Result<(), AppError>) {
    if let Err(error) = written {
        let program = if screen.is_json() { "" } else { "hubassoc: " };
        screen.conclude(&[Notice::warning(format!("{program}{error}"))], false);
    }
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
    use crate::{messages::KeysInLog, output::ProgressStyle};

    #[test]
    fn a_panic_is_written_to_the_summary_and_the_metrics() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let paths = (Some(path("s.json")), Some(path("m.prom")));
        let request = SummaryRequest::of_paths("import", paths.0, paths.1);
        let screen = Screen::new(false, false);
        let console = Console {
            screen: &screen,
            style: ProgressStyle::Silent,
            keys_in_log: KeysInLog::Shown,
            typed: &[],
            metrics: None,
        };
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            request.run_with_summary(console, |_| panic!("on purpose"))
        }));
        assert!(ended.is_err());
        let written = fs::read(path("s.json")).unwrap();
        let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(
            (&written["command"], &written["exit_code"]),
            (&"import".into(), &5.into())
        );
        let metrics = fs::read_to_string(path("m.prom")).unwrap();
        let code = "hubassoc_run_exit_code{run=\"m\",command=\"import\"} 5\n";
        assert!(metrics.contains(code), "{metrics}");
    }
}
