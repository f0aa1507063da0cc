//! `undo`: takes back what a run made, and nothing else.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    earlier::Earlier,
    plan::Plan,
    undoing::Undoing,
    words::{How, intentions},
};
use crate::{
    api::{Act, Api as _},
    app::{
        ask,
        error::AppError,
        past::past_run::PastRun,
        session::{
            close::note_end,
            connect,
            lock::LockWait,
            report::{About, close},
            runtime::runtime,
            summary::Closed,
        },
    },
    cli::UndoArgs,
    config,
    delivery::Delivery,
    exit::ExitCode,
    hubspot::HubSpot,
    journal::{Ended, Journal},
    output::{ProgressStyle, Screen, path, report_path},
    row::Status,
    stop::Stop,
};

/// Undoes a run.
pub(in crate::app) fn undo(
    args: &UndoArgs,
    (screen, style): (&Screen, ProgressStyle),
    typed: &[OsString],
) -> Result<Closed, AppError> {
    let stop = Stop::default();
    let wait = LockWait::listening(&args.sending, (&stop, screen), "the same command goes on")?;
    let (mut run, output, earlier) = find(args, &wait)?;
    let connection = run.connection(&args.sending.connection)?;
    let (client, _) = connect::client(run.dialect, &connection, false)?;
    let caller = connect::caller(client, &args.sending, (false, true), &stop)?
        .insisting_on_that_of_the_run(run.past.account())
        .using_the_day(connect::day(&args.stopping));
    let delivery = Delivery::new(caller, args.sending.concurrency.0.get());
    let runtime = runtime()?;
    if !earlier.is_complete() || args.include_unchecked {
        runtime.block_on(run.resolve_labels((&delivery, &stop)))?;
    }
    let plan = Plan::of(&run, args.include_unchecked)?;
    let (taken_back, included) = (plan.rows_taken_back(), &plan.included);
    let done = earlier.done(included);
    let about = about(&plan, &output);
    let how = How {
        kept: earlier.kept(included),
        ..how(&run, args, &delivery)
    };
    let intentions = intentions(&plan, &done, &how);
    introduce(&run, &intentions, &output, screen);
    runtime.block_on(ask(
        args.yes || taken_back.is_subset(&done),
        (&stop, screen),
    ))?;
    let (journal, recorder) = earlier.open(&output, &run, included, &stop)?;
    config::empty_summary(args.sending.summary.as_deref())?;
    let undoing = Undoing {
        run: &run,
        plan: &plan,
        delivery: &delivery,
        stop: &stop,
        journal,
        recorder,
        tolerance: connect::tolerance(&args.stopping),
        is_noted: false,
        open: 0,
        unproven: 0,
    };
    let (left, journal) = runtime.block_on(undoing.go(&done, &args.sending, (screen, style)))?;
    let closed = close(about, &run, &left, &stop, (screen, typed));
    let in_vain = left.is_in_vain(stop.reason().as_ref());
    end(journal, in_vain, closed.code);
    Ok(closed)
}

/// The run, where what is done is recorded, and what an earlier undo has left there.
fn find(args: &UndoArgs, wait: &LockWait<'_>) -> Result<(PastRun, PathBuf, Earlier), AppError> {
    let mut run = PastRun::open(&args.results, wait)?;
    let unsettled = run.past.unsettled();
    run.find_rest(args.input.as_deref(), unsettled)?;
    config::check_batch(run.dialect, args.sending.pace.batch)?;
    let output = (args.output.clone()).unwrap_or_else(|| report_path(run.path(), "undo", 1));
    config::check_summary(args.sending.summary.as_deref(), &[run.path(), &output])?;
    let earlier = Earlier::find(&output, &run, wait)?;
    Ok((run, output, earlier))
}

fn about(plan: &Plan, report: &Path) -> About {
    About {
        command: "undo",
        statuses: Status::OF_UNDO,
        report: report.to_owned(),
        rows: plan.rows(),
        unknown: plan.unknown,
        next: Vec::new(),
        started_at: Timestamp::now(),
        started: Instant::now(),
    }
}

/// The end of the session, written down; of one that was in vain nothing stays.
fn end(journal: Journal, in_vain: bool, code: ExitCode) {
    if in_vain {
        return journal.discard();
    }
    let ended = Ended {
        at: Timestamp::now(),
        exit_code: code.get(),
        failures: None,
        rows_read: None,
    };
    note_end(journal, ended);
}

/// Says which run it is about, and what will be done.
fn introduce(run: &PastRun, intentions: &[String], report: &Path, screen: &Screen) {
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
    for line in intentions {
        screen.say(line);
    }
    screen.say(&format!("what is done goes to {}", path(report)));
}

/// How it is done, as far as it is told before.
fn how(run: &PastRun, args: &UndoArgs, delivery: &Delivery<HubSpot>) -> How {
    let most = run.dialect.most_links();
    How {
        kept: 0,
        looked: run.past.begun().looked,
        no_input: run.rest.as_ref().and_then(|rest| rest.input.clone().err()),
        one_by_one: args.sending.pace.batch.rows(most) == 1,
        most: delivery.caller().api().most(Act::Remove, most) as u64,
    }
}

/// Nothing is removed that nobody agreed to.
async fn ask(is_agreed: bool, (stop, screen): (&Stop, &Screen)) -> Result<(), AppError> {
    if is_agreed {
        return Ok(());
    }
    if !ask::is_possible() {
        return Err(AppError::NotAgreed(
            "there is no terminal to ask at; give --yes",
        ));
    }
    let question = "go on? type yes to remove, anything else to leave all as it is: ";
    if ask::is_agreed(question, (stop, screen)).await? {
        Ok(())
    } else {
        Err(AppError::NotAgreed("the answer was not yes"))
    }
}
