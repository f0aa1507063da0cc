//! A server with a rolling window and HubSpot's headers on tokio's paused clock, and its clients:
//! runs of this program, each on its own host, and one that sends at a steady rate.

use std::{cell::RefCell, collections::VecDeque, pin::pin, rc::Rc, time::Duration};

use futures_util::{
    future::{join_all, select},
    stream,
};
use hubassoc::{
    api::{Api, ApiResponse, Operation, ReportedQuota, Verdict},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    delivery::Delivery,
    pipeline::{self, ConcurrencyLimits},
    rate::Rate,
    rate_state::RateState,
    stop::StopSwitch,
};
use tokio::time::{Instant, sleep};

use super::{
    scripted_api::{rows, throttled},
    verdicts::{DONE, account_refused, ms},
};

/// What the server's headers say about its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuotaHeaders {
    /// Maximum and remaining.
    All,
    /// Only the maximum.
    MaxOnly,
    None,
}

/// One call that the server received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObservedCall {
    pub(crate) client: usize,
    pub(crate) at: Duration,
    pub(crate) refused: bool,
}

/// The limit as a function of time.
type Limits = dyn Fn(Duration) -> Rate;

/// The server. Clones share its state.
#[derive(Clone)]
pub(crate) struct QuotaServer {
    limits: Rc<Limits>,
    headers: QuotaHeaders,
    started: Instant,
    accepted: Rc<RefCell<VecDeque<Duration>>>,
    seen: Rc<RefCell<Vec<ObservedCall>>>,
    random: Rc<RefCell<fastrand::Rng>>,
}

/// One client's connection to the server.
struct Client(QuotaServer, usize);

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "client {}", self.1)
    }
}

impl QuotaServer {
    fn admit(&self, client: usize) -> (bool, ReportedQuota) {
        let at = self.started.elapsed();
        let rate = (self.limits)(at);
        let mut accepted = self.accepted.borrow_mut();
        accepted.retain(|call| at - *call < rate.window);
        let max = rate.calls.get();
        let refused = accepted.len() >= max as usize;
        if !refused {
            accepted.push_back(at);
        }
        let remaining = max.saturating_sub(u32::try_from(accepted.len()).unwrap());
        let seen = ObservedCall {
            client,
            at,
            refused,
        };
        self.seen.borrow_mut().push(seen);
        let quota = ReportedQuota {
            window: (self.headers != QuotaHeaders::None).then_some(rate),
            window_remaining: (self.headers == QuotaHeaders::All).then_some(remaining),
            ..ReportedQuota::default()
        };
        (refused, quota)
    }

    /// Half of a round trip; both halves take 80 to 200 ms.
    async fn travel(&self) {
        let time = self.random.borrow_mut().u64(40_000..100_000);
        sleep(Duration::from_micros(time)).await;
    }
}

impl Api for Client {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let Self(server, client) = self;
        if matches!(call, Operation::Account) {
            return ApiResponse::from_verdict(account_refused());
        }
        server.travel().await;
        let (refused, quota) = server.admit(*client);
        server.travel().await;
        let verdict: Verdict = if refused { throttled(None) } else { DONE };
        ApiResponse {
            quota: Some(quota),
            ..ApiResponse::from_verdict(verdict)
        }
    }
}

/// A client of the server.
#[derive(Clone)]
pub(crate) enum ClientKind {
    /// A run at this pace, from a time on.
    Run(Pace, Duration),
    /// Calls at this interval, from a time on, whatever the answers.
    Steady(Duration, Duration),
    /// Calls at this interval during a limited time.
    Brief(Duration, std::ops::Range<Duration>),
}

/// Runs the clients and returns the calls until this time.
pub(crate) fn serve(
    clients: &[ClientKind],
    headers: QuotaHeaders,
    until: Duration,
    limits: impl Fn(Duration) -> Rate + 'static,
) -> Vec<ObservedCall> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let server = QuotaServer {
            limits: Rc::new(limits),
            headers,
            started: Instant::now(),
            accepted: Rc::default(),
            seen: Rc::default(),
            random: Rc::new(RefCell::new(fastrand::Rng::with_seed(7))),
        };
        let clients = clients.iter().enumerate();
        let clients = clients.map(|(number, kind)| spend(server.clone(), number, kind));
        select(pin!(join_all(clients)), pin!(sleep(until))).await;
        server.seen.take()
    })
}

async fn spend(server: QuotaServer, number: usize, kind: &ClientKind) {
    let (distance, time) = match kind {
        ClientKind::Run(pace, from) => {
            sleep(*from).await;
            return import_rows(Client(server, number), *pace).await;
        }
        ClientKind::Steady(distance, from) => (*distance, *from..Duration::MAX),
        ClientKind::Brief(distance, time) => (*distance, time.clone()),
    };
    sleep(time.start).await;
    while server.started.elapsed() < time.end {
        server.admit(number);
        sleep(distance).await;
    }
}

/// Imports more rows than the time allows.
async fn import_rows(api: Client, pace: Pace) {
    const CONCURRENCY: usize = 16;
    let stop = StopSwitch::default();
    let pacer = Pacer::new(pace, ms(900_000), RateState::in_memory());
    let retry = RetryPolicy { max_attempts: 8 };
    let delivery = Delivery::new(Caller::new(api, pacer, retry, stop.clone()), CONCURRENCY);
    let rows = stream::iter([rows(100_000)]);
    let record = |_: &[hubassoc::row::RowReport]| Ok::<_, String>(());
    let bounds = ConcurrencyLimits {
        concurrency: CONCURRENCY,
        rows_per_call: 1,
    };
    pipeline::run(rows, &delivery, &stop, bounds, record).await;
}

/// How many calls a client sent in a period, and how many of them were refused.
pub(crate) fn sent(
    seen: &[ObservedCall],
    client: usize,
    time: std::ops::Range<Duration>,
) -> (usize, usize) {
    let sent = seen
        .iter()
        .filter(|seen| seen.client == client && time.contains(&seen.at));
    let refused = sent.clone().filter(|seen| seen.refused).count();
    (sent.count(), refused)
}
