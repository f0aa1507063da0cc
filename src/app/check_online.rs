//! `check --online`: reads the rows, and asks HubSpot for everything that an import would find out
//! before it writes: labels, limits, and the records of keys. Writes nothing to HubSpot.

use std::{
    fs::File,
    io::BufWriter,
    mem,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
};

use futures_util::{
    Stream, StreamExt as _,
    future::{Either, join, select},
};
use tokio::sync::mpsc;

use super::{
    check_document::{CheckedInput, CheckedInputs, CheckedRows, add_cause, cause_fields},
    error::AppError,
    import::{AdminLimitsLookup, ImportKeys, connect, new_session},
    preview::{key_properties, labels, preview_lines, single_link_conflicts::SingleLinkConflicts},
    session::{
        command_context::{CommandContext, Console},
        run::Session,
    },
};
use crate::{
    association::LabelReference,
    cause::FailureGroups,
    cli::ImportArgs,
    config,
    exit::ExitCode,
    input::{self, InputOptions, InputShape, RowCounter},
    output::{
        Notice, OutcomeCounts, ProgressDisplay, ProgressSource, ResultsError, ResultsWriter,
        RowLog, RowMessages, TotalRows, path, plural, report_path,
    },
    pipeline::{ResolveRows as _, ResolvedRows},
    private_file,
    row::{Row, RowReport, Status},
};

/// What was found out about the rows.
struct OnlineCheck<'a> {
    counts: Arc<OutcomeCounts>,
    conflicts: SingleLinkConflicts,
    bad_rows: Option<(PathBuf, ResultsWriter<BufWriter<File>>)>,
    results: PathBuf,
    shape: &'a InputShape,
    log: RowLog,
    messages: RowMessages,
    causes: FailureGroups,
}

/// Checks an input from beginning to end.
pub(super) fn check(
    args: &ImportArgs,
    (mut options, references): (InputOptions, Vec<(LabelReference, u64)>),
    document: Option<&CheckedInputs>,
    console: Console<'_>,
) -> Result<ExitCode, AppError> {
    let context = CommandContext::start(console, "the next check starts from the beginning")?;
    let properties = input::key_properties(&options)?;
    let session = new_session(args, None, connect(args, None)?, context)?;
    let limits = AdminLimitsLookup::new(args.input.api);
    session.context.block_on(async {
        labels::resolve(&mut options, &references, &session).await?;
        key_properties::check(&properties, &session).await?;
        limits.fetch(&session, options.labels.as_ref()).await;
        Ok::<_, AppError>(())
    })?;
    let input = input::open(&options)?;
    let shape = input.shape().clone();
    preview_lines::what_is_read(&options, &shape, console.keys_in_log)
        .for_each(|line| console.screen.say(&line));
    let (rows, reader) = input::spawn_reader(input, |_| true);
    let mut check = OnlineCheck {
        counts: Arc::default(),
        conflicts: SingleLinkConflicts::default(),
        bad_rows: None,
        results: config::results_path(args, &args.input.input.clone().into())?,
        shape: &shape,
        log: RowLog::default(),
        messages: console.row_messages(shape.has_keys()),
        causes: FailureGroups::default(),
    };
    let keys = shape
        .has_keys()
        .then(|| ImportKeys::temporary(args, &config::temporary_folder()));
    let rows = input::row_chunks(rows).map(|mut rows| {
        limits.apply_to(&mut rows);
        rows
    });
    let keys = keys.transpose()?;
    let progress = check.show_progress(&options, &session);
    session
        .context
        .block_on(check.resolve(rows, keys, &session))?;
    drop(progress);
    if let Some(reason) = session.stop().reason() {
        return Err(AppError::Stopped(reason));
    }
    let (read, broken) = reader.finish();
    let found = check.found(Path::new(&args.input.input), read.rows);
    let code = check.conclude(read.rows, console);
    let exit_code = code.get();
    if let Some(inputs) = document {
        inputs.add(CheckedInput { exit_code, ..found });
    }
    broken.map_or(Ok(code), |error| Err(error.into()))
}

impl OnlineCheck<'_> {
    /// Shows progress until what it returns is dropped.
    fn show_progress(
        &self,
        options: &InputOptions,
        session: &Session<'_>,
    ) -> (ProgressDisplay, Option<RowCounter>) {
        // A stream can be read only once.
        let is_file = self.shape.bytes_total.is_some();
        let (counter, count) = is_file.then(|| input::count_rows(options)).unzip();
        let source = ProgressSource {
            total: count.map_or(TotalRows::Unknown, |count| TotalRows::Counted {
                count,
                done: 0,
            }),
            statuses: &[Status::Failed, Status::Invalid],
            counts: Arc::clone(&self.counts),
            metrics: session.delivery.caller().metrics(),
        };
        let console = session.context.console;
        let display = ProgressDisplay::start(console.style, console.screen.clone(), source);
        (display, counter)
    }

    /// Looks up what rows name, and takes what was found, until the last row or a stop.
    async fn resolve(
        &mut self,
        rows: impl Stream<Item = Vec<Row>>,
        keys: Option<ImportKeys>,
        session: &Session<'_>,
    ) -> Result<(), AppError> {
        let (sender, mut resolved) = mpsc::channel(1);
        let finder = keys.as_ref().map(|keys| keys.resolver(session));
        let resolving = finder.resolve(rows, sender);
        let taking = async move {
            while let Some(rows) = resolved.recv().await {
                self.take(rows)?;
            }
            Ok(())
        };
        let all = pin!(join(resolving, taking));
        match select(all, pin!(session.stop().requested())).await {
            Either::Left((((), taken), _)) => taken,
            Either::Right(_) => Ok(()),
        }
    }

    fn take(&mut self, resolved: ResolvedRows) -> Result<(), AppError> {
        match resolved {
            ResolvedRows::Rows(rows) => rows.into_iter().try_for_each(|row| self.take_row(row)),
            ResolvedRows::Links(row, _) => self.take_row(row),
            ResolvedRows::Ended(reports) => reports
                .into_iter()
                .try_for_each(|report| self.take_bad(report)),
        }
    }

    fn take_row(&mut self, row: Row) -> Result<(), AppError> {
        self.conflicts.add_row(&row);
        match &row.link {
            Ok(_) => self.counts.add_ready(),
            Err(failure) => {
                let failure = failure.clone();
                self.take_bad(RowReport::invalid(row, failure))?;
            }
        }
        Ok(())
    }

    /// Writes a row that cannot be imported to a file, in which it can be corrected.
    fn take_bad(&mut self, report: RowReport) -> Result<(), AppError> {
        if let Some(outcome) = &report.outcome {
            self.counts.add(outcome.status());
        }
        self.log.log(&report, self.messages);
        add_cause(&mut self.causes, &report, self.messages);
        if self.bad_rows.is_none() {
            let path_of = |n| report_path(&self.results, "check", n);
            let created = private_file::create_first(path_of);
            let (path, file) =
                created.map_err(|(path, error)| ResultsError::Create(path, error))?;
            let (header, delimiter) = (&self.shape.header, self.shape.delimiter.byte());
            let file = BufWriter::new(file);
            let writer = ResultsWriter::create(file, &path, header, delimiter, self.shape.bom)?;
            self.bad_rows = Some((path, writer));
        }
        if let Some((_, writer)) = &mut self.bad_rows {
            writer.write(&[report], self.messages.recorded)?;
        }
        Ok(())
    }

    /// What was found out, for a program.
    fn found(&mut self, input: &Path, read: u64) -> CheckedInput {
        let (ready, bad) = (self.counts.ready(), self.counts.bad());
        let file = self.bad_rows.as_ref().map(|(path, _)| path);
        CheckedInput {
            rows: CheckedRows {
                read,
                ready,
                bad,
                not_checked: read.saturating_sub(ready + bad),
            },
            causes: cause_fields(&mem::take(&mut self.causes)),
            bad_rows: file.map(|path| path.display().to_string()),
            ..CheckedInput::new(input, ExitCode::Success)
        }
    }

    /// Says what was found out.
    fn conclude(self, rows: u64, console: Console<'_>) -> ExitCode {
        let (ready, bad) = (self.counts.ready(), self.counts.bad());
        let unknown = rows.saturating_sub(ready + bad);
        let ready = plural(ready, "row is", "rows are");
        let mut counts = vec![format!(
            "{ready} ready to import, as far as HubSpot says before it writes"
        )];
        if bad > 0 {
            counts.push(format!("{} not", plural(bad, "row is", "rows are")));
        }
        if unknown > 0 {
            let rows = plural(unknown, "row was", "rows were");
            counts.push(format!(
                "{rows} not checked, because HubSpot did not answer"
            ));
        }
        let counts = counts.join("; ");
        let file = self.bad_rows.as_ref().map(|(bad_rows, _)| {
            Notice::info(format!(
                "correct these rows in {}, and import them from there",
                path(bad_rows)
            ))
        });
        let notices: Vec<_> = [Notice::info(counts)].into_iter().chain(file).collect();
        let code = match (unknown, bad) {
            (0, 0) => ExitCode::Success,
            (0, _) => ExitCode::SomeRowsBad,
            (_, _) => ExitCode::Unavailable,
        };
        console.screen.conclude(&notices, code == ExitCode::Success);
        let notes = self.conflicts.notes().into_iter();
        notes.for_each(|words| console.screen.say(&words));
        code
    }
}
