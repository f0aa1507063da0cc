//! What is known of the run that a file belongs to: the log beside it, or beside the results whose
//! report it is. There may be none.

use std::path::{Path, PathBuf};

use crate::{
    journal::{self, LoggedRun, run_log_path},
    messages,
    output::{Summary, line_word, path, results_of},
    row::{PerStatus, Status},
};

/// Which command wrote a file of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResultsOrigin {
    Import,
    Verify,
    Undo,
}

impl ResultsOrigin {
    /// By the statuses in the file, and by the log of its run.
    pub(super) fn find(rows: &PerStatus<u64>, run: &KnownRun) -> Self {
        let has = |statuses: &[Status]| statuses.iter().any(|status| rows[*status] > 0);
        if run.is_undo || has(&[Status::Removed, Status::Kept]) {
            Self::Undo
        } else if has(Status::OF_VERIFY) {
            Self::Verify
        } else {
            Self::Import
        }
    }

    /// The command, as it is typed.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Verify => "verify",
            Self::Undo => "undo",
        }
    }
}

/// What is known of the run that a file belongs to.
#[derive(Debug)]
pub(super) struct KnownRun {
    /// The import, if its log was found.
    pub(super) import: Option<LoggedRun>,
    /// Why the log cannot be used, if it is there.
    pub(super) unusable_log: Option<String>,
    /// Whether the file is the report of an undo.
    is_undo: bool,
    /// Whether the run that writes the file is still going on.
    pub(super) is_running: bool,
}

impl KnownRun {
    /// Looks for the log of the run that wrote a file or that a file is about.
    pub(super) fn find(file: &Path) -> Self {
        let mut run = Self {
            import: None,
            unusable_log: None,
            is_undo: false,
            is_running: journal::is_in_use(file),
        };
        let own = run.read(file);
        let subject = own.as_ref().and_then(|own| own.info().subject.as_ref());
        let subject = subject.and_then(|subject| subject.results.file_name());
        if let Some(subject) = subject {
            run.is_undo = true;
            run.import = run.read(&file.with_file_name(subject));
        } else if own.is_some() {
            run.import = own;
        } else if run.unusable_log.is_none() {
            let mut results = results_of(file).into_iter();
            run.import = results.find_map(|results| run.read(&results));
        }
        run
    }

    fn read(&mut self, results: &Path) -> Option<LoggedRun> {
        match LoggedRun::read(results) {
            Ok(log) => log,
            Err(error) => {
                let why = messages::journal_without_resume_advice(&error);
                self.unusable_log = Some(format!("{}: {why}", path(&run_log_path(results))));
                None
            }
        }
    }

    /// What a line of the input is called.
    pub(super) fn line_word(&self) -> &'static str {
        let input = self.import.as_ref().map(|run| &run.info().input.name);
        let ending = input
            .and_then(|input| input.extension())
            .unwrap_or_default();
        let is_workbook = ["xlsx", "xlsm"]
            .into_iter()
            .any(|workbook| ending.eq_ignore_ascii_case(workbook));
        line_word(is_workbook)
    }

    /// Whether the rows went to the sandbox of a rehearsal.
    pub(super) fn is_rehearsal(run: &LoggedRun) -> bool {
        run.info().server.target == Summary::SANDBOX
    }

    /// The input of an import, if it is where the run read it, or beside the results.
    pub(super) fn input(run: &LoggedRun) -> PathBuf {
        Self::find_file(run, &run.info().input.name)
    }

    /// A file of an import, if it is where the run read it, or beside the results.
    pub(super) fn find_file(run: &LoggedRun, recorded: &Path) -> PathBuf {
        let name = recorded.file_name();
        let beside = name.map(|name| run.results().with_file_name(name));
        [Some(recorded.to_owned()), beside]
            .into_iter()
            .flatten()
            .find(|path| path.is_file())
            .unwrap_or_else(|| recorded.to_owned())
    }
}
