//! An API that answers by script, on tokio's paused clock: hours of pacing
//! and waiting pass in milliseconds.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Duration,
};

use futures_util::stream;
use hubassoc::{
    api::{Answer, Api, Call, Limit, Verdict},
    association::{Association, Definition, RecordId},
    code::Code,
    delivery::{Delivery, Pace, Pacer, RetryPolicy},
    import,
    row::{Failure, Outcome, Row, RowReport},
    stop::{Stop, StopReason},
};
use tokio::time::{Instant, sleep};

/// One request as the script saw it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) row: u64,
    /// The n-th request of this row, from 1.
    pub(crate) attempt: u32,
    pub(crate) at: Duration,
}

type Answers = dyn Fn(Arrival) -> (Duration, Verdict);

/// Answers each request as a function says, after the latency it says.
#[derive(Clone)]
pub(crate) struct Script {
    answers: Rc<Answers>,
    started: Instant,
    arrivals: Rc<RefCell<Vec<Arrival>>>,
    attempts: Rc<RefCell<HashMap<u64, u32>>>,
    token_life: Option<Duration>,
    good_until: Rc<Cell<Option<Instant>>>,
}

/// So long it takes to get a token, where one is needed.
const TOKEN_TAKES: Duration = Duration::from_millis(700);

impl Script {
    pub(crate) fn new(
        token_life: Option<Duration>,
        answers: impl Fn(Arrival) -> (Duration, Verdict) + 'static,
    ) -> Self {
        Self {
            answers: Rc::new(answers),
            token_life,
            good_until: Rc::default(),
            started: Instant::now(),
            arrivals: Rc::default(),
            attempts: Rc::default(),
        }
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Script")
    }
}

impl Api for Script {
    async fn call(&self, Call::Create(links): Call<'_>) -> Answer {
        let row = links[0].from.get();
        let attempt = *self
            .attempts
            .borrow_mut()
            .entry(row)
            .and_modify(|n| *n += 1)
            .or_insert(1);
        let arrival = Arrival {
            row,
            attempt,
            at: self.started.elapsed(),
        };
        self.arrivals.borrow_mut().push(arrival);
        let (latency, verdict) = (self.answers)(arrival);
        sleep(latency).await;
        Answer::only(verdict)
    }

    fn is_ready(&self) -> bool {
        let good = self.good_until.get().is_some_and(|at| Instant::now() < at);
        self.token_life.is_none() || good
    }

    async fn prepare(&self) -> Result<(), Verdict> {
        sleep(TOKEN_TAKES).await;
        let until = self.token_life.map(|life| Instant::now() + life);
        self.good_until.set(until);
        Ok(())
    }
}

/// How a scripted run is set up.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) rows: u64,
    pub(crate) pace: Pace,
    pub(crate) concurrency: usize,
    pub(crate) max_attempts: u32,
    pub(crate) max_wait: Duration,
    /// How long a token is good, if one is needed.
    pub(crate) token_life: Option<Duration>,
}

impl Setup {
    pub(crate) fn new(rows: u64, rate: &str) -> Self {
        let pace = match rate {
            "unlimited" => Pace::Unlimited,
            rate => Pace::Limited(rate.parse().unwrap()),
        };
        let max_wait = Duration::from_secs(15 * 60);
        Self {
            rows,
            pace,
            concurrency: 16,
            max_attempts: 8,
            max_wait,
            token_life: None,
        }
    }
}

/// What a scripted run left.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    pub(crate) reports: Vec<RowReport>,
    pub(crate) arrivals: Vec<Arrival>,
    pub(crate) stop: Option<StopReason>,
    pub(crate) took: Duration,
    pub(crate) calls: u64,
}

impl Ran {
    pub(crate) fn succeeded(&self) -> usize {
        let is_good = |r: &&RowReport| matches!(r.outcome, Some(Outcome::Succeeded { .. }));
        self.reports.iter().filter(is_good).count()
    }

    pub(crate) fn failed(&self) -> Vec<(u64, Code)> {
        let failures = self.reports.iter().filter_map(|report| {
            let failure = report.outcome.as_ref()?.failure()?;
            Some((report.row.number, failure.code))
        });
        failures.collect()
    }

    pub(crate) fn unsettled(&self) -> usize {
        self.reports
            .iter()
            .filter(|report| report.outcome.is_none())
            .count()
    }

    /// The most requests that arrived in any window of this length.
    pub(crate) fn most_in(&self, window: Duration) -> usize {
        let mut times: Vec<_> = self.arrivals.iter().map(|arrival| arrival.at).collect();
        times.sort();
        most_in(&times, window)
    }
}

/// The most of these sorted times that lie in any window of this length.
pub(crate) fn most_in(times: &[Duration], window: Duration) -> usize {
    let counts = times
        .iter()
        .enumerate()
        .map(|(i, start)| times[i..].partition_point(|time| *time - *start <= window));
    counts.max().unwrap_or(0)
}

/// Runs the pipeline over rows 1 to n, each a link from record n to record 1.
pub(crate) fn run(setup: Setup, answers: impl Fn(Arrival) -> (Duration, Verdict) + 'static) -> Ran {
    run_recording(setup, answers, |_| Ok(()))
}

/// The same with a say in what recording does.
pub(crate) fn run_recording(
    setup: Setup,
    answers: impl Fn(Arrival) -> (Duration, Verdict) + 'static,
    mut recording: impl FnMut(&[RowReport]) -> Result<(), String>,
) -> Ran {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let script = Script::new(setup.token_life, answers);
        let stop = Stop::default();
        let pacer = Pacer::new(setup.pace, setup.max_wait);
        let retry = RetryPolicy {
            max_attempts: setup.max_attempts,
        };
        let delivery = Delivery::new(
            script.clone(),
            pacer,
            retry,
            setup.concurrency,
            stop.clone(),
        );
        let rows = stream::iter([(1..=setup.rows).map(row).collect::<Vec<_>>()]);
        let mut reports = Vec::new();
        import::run(rows, &delivery, (&stop, setup.concurrency), |some| {
            recording(some)?;
            reports.extend_from_slice(some);
            Ok::<_, String>(())
        })
        .await;
        Ran {
            reports,
            arrivals: script.arrivals.take(),
            stop: stop.reason(),
            took: script.started.elapsed(),
            calls: delivery.activity().calls(),
        }
    })
}

fn row(n: u64) -> Row {
    let link = Association {
        from: RecordId::new(n).unwrap(),
        to: RecordId::new(1).unwrap(),
        definition: Definition::new(1).unwrap(),
    };
    Row {
        number: n,
        line: n + 1,
        cells: csv::StringRecord::new(),
        link: Ok(link),
    }
}

pub(crate) const DONE: Verdict = Verdict::Done { http_status: 204 };

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(crate) fn transient() -> Verdict {
    Verdict::Transient {
        failure: failure(Code::ServerError),
        wait: Duration::ZERO,
    }
}

pub(crate) fn throttled(wait: Option<Duration>) -> Verdict {
    Verdict::Throttled {
        failure: failure(Code::RateLimited),
        limit: Limit::Window,
        wait,
    }
}

pub(crate) fn failure(code: Code) -> Failure {
    Failure::new(code, "scripted")
}
