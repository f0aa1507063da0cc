//! Opens the files of a new run, or finds the recorded run and proves that its input is the
//! same. Then it is known which rows remain.

use std::{ffi::OsString, fs, path::Path, sync::Arc};

use jiff::Timestamp;
use roaring::RoaringTreemap;

use super::row_selection::RowSelection;
use crate::{
    app::{
        error::AppError,
        past::recorded_options,
        preview::min_rows::{self, BufferedRows},
        session::{LockWait, command_context::Console},
    },
    association::AdminLimits,
    cli::{ConfigValues, ImportArgs},
    config::ConfigError,
    input::{self, InputLimit, InputOptions, InputPath, InputReader},
    journal::{
        self, ApiTarget, InputInfo, InputProof, JournalError, LockedRun, OpenedRun, RecordedRun,
        ResultsFormat, ResumeOptions, RunInfo,
    },
    messages,
    output::{EarlierSessions, FailuresFile, Screen, Summary, Tally, number, path, plural},
    row::Row,
    stop::StopSwitch,
};

/// Reading results larger than this takes a while, so it is announced. 10 million rows take
/// some seconds.
const LARGE_RESULTS_BYTES: u64 = 64 << 20;

/// The locked files of an existing run.
pub(super) struct EarlierRun {
    locked: LockedRun,
    /// `None` if there are no results, or they are not to be resumed.
    recorded: Option<RecordedRun>,
    /// Set if the run was a rehearsal, which the next one replaces.
    rehearsal: Option<EarlierRehearsal>,
}

/// A rehearsal that the next run replaces.
struct EarlierRehearsal {
    /// The failures file that it left.
    failures: Option<FailuresFile>,
}

/// What is known about the rows before they are read.
pub(super) struct ResumeContext<'a> {
    pub(super) past: Option<&'a RecordedRun>,
    /// Failed rows that are sent again.
    pub(super) resends: &'a RoaringTreemap,
    pub(super) limits: Arc<AdminLimits>,
    pub(super) console: Console<'a>,
}

/// The rows that remain to be sent.
pub(super) struct RemainingRows {
    /// Rows of a stream that were read during the proof.
    pub(super) buffered: Vec<Row>,
    /// The input, before its first row or after the buffered ones.
    pub(super) input: InputReader,
    /// Which of the other rows are sent.
    pub(super) selection: RowSelection,
}

impl EarlierRun {
    /// Locks the files. With `--resume` it then reads them: only then, because their last
    /// holder may have written to them. `None` if they cannot be locked, because errors in the
    /// input are reported first.
    pub(super) fn find(
        args: &ImportArgs,
        results: &Path,
        wait: &LockWait<'_>,
        screen: &Screen,
    ) -> Result<Option<Self>, AppError> {
        if !args.resume && journal::lacks_run_log(results) {
            return Ok(None);
        }
        let locked = match wait.wait_for(|| journal::lock(results, messages::log_journal_event)) {
            Err(AppError::Journal(JournalError::Create(..))) => return Ok(None),
            locked => locked?,
        };
        if !args.resume {
            let rehearsal = if args.sandbox && args.results.is_none() {
                EarlierRehearsal::find(&locked, results)?
            } else {
                None
            };
            return Ok(Some(Self {
                locked,
                recorded: None,
                rehearsal,
            }));
        }
        if results
            .metadata()
            .is_ok_and(|file| file.len() > LARGE_RESULTS_BYTES)
        {
            let results = path(results);
            screen.say(&format!(
                "reading {results} and comparing it with the input"
            ));
        }
        let past = locked.recorded_run()?;
        // Without results, a run that was undone has nothing to resume.
        let past = past.filter(|past| !(past.is_without_results() && past.is_undone()));
        if past
            .as_ref()
            .is_some_and(|past| past.info().subject.is_some())
        {
            return Err(AppError::NoImport(results.to_owned()));
        }
        if past.as_ref().is_some_and(RecordedRun::is_undone) {
            return Err(AppError::Undone(results.to_owned()));
        }
        Ok(Some(Self {
            locked,
            recorded: past,
            rehearsal: None,
        }))
    }

    /// Whether new results replace the existing ones.
    pub(super) fn is_replaced(&self) -> bool {
        self.rehearsal.is_some()
    }

    /// The run that the files record.
    pub(super) fn past(&self) -> Option<&RecordedRun> {
        self.recorded.as_ref()
    }

    /// The arguments. Options that are not given come from the run.
    pub(super) fn arguments(
        &self,
        typed: &[OsString],
        config: &ConfigValues,
    ) -> Result<Option<Box<ImportArgs>>, AppError> {
        let past = self.recorded.as_ref();
        past.map(|past| recorded_options::arguments_typed(past, typed, config))
            .transpose()
    }
}

impl EarlierRehearsal {
    /// Recognises a rehearsal in these files.
    fn find(locked: &LockedRun, results: &Path) -> Result<Option<Self>, AppError> {
        let Some((target, failures)) = locked.target_and_failures()? else {
            return Ok(None);
        };
        // Only a file beside its results. The recorded path is relative to the folder in which
        // the run was started.
        let beside_results = |file: FailuresFile| {
            let path = results.with_file_name(file.path.file_name()?);
            Some(FailuresFile { path, ..file })
        };
        Ok((target == Summary::SANDBOX).then(|| Self {
            failures: failures.and_then(beside_results),
        }))
    }

    /// Removes the failures file of the rehearsal, because its results were just replaced. A
    /// file with corrections stays.
    fn forget(&self) {
        let failures = self.failures.as_ref();
        if let Some(failures) = failures.filter(|file| file.is_unchanged()) {
            // If it cannot be removed, the next one gets a number.
            let _ = fs::remove_file(&failures.path);
        }
    }
}

/// The info of a run that begins now.
pub(super) fn new_run_info(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    options: &InputOptions,
    input: &InputReader,
    target: &str,
) -> RunInfo {
    // A run that recorded nothing begins again with its own options.
    let mut recorded_options = past.map(RecordedRun::options).cloned().unwrap_or_default();
    recorded_options.extend(args.given_options.to_record());
    let shape = input.shape();
    let (name, file) = match &options.path {
        InputPath::File(path) => (path.as_path(), Some(path.as_path())),
        InputPath::Stdin => (Path::new("-"), None),
    };
    RunInfo {
        format: RunInfo::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: Timestamp::now(),
        input: InputInfo::inspect(name, file, shape.bytes_total)
            .with_gzip(shape.format.is_compressed()),
        server: ApiTarget {
            api: args.input.api.name().to_owned(),
            target: target.to_owned(),
        },
        results_format: ResultsFormat {
            columns: shape.header.iter().map(str::to_owned).collect(),
            result_columns: ResultsFormat::new_result_columns(),
            key_columns: shape.key_columns.clone(),
            delimiter: shape.delimiter.byte().into(),
            bom: shape.bom,
        },
        options: recorded_options,
        reads_before_write: args.reads_before_write(),
        subject: None,
    }
}

/// Rows that an earlier session was about to write, and may have written.
pub(super) fn attempted_rows(past: Option<&RecordedRun>, info: &RunInfo) -> RoaringTreemap {
    let past = past.filter(|past| past.is_resumed_by(info));
    past.map(|past| past.snapshot_rows().clone())
        .unwrap_or_default()
}

/// Opens the files of the run. Fails if they are damaged or belong to another run.
pub(super) fn open_files(
    earlier: Option<EarlierRun>,
    results: &Path,
    info: &RunInfo,
    args: &ImportArgs,
    (stop, screen): (&StopSwitch, &Screen),
) -> Result<OpenedRun, AppError> {
    let keep = |locked: &LockedRun| keep_snapshots(locked, screen);
    let opened = match earlier {
        None => journal::lock(results, messages::log_journal_event)?.begin(info, stop),
        Some(EarlierRun {
            locked,
            rehearsal: Some(rehearsal),
            ..
        }) => {
            let opened = locked.restart(info, stop);
            opened.inspect(|_| rehearsal.forget())
        }
        // Other results are never overwritten.
        Some(EarlierRun { locked, .. }) if !args.resume => {
            journal::refuse_existing(results)?;
            keep(&locked)?;
            locked.begin(info, stop)
        }
        Some(EarlierRun {
            locked,
            recorded: past,
            ..
        }) => match past.filter(|past| past.is_resumed_by(info)) {
            None => {
                keep(&locked)?;
                locked.restart(info, stop)
            }
            Some(past) => {
                let session = ResumeOptions {
                    options: args.given_options.to_record(),
                    resend_failed: args.retry_failed,
                    input_size: info.input.plain_size(),
                };
                locked.resume(&past, session, stop)
            }
        },
    };
    Ok(opened?)
}

/// Keeps the snapshots of another run whose log is about to be replaced.
fn keep_snapshots(locked: &LockedRun, screen: &Screen) -> Result<(), AppError> {
    let target = locked.target_and_failures()?.map(|(target, _)| target);
    if target.is_none_or(|target| target == Summary::SANDBOX) {
        return Ok(());
    }
    if let Some(kept) = locked.keep_snapshots()? {
        let copy = path(&kept);
        screen.say(&format!("the log of an earlier run was kept as {copy}"));
    }
    Ok(())
}

/// Proves that the input is the recorded one, and finds the rows that remain. Nothing is
/// written yet.
pub(super) fn remaining_rows(
    context: ResumeContext<'_>,
    options: &InputOptions,
    min_rows: Option<u64>,
    mut input: InputReader,
) -> Result<RemainingRows, AppError> {
    let ResumeContext {
        past,
        resends,
        limits,
        console,
    } = context;
    let shape = input.shape();
    let size = shape.bytes_total.filter(|_| !shape.format.is_compressed());
    let Some(past) = past.filter(|past| !past.is_empty()) else {
        // Without results, a different file is allowed.
        past.filter(|past| !past.is_without_results())
            .map_or(Ok(()), |past| past.refuse_smaller(size))?;
        return Ok(RemainingRows {
            buffered: min_rows::read_min_rows(options, min_rows, &mut input)?,
            input,
            selection: RowSelection::default(),
        });
    };
    let mut selection = RowSelection::new(past, resends, limits);
    let shape = input.shape();
    let mut proof =
        InputProof::new(past, &shape.header)?.showing(console.shown_rows(shape.has_keys()));
    let mut buffered = BufferedRows::default();
    let mut row = InputReader::empty_row();
    while proof.needs_more() && input.next_row(&mut row)? {
        proof.add(&row)?;
        if !input.is_repeatable() && selection.includes(&row) {
            buffered.push(&row, options)?;
        }
    }
    if input.is_at_limit() {
        let highest = past.last_recorded_row();
        if input.rows_read() < highest {
            let limit = options.limit.map_or(0, InputLimit::number);
            return Err(ConfigError::LimitBelowRecordedRow { limit, highest }.into());
        }
        proof = proof.limited_to(input.rows_read());
    }
    proof.finish()?;
    // Checked last, so that a changed row is reported first.
    past.refuse_smaller(size)?;
    if input.is_repeatable() {
        input = input::reopen(input, options)?;
    }
    Ok(RemainingRows {
        buffered: buffered.rows,
        input,
        selection,
    })
}

/// Whether rows are sent that come before recorded ones in the file. Those may then have to
/// follow.
pub(super) fn has_earlier_rows_to_send(
    past: Option<&RecordedRun>,
    resends: &RoaringTreemap,
) -> bool {
    past.is_some_and(|past| {
        let rows = past.rows();
        !resends.is_empty()
            || rows.recorded.len() < past.last_recorded_row()
            || !rows.multi_line.is_empty()
    })
}

/// Failed rows that are sent again: all of them, or those that an interrupted resend has left.
pub(super) fn rows_to_resend(args: &ImportArgs, past: Option<&RecordedRun>) -> RoaringTreemap {
    let Some(past) = past else {
        return RoaringTreemap::new();
    };
    let rows = past.rows();
    if args.retry_failed {
        rows.failed.clone()
    } else if past.was_resending_failed() {
        &rows.failed - &rows.resent_before_interruption
    } else {
        RoaringTreemap::new()
    }
}

/// The counts to continue from.
pub(super) fn tally(past: Option<&RecordedRun>, resends: RoaringTreemap) -> Tally {
    let Some(past) = past else {
        return Tally::default();
    };
    let rows = past.rows();
    Tally::resume_from(EarlierSessions {
        rows: rows.counts(),
        to_correct: rows.invalid.len() + (&rows.failed - &resends - &rows.transient).len(),
        resending: resends,
        already: rows.already.clone(),
        linked: rows.linked(),
        multi_line: rows.multi_line.clone(),
        by_code: rows.by_code.clone(),
    })
}

/// Shows what is resumed, and how many failed rows are sent again (`resends`).
pub(super) fn announce_resume(
    args: &ImportArgs,
    past: &RecordedRun,
    resends: u64,
    results: &Path,
    screen: &Screen,
) {
    let rows = past.rows();
    let recorded = match rows.recorded.len() {
        0 => "no rows".to_owned(),
        recorded => plural(recorded, "row", "rows"),
    };
    screen.say(&format!(
        "resuming the run started {:.0}: {recorded} already done ({})",
        past.info().at,
        path(results)
    ));
    if past.torn_bytes() > 0 {
        let bytes = plural(past.torn_bytes(), "byte", "bytes");
        screen.say(&format!("an incomplete last line was removed ({bytes})"));
    }
    if resends > 0 {
        let failed = plural(resends, "failed row is", "failed rows are");
        let reason = if args.retry_failed {
            ""
        } else {
            ", because the interrupted run used --retry-failed"
        };
        screen.say(&format!("{failed} sent again{reason}"));
        screen.say(
            "later rows of the same record are sent again too where only the last one counts \
             (primary company, parent, a limit of one)",
        );
    } else if !rows.failed.is_empty() {
        let (failed, transient) = (rows.failed.len(), rows.transient.len());
        // What HubSpot refused once, it refuses again.
        let remedy = match transient {
            0 => String::new(),
            rows if rows == failed => "; use --retry-failed to send them again".to_owned(),
            rows => format!(
                ", {} of them for a reason that may have passed; use --retry-failed to send all of \
                 them again",
                number(rows)
            ),
        };
        screen.say(&format!("{} of them failed{remedy}", number(failed)));
    }
}
