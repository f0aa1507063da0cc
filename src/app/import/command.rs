//! `import`: connects reader, delivery and recorder, and shows messages around them.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use futures_util::{StreamExt as _, stream};
use roaring::RoaringTreemap;

use super::{
    admin_limits::AdminLimitsLookup,
    closing::ImportClosing,
    consent,
    existing_policy::ExistingPolicy,
    import_job::ImportJob,
    import_run::{EarlierResults, ImportRun},
    next_commands::TypedCommand,
    resume::{self, EarlierRun, RemainingRows, ResumeContext},
};
use crate::{
    app::{
        error::AppError,
        past::recorded_options,
        preview::{input_preview::InputPreview, labels, min_rows},
        session::{
            closing::FinishedRows,
            command_context::{CommandContext, Console, StartTime},
            connect::{self, ApiConnection},
            run::Session,
            run_records::RunRecords,
            summary::CommandEnd,
        },
    },
    association::LabelReference,
    cli::ImportArgs,
    config,
    input::{self, InputOptions, RowCounter},
    journal::{self, OpenedRun, RecordedRun, RunInfo},
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
struct ImportParts {
    remaining: RemainingRows,
    records: RunRecords,
    /// Rows with a snapshot from an earlier session.
    own_snapshots: RoaringTreemap,
    preview: CountedPreview,
}

/// Imports a file.
pub(crate) fn import(args: &ImportArgs, console: Console<'_>) -> Result<CommandEnd, AppError> {
    let results_path = config::results_path(args, &args.input.input.clone().into())?;
    let opening = CommandContext::start(console, "--resume continues")?;
    let wait = opening.lock_wait(&args.sending);
    let earlier = EarlierRun::find(args, &results_path, &wait, console.screen)?;
    let taken_over = earlier.as_ref().map(|run| run.arguments(console.typed));
    let taken_over = taken_over.transpose()?.flatten();
    let args = taken_over.as_deref().unwrap_or(args);
    let past = earlier.as_ref().and_then(EarlierRun::past);

    check(args, &results_path)?;
    let reached = connect(args, past)?;
    let mut options = read_options(args, past)?;
    let mut session = new_session(args, past, reached, opening)?;
    let wishes = label_references(args, &results_path, earlier.as_ref(), &options)?;
    let prepared = resolve_labels_and_limits(args, past, &wishes, &mut options, &session);
    let limits = session.context.block_on(prepared)?;
    let found = prepare_import(args, past, options, limits, results_path, &session)?;
    let PreparedImport {
        run,
        begun,
        rest,
        tally,
        own,
    } = found;
    session.started = StartTime::now();
    let (opened, surveyed) = run.preview_and_open(args, earlier, &begun, &mut session)?;
    let (journal, results) = opened;
    let recorder = Recorder::new(results, tally, messages::ROWS);
    let course = ImportParts {
        remaining: rest,
        records: RunRecords::new(&session, journal, recorder),
        own_snapshots: own,
        preview: surveyed,
    };
    let (gone, page) = run.send_rows(args, course, &session)?;
    Ok(session.close(&gone, page))
}

/// The run, and the rows that remain to be sent.
struct PreparedImport {
    run: ImportRun,
    begun: RunInfo,
    rest: RemainingRows,
    tally: Tally,
    /// Rows with a snapshot from an earlier session.
    own: RoaringTreemap,
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
    let begun = resume::new_run_info(args, past, &options, &input, &session.destination.target);
    let again = resume::rows_to_resend(args, past);
    let known = ResumeContext {
        past,
        resends: &again,
        limits: limits.limits(),
    };
    let rest = resume::remaining_rows(known, &options, args.input.min_rows, input)?;
    let earlier = EarlierResults::new(past, &rest.selection, args)?;
    let written = past.filter(|past| !past.is_empty());
    let delimiter = written
        .map_or(&begun, RecordedRun::info)
        .results_format
        .delimiter_byte();
    if let Some(past) = past {
        resume::announce_resume(args, past, again.len(), &results_path, session.screen());
    }
    Ok(PreparedImport {
        tally: resume::tally(past, again),
        own: resume::own_snapshots(past, &begun),
        run: ImportRun {
            options,
            shape,
            results_path,
            delimiter,
            limits,
            earlier,
        },
        begun,
        rest,
    })
}

/// Connects to where the rows go. A resumed run must go where it went before.
fn connect(args: &ImportArgs, past: Option<&RecordedRun>) -> Result<ApiConnection, AppError> {
    let (api_version, connection) = (args.input.api, &args.sending.connection);
    let reached = if args.sandbox {
        ApiConnection::to_sandbox(api_version, connection)?
    } else {
        ApiConnection::to_hubspot(api_version, connection)?
    };
    if let Some(past) = past {
        let options = recorded_options::options(past)?;
        config::check_same_run(args, past, &options, &reached.destination.target)?;
    }
    Ok(reached)
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
    if let (Some(begun), Some(wanted)) = (past.and_then(RecordedRun::account), args.account)
        && begun != wanted
    {
        return Err(AppError::OtherAccount { begun, wanted });
    }
    let options = config::input(&args.input)?;
    Ok(if past.is_some_and(|past| !past.is_empty()) {
        options.for_resumed_run()
    } else {
        options
    })
}

/// The session that delivers the rows.
fn new_session<'a>(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    reached: ApiConnection,
    opening: CommandContext<'a>,
) -> Result<Session<'a>, AppError> {
    let (caller, place) = reached.caller(&args.sending, args.resume, &opening.stop)?;
    let mut caller = caller
        .expecting_run_account(past.and_then(RecordedRun::account))
        .requiring_account(args.account)
        .with_day_policy(connect::day_policy(&args.stopping));
    if !args.sandbox {
        caller = caller.on_account(consent::account_announcer(opening.console.screen.clone()));
    }
    let merges = past.map(RecordedRun::merges).unwrap_or_default();
    Ok(Session::new(opening, place, caller, &args.sending).with_merges(merges))
}

/// The labels that the rows name, if rows cannot be read without them.
fn label_references(
    args: &ImportArgs,
    results_path: &Path,
    earlier: Option<&EarlierRun>,
    options: &InputOptions,
) -> Result<Vec<(LabelReference, u64)>, AppError> {
    let past = earlier.and_then(EarlierRun::past);
    min_rows::check_file(options, args.input.min_rows)?;
    let wishes = input::label_references(options)?;
    if past.is_none() {
        labels::refuse_unknown_types(options, &wishes)?;
    }
    if !wishes.is_empty() && past.is_none() && !earlier.is_some_and(EarlierRun::is_replaced) {
        // Checked before HubSpot is asked.
        journal::refuse_existing(results_path)?;
    }
    Ok(wishes)
}

/// Looks up these labels, and the limits of administrators if they are needed before rows are
/// read.
async fn resolve_labels_and_limits(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    wishes: &[(LabelReference, u64)],
    options: &mut InputOptions,
    session: &Session<'_>,
) -> Result<AdminLimitsLookup, AppError> {
    labels::resolve(options, wishes, session).await?;
    let limits = AdminLimitsLookup::new(args.input.api);
    if resume::has_earlier_rows_to_send(past, &resume::rows_to_resend(args, past)) {
        limits.fetch(session, options.labels.as_ref()).await;
    }
    Ok(limits)
}

impl ImportRun {
    /// Shows what will be done, and opens the files. If a person has to agree, the preview
    /// comes first, and a no leaves no files behind.
    fn preview_and_open(
        &self,
        args: &ImportArgs,
        earlier: Option<EarlierRun>,
        begun: &RunInfo,
        session: &mut Session<'_>,
    ) -> Result<(OpenedRun, CountedPreview), AppError> {
        let mut survey = InputPreview::new(&self.options, &self.shape);
        let console = session.context.console;
        // Counted only if somebody sees the number.
        let is_shown = console.screen.shows_info() || console.style != ProgressStyle::Silent;
        let counter = is_shown.then(|| survey.count(&self.options, &self.shape));
        let surveyed = CountedPreview {
            preview: survey,
            counter: counter.flatten(),
        };
        let survey = &surveyed.preview;
        let asks = consent::is_needed(args, self);
        let mut given = None;
        if asks {
            self.show_preview(args, session, survey);
            let past = earlier.as_ref().and_then(EarlierRun::past);
            given = self.ask(past, session)?;
        }
        session.context.start_writing();
        let told = (session.stop(), session.screen());
        let opened = resume::open_files(earlier, &self.results_path, begun, args, told)?;
        if let Some(given) = given {
            opened.0.write_consent(given)?;
        }
        config::empty_summary(args.sending.summary.as_deref())?;
        if !asks {
            self.show_preview(args, session, survey);
        }
        Ok((opened, surveyed))
    }

    /// Sends all rows.
    fn send_rows<'a>(
        &'a self,
        args: &'a ImportArgs,
        course: ImportParts,
        session: &Session<'a>,
    ) -> Result<(FinishedRows, ImportClosing<'a>), AppError> {
        let CountedPreview {
            preview: survey,
            counter,
        } = course.preview;
        let mut wanted = course.remaining.selection;
        let handed = wanted.resends();
        let (rows, reader) =
            input::spawn_reader(course.remaining.input, move |row| wanted.includes(row));
        let books = RefCell::new(course.records);
        let rows = stream::iter([course.remaining.buffered])
            .chain(input::row_chunks(rows))
            .then(|rows| self.apply_limits(rows, session))
            .map(|rows| mark_dispatched(&books, rows, session.stop()));
        let importing = ImportJob {
            session,
            records: &books,
            tolerance: connect::tolerance(&args.stopping),
            reads_before_write: args.looks(),
            merges_written: session.delivery.identities().merges_after(0).len(),
            policy: ExistingPolicy {
                skips_existing: args.skip_existing,
                own_rows: course.own_snapshots,
            },
        };
        session.run(rows, survey.total, importing)?;
        drop(counter);
        let mut books = books.into_inner();
        books.sync(session.stop());
        let (reading, broken_input) = reader.finish();
        let RunRecords { journal, recorder } = books;
        let gone = FinishedRows {
            tally: recorder.finish(),
            broken_input,
        };
        let typed = TypedCommand {
            words: session.context.console.typed,
            input: &args.input.input,
            names_results: args.results.is_some(),
            inherited: &self.earlier.options,
        };
        let page = ImportClosing {
            run: self,
            command: typed,
            reader_end: reading,
            resends: handed,
            to_correct: gone.tally.to_correct(),
            failures: None,
            corrected: None,
            may_have_written: false,
            journal: Some(journal),
        };
        Ok((gone, page))
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
fn mark_dispatched(books: &RefCell<RunRecords>, rows: Vec<Row>, stop: &StopSwitch) -> Vec<Row> {
    let last = rows.last().map_or(0, |row| row.number);
    match books.borrow_mut().journal.mark_dispatched(last) {
        Ok(()) => rows,
        Err(error) => {
            stop.request(StopReason::Output(messages::journal(&error).into()));
            Vec::new()
        }
    }
}
