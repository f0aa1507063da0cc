//! `import`: connects reader, delivery and recorder, and shows messages around them.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use futures_util::{StreamExt as _, stream};
use roaring::RoaringTreemap;

use super::{
    admin_limits::AdminLimitsLookup,
    applied_plan::{self, AppliedPlan},
    closing::{ImportClosing, OpenFiles},
    consent,
    existing_policy::ExistingPolicy,
    first_questions,
    import_job::ImportJob,
    import_run::{EarlierResults, ImportRun, failures_format},
    next_commands::TypedCommand,
    planned_rows::PlannedRows,
    record_keys::ImportKeys,
    resume::{self, EarlierRun, RemainingRows, ResumeContext},
};
use crate::{
    app::{
        error::AppError,
        past::recorded_options,
        preview::{input_preview::InputPreview, key_properties},
        session::{
            closing::FinishedRows,
            command_context::{CommandContext, StartTime},
            connect::{self, ApiConnection},
            run::Session,
            run_records::RunRecords,
            summary::EndedRun,
        },
    },
    association::KeyProperty,
    cli::ImportArgs,
    config,
    input::{self, InputOptions, RowCounter},
    journal::{Consent, OpenedRun, RecordedRun, RunInfo},
    messages,
    output::{ProgressStyle, Recorder, Tally},
    row::Row,
    stop::{StopReason, StopSwitch},
};

/// The preview of the input, and the background counter of its rows.
struct CountedPreview {
    preview: InputPreview,
    counter: Option<RowCounter>,
}

/// What is needed to send the rows.
struct ImportParts<'a> {
    /// What is known of the keys that rows have instead of ids.
    keys: Option<ImportKeys>,
    /// The plan that is carried out.
    plan: Option<&'a AppliedPlan>,
    remaining: RemainingRows,
    records: RunRecords,
    /// Rows with a snapshot from an earlier session, which may have written them.
    attempted_rows: RoaringTreemap,
    preview: CountedPreview,
}

/// Imports a file. `agreed` is what a person has agreed to already, if anybody was asked.
pub(super) fn import_file(
    args: &ImportArgs,
    context: CommandContext<'_>,
    agreed: Option<Consent>,
) -> Result<EndedRun, AppError> {
    import_with(args, context, agreed, None)
}

/// Imports a file as it was planned.
pub(crate) fn import_planned(
    args: &ImportArgs,
    context: CommandContext<'_>,
    agreed: Consent,
    plan: &AppliedPlan,
) -> Result<EndedRun, AppError> {
    import_with(args, context, Some(agreed), Some(plan))
}

fn import_with(
    args: &ImportArgs,
    context: CommandContext<'_>,
    agreed: Option<Consent>,
    plan: Option<&AppliedPlan>,
) -> Result<EndedRun, AppError> {
    let console = context.console;
    let results_path = config::results_path(args, &args.input.input.clone().into())?;
    let wait = context.lock_wait(&args.sending);
    let earlier = EarlierRun::find(args, &results_path, &wait, console.screen)?;
    let past = earlier.as_ref().and_then(EarlierRun::past);
    applied_plan::check_same_plan(past, &results_path, plan)?;
    let read_again = |run: &EarlierRun| run.arguments(console.typed, &args.config_file.values);
    // All options of an apply come from its plan and its command line.
    let with_recorded = earlier.as_ref().filter(|_| plan.is_none()).map(read_again);
    let with_recorded = with_recorded.transpose()?.flatten();
    let args = with_recorded.as_deref().unwrap_or(args);
    let past = earlier.as_ref().and_then(EarlierRun::past);

    check(args, &results_path)?;
    let connection = connect(args, past)?;
    if let Some(plan) = plan {
        plan.check_server(&connection.destination.target)?;
    }
    let options = read_options(args, past)?;
    let mut session = new_session(args, past, connection, context)?;
    let begun = BegunImport {
        args,
        plan,
        earlier,
        agreed,
        results_path,
    };
    begun.run(options, &mut session)
}

/// An import whose earlier session is known, before HubSpot is asked.
struct BegunImport<'a> {
    args: &'a ImportArgs,
    /// The plan that is carried out.
    plan: Option<&'a AppliedPlan>,
    earlier: Option<EarlierRun>,
    agreed: Option<Consent>,
    results_path: PathBuf,
}

impl BegunImport<'_> {
    fn run(
        self,
        mut options: InputOptions,
        session: &mut Session<'_>,
    ) -> Result<EndedRun, AppError> {
        let (args, plan) = (self.args, self.plan);
        let past = self.earlier.as_ref().and_then(EarlierRun::past);
        let properties = input::key_properties(&options)?;
        let limits = self.ask_first(&properties, &mut options, session)?;
        let follows_session = past.is_some();
        let prepared = prepare_import(args, past, options, limits, self.results_path, session)?;
        let PreparedImport {
            mut run,
            mut info,
            remaining,
            tally,
            attempted_rows,
        } = prepared;
        info.input.plan = plan.map(AppliedPlan::reference);
        run.is_apply = plan.is_some();
        check_keys_of_stream(&run, &properties, session)?;
        session.started = StartTime::now();
        let begun = (self.earlier, self.agreed);
        let (opened, counted) = run.preview_and_open(args, begun, &info, session)?;
        let (journal, results) = opened;
        let messages = session.context.console.row_messages(run.shape.has_keys());
        let recorder = Recorder::new(results, tally, messages);
        let parts = ImportParts {
            keys: match plan {
                // The plan has the ids.
                Some(_) => None,
                None => ImportKeys::open_for(&run, args, follows_session, session)?,
            },
            plan,
            remaining,
            records: RunRecords::new(session, journal, recorder),
            attempted_rows,
            preview: counted,
        };
        let (finished, closing) = run.send_rows(args, parts, session)?;
        Ok(session.close(&finished, closing))
    }

    /// Asks HubSpot what has to be known before rows are read. Refuses properties and labels that
    /// the account does not have, and an account or labels other than those of the plan.
    fn ask_first(
        &self,
        properties: &[(KeyProperty, u64)],
        options: &mut InputOptions,
        session: &Session<'_>,
    ) -> Result<AdminLimitsLookup, AppError> {
        let (args, earlier) = (self.args, self.earlier.as_ref());
        let keys_in_log = session.context.console.keys_in_log;
        let past = earlier.and_then(EarlierRun::past);
        let references = first_questions::label_references(
            args,
            &self.results_path,
            earlier,
            options,
            keys_in_log,
        )?;
        let limits = session.context.block_on(async {
            key_properties::check(properties, session).await?;
            first_questions::resolve_labels_and_limits(args, past, &references, options, session)
                .await
        })?;
        if let Some(plan) = self.plan {
            plan.check_account(session)?;
            plan.check_labels(options, &references)?;
        }
        Ok(limits)
    }
}

/// Checks the properties by which the rows of a stream name records. It is opened only once.
fn check_keys_of_stream(
    run: &ImportRun,
    checked: &[(KeyProperty, u64)],
    session: &Session<'_>,
) -> Result<(), AppError> {
    if !checked.is_empty() {
        return Ok(());
    }
    let properties = run.shape.key_properties();
    let checking = key_properties::check(&properties, session);
    session.context.block_on(checking)
}

/// The run, and the rows that remain to be sent.
struct PreparedImport {
    run: ImportRun,
    info: RunInfo,
    remaining: RemainingRows,
    tally: Tally,
    /// Rows with a snapshot from an earlier session, which may have written them.
    attempted_rows: RoaringTreemap,
}

/// Reads as much of the input as is needed to prove that a resumed run has the same input.
fn prepare_import(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    options: InputOptions,
    limits: AdminLimitsLookup,
    results_path: PathBuf,
    session: &Session<'_>,
) -> Result<PreparedImport, AppError> {
    let input = input::open(&options)?;
    let shape = input.shape().clone();
    let info = resume::new_run_info(args, past, &options, &input, &session.destination.target);
    let resends = resume::rows_to_resend(args, past);
    let resume_context = ResumeContext {
        past,
        resends: &resends,
        limits: limits.limits(),
        console: session.context.console,
    };
    let remaining = resume::remaining_rows(resume_context, &options, args.input.min_rows, input)?;
    let earlier = EarlierResults::new(past, &remaining.selection, args)?;
    let with_results = past.filter(|past| !past.is_empty());
    let delimiter = with_results
        .map_or(&info, RecordedRun::info)
        .results_format
        .delimiter_byte();
    if let Some(past) = past {
        resume::announce_resume(args, past, resends.len(), &results_path, session.screen());
    }
    Ok(PreparedImport {
        tally: resume::tally(past, resends),
        attempted_rows: resume::attempted_rows(past, &info),
        run: ImportRun {
            options,
            failures_format: failures_format(args, &shape),
            shape,
            results_path,
            delimiter,
            limits,
            earlier,
            is_apply: false,
        },
        info,
        remaining,
    })
}

/// Connects to where the rows go. A resumed run must go where it went before.
pub(crate) fn connect(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
) -> Result<ApiConnection, AppError> {
    let (api_version, connection) = (args.input.api, &args.sending.connection);
    let connection = if args.sandbox {
        ApiConnection::to_sandbox(api_version, connection, args.sandbox_options())?
    } else {
        ApiConnection::to_hubspot(api_version, connection)?
    };
    if let Some(past) = past {
        let options = recorded_options::options(past)?;
        config::check_same_run(args, past, &options, &connection.destination.target)?;
    }
    Ok(connection)
}

/// Refuses what cannot work, before anything is opened.
fn check(args: &ImportArgs, results: &Path) -> Result<(), AppError> {
    let files = [results, Path::new(&args.input.input)];
    config::check_summary(args.sending.summary.as_deref(), &files)?;
    config::check_batch(args.input.api, args.sending.pace.batch)?;
    Ok(())
}

/// How the rows are read. Refuses another account than before.
fn read_options(args: &ImportArgs, past: Option<&RecordedRun>) -> Result<InputOptions, AppError> {
    if let (Some(run_account), Some(given)) = (past.and_then(RecordedRun::account), args.account)
        && run_account != given
    {
        return Err(AppError::OtherAccount { run_account, given });
    }
    let options = config::input(&args.input)?;
    Ok(if past.is_some_and(|past| !past.is_empty()) {
        options.for_resumed_run()
    } else {
        options
    })
}

/// The session that delivers the rows.
pub(crate) fn new_session<'a>(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    connection: ApiConnection,
    context: CommandContext<'a>,
) -> Result<Session<'a>, AppError> {
    let resumes = args.resume || context.follows_run;
    let (caller, destination) = connection.caller(&args.sending, resumes, &context.stop)?;
    let mut caller = caller
        .expecting_run_account(past.and_then(RecordedRun::account))
        .requiring_account(args.account)
        .with_day_policy(connect::day_policy(&args.stopping));
    if !args.sandbox {
        caller = caller.on_account(consent::account_announcer(context.console.screen.clone()));
    }
    let merges = past.map(RecordedRun::merges).unwrap_or_default();
    Ok(Session::new(context, destination, caller, &args.sending).with_merges(merges))
}

impl ImportRun {
    /// Shows what will be done, and opens the files. If a person has to agree, the preview
    /// comes first, and a no leaves no files behind.
    fn preview_and_open(
        &self,
        args: &ImportArgs,
        (earlier, agreed): (Option<EarlierRun>, Option<Consent>),
        info: &RunInfo,
        session: &mut Session<'_>,
    ) -> Result<(OpenedRun, CountedPreview), AppError> {
        let mut preview = InputPreview::new(&self.options, &self.shape);
        let console = session.context.console;
        // Counted only if somebody sees the number.
        let is_shown = console.screen.shows_info() || console.style != ProgressStyle::Silent;
        let counter = is_shown.then(|| preview.count(&self.options, &self.shape));
        let with_counter = CountedPreview {
            preview,
            counter: counter.flatten(),
        };
        let preview = &with_counter.preview;
        let needs_consent = agreed.is_none() && consent::is_needed(args, self);
        let mut consent = agreed;
        if needs_consent {
            self.show_preview(args, session, preview);
            let past = earlier.as_ref().and_then(EarlierRun::past);
            consent = self.ask(past, session)?;
        }
        session.context.start_writing();
        let observers = (session.stop(), session.screen());
        let opened = resume::open_files(earlier, &self.results_path, info, args, observers)?;
        if let Some(consent) = consent {
            opened.0.write_consent(consent)?;
        }
        config::empty_summary(args.sending.summary.as_deref())?;
        if !needs_consent {
            self.show_preview(args, session, preview);
        }
        Ok((opened, with_counter))
    }

    /// Sends all rows.
    fn send_rows<'a>(
        &'a self,
        args: &'a ImportArgs,
        parts: ImportParts<'a>,
        session: &Session<'a>,
    ) -> Result<(FinishedRows, ImportClosing<'a>), AppError> {
        let CountedPreview { preview, counter } = parts.preview;
        let mut selection = parts.remaining.selection;
        let resends = selection.resends();
        let (rows, reader) =
            input::spawn_reader(parts.remaining.input, move |row| selection.includes(row));
        let records = RefCell::new(parts.records);
        let planned = PlannedRows::new(self.options.table);
        let rows = stream::iter([parts.remaining.buffered])
            .chain(input::row_chunks(rows))
            .then(|rows| self.apply_limits(rows, session))
            .map(|rows| mark_dispatched(&records, rows, session.stop()));
        let policy = ExistingPolicy {
            skips_existing: args.skip_existing,
            attempted_rows: parts.attempted_rows,
            planned: parts.plan.map(|_| &planned),
        };
        let job = ImportJob::new(args, session, &records, policy);
        if let Some(plan) = parts.plan {
            let resolver = plan.links(&planned, session.stop());
            session.run_resolving(rows, resolver, preview.total, job)?;
        } else {
            let resolver = parts.keys.as_ref().map(|keys| keys.resolver(session));
            session.run_resolving(rows, resolver, preview.total, job)?;
        }
        drop(counter);
        let mut records = records.into_inner();
        records.sync(session.stop());
        let (reader_end, broken_input) = reader.finish();
        let RunRecords { journal, recorder } = records;
        let finished = FinishedRows {
            tally: recorder.finish(),
            broken_input,
        };
        let closing = ImportClosing {
            run: self,
            command: self.typed_command(args, parts.plan, session),
            reader_end,
            resends,
            to_correct: finished.tally.to_correct(),
            failures: None,
            leftover_failures: None,
            may_have_written: false,
            files: Some(OpenFiles {
                journal,
                keys: parts.keys,
            }),
        };
        Ok((finished, closing))
    }

    /// The command as it was typed.
    fn typed_command<'a>(
        &'a self,
        args: &'a ImportArgs,
        plan: Option<&'a AppliedPlan>,
        session: &Session<'a>,
    ) -> TypedCommand<'a> {
        let words = session.context.console.typed;
        TypedCommand {
            words,
            continued_by: plan.map_or(words, |plan| &plan.typed),
            input: &args.input.input,
            names_results: args.results.is_some(),
            inherited: &self.earlier.options,
            config: &args.config_file.values,
        }
    }

    /// Asks for the limits of the account before the first row, and applies them to these rows.
    async fn apply_limits(&self, mut rows: Vec<Row>, session: &Session<'_>) -> Vec<Row> {
        if !rows.is_empty() && !self.limits.is_done() {
            let labels = self.options.labels.as_ref();
            self.limits.fetch(session, labels).await;
            if let Some(words) = self.limits.notes(&self.options, &self.shape) {
                session.screen().say(&words);
            }
        }
        self.limits.apply_to(&mut rows);
        rows
    }
}

/// Marks rows as dispatched before they are sent. If that fails, none of them is sent.
fn mark_dispatched(records: &RefCell<RunRecords>, rows: Vec<Row>, stop: &StopSwitch) -> Vec<Row> {
    let last = rows.last().map_or(0, |row| row.number);
    match records.borrow_mut().journal.mark_dispatched(last) {
        Ok(()) => rows,
        Err(error) => {
            stop.request(StopReason::Output(messages::journal(&error).into()));
            Vec::new()
        }
    }
}
