//! `plan`, and `import --dry-run`: reads the input and what exists in the account, and writes what
//! an import would do.

use std::path::Path;

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::{
    effort::{EffortFacts, WriteCalls},
    json::{PlanFields, PlansDocument},
    page,
    plan_files::{PlanFilesInProgress, PlanPaths},
    plan_job::PlanJob,
    plan_records::{PlanRecords, RecordedPlan},
};
use crate::{
    account::AccountDetails,
    app::{
        column_commands,
        command_line::CommandLine,
        error::AppError,
        failed_input,
        import::{AdminLimitsLookup, ImportKeys, connect, new_session},
        preview::{
            checked_options::checked_options, input_preview::InputPreview, key_properties, labels,
            preview_lines,
        },
        print::print_json,
        session::{
            command_context::{CommandContext, Console},
            run::Session,
        },
        size_and_hash::size_and_hash,
        typed_inputs,
    },
    association::LabelReference,
    cli::{ImportArgs, OutputFormat},
    config,
    exit::ExitCode,
    input::{self, InputOptions, InputPath, InputReader, InputShape, ReaderEnd},
    output::{
        Notice, RowDetails, SuggestedCommand, cause_notices, duration, line_word, path, plural,
    },
    plan::{
        PlanCounts, PlanDocument, PlanEffort, PlanFiles, PlanOrigin, PlannedAccount,
        PlannedChanges, PlannedLabel,
    },
    plan_action::PlanAction,
    row::Row,
};

/// Plans one input, or several, one after the other.
pub(crate) fn plan(
    args: &ImportArgs,
    format: OutputFormat,
    console: Console<'_>,
) -> Result<ExitCode, AppError> {
    let context = CommandContext::start(console, "nothing is changed; plan again")?;
    let (code, plans) = if args.input.inputs.len() > 1 {
        plan_several(args, &context)?
    } else {
        let planned = plan_file(args, context);
        let planned =
            planned.map_err(|error| column_commands::with_commands(error, console.typed))?;
        (planned.0, vec![planned.1])
    };
    match format {
        OutputFormat::Text => {}
        OutputFormat::Json => print_json(&PlansDocument::new(code, plans))?,
    }
    Ok(code)
}

/// Plans all inputs, each as if the others were not imported. The gravest exit code counts.
fn plan_several(
    args: &ImportArgs,
    context: &CommandContext<'_>,
) -> Result<(ExitCode, Vec<PlanFields>), AppError> {
    config::results_paths(args)?;
    let (console, inputs) = (context.console, &args.input.inputs);
    let typed = typed_inputs::words_of_each(console.typed, inputs);
    let (mut gravest, mut plans) = (ExitCode::Success, Vec::with_capacity(inputs.len()));
    for ((input, typed), number) in inputs.iter().zip(typed).zip(1_usize..) {
        if context.stop.is_requested() {
            break;
        }
        let name = path(Path::new(input));
        let heading = format!("input {number} of {}: {name}", inputs.len());
        console.screen.say(&heading);
        let console = Console {
            typed: &typed,
            ..console
        };
        let context = context.for_run(console, number > 1)?;
        let planned = plan_file(&args.for_input(input), context);
        let (code, fields) = planned.unwrap_or_else(|error| {
            let error = column_commands::with_commands(error, &typed);
            failed_input::show(&error, console.screen);
            let (code, why) = (error.exit_code(), error.to_string());
            (code, PlanFields::failed(Path::new(input), code, &why))
        });
        gravest = gravest.graver(code);
        plans.push(fields);
    }
    console.screen.say(
        "note: each input is planned as if the others were not imported; if they are about the same \
         records, import one before you plan the next",
    );
    Ok((gravest, plans))
}

/// An input that is about to be planned.
struct PlannedInput<'a> {
    args: &'a ImportArgs,
    options: InputOptions,
    references: Vec<(LabelReference, u64)>,
    /// The size and the hash of the file.
    hashed: (u64, String),
    limits: AdminLimitsLookup,
    account: Option<AccountDetails>,
}

fn plan_file(
    args: &ImportArgs,
    context: CommandContext<'_>,
) -> Result<(ExitCode, PlanFields), AppError> {
    let console = context.console;
    let (options, references) = checked_options(args, console)?;
    let InputPath::File(file) = options.path.clone() else {
        return Err(AppError::PlanOfStream);
    };
    if input::is_stream(&options.path) {
        return Err(AppError::PlanOfStream);
    }
    let properties = input::key_properties(&options)?;
    let hashed = size_and_hash(&file);
    let hashed = hashed.map_err(|error| AppError::Unhashed(file, error))?;
    let session = new_session(args, None, connect(args, None)?, context)?;
    let mut planned = PlannedInput {
        args,
        options,
        references,
        hashed,
        limits: AdminLimitsLookup::new(args.input.api),
        account: None,
    };
    session.context.block_on(async {
        let account = session.delivery.caller().learn_account().await;
        planned.account = account.flatten();
        labels::resolve(&mut planned.options, &planned.references, &session).await?;
        key_properties::check(&properties, &session).await?;
        let labels = planned.options.labels.as_ref();
        planned.limits.fetch(&session, labels).await;
        match session.stop().reason() {
            Some(reason) => Err(AppError::Stopped(reason)),
            None => Ok(()),
        }
    })?;
    planned.plan(&session)
}

impl PlannedInput<'_> {
    /// Plans the rows, and writes the files of the plan.
    fn plan(&self, session: &Session<'_>) -> Result<(ExitCode, PlanFields), AppError> {
        let input = input::open(&self.options)?;
        let shape = input.shape().clone();
        let results = config::results_path(self.args, &self.args.input.input.clone().into())?;
        let files = PlanFilesInProgress::create(PlanPaths::first_free(&results))?;
        let messages = session.context.console.row_messages(shape.has_keys());
        let mut records = PlanRecords::begin(files, &shape, self.options.table, messages)?;
        let mut calls = WriteCalls::new(session.concurrency_limits.rows_per_call);
        let read = self.plan_rows(input, &mut records, &mut calls, session)?;
        let RecordedPlan {
            files,
            counts,
            causes,
        } = records.finish()?;
        let bad = counts.with_action(PlanAction::Cannot);
        let effort = self.effort(&counts, &calls, session);
        let (document, paths) = files.finish(|paths, log_sha256| {
            self.document((paths, &results), log_sha256, (counts, effort), session)
        })?;
        let code = match bad {
            0 => ExitCode::Success,
            _ => ExitCode::SomeRowsBad,
        };
        let details = RowDetails {
            file: Some(&paths.rows),
            line: line_word(shape.format.is_sheet()),
        };
        let limited = read
            .at_limit
            .then(|| Notice::info(page::LIMITED.to_owned()));
        let causes_shown = cause_notices(Some(&causes), bad, details).into_iter();
        let notices = limited.into_iter().chain(causes_shown).collect();
        conclude(&document, &paths, notices, session);
        let fields = PlanFields::new(code, &document, &paths, &causes);
        Ok((code, fields))
    }

    /// Plans all rows, or none: a plan of a part would look like a whole one.
    fn plan_rows(
        &self,
        input: InputReader,
        records: &mut PlanRecords,
        calls: &mut WriteCalls,
        session: &Session<'_>,
    ) -> Result<ReaderEnd, AppError> {
        let shape = input.shape().clone();
        let mut preview = InputPreview::new(&self.options, &shape);
        let counter = preview.count(&self.options, &shape);
        self.show_preview(&shape, &preview, session);
        let keys = shape.has_keys();
        let keys = keys.then(|| ImportKeys::temporary(self.args, &config::temporary_folder()));
        let keys = keys.transpose()?;
        let (rows, reader) = input::spawn_reader(input, |_| true);
        let rows = input::row_chunks(rows).map(|rows| self.with_limits(rows));
        let job = PlanJob {
            session,
            records,
            changes: PlannedChanges::new(self.options.table)
                .with_labels(self.options.labels.clone()),
            calls,
        };
        let resolver = keys.as_ref().map(|keys| keys.resolver(session));
        session.run_resolving(rows, resolver, preview.total, job)?;
        drop(counter);
        if let Some(reason) = session.stop().reason() {
            return Err(AppError::Stopped(reason));
        }
        let (read, broken) = reader.finish();
        if let Some(error) = broken {
            return Err(error.into());
        }
        let planned = records.counts.total;
        if planned < read.rows {
            let rows = read.rows - planned;
            return Err(AppError::PlanIncomplete { rows });
        }
        Ok(read)
    }

    /// Says what is read, from where, and what this costs.
    fn show_preview(&self, shape: &InputShape, preview: &InputPreview, session: &Session<'_>) {
        let (screen, destination) = (session.screen(), &session.destination);
        let keys_in_log = session.context.console.keys_in_log;
        for line in preview_lines::what_is_read(&self.options, shape, keys_in_log) {
            screen.say(&line);
        }
        let api = self.args.input.api;
        let target = if destination.sandbox.is_some() {
            "a sandbox inside this program".to_owned()
        } else {
            format!("HubSpot (API {api}) at {}", destination.target)
        };
        screen.say(&format!("planning for {target}; nothing is written there"));
        let Some(rows) = preview.total.rows().filter(|rows| *rows > 0) else {
            return;
        };
        let calls = rows.div_ceil(api.rows_per_read().max(1) as u64);
        let time = preview_lines::expected_time(calls, self.args.sending.pace.rate.0);
        let time = time.map(|time| format!(", about {}", duration(time)));
        screen.say(&format!(
            "reading what exists for {} takes {} at least{}, and more for records that have no link \
             yet",
            plural(rows, "row", "rows"),
            plural(calls, "call", "calls"),
            time.unwrap_or_default()
        ));
    }

    fn with_limits(&self, mut rows: Vec<Row>) -> Vec<Row> {
        self.limits.apply_to(&mut rows);
        rows
    }

    fn effort(&self, counts: &PlanCounts, calls: &WriteCalls, session: &Session<'_>) -> PlanEffort {
        let metrics = session.delivery.caller().metrics();
        let facts = EffortFacts {
            rows_to_read: counts.writes() + counts.with_action(PlanAction::None),
            rows_per_read: self.args.input.api.rows_per_read(),
            pace: self.args.sending.pace.rate.0,
            quota: metrics.latest_quota().unwrap_or_default(),
            calls_of_plan: metrics.calls(),
        };
        calls.effort(session.delivery.caller().api(), facts)
    }

    fn document(
        &self,
        (paths, results): (&PlanPaths, &Path),
        log_sha256: String,
        (rows, effort): (PlanCounts, PlanEffort),
        session: &Session<'_>,
    ) -> PlanDocument {
        let (input_bytes, input_sha256) = self.hashed.clone();
        let log = paths.log.file_name().unwrap_or_default();
        let document = PlanDocument {
            version: PlanDocument::VERSION,
            command: PlanDocument::COMMAND.to_owned(),
            digest: String::new(),
            made: PlanOrigin {
                at: Timestamp::now(),
                program_version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            files: PlanFiles {
                input: self.args.input.input.clone().into(),
                input_bytes,
                input_sha256,
                results: results.to_owned(),
                log: log.into(),
                log_sha256,
            },
            account: PlannedAccount {
                target: session.destination.target.clone(),
                api: self.args.input.api.name().to_owned(),
                id: self.account.as_ref().map(|account| account.id.get()),
                labels: self.labels(),
            },
            options: self.args.given_options.to_record(),
            rows,
            effort,
        };
        document.with_digest()
    }

    /// The labels that rows refer to, with the types that they have now.
    fn labels(&self) -> Vec<PlannedLabel> {
        let labels = self.options.labels.as_ref();
        let references = self.references.iter();
        let named = references.filter_map(|(reference, _)| {
            let definition = labels?.find(reference).ok()?;
            Some(PlannedLabel {
                from: reference.from.to_owned(),
                to: reference.to.to_owned(),
                label: reference.label.clone(),
                association_type: definition.association_type().to_string(),
            })
        });
        named.collect()
    }
}

/// The page of words at the end: counts, why rows cannot be imported, and what an apply takes.
fn conclude(
    document: &PlanDocument,
    paths: &PlanPaths,
    causes: Vec<Notice>,
    session: &Session<'_>,
) {
    let mut lines = page::effort_lines(&document.effort, document.made.at);
    lines.push(format!("rows:     {}", path(&paths.rows)));
    lines.push(format!(
        "plan:     {} (digest: {})",
        path(&paths.document),
        document.short_digest()
    ));
    let is_sandbox = session.destination.sandbox.is_some();
    let next = (document.rows.writes() > 0 && !is_sandbox).then(|| {
        let line = CommandLine::new("apply").with_file(&paths.document);
        SuggestedCommand::new("next, to do exactly this:", line).to_string()
    });
    let counts = page::count_lines(&document.rows).into_iter();
    let notices = counts.map(Notice::info).chain(causes);
    let notices = notices.chain(lines.into_iter().chain(next).map(Notice::info));
    let notices: Vec<_> = notices.collect();
    let is_clean = document.rows.with_action(PlanAction::Cannot) == 0;
    session.screen().conclude(&notices, is_clean);
}
