//! The resolving stage between reading and ordering, with a resolver that waits, splits rows, drops
//! some and returns them in another order.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    path::Path,
    rc::Rc,
    time::Duration,
};

use futures_util::{Stream, StreamExt as _, future::join, stream};
use hubassoc::{
    api::{Api, ApiResponse, Operation},
    association::Association,
    caller::{Caller, Pace, Pacer, RetryPolicy},
    code::Code,
    delivery::{Delivery, RowWithExisting},
    failure::ResponseFault,
    input::{self, InputOptions, InputPath},
    journal::{
        self, ApiTarget, InputInfo, InputProof, Journal, RecordedRun, ResultsFile, ResultsFormat,
        ResumeOptions, RunInfo,
    },
    messages::{self, KeysInLog},
    output::{Recorder, ResultsWriter, Tally},
    pipeline::{
        ConcurrencyLimits, NextStep, ResolveRows, ResolvedRows, ResolvedSender, RowStrategy,
        run_resolving, send_all,
    },
    rate_state::RateState,
    row::{Failure, Outcome, Row, RowReport, Status},
    stop::{Signal, StopReason, StopSwitch},
};
use jiff::Timestamp;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{
    Link, link, links, row,
    verdicts::{DONE, account_refused, ms},
};

/// Number of rows that are resolved at the same time.
const AT_ONCE: usize = 64;

/// Number of rows in a chunk of the input.
const CHUNK: usize = 50;

const BOUNDS: ConcurrencyLimits = ConcurrencyLimits {
    concurrency: 4,
    rows_per_call: 1,
};

/// Of every five rows one is dropped, and one becomes three links.
fn is_dropped(row: u64) -> bool {
    row.is_multiple_of(5)
}

fn others(row: u64) -> Vec<Association> {
    let other = |to| link((row, to, 1));
    if row % 5 == 2 {
        vec![other(8), other(9)]
    } else {
        Vec::new()
    }
}

/// A resolver that waits for each row, often less for a later one.
struct SlowResolver {
    /// Number of rows that it received.
    taken: Rc<Cell<usize>>,
    waits: fn(u64) -> Duration,
}

impl SlowResolver {
    fn waiting(waits: fn(u64) -> Duration) -> Self {
        let taken = Rc::default();
        Self { taken, waits }
    }
}

impl ResolveRows for SlowResolver {
    async fn resolve(self, rows: impl Stream<Item = Vec<Row>>, resolved: ResolvedSender) {
        let Self { taken, waits } = self;
        let one = move |row: Row| {
            taken.set(taken.get() + 1);
            async move {
                sleep(waits(row.number)).await;
                if is_dropped(row.number) {
                    let why = Failure::new(
                        Code::InvalidId,
                        ResponseFault::Quoted("nobody has this address".to_owned()),
                    );
                    return ResolvedRows::Ended(vec![RowReport::invalid(row, why)]);
                }
                match others(row.number) {
                    none if none.is_empty() => ResolvedRows::Rows(vec![row]),
                    others => ResolvedRows::Links(row, others),
                }
            }
        };
        let rows = rows.flat_map(stream::iter);
        send_all(rows.map(one).buffer_unordered(AT_ONCE), &resolved).await;
    }
}

/// An API that creates every link after this time.
struct CreatingApi {
    latency: Duration,
    made: Rc<RefCell<Vec<Link>>>,
}

impl Api for CreatingApi {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let Operation::Create(orders) = call else {
            return ApiResponse::from_verdict(account_refused());
        };
        sleep(self.latency).await;
        let made = orders.iter().map(|order| {
            let Association {
                from,
                to,
                definition,
            } = order.link.in_row_direction();
            (from.get(), to.get(), definition.get())
        });
        self.made.borrow_mut().extend(made);
        ApiResponse::from_verdict(DONE)
    }
}

/// A command that records with a function.
struct RecordingCommand<F>(F);

impl<F: FnMut(&[RowReport]) -> Result<(), String>> RowStrategy for RecordingCommand<F> {
    fn decide(&mut self, _looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        Ok(Vec::new())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        (self.0)(reports)
    }
}

/// Runs on the paused clock.
fn run<T>(run: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let day = Duration::from_secs(24 * 3_600);
    runtime.block_on(async { timeout(day, run).await.unwrap() })
}

/// Sends these rows through a resolver and returns the created links.
async fn send(
    rows: impl Stream<Item = Vec<Row>>,
    resolver: SlowResolver,
    (stop, latency): (&StopSwitch, Duration),
    record: impl FnMut(&[RowReport]) -> Result<(), String>,
) -> Vec<Link> {
    let made = Rc::<RefCell<Vec<Link>>>::default();
    let api = CreatingApi {
        latency,
        made: Rc::clone(&made),
    };
    let pacer = Pacer::new(Pace::Unlimited, ms(900_000), RateState::in_memory());
    let retry = RetryPolicy { max_attempts: 8 };
    let caller = Caller::new(api, pacer, retry, stop.clone());
    let delivery = Delivery::new(caller, BOUNDS.concurrency);
    let command = RecordingCommand(record);
    run_resolving(rows, resolver, &delivery, stop, BOUNDS, command).await;
    made.take()
}

fn chunks(rows: &[Row]) -> impl Stream<Item = Vec<Row>> + use<> {
    let chunks: Vec<_> = rows.chunks(CHUNK).map(<[_]>::to_vec).collect();
    stream::iter(chunks)
}

#[test]
fn every_row_is_reported_once_however_it_is_resolved() {
    let count = 1_000;
    let mut reports = Vec::new();
    let made = run(async {
        let rows: Vec<_> = (1..=count).map(|n| row(n, (n, 7, 1))).collect();
        let slow = SlowResolver::waiting(|row| ms(row * 7_919 % 500));
        let record = |some: &[RowReport]| {
            reports.extend_from_slice(some);
            Ok(())
        };
        send(chunks(&rows), slow, (&StopSwitch::default(), ms(3)), record).await
    });
    let order: Vec<_> = reports.iter().map(|report| report.row.number).collect();
    assert!(!order.is_sorted());
    let numbers: BTreeSet<_> = order.iter().copied().collect();
    assert_eq!((order.len(), numbers.len()), (1_000, 1_000));
    for report in &reports {
        let number = report.row.number;
        let (status, attempts) = if is_dropped(number) {
            (Status::Invalid, 0)
        } else {
            (
                Status::Succeeded,
                1 + u32::try_from(others(number).len()).unwrap(),
            )
        };
        let reported = report.outcome.as_ref().map(Outcome::status);
        assert_eq!(
            (reported, report.attempts),
            (Some(status), attempts),
            "{number}"
        );
    }
    let mut expected: Vec<Link> = Vec::new();
    for number in (1..=count).filter(|number| !is_dropped(*number)) {
        expected.push((number, 7, 1));
        expected.extend(others(number).iter().map(|it| (number, it.to.get(), 1)));
    }
    let made: BTreeMap<Link, usize> = made.into_iter().fold(BTreeMap::new(), |mut made, link| {
        *made.entry(link).or_default() += 1;
        made
    });
    assert!(made.values().all(|times| *times == 1));
    assert_eq!(made.into_keys().collect::<Vec<_>>(), expected);
}

#[test]
fn a_resolver_receives_no_more_rows_than_fit_into_the_pipeline() {
    let slow = SlowResolver::waiting(|_| ms(1));
    let taken = Rc::clone(&slow.taken);
    let stop = StopSwitch::default();
    run(async {
        // All rows belong to one record, so that waiting rows take up the space.
        let rows: Vec<_> = (1..=100_000).map(|n| row(n, (1, n, 1))).collect();
        let sending = send(chunks(&rows), slow, (&stop, ms(3_600_000)), |_| Ok(()));
        let stopping = async {
            sleep(ms(60_000)).await;
            // The rows in flight, 1,024 waiting rows, and those between the stages.
            let most = BOUNDS.concurrency + 1_024 + AT_ONCE + CHUNK;
            // Dropped rows take up no space.
            assert!((1_000..=most * 5 / 4).contains(&taken.get()), "{taken:?}");
            stop.request(StopReason::Signal(Signal::Interrupt));
        };
        join(sending, stopping).await
    });
}

#[test]
fn a_stop_ends_the_run_while_a_resolver_waits() {
    let stop = StopSwitch::default();
    let took = run(async {
        let started = Instant::now();
        let rows: Vec<_> = (1..=10).map(|n| row(n, (n, 7, 1))).collect();
        let never = SlowResolver::waiting(|_| ms(20 * 3_600_000));
        let sending = send(chunks(&rows), never, (&stop, ms(1)), |_| Ok(()));
        let stopping = async {
            sleep(ms(5_000)).await;
            stop.request(StopReason::Signal(Signal::Interrupt));
        };
        join(sending, stopping).await;
        started.elapsed()
    });
    assert_eq!(took, ms(5_000));
}

fn begun(columns: &csv::StringRecord) -> RunInfo {
    RunInfo {
        format: RunInfo::FORMAT,
        version: "0".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        input: InputInfo::inspect("links.csv", None, None),
        server: ApiTarget {
            api: "v1".to_owned(),
            target: "sandbox".to_owned(),
        },
        results_format: ResultsFormat {
            columns: columns.iter().map(str::to_owned).collect(),
            result_columns: ResultsFormat::new_result_columns(),
            key_columns: vec![0, 1, 2],
            delimiter: ',',
            bom: false,
        },
        options: BTreeMap::new(),
        reads_before_write: false,
        subject: None,
    }
}

/// A session over these rows that is stopped after some; returns the created links.
fn session(
    (journal, results): (Journal, ResultsWriter<ResultsFile>),
    (rows, stop): (&[Row], &StopSwitch),
    most: usize,
) -> Vec<Link> {
    let journal = RefCell::new(journal);
    let mut recorder = Recorder::new(
        results,
        Tally::default(),
        messages::row_messages(KeysInLog::LeftOut, true),
    );
    let mut ended = 0;
    let made = run(async {
        let rows = chunks(rows).inspect(|rows| {
            let last = rows.last().unwrap().number;
            journal.borrow_mut().mark_dispatched(last).unwrap();
        });
        let slow = SlowResolver::waiting(|row| ms(row * 7_919 % 500));
        send(rows, slow, (stop, ms(3)), |reports| {
            recorder.record(reports).unwrap();
            ended += reports.iter().filter(|it| it.outcome.is_some()).count();
            if ended >= most {
                stop.request(StopReason::Signal(Signal::Interrupt));
            }
            Ok(())
        })
        .await
    });
    journal.into_inner().sync().unwrap();
    drop(recorder.finish());
    made
}

fn past(results: &Path) -> RecordedRun {
    journal::lock(results, |_| {})
        .unwrap()
        .recorded_run()
        .unwrap()
        .unwrap()
}

#[test]
fn a_resumed_run_verifies_its_input_and_sends_unfinished_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (file, results) = (folder.path().join("a.csv"), folder.path().join("r.csv"));
    std::fs::write(&file, links(1..=400)).unwrap();
    let mut input = input::open(&InputOptions::new(InputPath::File(file))).unwrap();
    let header = input.shape().header.clone();
    let (mut rows, mut next) = (Vec::new(), input::InputReader::empty_row());
    while input.next_row(&mut next).unwrap() {
        rows.push(next.clone());
    }
    let stop = StopSwitch::default();
    let locked = journal::lock(&results, |_| {}).unwrap();
    let opened = locked.begin(&begun(&header), &stop).unwrap();
    let made = session(opened, (&rows, &stop), 150);

    let (locked, past_run) = journal::open_recorded_run(&results, |_| {}).unwrap();
    let settled = past_run.rows().recorded.clone();
    assert!((150..400).contains(&settled.len()), "{}", settled.len());
    assert!(past_run.dispatched() >= settled.max().unwrap());
    // A row has its line only when all its links exist.
    for row in &settled {
        let its = made.iter().filter(|link| link.0 == row).count();
        let all = if is_dropped(row) {
            0
        } else {
            1 + others(row).len()
        };
        assert_eq!(its, all, "{row}");
    }
    let mut proof = InputProof::new(&past_run, &header).unwrap();
    for row in &rows {
        proof.add(row).unwrap();
    }
    proof.finish().unwrap();

    let stop = StopSwitch::default();
    let opened = locked
        .resume(&past_run, ResumeOptions::default(), &stop)
        .unwrap();
    rows.retain(|row| !settled.contains(row.number));
    let _made = session(opened, (&rows, &stop), usize::MAX);
    let past = past(&results);
    assert_eq!(past.rows().recorded.len(), 400);
    assert!(past.rows().multi_line.is_empty());
    let counts = past.rows().counts();
    assert_eq!(
        (counts[Status::Succeeded], counts[Status::Invalid]),
        (320, 80)
    );
}
