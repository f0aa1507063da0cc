//! `undo`: takes back what a run made, and nothing else.

mod earlier;
mod plan;
mod taking_back;
mod undoing;

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    AppError, connect, labels,
    past_run::{PastRun, beside},
    report::{About, close},
    runtime, signals,
};
use crate::{
    cli::UndoArgs,
    config,
    exit::ExitCode,
    input,
    journal::{Ended, Journal},
    output::{ProgressStyle, Screen, path, plural},
    row::Status,
    stop::Stop,
};
use earlier::Earlier;
use plan::Plan;
use undoing::Undoing;

/// Undoes a run.
pub(super) fn undo(
    args: &UndoArgs,
    (screen, style): (&Screen, ProgressStyle),
    typed: &[OsString],
) -> Result<ExitCode, AppError> {
    let mut run = PastRun::open(&args.results)?;
    config::check_batch(run.dialect, args.sending.pace.batch)?;
    let connection = run.connection(&args.sending.connection)?;
    let output = args.output.clone();
    let output = output.unwrap_or_else(|| beside(run.path(), "undo", 1));
    config::check_summary(args.sending.summary.as_deref(), &output)?;
    let earlier = Earlier::find(&output, &run)?;
    let (client, _) = connect::client(run.dialect, &connection, false)?;
    let stop = Stop::default();
    let delivery = connect::delivery(client, &args.sending, (false, true), &stop)?
        .insisting_on(run.past.account())
        .using_the_day(connect::day(&args.stopping));
    let runtime = runtime()?;
    runtime.block_on(async {
        signals::listen(&stop, screen)?;
        if earlier.is_complete() && !args.include_unchecked {
            return Ok(());
        }
        let wishes = input::wishes(&run.options)?;
        labels::resolve(&mut run.options, &wishes, (&delivery, &stop)).await
    })?;
    let plan = plan(&run, args)?;
    let (taken_back, included) = (plan.rows_taken_back(), &plan.included);
    let done = earlier.done(included);
    let about = About {
        command: "undo",
        statuses: Status::OF_UNDO,
        report: output.clone(),
        rows: plan.rows(),
        started_at: Timestamp::now(),
        started: Instant::now(),
    };
    introduce(&run, &plan, (&about, done.len()), screen);
    if !args.yes && !taken_back.is_subset(&done) {
        ask(screen)?;
    }
    let (journal, recorder) = earlier.open(&output, &run, included, &stop)?;
    let bounds = connect::bounds(&args.sending, run.dialect);
    let undoing = Undoing {
        run: &run,
        plan: &plan,
        delivery: &delivery,
        stop: &stop,
        journal,
        recorder,
        tolerance: connect::tolerance(&args.stopping),
    };
    let (left, journal) = runtime.block_on(undoing.go(&done, bounds, (screen, style)))?;
    let code = close(about, &run, &left, (&args.sending, &stop), (screen, typed))?;
    end(journal, code)
}

/// What is taken back; of a run that was cut short nobody knows.
fn plan(run: &PastRun, args: &UndoArgs) -> Result<Plan, AppError> {
    let plan = Plan::of(run, args.include_unchecked)?;
    if plan.unknown > 0 {
        return Err(AppError::Unfinished {
            results: run.path().to_owned(),
            rows: plan.unknown,
        });
    }
    Ok(plan)
}

/// The end of the session, written down.
fn end(journal: Journal, code: ExitCode) -> Result<ExitCode, AppError> {
    journal.end(Ended {
        at: Timestamp::now(),
        exit_code: code.get(),
        failures: None,
    })?;
    Ok(code)
}

/// Says what will be done, and how much of it.
fn introduce(run: &PastRun, plan: &Plan, (about, done): (&About, u64), screen: &Screen) {
    let begun = run.past.begun();
    let account = run.past.account();
    let account = account.map_or_else(String::new, |id| format!(", account {id}"));
    screen.say(&format!(
        "undoing the run of {:.0} that {} records ({}{account}, API {})",
        begun.at,
        path(run.path()),
        begun.target,
        run.dialect
    ));
    let first = plan.first.map_or_else(String::new, |link| {
        format!(", the first: {link} (definition {})", link.definition)
    });
    let links = plural(plan.taken_back(), "link is", "links are");
    screen.say(&format!("{links} removed{first}"));
    if !plan.before.is_empty() {
        let records = plural(plan.before.len() as u64, "record gets", "records get");
        screen.say(&format!(
            "{records} the primary company back that it had before"
        ));
    }
    if !plan.stood.is_empty() {
        let links = plural(plan.stood.len(), "link stays", "links stay");
        screen.say(&format!("{links}, for it stood before the run"));
    }
    if !plan.unchecked.is_empty() {
        let links = plural(plan.unchecked.len(), "link stays", "links stay");
        screen.say(&format!(
            "{links}: the run did not look whether it stood before; --include-unchecked removes it"
        ));
    }
    if !begun.looked && plan.taken_back() > 0 {
        screen.say(
            "note: the run did not look before it wrote: primary companies that it displaced \
             are not put back",
        );
    }
    if done > 0 {
        screen.say(&format!(
            "{} done before",
            plural(done, "row is", "rows are")
        ));
    }
    screen.say(&format!("what is done goes to {}", path(&about.report)));
}

/// Nothing is removed that nobody agreed to.
fn ask(screen: &Screen) -> Result<(), AppError> {
    if !io::stdin().is_terminal() {
        return Err(AppError::NotAgreed("give --yes where there is no terminal"));
    }
    screen.complain("remove them? type yes to go on: ");
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(AppError::Setup)?;
    match answer.trim() {
        "yes" | "y" => Ok(()),
        _ => Err(AppError::NotAgreed("nothing was changed")),
    }
}
