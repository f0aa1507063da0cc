//! The files of an undo: new, or those of an earlier undo of the run.

use std::{collections::BTreeMap, path::Path};

use jiff::Timestamp;
use roaring::RoaringTreemap;

use crate::{
    app::{
        error::AppError,
        past::past_run::PastRun,
        session::LockWait,
        session::{run, run_records::RunRecords},
    },
    code::Code,
    journal::{
        self, InputInfo, LockedRun, RecordedRows, RecordedRun, ResultsFormat, ResumeOptions,
        RunInfo,
    },
    messages,
    output::{EarlierSessions, Recorder, Tally},
    row::Status,
};

/// What an earlier undo of the run left, if there was one.
pub(super) struct EarlierUndo {
    locked: Option<LockedRun>,
    recorded: Option<RecordedRun>,
}

impl EarlierUndo {
    /// Looks for an earlier undo. Files of another run are refused, unless they are of an earlier run
    /// with the same results and have no line: then nothing is lost if they begin again.
    pub(super) fn find(
        output: &Path,
        run: &PastRun,
        wait: &LockWait<'_>,
    ) -> Result<Self, AppError> {
        if !journal::files_exist(output) {
            return Ok(Self {
                locked: None,
                recorded: None,
            });
        }
        let locked = wait.wait_for(|| journal::lock(output, messages::log_journal_event))?;
        let past = locked
            .recorded_run()?
            .filter(|past| !past.is_without_results());
        let recorded = match past {
            Some(past) if is_about(&past, run) => Some(past),
            Some(past) if past.is_empty() && is_about_results(&past, run) => None,
            Some(_) => return Err(AppError::OtherUndo(output.to_owned())),
            None => None,
        };
        Ok(Self {
            locked: Some(locked),
            recorded,
        })
    }

    /// Rows that are done. Failed ones are tried again, and so are kept ones that are
    /// `included_unchecked` now or whose link could not be read.
    pub(super) fn done(&self, included_unchecked: &RoaringTreemap) -> RoaringTreemap {
        let rows = self.recorded.as_ref().map(RecordedRun::rows);
        rows.map_or_else(RoaringTreemap::new, |rows| {
            &rows.recorded - &rows.failed - kept_rows_to_redo(rows, included_unchecked)
        })
    }

    /// How many of the done rows were kept.
    pub(super) fn kept(&self, included_unchecked: &RoaringTreemap) -> u64 {
        let rows = self.recorded.as_ref().map(RecordedRun::rows);
        rows.map_or(0, |rows| {
            (rows.with_status(Status::Kept) - kept_rows_to_redo(rows, included_unchecked)).len()
        })
    }

    /// Whether the last undo finished and left nothing to do.
    pub(super) fn is_complete(&self) -> bool {
        let ended = self.recorded.as_ref().and_then(RecordedRun::last_end);
        ended.is_some_and(|ended| ended.exit_code == 0)
    }

    /// Opens the files, and continues to count.
    pub(super) fn open(
        self,
        output: &Path,
        run: &PastRun,
        included_unchecked: &RoaringTreemap,
        session: &run::Session<'_>,
    ) -> Result<RunRecords, AppError> {
        let (tally, stop) = (self.tally(included_unchecked), session.stop());
        let info = new_run_info(run);
        let (journal, results) = match (self.locked, self.recorded) {
            (None, _) => journal::lock(output, messages::log_journal_event)?.begin(&info, stop)?,
            (Some(locked), Some(past)) if !past.is_empty() => {
                locked.resume(&past, ResumeOptions::default(), stop)?
            }
            (Some(locked), _) => locked.restart(&info, stop)?,
        };
        let messages = session.context.console.row_messages(run.has_keys);
        let recorder = Recorder::new(results, tally, messages);
        Ok(RunRecords::new(session, journal, recorder))
    }

    fn tally(&self, included_unchecked: &RoaringTreemap) -> Tally {
        let Some(past) = &self.recorded else {
            return Tally::default();
        };
        let rows = past.rows();
        let to_redo = kept_rows_to_redo(rows, included_unchecked);
        let mut counts = rows.counts();
        counts[Status::Kept] -= to_redo.len();
        let mut by_code = rows.by_code.clone();
        to_redo.iter().for_each(|row| by_code.remove(row));
        Tally::resume_from(EarlierSessions {
            rows: counts,
            resending: rows.failed.clone(),
            by_code,
            multi_line: &rows.multi_line | to_redo,
            ..EarlierSessions::default()
        })
    }
}

/// Whether an undo is about this run.
fn is_about(undo: &RecordedRun, run: &PastRun) -> bool {
    let subject = undo.info().subject.as_ref();
    subject.is_some_and(|subject| subject.at == run.recorded.info().at)
}

/// Whether an undo is about a run with these results, which may have begun again since. Their path
/// is relative to the folder in which the undo was started, so only the name counts.
fn is_about_results(undo: &RecordedRun, run: &PastRun) -> bool {
    let subject = undo.info().subject.as_ref();
    subject.is_some_and(|subject| subject.results.file_name() == run.path().file_name())
}

/// Kept rows that are checked once more.
fn kept_rows_to_redo(rows: &RecordedRows, included_unchecked: &RoaringTreemap) -> RoaringTreemap {
    rows.with_status(Status::Kept)
        & (included_unchecked | rows.by_code.rows(Code::leaves_link_unknown))
}

fn new_run_info(run: &PastRun) -> RunInfo {
    let undone_run = run.recorded.info();
    let path = run.path();
    let size = path.metadata().ok().map(|file| file.len());
    RunInfo {
        format: RunInfo::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: Timestamp::now(),
        input: InputInfo::inspect(path, Some(path), size),
        server: undone_run.server.clone(),
        results_format: ResultsFormat {
            result_columns: ResultsFormat::new_result_columns(),
            key_columns: Vec::new(),
            ..undone_run.results_format.clone()
        },
        options: BTreeMap::new(),
        reads_before_write: false,
        subject: Some(run.as_subject("undo")),
    }
}
