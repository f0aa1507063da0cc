//! An account with a scripted daily quota on tokio's paused clock, and a run that may wait for its
//! reset. Reported times are wall-clock times.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::stream;
use hubassoc::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, DayUsage, Operation, ReportedQuota, ResponsePayload, Verdict},
    caller::{Caller, DayPolicy, OnQuotaExhausted, Pace, Pacer, RetryPolicy},
    code::Code,
    delivery::Delivery,
    http_status::HttpStatus,
    pipeline::{self, ConcurrencyLimits},
    rate_state::RateState,
    row::{Failure, Outcome},
    stop::{StopReason, StopSwitch},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::time::{Instant, sleep, timeout};

use super::{
    row,
    verdicts::{DONE, failure},
};

/// Longer than any of these runs, so that a run that hangs fails the test.
const FOR_EVER: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Answers the n-th call for rows, counted from 0, at a time: the latency, the verdict and the
/// calls that are left of the day.
type RowResponses = dyn Fn(usize, Duration) -> (Duration, Verdict, Option<u64>);

/// The account.
struct ScriptedAccount {
    rows: Box<RowResponses>,
    zone: Option<TimeZone>,
    /// Seconds until the reset that the account reports.
    reset: Option<i64>,
    started: Instant,
    sent: Rc<RefCell<Vec<Duration>>>,
}

/// Calls of a day.
pub(crate) const DAILY: u64 = 1_000;

impl ScriptedAccount {
    async fn of_rows(&self) -> ApiResponse {
        let at = self.started.elapsed();
        let n = self.sent.borrow().len();
        self.sent.borrow_mut().push(at);
        let (latency, verdict, left) = (self.rows)(n, at);
        sleep(latency).await;
        let quota = left.map(|left| ReportedQuota {
            daily: Some(DAILY),
            daily_remaining: Some(left),
            ..ReportedQuota::default()
        });
        ApiResponse {
            quota,
            ..ApiResponse::from_verdict(verdict)
        }
    }
}

impl Api for ScriptedAccount {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let (verdict, payload) = match call {
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Records(..)
            | Operation::ReadByKey(_)
            | Operation::SearchByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits => {
                return self.of_rows().await;
            }
            Operation::Account => {
                let details = AccountDetails {
                    zone: self.zone.clone(),
                    ..AccountDetails::from_id(AccountId::new(7))
                };
                (DONE, Some(ResponsePayload::Account(details)))
            }
            Operation::Scopes => (refused(), None),
            Operation::Day => match self.reset {
                Some(seconds) => {
                    let reset = Timestamp::now() + SignedDuration::from_secs(seconds);
                    let day = DayUsage {
                        calls: None,
                        resets_at: Some(reset),
                    };
                    (DONE, Some(ResponsePayload::Day(day)))
                }
                None => (refused(), None),
            },
        };
        ApiResponse {
            payload,
            ..ApiResponse::from_verdict(verdict)
        }
    }
}

/// The answer to an app that may not ask.
fn refused() -> Verdict {
    Verdict::Refused(Failure {
        http_status: Some(HttpStatus::FORBIDDEN),
        ..failure(Code::Rejected)
    })
}

/// A run that waits for the reset.
pub(crate) struct QuotaResetRun {
    pub(crate) rows: u64,
    pub(crate) concurrency: usize,
    pub(crate) rate: &'static str,
    pub(crate) reserve: Option<&'static str>,
    pub(crate) zone: Option<TimeZone>,
    /// Seconds until the reported reset.
    pub(crate) reset: Option<i64>,
}

/// One row, no rate limit, and no reported reset.
pub(crate) const ONE_ROW: QuotaResetRun = QuotaResetRun {
    rows: 1,
    concurrency: 16,
    rate: "unlimited",
    reserve: None,
    zone: None,
    reset: None,
};

/// The result of such a run.
pub(crate) struct QuotaResetResult {
    /// When each request for a row was sent.
    pub(crate) sent: Vec<Duration>,
    pub(crate) succeeded: usize,
    pub(crate) stop: Option<StopReason>,
}

pub(crate) fn used_up() -> Verdict {
    Verdict::DayUsedUp(failure(Code::RateLimited))
}

impl QuotaResetRun {
    /// Runs it. The function answers the calls for rows.
    pub(crate) fn run(
        self,
        rows: impl Fn(usize, Duration) -> (Duration, Verdict, Option<u64>) + 'static,
    ) -> QuotaResetResult {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(self.run_paused(Box::new(rows)))
    }

    async fn run_paused(self, rows: Box<RowResponses>) -> QuotaResetResult {
        let sent = Rc::<RefCell<Vec<Duration>>>::default();
        let account = ScriptedAccount {
            rows,
            zone: self.zone,
            reset: self.reset,
            started: Instant::now(),
            sent: Rc::clone(&sent),
        };
        let stop = StopSwitch::default();
        let pace = match self.rate {
            "unlimited" => Pace::Unlimited,
            rate => Pace::Limited(rate.parse().unwrap()),
        };
        let pacer = Pacer::new(pace, Duration::from_secs(900), RateState::in_memory());
        let retry = RetryPolicy { max_attempts: 8 };
        let policy = DayPolicy {
            reserve: self.reserve.map(|reserve| reserve.parse().unwrap()),
            on_quota: OnQuotaExhausted::Wait,
        };
        let caller = Caller::new(account, pacer, retry, stop.clone()).with_day_policy(policy);
        let delivery = Delivery::new(caller, self.concurrency);
        let bounds = ConcurrencyLimits {
            concurrency: self.concurrency,
            rows_per_call: 1,
        };
        let rows = (1..=self.rows).map(|n| row(n, (n, 1, 3)));
        let rows = stream::iter([rows.collect::<Vec<_>>()]);
        let mut succeeded = 0;
        let running = pipeline::run(rows, &delivery, &stop, bounds, |reports| {
            let good = reports
                .iter()
                .filter(|r| matches!(r.outcome, Some(Outcome::Succeeded { .. })));
            succeeded += good.count();
            Ok::<_, String>(())
        });
        timeout(FOR_EVER, running).await.unwrap();
        QuotaResetResult {
            sent: sent.take(),
            succeeded,
            stop: stop.reason(),
        }
    }
}
