//! `import`: reader → delivery → recorder, and the words around it.

use std::{cell::RefCell, ffi::OsString, path::Path, sync::Arc};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use roaring::RoaringTreemap;
use tokio::{runtime::Runtime, time::Instant};

use super::{
    consent,
    importing::Importing,
    limits::Learning,
    looked::Policy,
    resume::{self, Earlier, Rest},
    run::{Ended, Recorded, Run},
};
use crate::{
    app::{
        ahead::{labels, least, survey::Survey},
        error::AppError,
        past::recorded,
        session::{connect, lock::LockWait, runtime::runtime, summary::Closed},
    },
    cli::ImportArgs,
    config,
    delivery::Delivery,
    hubspot::{ClientOptions, HubSpot},
    import,
    input::{self, Counter, InputOptions},
    journal::{self, Begun, Journal, Opened, Past, ResultsFile},
    messages,
    output::{Progress, ProgressStyle, Recorder, Screen},
    row::{Row, Status},
    stop::{Stop, StopReason},
};

/// A first look at the input, and what counts its rows beside the run.
type Surveyed = (Survey, Option<Counter>);

/// What records, what remembers, and rows that the run was about to write before.
type Parts = (Recorder<ResultsFile>, Journal, RoaringTreemap);

/// Imports a file.
pub(in crate::app) fn import(
    args: &ImportArgs,
    screen: &Screen,
    style: ProgressStyle,
    typed: &[OsString],
) -> Result<Closed, AppError> {
    let results_path = config::results_path(args, &args.input.input.clone().into())?;
    let (runtime, stop) = (runtime()?, Stop::default());
    let told = (&stop, screen);
    let wait = LockWait::listening(&args.sending, told, "--resume goes on")?;
    let earlier = Earlier::find(args, &results_path, (&wait, screen))?;
    let taken_over = earlier.as_ref().map(|run| run.arguments(typed));
    let taken_over = taken_over.transpose()?.flatten();
    let args = taken_over.as_deref().unwrap_or(args);
    let past = earlier.as_ref().and_then(Earlier::past);

    check(args, &results_path)?;
    let dialect = args.input.api;
    let (client, sandbox) = connect::client(dialect, &args.sending.connection, args.sandbox)?;
    let target = connect::target(&client, sandbox.as_ref());
    if let Some(past) = past {
        config::check_same_run(args, (past, &recorded::options(past)?), &target)?;
    }
    let run = (results_path.as_path(), earlier.as_ref());
    let (delivery, options, limits) = runtime.block_on(prepare(args, run, client, told))?;
    let input = input::open(&options)?;
    let shape = input.shape().clone();
    let begun = resume::begun(args, past, &options, (&input, &target));
    let (again, least) = (resume::sent_again(args, past), args.input.min_rows);
    let rest = resume::rest(past, (&again, limits.known()), (&options, least), input)?;
    let before = Recorded::by(past, &rest.wanted);
    let written = past.filter(|past| !past.is_empty());
    let delimiter = written.map_or(&begun, Past::begun).delimiter_byte();
    if let Some(past) = past {
        resume::tell(args, (past, again.len()), &results_path, screen);
    }
    let (tally, noted) = (resume::tally(past, again), resume::noted(past, &begun));
    let mut run = Run {
        options,
        shape,
        results_path,
        delimiter,
        target,
        limits,
        api: dialect,
        started_at: Timestamp::now(),
        started: Instant::now(),
        earlier: before,
        stop,
        sandbox,
    };
    let (asking, shown) = ((&delivery, &runtime), (screen, style));
    let ((journal, results), surveyed) = run.begin(args, earlier, &begun, asking, shown)?;
    let recorder = Recorder::new(results, tally, messages::ROWS);
    let parts = (recorder, journal, noted);
    let ended = run.go(args, rest, delivery, (parts, surveyed), shown);
    Ok(run.close(args, screen, typed, runtime.block_on(ended)?))
}

/// Refuses what cannot work, before anything is opened.
fn check(args: &ImportArgs, results: &Path) -> Result<(), AppError> {
    let files = [results, Path::new(&args.input.input)];
    config::check_summary(args.sending.summary.as_deref(), &files)?;
    config::check_batch(args.input.api, args.sending.pace.batch)?;
    Ok(())
}

/// What delivers rows, and how they are read: what their labels are is known then.
async fn prepare(
    args: &ImportArgs,
    (results_path, earlier): (&Path, Option<&Earlier>),
    client: ClientOptions,
    (stop, screen): (&Stop, &Screen),
) -> Result<(Delivery<HubSpot>, InputOptions, Learning), AppError> {
    let past = earlier.and_then(Earlier::past);
    if let (Some(begun), Some(wanted)) = (past.and_then(Past::account), args.account)
        && begun != wanted
    {
        return Err(AppError::OtherAccount { begun, wanted });
    }
    let mut options = config::input(&args.input)?;
    if past.is_some_and(|past| !past.is_empty()) {
        options = options.as_begun();
    }
    let mut caller = connect::caller(client, &args.sending, (args.sandbox, args.resume), stop)?
        .expecting(past.and_then(Past::account))
        .insisting_on(args.account)
        .using_the_day(connect::day(&args.stopping));
    if !args.sandbox {
        caller = caller.telling(consent::say_who(screen.clone()));
    }
    let delivery = Delivery::new(caller, args.sending.concurrency.0.get())
        .knowing(past.map(Past::merges).unwrap_or_default());
    least::judge(&options, args.input.min_rows)?;
    let wishes = input::wishes(&options)?;
    if past.is_none() {
        labels::refuse_unknown_types(&options, &wishes)?;
    }
    if !wishes.is_empty() && past.is_none() && !earlier.is_some_and(Earlier::is_replaced) {
        // Before anything is asked.
        journal::refuse_existing(results_path)?;
    }
    labels::resolve(&mut options, &wishes, (&delivery, stop)).await?;
    let limits = Learning::of(args.input.api);
    if resume::goes_back(past, &resume::sent_again(args, past)) {
        let labels = options.labels.as_ref();
        limits.learn(&delivery, labels, screen).await;
    }
    Ok((delivery, options, limits))
}

impl Run {
    /// Says what will be done, and opens the files; a person who is asked first sees
    /// what about, and a no leaves nothing behind.
    fn begin(
        &mut self,
        args: &ImportArgs,
        earlier: Option<Earlier>,
        begun: &Begun,
        (delivery, runtime): (&Delivery<HubSpot>, &Runtime),
        (screen, style): (&Screen, ProgressStyle),
    ) -> Result<(Opened, Surveyed), AppError> {
        let mut survey = Survey::of(&self.options, &self.shape);
        // Only where somebody sees the number.
        let is_shown = screen.speaks() || style != ProgressStyle::Silent;
        let counter = is_shown.then(|| survey.count(&self.options, &self.shape));
        let surveyed = (survey, counter.flatten());
        let survey = &surveyed.0;
        let asks = consent::is_needed(args, self);
        let mut given = None;
        if asks {
            self.introduce(args, screen, survey);
            let past = earlier.as_ref().and_then(Earlier::past);
            given = runtime.block_on(self.ask(past, delivery, screen))?;
        }
        let opened = resume::open(earlier, &self.results_path, begun, args, &self.stop)?;
        if let Some(given) = given {
            opened.0.note_consent(given)?;
        }
        config::empty_summary(args.sending.summary.as_deref())?;
        if !asks {
            self.introduce(args, screen, survey);
        }
        Ok((opened, surveyed))
    }

    /// From the first row to the last.
    async fn go(
        &self,
        args: &ImportArgs,
        rest: Rest,
        delivery: Delivery<HubSpot>,
        ((mut recorder, journal, own), (survey, counter)): (Parts, Surveyed),
        (screen, style): (&Screen, ProgressStyle),
    ) -> Result<Ended, AppError> {
        let bounds = connect::bounds(&args.sending, args.input.api);
        let activity = delivery.caller().activity();
        let shown = (recorder.tally().counts(), Arc::clone(&activity));
        let words = Status::OF_IMPORT;
        let progress = Progress::start(style, screen.clone(), survey.total, words, shown);
        let mut wanted = rest.wanted;
        let handed = wanted.handed();
        let (rows, reader) = input::spawn(rest.input, move |row| wanted.wants(row));
        let journal = RefCell::new(journal);
        let rows = stream::iter([rest.held])
            .chain(input::chunks(rows))
            .then(|rows| self.under_limits(rows, &delivery, screen))
            .map(|rows| self.hand_out(&journal, rows));
        let command = Importing {
            delivery: &delivery,
            stop: &self.stop,
            journal: &journal,
            recorder: &mut recorder,
            tolerance: connect::tolerance(&args.stopping),
            looks: args.looks(),
            merges: delivery.identities().merges_after(0).len(),
            policy: Policy {
                skips: args.skip_existing,
                own,
            },
        };
        import::run_command(rows, &delivery, (&self.stop, bounds), command).await;
        drop((progress, counter));
        let mut journal = journal.into_inner();
        if let Err(error) = journal.sync() {
            self.stop.request(StopReason::Output(error.to_string()));
        }
        let (reading, broken_input) = reader.finish();
        Ok(Ended {
            tally: recorder.finish(),
            activity,
            account: delivery.caller().account(),
            reading,
            broken_input,
            journal,
            handed,
        })
    }

    /// Rows on their way out: before the first of them the account is asked for its limits.
    async fn under_limits(
        &self,
        mut rows: Vec<Row>,
        delivery: &Delivery<HubSpot>,
        screen: &Screen,
    ) -> Vec<Row> {
        if !rows.is_empty() && !self.limits.is_asked() {
            let labels = self.options.labels.as_ref();
            self.limits.learn(delivery, labels, screen).await;
            if let Some(words) = self.limits.words(&self.options, &self.shape) {
                screen.say(&words);
            }
        }
        self.limits.tell(&mut rows);
        rows
    }

    /// Rows on their way out: none goes that is not written down to have gone.
    fn hand_out(&self, journal: &RefCell<Journal>, rows: Vec<Row>) -> Vec<Row> {
        let last = rows.last().map_or(0, |row| row.number);
        match journal.borrow_mut().hand_out(last) {
            Ok(()) => rows,
            Err(error) => {
                self.stop.request(StopReason::Output(error.to_string()));
                Vec::new()
            }
        }
    }
}
