//! A scripted API for calls with many rows on tokio's paused clock. Rows arrive when a test says,
//! and each call is recorded.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::{StreamExt as _, stream};
use hubassoc::{
    api::{Api, ApiResponse, Operation, Verdict},
    association::Association,
    caller::{Caller, Pace, Pacer, RetryPolicy},
    delivery::Delivery,
    pipeline::{self, ConcurrencyLimits},
    rate_state::RateState,
    row::{Outcome, Row, RowReport},
    row_cells::RowCells,
    stop::{StopReason, StopSwitch},
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

pub(crate) use super::Link;
use super::{row, verdicts::account_refused};

/// Longer than any of these runs, so that a run that hangs fails the test.
const FOR_EVER: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Rows that are all available from the start and set no primary company.
pub(crate) fn rows(count: u64) -> Vec<(Duration, Link)> {
    (1..=count).map(|n| (Duration::ZERO, (n, 7, 3))).collect()
}

/// One call and the period in which it was in flight.
#[derive(Clone, Debug)]
pub(crate) struct RecordedCall {
    pub(crate) links: Vec<Link>,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

type Answers = dyn Fn(&[Link], usize) -> (Duration, Verdict);

/// Answers the n-th call for rows, counted from 0, as a function says.
struct ScriptedCalls {
    answers: Box<Answers>,
    started: Instant,
    sent: Rc<RefCell<Vec<RecordedCall>>>,
}

impl Api for ScriptedCalls {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let Operation::Create(links) = call else {
            return ApiResponse::from_verdict(account_refused());
        };
        let links: Vec<_> = links
            .iter()
            .map(|order| link(&order.link.in_row_direction()))
            .collect();
        let from = self.started.elapsed();
        let n = self.sent.borrow().len();
        let (latency, verdict) = (self.answers)(&links, n);
        let to = from + latency;
        self.sent
            .borrow_mut()
            .push(RecordedCall { links, from, to });
        sleep(latency).await;
        ApiResponse::from_verdict(verdict)
    }
}

fn link(association: &Association) -> Link {
    let Association {
        from,
        to,
        definition,
    } = association;
    (from.get(), to.get(), definition.get())
}

/// The result of such a run.
pub(crate) struct CallsRunResult {
    pub(crate) sent: Vec<RecordedCall>,
    pub(crate) reports: Vec<RowReport>,
    pub(crate) stop: Option<StopReason>,
}

impl CallsRunResult {
    /// The number of rows in each call.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.sent.iter().map(|sent| sent.links.len()).collect()
    }

    /// The rows that did not succeed, sorted.
    pub(crate) fn bad(&self) -> Vec<u64> {
        let succeeded =
            |report: &&RowReport| matches!(report.outcome, Some(Outcome::Succeeded { .. }));
        let bad = self.reports.iter().filter(|report| !succeeded(report));
        let mut bad: Vec<_> = bad.map(|report| report.row.number).collect();
        bad.sort_unstable();
        bad
    }

    /// The calls with a link from this record.
    pub(crate) fn calls_of(&self, from: u64) -> impl Iterator<Item = &RecordedCall> {
        let has_it = move |sent: &&RecordedCall| sent.links.iter().any(|link| link.0 == from);
        self.sent.iter().filter(has_it)
    }

    pub(crate) fn attempts(&self, row: u64) -> u32 {
        let mut reports = self.reports.iter();
        reports.find(|r| r.row.number == row).unwrap().attempts
    }
}

/// Sends these links, each from its time on, within these bounds.
pub(crate) fn run_calls(
    rows: Vec<(Duration, Link)>,
    bounds: ConcurrencyLimits,
    answers: impl Fn(&[Link], usize) -> (Duration, Verdict) + 'static,
) -> CallsRunResult {
    run_calls_with(&RowCells::default(), rows, bounds, answers)
}

/// Sends these links as rows with these cells.
pub(crate) fn run_calls_with(
    cells: &RowCells,
    rows: Vec<(Duration, Link)>,
    bounds: ConcurrencyLimits,
    answers: impl Fn(&[Link], usize) -> (Duration, Verdict) + 'static,
) -> CallsRunResult {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let started = Instant::now();
        let sent = Rc::<RefCell<Vec<RecordedCall>>>::default();
        let api = ScriptedCalls {
            answers: Box::new(answers),
            started,
            sent: Rc::clone(&sent),
        };
        let stop = StopSwitch::default();
        let pacer = Pacer::new(
            Pace::Unlimited,
            Duration::from_secs(900),
            RateState::in_memory(),
        );
        let retry = RetryPolicy { max_attempts: 8 };
        let delivery = Delivery::new(
            Caller::new(api, pacer, retry, stop.clone()),
            bounds.concurrency,
        );
        let rows = stream::iter(rows.into_iter().enumerate()).then(async |(n, (at, link))| {
            sleep_until(started + at).await;
            let cells = cells.clone();
            vec![Row {
                cells,
                ..row(n as u64 + 1, link)
            }]
        });
        let mut reports = Vec::new();
        let running = pipeline::run(rows, &delivery, &stop, bounds, |some| {
            reports.extend_from_slice(some);
            Ok::<_, String>(())
        });
        timeout(FOR_EVER, running).await.unwrap();
        CallsRunResult {
            sent: sent.take(),
            reports,
            stop: stop.reason(),
        }
    })
}
