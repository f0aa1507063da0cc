//! Runs against a scripted API with links on tokio's paused clock: rows are read first, sent, and
//! read back.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use futures_util::stream;
use hubassoc::{
    api::LinkOperation,
    association::CanonicalLink,
    caller::{Caller, Pace, Pacer, RetryPolicy},
    delivery::{Delivery, RowTask, RowWithExisting},
    pipeline::{self, ConcurrencyLimits, NextStep, RowStrategy},
    rate_state::RateState,
    row::{Outcome, RowReport},
    stop::{StopReason, StopSwitch},
};
use tokio::time::{Instant, sleep, timeout};

pub(crate) use super::linked_api::{LATENCY, MOST_ASKED, RecordedCall, ServerBehavior};
use super::{
    Link,
    linked_api::{LinkedApi, Script},
    row,
};

/// Longer than any of these runs, so that a run that hangs fails the test.
const FOR_EVER: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The most calls of one class in any window of this length.
pub(crate) fn most_in(left: &LinkedRunResult, window: Duration) -> usize {
    let of_class = |is_single| {
        let calls = left
            .sent
            .iter()
            .filter(|sent| sent.is_single() == is_single);
        let mut times: Vec<_> = calls.map(|sent| sent.from).collect();
        times.sort();
        super::run_result::most_in(&times, window)
    };
    of_class(true).max(of_class(false))
}

/// How a run is set up.
#[derive(Clone)]
pub(crate) struct LinkedRun {
    pub(crate) rows: Vec<Link>,
    pub(crate) existing: Vec<Link>,
    /// Whether existing links are read before writes.
    pub(crate) looks: bool,
    pub(crate) first: RowTask,
    pub(crate) bounds: ConcurrencyLimits,
    pub(crate) pace: Pace,
    pub(crate) max_attempts: u32,
    pub(crate) max_wait: Duration,
    /// Number of pages of each record.
    pub(crate) pages: usize,
    /// When the run is asked to stop.
    pub(crate) stops_at: Option<Duration>,
}

impl LinkedRun {
    pub(crate) fn new(rows: impl IntoIterator<Item = Link>, rows_per_call: usize) -> Self {
        Self {
            rows: rows.into_iter().collect(),
            existing: Vec::new(),
            looks: false,
            first: RowTask::Create,
            bounds: ConcurrencyLimits {
                concurrency: 4,
                rows_per_call,
            },
            pace: Pace::Unlimited,
            max_attempts: 8,
            max_wait: Duration::from_secs(900),
            pages: 1,
            stops_at: None,
        }
    }

    /// Reads existing links first, and sends only missing ones.
    pub(crate) fn reading_first(self) -> Self {
        let (looks, first) = (true, RowTask::ReadExisting);
        Self {
            looks,
            first,
            ..self
        }
    }

    /// Runs it. The script decides how the server reacts to the n-th call, counted from 0.
    pub(crate) fn run(
        self,
        script: impl Fn(&RecordedCall, usize) -> ServerBehavior + 'static,
    ) -> LinkedRunResult {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(self.run_paused(Box::new(script)))
    }

    async fn run_paused(self, script: Box<Script>) -> LinkedRunResult {
        let (started, stop) = (Instant::now(), StopSwitch::default());
        let sent = Rc::<RefCell<Vec<RecordedCall>>>::default();
        let existing = Rc::new(RefCell::new(self.existing.iter().copied().collect()));
        let server = LinkedApi {
            script,
            started,
            pages: self.pages,
            sent: Rc::clone(&sent),
            existing: Rc::clone(&existing),
        };
        let pacer = Pacer::new(self.pace, self.max_wait, RateState::in_memory());
        let retry = RetryPolicy {
            max_attempts: self.max_attempts,
        };
        let concurrency = self.bounds.concurrency;
        let delivery = Delivery::new(Caller::new(server, pacer, retry, stop.clone()), concurrency);
        let rows = self.rows.iter().zip(1..);
        let rows = rows.map(|(link, n)| row(n, *link)).collect::<Vec<_>>();
        let mut reports = Vec::new();
        let command = ReadThenWrite {
            looks: self.looks,
            first: self.first,
            started,
            reports: &mut reports,
        };
        let rows = stream::iter([rows]);
        let running = pipeline::run_command(rows, &delivery, &stop, self.bounds, command);
        let stopping = async {
            if let Some(at) = self.stops_at {
                sleep(at).await;
                let (all, kept) = (1, 1);
                stop.request(StopReason::ReserveTooLarge { all, kept });
            }
        };
        let both = async { tokio::join!(running, stopping) };
        timeout(FOR_EVER, both).await.unwrap();
        LinkedRunResult {
            sent: sent.take(),
            reports,
            existing: existing.take(),
            stop: stop.reason(),
        }
    }
}

/// The result of a run.
pub(crate) struct LinkedRunResult {
    pub(crate) sent: Vec<RecordedCall>,
    /// The reports, each with the time at which it was recorded.
    pub(crate) reports: Vec<(Duration, RowReport)>,
    pub(crate) existing: BTreeSet<Link>,
    pub(crate) stop: Option<StopReason>,
}

impl LinkedRunResult {
    /// The number of rows by outcome, or by the code of the failure.
    pub(crate) fn outcome_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut ends = BTreeMap::new();
        for (_, report) in &self.reports {
            let word = report.outcome.as_ref().map_or("unsettled", |outcome| {
                let failure = outcome.failure();
                failure.map_or(outcome.word(), |failure| failure.code.as_str())
            });
            *ends.entry(word).or_default() += 1;
        }
        ends
    }

    pub(crate) fn calls(&self, act: LinkOperation) -> impl Iterator<Item = &RecordedCall> {
        self.sent.iter().filter(move |sent| sent.act == act)
    }

    /// How many links each call of this kind had.
    pub(crate) fn sizes(&self, act: LinkOperation) -> Vec<usize> {
        self.calls(act).map(|sent| sent.links.len()).collect()
    }
}

/// Reads existing links, sends missing ones, and keeps the reports.
struct ReadThenWrite<'a> {
    looks: bool,
    first: RowTask,
    started: Instant,
    reports: &'a mut Vec<(Duration, RowReport)>,
}

impl RowStrategy for ReadThenWrite<'_> {
    fn reads_existing(&self) -> bool {
        self.looks
    }

    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        self.first
    }

    fn decide(&mut self, looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        let next = |looked: RowWithExisting| {
            let ended = if looked.link_exists() {
                Outcome::Already
            } else {
                match looked.existing {
                    Err(failure) => Outcome::Failed(failure.into()),
                    Ok(_) => {
                        return NextStep::Write(RowTask::Create, looked.row, looked.link.into());
                    }
                }
            };
            NextStep::Ended(RowReport {
                row: looked.row,
                attempts: 0,
                singled_out: false,
                may_have_written: false,
                outcome: Some(ended),
                finished_at: jiff::Timestamp::now(),
            })
        };
        Ok(looked.into_iter().map(next).collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        let now = self.started.elapsed();
        self.reports
            .extend(reports.iter().map(|report| (now, report.clone())));
        Ok(())
    }
}
