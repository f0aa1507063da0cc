//! `apply`: proves that the plan, the input and the account are those that were planned, gets the
//! consent, and runs the import with what was planned for each row.

use std::{ffi::OsString, fs, path::Path, time::Duration};

use jiff::Timestamp;

use crate::{
    app::{
        apply_refusal::ApplyRefusal,
        ask,
        command_line::CommandLine,
        error::AppError,
        import::{AppliedPlan, CheckedLog, import_planned},
        past::recorded_options,
        session::{
            command_context::{CommandContext, Console},
            summary::CommandEnd,
        },
        size_and_hash::size_and_hash,
    },
    cli::{ApplyArgs, Cli, Command, ImportArgs, OptionDefaults, RunOption, RunOptions},
    config,
    journal::{Consent, LoggedRun},
    output::{Screen, Summary, number, path, plural},
    plan::{PlanCounts, PlanDocument},
    plan_action::PlanAction,
};

/// Carries out a plan.
pub(crate) fn apply(args: &ApplyArgs, console: Console<'_>) -> Result<CommandEnd, AppError> {
    let context = CommandContext::start(console, "--resume continues")?;
    let document = read_document(&args.plan)?;
    let options = plan_options(&document, &args.plan)?;
    let args = with_plan_options(args, &options, console.typed);
    let import = import_args(&args, &document, options)?;
    let mut log = check_files(&args.plan, &document)?;
    let is_begun = import.resume && is_begun(&import, &document);
    if !is_begun {
        check_age(&document, args.approval.max_age.0)?;
    }
    console.screen.say(&plan_line(&args.plan, &document));
    check_approval(&args, &document)?;
    let is_approved = args.approval.approve.is_some() || is_begun;
    if !is_approved && document.rows.writes() > 0 {
        ask_person(&document, &context, console.screen)?;
        // A person takes time to answer.
        log = check_files(&args.plan, &document)?;
    }
    let consent = Consent(document.account.id);
    let typed = import_words(&import, console.typed);
    let plan = AppliedPlan {
        path: args.plan.clone(),
        document,
        log,
        typed: console.typed.to_vec(),
    };
    let import_console = Console {
        typed: &typed,
        ..console
    };
    let context = context.for_run(import_console, false)?;
    Ok(import_planned(&import, context, consent, &plan)?.into())
}

/// Whether a run with these results has begun to carry out this plan, after it was approved.
fn is_begun(import: &ImportArgs, document: &PlanDocument) -> bool {
    let results = import.results.as_deref();
    let logged = results.and_then(|results| LoggedRun::read(results).ok().flatten());
    let plan = logged.and_then(|run| run.info().input.plan.clone());
    plan.is_some_and(|plan| plan.digest == document.digest)
}

/// Reads the document, and proves that nobody has changed it.
fn read_document(plan: &Path) -> Result<PlanDocument, ApplyRefusal> {
    let unreadable = |error| ApplyRefusal::Unreadable(plan.to_owned(), error);
    let json = fs::read(plan).map_err(unreadable)?;
    let document = PlanDocument::parse(&json).map_err(|error| ApplyRefusal::NoPlan {
        path: plan.to_owned(),
        why: error.to_string(),
    })?;
    if !document.is_unchanged() {
        return Err(ApplyRefusal::Changed(plan.to_owned()));
    }
    if document.account.target == Summary::SANDBOX {
        return Err(ApplyRefusal::OfSandbox);
    }
    Ok(document)
}

/// The options of the plan.
fn plan_options(document: &PlanDocument, plan: &Path) -> Result<RunOptions, ApplyRefusal> {
    let options = RunOptions::from_record(&document.options);
    options.map_err(|unknown| ApplyRefusal::NoPlan {
        path: plan.to_owned(),
        why: format!("this version does not have the option '{}'", unknown.0),
    })
}

/// The arguments again: options that are not given come from the plan.
fn with_plan_options(args: &ApplyArgs, options: &RunOptions, typed: &[OsString]) -> Box<ApplyArgs> {
    let defaults = OptionDefaults {
        config: args.config_file.values.clone(),
        recorded: options.clone(),
    };
    let cli = Cli::read_with(typed.to_vec(), config::is_empty_variable, &defaults);
    match cli.map(|cli| cli.command) {
        Ok(Command::Apply(args)) => args,
        // It was read before without these defaults.
        Ok(_) | Err(_) => Box::new(args.clone()),
    }
}

/// The import that carries out the plan: how the input is read comes from the plan alone, and how
/// rows are sent from the command line.
fn import_args(
    args: &ApplyArgs,
    document: &PlanDocument,
    options: RunOptions,
) -> Result<ImportArgs, AppError> {
    let given = args.given_options.iter();
    let options = given.fold(options, |options, (option, text)| {
        options.with(option, text)
    });
    let options = options.with(RunOption::SkipExisting, "true");
    let read = recorded_options::bare_arguments(&options);
    let import = read.map_err(|why| ApplyRefusal::NoPlan {
        path: args.plan.clone(),
        why,
    })?;
    let mut import = import.for_input(document.files.input.as_os_str());
    let results = args.results.clone();
    import.results = Some(results.unwrap_or_else(|| document.files.results.clone()));
    import.failures = args.failures;
    import.resume = args.resuming.resume;
    import.retry_failed = args.resuming.retry_failed;
    import.yes = true;
    import.sending = args.sending.clone();
    import.stopping = args.stopping.clone();
    import.config_file = args.config_file.clone();
    import.given_options = options;
    Ok(import)
}

/// Proves that log and input are those of the plan.
fn check_files(plan: &Path, document: &PlanDocument) -> Result<CheckedLog, ApplyRefusal> {
    let files = &document.files;
    let log_path = plan.with_file_name(&files.log);
    let log = match CheckedLog::read(&log_path, &files.log_sha256) {
        Ok(Some(log)) => log,
        Ok(None) => return Err(ApplyRefusal::Log(log_path, None)),
        Err(error) => return Err(ApplyRefusal::Log(log_path, Some(error))),
    };
    let input = || files.input.clone();
    match size_and_hash(&files.input) {
        Ok(found) if found == (files.input_bytes, files.input_sha256.clone()) => Ok(log),
        Ok(_) => Err(ApplyRefusal::OtherInput(input())),
        Err(error) => Err(ApplyRefusal::Unreadable(input(), error)),
    }
}

fn check_age(document: &PlanDocument, max_age: Duration) -> Result<(), ApplyRefusal> {
    let age = Timestamp::now().duration_since(document.made.at);
    // A plan from the future: the clock was changed. It is not old.
    let age = Duration::try_from(age).unwrap_or_default();
    if age > max_age {
        return Err(ApplyRefusal::TooOld { age, max_age });
    }
    Ok(())
}

/// The plan in one line.
fn plan_line(plan: &Path, document: &PlanDocument) -> String {
    format!(
        "plan {} of {:.0}, digest {}: {}",
        path(plan),
        document.made.at,
        document.short_digest(),
        counts(&document.rows)
    )
}

/// What is written, and what is not.
fn counts(rows: &PlanCounts) -> String {
    let written = PlanAction::ALL.iter().filter(|action| action.writes());
    let written = written.filter_map(|action| {
        let rows = rows.with_action(*action);
        (rows > 0).then(|| format!("{} {}", number(rows), action.word()))
    });
    let written: Vec<_> = written.collect();
    let links = plural(rows.writes(), "link is", "links are");
    match written.as_slice() {
        [] => "nothing is to be written".to_owned(),
        parts => format!("{links} to be written ({})", parts.join(", ")),
    }
}

/// Refuses an approval of another plan.
fn check_approval(args: &ApplyArgs, document: &PlanDocument) -> Result<(), ApplyRefusal> {
    let other = args
        .approval
        .approve
        .as_ref()
        .filter(|given| !document.is_approved_by(given));
    other.map_or(Ok(()), |given| {
        let (given, digest) = (given.clone(), document.short_digest().to_owned());
        Err(ApplyRefusal::OtherApproval { given, digest })
    })
}

/// Gets the consent of a person.
fn ask_person(
    document: &PlanDocument,
    context: &CommandContext<'_>,
    screen: &Screen,
) -> Result<(), AppError> {
    if !ask::is_possible() {
        return Err(ApplyRefusal::NotApproved(document.clone().into()).into());
    }
    let account = document.account.id;
    let account = account.map_or_else(
        || "an unknown account".to_owned(),
        |id| format!("account {id}"),
    );
    let prompt = format!(
        "This writes {} to {account}, as planned. Continue? Type yes to write them (to skip this \
         question: --approve {}): ",
        plural(document.rows.writes(), "link", "links"),
        document.short_digest()
    );
    let agreed = ask::is_agreed(&prompt, &context.stop, screen);
    if context.block_on(agreed)? {
        Ok(())
    } else {
        Err(AppError::NotSent)
    }
}

/// The import as it would have been typed, to suggest commands for its failures.
fn import_words(import: &ImportArgs, typed: &[OsString]) -> Vec<OsString> {
    let line = CommandLine::new("import").with_file(Path::new(&import.input.input));
    let options = import.given_options.iter();
    let line = options.fold(line, |line, (option, text)| {
        line.with_run_option(option, text)
    });
    let line = match &import.results {
        Some(results) => line.with("-o").with_file(results),
        None => line,
    };
    let program = typed.iter().take(1).cloned();
    program.chain(line.into_words()).collect()
}
