//! `import`: reader → delivery → recorder, and the words around it.

use std::{cell::RefCell, ffi::OsString, sync::Arc};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::{
    AppError, pace,
    preamble::{self, Plan},
    resume::{self, Earlier, Rest},
    run::{Ended, Recorded, Run},
    runtime, signals,
    survey::Survey,
};
use crate::{
    cli::ImportArgs,
    config,
    delivery::{DayPolicy, Delivery, Pacer, RetryPolicy},
    exit::ExitCode,
    hubspot::{ClientOptions, Credentials, HubSpot, MOST_LINKS, Secret},
    import::{self, Bounds},
    input,
    journal::{Journal, Past, ResultsFile},
    output::{Progress, ProgressStyle, Recorder, Screen, Summary, Total, path},
    row::Row,
    sandbox::{Sandbox, SandboxOptions},
    stop::{Stop, StopReason},
    tolerance::Tolerance,
};

/// Imports a file.
pub(super) fn import(
    args: &ImportArgs,
    screen: &Screen,
    style: ProgressStyle,
    typed: &[OsString],
) -> Result<ExitCode, AppError> {
    let results_path = config::results_path(args, &args.input.input.clone().into())?;
    let earlier = Earlier::find(args, &results_path, screen)?;
    let taken_over = earlier.as_ref().and_then(|run| run.arguments(typed));
    let args = taken_over.as_deref().unwrap_or(args);
    let past = earlier.as_ref().and_then(Earlier::past);

    config::check_summary(args.summary.as_deref(), &results_path)?;
    let (client, sandbox) = client(args)?;
    let target = if sandbox.is_some() {
        Summary::SANDBOX.to_owned()
    } else {
        client.base_url.to_string()
    };
    if let Some(past) = past {
        config::check_same_run(args, past, &target)?;
    }
    let options = config::input(&args.input);
    let api = connect(args, client)?;
    let input = input::open(&options)?;
    let shape = input.shape().clone();
    let begun = resume::begun(args, past, &options, (&input, &target));
    let again = resume::sent_again(args, past);
    let rest = resume::rest(past, &again, &options, input)?;
    let before = Recorded::by(past, &rest.wanted);
    let written = past.filter(|past| !past.is_empty());
    let delimiter = written.map_or(&begun, Past::begun).delimiter_byte();
    if let Some(past) = past {
        resume::tell(args, (past, again.len()), &results_path, screen);
    }
    let tally = resume::tally(past, again);
    let stop = Stop::default();
    let runtime = runtime()?;
    let (journal, results) = resume::open(earlier, &results_path, &begun, args, &stop)?;
    config::empty_summary(args.summary.as_deref())?;
    let run = Run {
        options,
        shape,
        results_path,
        delimiter,
        target,
        started_at: Timestamp::now(),
        started: Instant::now(),
        earlier: before,
        stop,
        sandbox,
    };
    let recorder = Recorder::new(results, tally);
    let ended = run.go(args, rest, api, (recorder, journal), (screen, style));
    run.close(args, screen, typed, runtime.block_on(ended)?)
}

/// The API, and the pace that its calls keep to.
fn connect(args: &ImportArgs, client: ClientOptions) -> Result<(HubSpot, Pacer), AppError> {
    let slots = pace::slots(args, &client);
    let pacer = Pacer::new(args.pace.rate.0, args.max_wait.0, slots);
    Ok((HubSpot::new(client)?, pacer))
}

/// What the client needs, and the sandbox if there is to be one.
fn client(args: &ImportArgs) -> Result<(ClientOptions, Option<Sandbox>), AppError> {
    let (base_url, credentials, sandbox) = if args.sandbox {
        let sandbox = Sandbox::start(SandboxOptions::default())?;
        let token = Secret::new("sandbox", "the sandbox").map_err(config::ConfigError::from)?;
        let url = config::base_url(&sandbox.base_url())?;
        (url, Credentials::Token(token), Some(sandbox))
    } else {
        let (credentials, warnings) = config::credentials(args.token_file.as_deref())?;
        for warning in warnings {
            warn!("{warning}");
        }
        (config::base_url(&args.base_url)?, credentials, None)
    };
    let options = ClientOptions {
        base_url,
        credentials,
        timeout: args.timeout.0,
        connect_timeout: args.connect_timeout.0,
        extra_roots: config::extra_roots(args.ca_file.as_deref().filter(|_| !args.sandbox))?,
    };
    Ok((options, sandbox))
}

impl Run {
    /// From the first row to the last.
    async fn go(
        &self,
        args: &ImportArgs,
        rest: Rest,
        api: (HubSpot, Pacer),
        (mut recorder, journal): (Recorder<ResultsFile>, Journal),
        (screen, style): (&Screen, ProgressStyle),
    ) -> Result<Ended, AppError> {
        signals::listen(&self.stop, screen)?;
        let survey = Survey::of(&self.options, &self.shape);
        self.introduce(args, screen, &survey);
        let bounds = Bounds {
            concurrency: args.concurrency.0.get(),
            rows_per_call: args.pace.batch.rows(MOST_LINKS),
        };
        let delivery = self.delivery(args, api);
        let activity = delivery.activity();
        let mut tolerance = Tolerance::new(args.max_errors, args.max_consecutive_failures);
        let shown = (recorder.tally().counts(), Arc::clone(&activity));
        let progress = Progress::start(style, screen.clone(), survey.total, shown);
        let Rest {
            held,
            input,
            mut wanted,
        } = rest;
        let handed = wanted.handed();
        let (rows, reader) = input::spawn(input, move |row| wanted.wants(row));
        let rows = stream::unfold(rows, async |mut rows| Some((rows.recv().await?, rows)));
        let journal = RefCell::new(journal);
        let rows = stream::iter([held])
            .chain(rows)
            .map(|rows| self.hand_out(&journal, rows));
        import::run(rows, &delivery, (&self.stop, bounds), |reports| {
            let noted = journal.borrow_mut().note_account(delivery.account());
            noted.map_err(|error| error.to_string())?;
            let written = recorder.record(reports);
            written.map_err(|error| error.to_string())?;
            let too_bad = reports.iter().filter_map(|report| tolerance.take(report));
            too_bad.for_each(|reason| self.stop.request(reason));
            Ok::<_, String>(())
        })
        .await;
        drop(progress);
        let mut journal = journal.into_inner();
        if let Err(error) = journal.sync() {
            self.stop.request(StopReason::Output(error.to_string()));
        }
        let (reading, broken_input) = reader.finish();
        Ok(Ended {
            tally: recorder.finish(),
            activity,
            reading,
            broken_input,
            journal,
            handed,
        })
    }

    fn delivery(&self, args: &ImportArgs, (api, pacer): (HubSpot, Pacer)) -> Delivery<HubSpot> {
        let retry = RetryPolicy {
            max_attempts: args.max_attempts,
        };
        let concurrency = args.concurrency.0.get();
        Delivery::new(api, pacer, retry, concurrency, self.stop.clone())
            .expecting(self.earlier.account)
            .using_the_day(DayPolicy {
                reserve: args.daily_reserve,
                on_quota: args.on_quota.into(),
            })
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

    fn introduce(&self, args: &ImportArgs, screen: &Screen, survey: &Survey) {
        screen.say(&preamble::reading(&self.options.path, &self.shape));
        let target = if self.sandbox.is_some() {
            "a sandbox inside this program (ids that end in 404 are missing there)".to_owned()
        } else {
            format!("HubSpot (API v1) at {}", self.target)
        };
        screen.say(&format!("sending to {target}"));
        for line in preamble::meaning(survey) {
            screen.say(&line);
        }
        let left = survey.total.after(self.earlier.done);
        let plan = Plan::of(&args.pace, &survey.primaries);
        let amount = preamble::amount(&left, &self.shape, plan);
        let saving = preamble::saving(&left, plan);
        screen.say(&match (self.earlier.done, left) {
            (0, _) => amount,
            (_, Total::Exact(0)) if self.options.limit.is_some() => {
                "nothing is left to send of the first rows (--limit)".to_owned()
            }
            (_, Total::Exact(0)) if self.earlier.may_follow => {
                "nothing is left to send but what has to follow rows that were sent late".to_owned()
            }
            (_, Total::Exact(0)) => "nothing is left to send".to_owned(),
            _ => format!("still to do: {amount}"),
        });
        if let Some(saving) = saving {
            screen.say(&saving);
        }
        screen.say(&format!("results go to {}", path(&self.results_path)));
    }
}
