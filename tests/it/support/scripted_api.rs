//! A scripted API on tokio's paused clock: hours of pacing and waiting pass in milliseconds.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::pending,
    pin::pin,
    rc::Rc,
    time::Duration,
};

use futures_util::{
    future::{join, select},
    stream,
};
use hubassoc::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, Operation, ResponsePayload, Verdict},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    delivery::Delivery,
    messages::CALL_EVENTS,
    pipeline::{self, ConcurrencyLimits},
    rate_state::RateState,
    row::{Row, RowReport},
    stop::{Signal, StopReason, StopSwitch},
};
use tokio::time::{Instant, advance, sleep};

use super::row;
pub(crate) use super::{run_result::RunResult, verdicts::*};

/// One request that the script received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScriptedRequest {
    pub(crate) row: u64,
    /// The number of this request among those of the row, from 1.
    pub(crate) attempt: u32,
    pub(crate) at: Duration,
}

type Answers = dyn Fn(ScriptedRequest) -> (Duration, Verdict);

/// Answers the n-th request for the account, counted from 1.
type AccountAnswers = dyn Fn(u64) -> (Duration, Verdict, Option<AccountId>);

/// Answers each request with the verdict and after the latency that a function returns.
#[derive(Clone)]
pub(crate) struct ScriptedApi {
    answers: Rc<Answers>,
    started: Instant,
    arrivals: Rc<RefCell<Vec<ScriptedRequest>>>,
    attempts: Rc<RefCell<HashMap<u64, u32>>>,
    token_life: Option<Duration>,
    good_until: Rc<Cell<Option<Instant>>>,
    renewing: Rc<Cell<bool>>,
    account: Rc<AccountAnswers>,
    questions: Rc<Cell<u64>>,
}

/// The time to get a token if one is needed. The next token is requested this long before the last
/// one expires.
const TOKEN_TAKES: Duration = Duration::from_millis(700);

impl ScriptedApi {
    pub(crate) fn new(
        token_life: Option<Duration>,
        answers: impl Fn(ScriptedRequest) -> (Duration, Verdict) + 'static,
    ) -> Self {
        Self {
            answers: Rc::new(answers),
            token_life,
            good_until: Rc::default(),
            renewing: Rc::default(),
            account: Rc::new(|_| (Duration::ZERO, account_refused(), None)),
            questions: Rc::default(),
            started: Instant::now(),
            arrivals: Rc::default(),
            attempts: Rc::default(),
        }
    }
}

impl std::fmt::Debug for ScriptedApi {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Script")
    }
}

impl Api for ScriptedApi {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let Operation::Create(links) = call else {
            assert!(self.is_ready(), "asked without a token");
            self.questions.set(self.questions.get() + 1);
            let (latency, verdict, account) = (self.account)(self.questions.get());
            sleep(latency).await;
            return ApiResponse {
                payload: account.map(|id| ResponsePayload::Account(AccountDetails::from_id(id))),
                ..ApiResponse::from_verdict(verdict)
            };
        };
        assert!(self.is_ready(), "sent without a token");
        let row = links[0].link.from().get();
        let attempt = *self
            .attempts
            .borrow_mut()
            .entry(row)
            .and_modify(|n| *n += 1)
            .or_insert(1);
        let arrival = ScriptedRequest {
            row,
            attempt,
            at: self.started.elapsed(),
        };
        self.arrivals.borrow_mut().push(arrival);
        let (latency, verdict) = (self.answers)(arrival);
        sleep(latency).await;
        ApiResponse::from_verdict(verdict)
    }

    fn is_ready(&self) -> bool {
        let good = self.good_until.get().is_some_and(|at| Instant::now() < at);
        self.token_life.is_none() || good
    }

    async fn prepare(&self) -> Result<(), Verdict> {
        let is_due = |until| Instant::now() + TOKEN_TAKES >= until;
        let due = self.token_life.is_some() && self.good_until.get().is_none_or(is_due);
        if !due || self.is_ready() && self.renewing.get() {
            return Ok(());
        }
        self.renewing.set(true);
        sleep(TOKEN_TAKES).await;
        self.renewing.set(false);
        let until = self.token_life.map(|life| Instant::now() + life);
        self.good_until.set(until);
        Ok(())
    }
}

/// How a scripted run is set up.
#[derive(Clone, Copy)]
pub(crate) struct RunSetup {
    pub(crate) rows: u64,
    pub(crate) pace: Pace,
    pub(crate) concurrency: usize,
    pub(crate) max_attempts: u32,
    pub(crate) max_wait: Duration,
    /// How long a token is valid, if one is needed.
    pub(crate) token_life: Option<Duration>,
    /// When the whole process is suspended, and for how long.
    pub(crate) suspended: Option<(Duration, Duration)>,
    /// When the user presses Ctrl-C.
    pub(crate) interrupted: Option<Duration>,
}

impl RunSetup {
    pub(crate) fn new(rows: u64, rate: &str) -> Self {
        let pace = match rate {
            "unlimited" => Pace::Unlimited,
            "auto" => Pace::Auto,
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
            suspended: None,
            interrupted: None,
        }
    }
}

/// Runs the pipeline over rows 1 to n. Row n is a link from record n to record 1.
pub(crate) fn run(
    setup: RunSetup,
    answers: impl Fn(ScriptedRequest) -> (Duration, Verdict) + 'static,
) -> RunResult {
    run_recording(setup, answers, |_| Ok(()))
}

/// Runs the pipeline with a function that records reports.
pub(crate) fn run_recording(
    setup: RunSetup,
    answers: impl Fn(ScriptedRequest) -> (Duration, Verdict) + 'static,
    recording: impl FnMut(&[RowReport]) -> Result<(), String>,
) -> RunResult {
    run_script(setup, recording, |setup| {
        (
            ScriptedApi::new(setup.token_life, answers),
            ExpectedAccounts::default(),
        )
    })
}

/// The account that a run expects.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ExpectedAccounts {
    /// The account in which the run began.
    pub(crate) by_the_run: Option<AccountId>,
    /// The account that the user gave.
    pub(crate) by_the_user: Option<AccountId>,
}

impl From<Option<AccountId>> for ExpectedAccounts {
    fn from(by_the_run: Option<AccountId>) -> Self {
        let by_the_user = None;
        Self {
            by_the_run,
            by_the_user,
        }
    }
}

/// Runs the pipeline with a scripted account and an expected one.
pub(crate) fn run_in_account(
    setup: RunSetup,
    expected: impl Into<ExpectedAccounts>,
    account: impl Fn(u64) -> (Duration, Verdict, Option<AccountId>) + 'static,
    answers: impl Fn(ScriptedRequest) -> (Duration, Verdict) + 'static,
) -> RunResult {
    run_script(
        setup,
        |_| Ok(()),
        |setup| {
            let script = ScriptedApi {
                account: Rc::new(account),
                ..ScriptedApi::new(setup.token_life, answers)
            };
            (script, expected.into())
        },
    )
}

/// The script is created inside the runtime, on its paused clock.
fn run_script(
    setup: RunSetup,
    mut recording: impl FnMut(&[RowReport]) -> Result<(), String>,
    script: impl FnOnce(RunSetup) -> (ScriptedApi, ExpectedAccounts),
) -> RunResult {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (script, expected) = script(setup);
        let stop = StopSwitch::default();
        let pacer = Pacer::new(setup.pace, setup.max_wait, RateState::in_memory())
            .reporting_to(CALL_EVENTS);
        let retry = RetryPolicy {
            max_attempts: setup.max_attempts,
        };
        let caller = Caller::new(script.clone(), pacer, retry, stop.clone())
            .expecting_run_account(expected.by_the_run)
            .requiring_account(expected.by_the_user);
        let delivery = Delivery::new(caller, setup.concurrency);
        let rows = stream::iter([rows(setup.rows)]);
        let mut reports = Vec::new();
        let bounds = ConcurrencyLimits {
            concurrency: setup.concurrency,
            rows_per_call: 1,
        };
        let running = pipeline::run(rows, &delivery, &stop, bounds, |some| {
            recording(some)?;
            reports.extend_from_slice(some);
            Ok::<_, String>(())
        });
        select(pin!(running), pin!(from_outside(setup, &stop))).await;
        RunResult {
            reports,
            arrivals: script.arrivals.take(),
            stop: stop.reason(),
            took: script.started.elapsed(),
            calls: delivery.caller().metrics().calls() - script.questions.get(),
            questions: script.questions.get(),
            retries: delivery.caller().metrics().retries(),
            account: delivery.caller().account(),
        }
    })
}

/// Suspends or interrupts the run from outside. This future never ends.
async fn from_outside(setup: RunSetup, stop: &StopSwitch) {
    let suspending = async {
        if let Some((at, time)) = setup.suspended {
            sleep(at).await;
            // Advances all clocks at once, as after SIGCONT.
            advance(time).await;
        }
    };
    let interrupting = async {
        if let Some(at) = setup.interrupted {
            sleep(at).await;
            stop.request(StopReason::Signal(Signal::Interrupt));
        }
    };
    join(suspending, interrupting).await;
    pending::<()>().await;
}

/// Rows 1 to n. Row n is a link from record n to record 1.
pub(crate) fn rows(n: u64) -> Vec<Row> {
    (1..=n).map(|n| row(n, (n, 1, 1))).collect()
}
