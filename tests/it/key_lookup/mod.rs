//! Rows that name records by keys, against an account that is scripted here and shares no code with
//! the sandbox, on the paused clock.

mod account;
mod behaviour;
mod failing_calls;
mod faulty_reads;
mod faulty_searches;
mod three_thousand;
mod verdicts;

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use futures_util::{future::join, stream};
use hubassoc::{
    association::{KeyProperty, RecordKey, RecordReference},
    caller::{Caller, Pace, Pacer, RetryPolicy},
    delivery::{Delivery, RowWithExisting},
    key_lookup::{AmbiguousPolicy, KeyResolver, SEARCH_INDEX_LAG},
    keys::KeyStore,
    pipeline::{ConcurrencyLimits, NextStep, RowStrategy, run_resolving},
    rate_state::RateState,
    row::{KeyedLink, Row, RowLink, RowReport},
    stop::{Signal, StopReason, StopSwitch},
    tables::v1,
};
use tokio::time::{Instant, sleep, timeout};

use self::account::{KeyedAccount, SentCall};
use crate::support::row;

pub(crate) const EMAIL: KeyProperty = KeyProperty {
    object_type: "contacts",
    name: "email",
};

pub(crate) const DOMAIN: KeyProperty = KeyProperty {
    object_type: "companies",
    name: "domain",
};

/// The definition of contact to company, which sets the primary company, and of deal to contact.
pub(crate) const PRIMARY: u32 = 1;
pub(crate) const DEAL_TO_CONTACT: u32 = 3;

/// How a run is set up.
pub(crate) struct KeyRun {
    pub(crate) account: KeyedAccount,
    pub(crate) pace: Pace,
    pub(crate) bounds: ConcurrencyLimits,
    pub(crate) ambiguous: AmbiguousPolicy,
    pub(crate) store: RefCell<KeyStore>,
    pub(crate) stop: StopSwitch,
    /// A signal comes after this time.
    pub(crate) signal_after: Option<Duration>,
}

/// What a run has done.
pub(crate) struct KeyRunResult {
    pub(crate) reports: Vec<RowReport>,
    pub(crate) calls: Vec<SentCall>,
    pub(crate) took: Duration,
}

struct Recording(Rc<RefCell<Vec<RowReport>>>);

impl RowStrategy for Recording {
    fn decide(&mut self, _looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        Ok(Vec::new())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.0.borrow_mut().extend_from_slice(reports);
        Ok(())
    }
}

impl KeyRun {
    pub(crate) fn new(account: KeyedAccount) -> Self {
        Self {
            account,
            pace: Pace::Limited("190/10s".parse().unwrap()),
            bounds: ConcurrencyLimits {
                concurrency: 16,
                rows_per_call: 100,
            },
            ambiguous: AmbiguousPolicy::Fail,
            store: RefCell::new(KeyStore::temporary(&std::env::temp_dir()).unwrap()),
            stop: StopSwitch::default(),
            signal_after: None,
        }
    }

    /// Sends these rows.
    pub(crate) fn send(&self, rows: &[Row]) -> KeyRunResult {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        let day = Duration::from_secs(24 * 3_600);
        runtime.block_on(async { timeout(day, self.run(rows)).await.unwrap() })
    }

    async fn run(&self, rows: &[Row]) -> KeyRunResult {
        let api = self.account.start();
        let pacer = Pacer::new(self.pace, Duration::from_secs(900), RateState::in_memory());
        let retry = RetryPolicy { max_attempts: 8 };
        let caller = Caller::new(api.clone(), pacer, retry, self.stop.clone());
        let concurrency = self.bounds.concurrency;
        let delivery = Delivery::new(caller, concurrency);
        let failed = |error| panic!("{error:?}");
        let resolver = KeyResolver::new(&delivery, concurrency, &self.store, failed)
            .on_ambiguous(self.ambiguous)
            .with_search_lag(Some(SEARCH_INDEX_LAG));
        let reports = Rc::default();
        let chunks: Vec<_> = rows.chunks(64).map(<[_]>::to_vec).collect();
        let started = Instant::now();
        let recording = Recording(Rc::clone(&reports));
        let rows = stream::iter(chunks);
        let (stop, bounds) = (&self.stop, self.bounds);
        let sending = run_resolving(rows, resolver, &delivery, stop, bounds, recording);
        let signalling = async {
            if let Some(after) = self.signal_after {
                sleep(after).await;
                stop.request(StopReason::Signal(Signal::Interrupt));
            }
        };
        join(sending, signalling).await;
        let calls = api.sent();
        assert_eq!(calls.len() as u64, delivery.caller().metrics().calls());
        KeyRunResult {
            reports: reports.take(),
            calls,
            took: started.elapsed(),
        }
    }
}

impl KeyRunResult {
    /// The report of a row.
    pub(crate) fn report(&self, row: u64) -> &RowReport {
        let mut reports = self
            .reports
            .iter()
            .filter(|report| report.row.number == row);
        let report = reports.next().unwrap();
        assert!(reports.next().is_none(), "row {row} has two reports");
        report
    }

    /// The status and code of a row.
    pub(crate) fn verdict(&self, row: u64) -> (&'static str, Option<&'static str>) {
        let report = self.report(row);
        let note = report.note();
        let code = note.map(|note| note.code.as_str());
        (report.outcome.as_ref().unwrap().word(), code)
    }

    /// The ids that the results have for a row.
    pub(crate) fn ids(&self, row: u64) -> [Option<u64>; 2] {
        let ids = self.report(row).row.sent_ids();
        ids.map(|id| id.map(hubassoc::association::RecordId::get))
    }

    /// How many calls were of this kind.
    pub(crate) fn count(&self, is_kind: fn(&SentCall) -> bool) -> usize {
        self.calls.iter().filter(|call| is_kind(call)).count()
    }
}

/// A key.
pub(crate) fn key(property: KeyProperty, value: &str) -> RecordReference {
    let value = Arc::from(value);
    RecordReference::Key(RecordKey { property, value })
}

/// A row of these ends.
pub(crate) fn keyed_row(number: u64, [from, to]: [RecordReference; 2], definition: u32) -> Row {
    let definition = v1::table().definition(definition).unwrap();
    let link = KeyedLink {
        from,
        to,
        definition,
    };
    Row {
        link: Ok(RowLink::Keyed(Box::new(link))),
        ..row(number, (1, 1, 1))
    }
}
