//! `verify`: reads back every link that a run says stands.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use roaring::RoaringTreemap;
use tokio::time::Instant;

use super::{displaced, words};
use crate::{
    app::{
        error::AppError,
        past::past_run::{PastRun, first_broken, read_once},
        session::{
            connect,
            lock::LockWait,
            report::{About, Left, close},
            runtime::runtime,
            summary::Closed,
        },
    },
    association::Association,
    cli::VerifyArgs,
    code::Code,
    config,
    delivery::{Delivery, Looked, Standing, Task},
    failure::{Failure, InPlace, LinkFault},
    hubspot::HubSpot,
    import::{self, Command, Next},
    input::Input,
    messages,
    output::{
        Progress, ProgressStyle, Recorder, Results, ResultsError, Screen, Tally, Total, path,
        plural, report_path,
    },
    private,
    row::{Outcome, RowReport, Status},
    stop::Stop,
};

/// Verifies a run.
pub(in crate::app) fn verify(
    args: &VerifyArgs,
    (screen, style): (&Screen, ProgressStyle),
    typed: &[OsString],
) -> Result<Closed, AppError> {
    let stop = Stop::default();
    let wait = LockWait::listening(
        &args.sending,
        (&stop, screen),
        "the next verify begins anew",
    )?;
    let mut run = PastRun::open(&args.results, &wait)?;
    run.find_rest(args.input.as_deref(), RoaringTreemap::new())?;
    let connection = run.connection(&args.sending.connection)?;
    check(args, &run)?;
    let (client, _) = connect::client(run.dialect, &connection, false)?;
    let caller = connect::caller(client, &args.sending, (false, true), &stop)?
        .insisting_on_that_of_the_run(run.past.account());
    let delivery = Delivery::new(caller, args.sending.concurrency.0.get());
    let runtime = runtime()?;
    let started = (Timestamp::now(), Instant::now());
    runtime.block_on(run.resolve_labels((&delivery, &stop)))?;
    let standing = run.past.rows().standing();
    let sources = run.sources(&standing)?;
    let (report, results) = create(args, &run)?;
    config::empty_summary(args.sending.summary.as_deref())?;
    let rows = standing.len();
    introduce((args, &run), rows, &report, screen);
    let recorder = Recorder::new(results, Tally::default(), messages::ROWS);
    let mut about = about(report, rows, started);
    let looks = (&delivery, &stop);
    let (left, mut missing) = runtime.block_on(read_back(
        args,
        &run,
        sources,
        recorder,
        looks,
        (screen, style),
    ));
    if left.is_in_vain(stop.reason().as_ref()) {
        // It may stay if it cannot go: it has no rows.
        let _ = fs::remove_file(&about.report);
    }
    if stop.reason().is_none() {
        let displaced = runtime.block_on(displaced::by_later_rows(&run, &missing, &delivery))?;
        leave_out(&mut missing, displaced, screen);
    }
    if stop.reason().is_some() {
        // Which of them a later row has displaced is not known; the next verify finds it out.
        missing.clear();
    }
    about.next = next(&run, &about.report, (&left, &missing))?;
    Ok(close(about, &run, &left, &stop, (screen, typed)))
}

fn about(report: PathBuf, rows: u64, (started_at, started): (Timestamp, Instant)) -> About {
    About {
        command: "verify",
        statuses: Status::OF_VERIFY,
        report,
        rows,
        unknown: 0,
        next: Vec::new(),
        started_at,
        started,
    }
}

/// What must not be made again, because a later row took its place.
fn leave_out(
    missing: &mut RoaringTreemap,
    displaced: Result<RoaringTreemap, String>,
    screen: &Screen,
) {
    match displaced {
        Ok(displaced) if displaced.is_empty() => {}
        Ok(displaced) => {
            *missing -= &displaced;
            screen.say(&format!(
                "note: {} missing because a later row took their place (limited to one in HubSpot); \
                 they are not to be made again",
                plural(displaced.len(), "link is", "links are")
            ));
        }
        Err(why) => screen.say(&format!(
            "note: limits that administrators have set on associations could not be read ({why}); \
             some links may be missing because a later row took their place"
        )),
    }
}

/// What to do about links that are missing, which get a file of their own.
fn next(
    run: &PastRun,
    report: &Path,
    (left, missing): (&Left, &RoaringTreemap),
) -> Result<Vec<(String, String)>, AppError> {
    if run.past.is_undone() {
        return Ok(Vec::new());
    }
    let present = left.tally.counts().of(Status::Present);
    if present > 0 && present == run.past.rows().standing().len() {
        return Ok(vec![words::all_present(run)]);
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let file = words::write_missing(run, report, missing)?;
    Ok(vec![words::import_again(run, (&file, missing.len()))?])
}

fn introduce((args, run): (&VerifyArgs, &PastRun), rows: u64, report: &Path, screen: &Screen) {
    let begun = run.past.begun();
    screen.say(&format!(
        "reading back what the run of {:.0} recorded in {}: {}",
        begun.at,
        path(run.path()),
        plural(rows, "link", "links"),
    ));
    for line in words::notes(&run.past) {
        screen.say(&line);
    }
    screen.say(&format!(
        "asking HubSpot (API {}) at {}, {}",
        run.dialect,
        begun.target,
        words::estimate(rows, run, &args.sending)
    ));
    screen.say(&format!("what is found goes to {}", path(report)));
}

/// Refuses a summary that would replace what is read or written.
fn check(args: &VerifyArgs, run: &PastRun) -> Result<(), AppError> {
    let first = report_path(run.path(), "verify", 1);
    let report = args.output.as_deref().unwrap_or(&first);
    config::check_summary(args.sending.summary.as_deref(), &[run.path(), report])?;
    Ok(())
}

/// The report, in a new file.
fn create(args: &VerifyArgs, run: &PastRun) -> Result<(PathBuf, Results<File>), AppError> {
    let (report, file) = create_file(args, run.path())?;
    let begun = run.past.begun();
    let columns = begun.columns.iter().collect();
    let delimiter = begun.delimiter_byte();
    let results = Results::start(file, &report, &columns, delimiter, begun.bom)?;
    Ok((report, results))
}

/// A new file: what an earlier one says stays.
fn create_file(args: &VerifyArgs, results: &Path) -> Result<(PathBuf, File), AppError> {
    let created = match &args.output {
        Some(path) => (private::create_new().open(path))
            .map(|file| (path.clone(), file))
            .map_err(|error| (path.clone(), error)),
        None => private::create_first(|n| report_path(results, "verify", n)),
    };
    Ok(created.map_err(|(path, error)| ResultsError::Create(path, error))?)
}

async fn read_back(
    args: &VerifyArgs,
    run: &PastRun,
    sources: Vec<(Input, RoaringTreemap)>,
    mut recorder: Recorder<File>,
    (delivery, stop): (&Delivery<HubSpot>, &Stop),
    (screen, style): (&Screen, ProgressStyle),
) -> (Left, RoaringTreemap) {
    let standing = sources.iter().map(|(_, rows)| rows.len()).sum();
    let total = Total::Exact(standing);
    let activity = delivery.caller().activity();
    let shown = (recorder.tally().counts(), delivery.caller().activity());
    let progress = Progress::start(style, screen.clone(), total, Status::OF_VERIFY, shown);
    let (rows, readers) = read_once(sources);
    let bounds = connect::bounds(&args.sending, run.dialect);
    let mut missing = RoaringTreemap::new();
    let command = Verifying {
        recorder: &mut recorder,
        missing: &mut missing,
    };
    import::run_command(rows, delivery, (stop, bounds), command).await;
    drop(progress);
    let tally = recorder.finish();
    let left = Left {
        is_empty: tally.recorded() == 0,
        tally,
        activity,
        account: delivery.caller().account(),
        broken_input: first_broken(readers),
        open: 0,
        unproven: 0,
    };
    (left, missing)
}

/// What a verification does with its rows.
struct Verifying<'a> {
    recorder: &'a mut Recorder<File>,
    /// Rows whose link is missing, and whose record has no other primary company, or
    /// parent, that sending them again would displace.
    missing: &'a mut RoaringTreemap,
}

impl Command for Verifying<'_> {
    fn looks(&self) -> bool {
        true
    }

    fn first(&self, _link: &Association) -> Task {
        Task::Look
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        let ended = |looked: Looked| {
            let outcome = outcome(&looked);
            if is_to_be_sent_again(&looked, &outcome) {
                self.missing.insert(looked.row.number);
            }
            Next::Ended(RowReport::unsent(looked.row, outcome))
        };
        Ok(looked.into_iter().map(ended).collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.recorder
            .record(reports)
            .map_err(|error| messages::results(&error))
    }
}

fn outcome(looked: &Looked) -> Outcome {
    match &looked.found {
        Err(failure) => Outcome::Unreadable(Box::new(Failure {
            // Which read it was that told nothing is worth knowing.
            code: if failure.code == Code::RecordNotRead {
                failure.code
            } else {
                Code::NotRead
            },
            ..failure.clone()
        })),
        Ok(_) if looked.stands() => Outcome::Present,
        Ok(standing) => Outcome::Missing(missing(&looked.link, standing).into()),
    }
}

/// Whether sending it again does no harm.
fn is_to_be_sent_again(looked: &Looked, outcome: &Outcome) -> bool {
    let displaces = |standing: &Standing| standing.primary.is_some();
    let is_missing = matches!(outcome, Outcome::Missing(_));
    is_missing && !looked.found.as_ref().is_ok_and(displaces)
}

/// What is there instead.
fn missing(link: &Association, standing: &Standing) -> Failure {
    let instead = match &standing.primary {
        Some((company, _)) if link.definition.sets_primary() => InPlace::Primary(*company),
        Some((parent, _)) => InPlace::Parent(*parent),
        None if standing.specs.is_empty() => InPlace::Nothing,
        None => InPlace::OtherTypes,
    };
    Failure::new(Code::NotStanding, LinkFault::NotStanding(*link, instead))
}
