//! An account whose records are found by keys, as HubSpot is documented: reads do not say which key
//! led to a record, name what they do not find, and know secondary addresses; searches come in pages.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use hubassoc::{
    api::{
        Api, ApiResponse, FailedKeys, IdentifiedRecord, KeyPage, KeyQuery, KeyedRecord, Operation,
        ResponsePayload, Verdict,
    },
    association::RecordId,
    code::Code,
    failure::{Failure, ResponseFault},
    http_status::HttpStatus,
};
use tokio::time::{Instant, sleep};

use crate::support::verdicts::{DONE, TOLD, account_refused, transient};

/// A call that the account received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SentCall {
    Read { values: Vec<String>, at: Duration },
    ReadArchived { values: Vec<String> },
    Search { values: Vec<String>, at: Duration },
    Single(u64),
    Write(Vec<(u64, u64)>),
    Other,
}

/// Makes a faulty answer to a read or search of a right one. The number is that of the earlier ones.
type Fault = fn(usize, &KeyQuery, &mut KeyPage);

/// A record and the values by which it is found.
#[derive(Clone, Debug)]
struct ScriptedRecord {
    id: u64,
    values: Vec<String>,
    is_archived: bool,
    created: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct KeyedAccount {
    records: Vec<ScriptedRecord>,
    merged: BTreeMap<u64, u64>,
    /// Values for which HubSpot refuses a whole read.
    refused: BTreeSet<String>,
    latency: Duration,
    fault: Fault,
    /// The records of a page of a search.
    page_size: usize,
    /// Whether answers to reads and searches say nothing.
    is_silent: bool,
    /// The reads and searches that fail, counted from 0.
    failing: Range<usize>,
    /// Companies that a search finds only after this time.
    late: BTreeMap<u64, Duration>,
}

/// The account while a run goes on.
#[derive(Clone, Debug)]
pub(crate) struct RunningAccount {
    account: Rc<KeyedAccount>,
    sent: Rc<RefCell<Vec<SentCall>>>,
    started: Instant,
}

impl KeyedAccount {
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::new(),
            merged: BTreeMap::new(),
            refused: BTreeSet::new(),
            latency: Duration::from_millis(300),
            fault: |_, _, _| {},
            page_size: 200,
            is_silent: false,
            failing: 0..0,
            late: BTreeMap::new(),
        }
    }

    pub(crate) fn with_latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// The pages of a search have so many records.
    pub(crate) fn with_pages_of(self, page_size: usize) -> Self {
        Self { page_size, ..self }
    }

    /// Answers to reads and searches are successes that say nothing.
    pub(crate) fn silent(self) -> Self {
        Self {
            is_silent: true,
            ..self
        }
    }

    /// These reads and searches fail with a 500.
    pub(crate) fn failing(self, failing: Range<usize>) -> Self {
        Self { failing, ..self }
    }

    /// Answers to reads and searches have this fault.
    pub(crate) fn with_fault(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    pub(crate) fn record(mut self, id: u64, values: &[&str]) -> Self {
        self.records.push(ScriptedRecord {
            id,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            is_archived: false,
            created: i64::try_from(id).unwrap(),
        });
        self
    }

    pub(crate) fn archived(self, id: u64, values: &[&str]) -> Self {
        let mut account = self.record(id, values);
        account.records.last_mut().unwrap().is_archived = true;
        account
    }

    pub(crate) fn created(mut self, at: i64) -> Self {
        self.records.last_mut().unwrap().created = at;
        self
    }

    pub(crate) fn merged(mut self, old: u64, new: u64) -> Self {
        self.merged.insert(old, new);
        self
    }

    pub(crate) fn refusing(mut self, value: &str) -> Self {
        self.refused.insert(value.to_owned());
        self
    }

    pub(crate) fn found_after(mut self, id: u64, time: Duration) -> Self {
        self.late.insert(id, time);
        self
    }

    pub(super) fn start(&self) -> RunningAccount {
        RunningAccount {
            account: Rc::new(self.clone()),
            sent: Rc::default(),
            started: Instant::now(),
        }
    }
}

impl RunningAccount {
    pub(super) fn sent(&self) -> Vec<SentCall> {
        self.sent.borrow().clone()
    }

    fn note(&self, call: SentCall) {
        self.sent.borrow_mut().push(call);
    }

    fn found(&self, query: &KeyQuery, at: Duration) -> Vec<KeyedRecord> {
        let asked: BTreeSet<_> = query
            .values
            .iter()
            .map(|value| value.to_lowercase())
            .collect();
        let is_wanted = |record: &&ScriptedRecord| {
            let mut values = record.values.iter();
            record.is_archived == query.archived
                && self
                    .account
                    .late
                    .get(&record.id)
                    .is_none_or(|late| *late <= at)
                && (values.any(|value| asked.contains(&value.to_lowercase()))
                    || asked.contains(&record.id.to_string()))
        };
        let records = self.account.records.iter().filter(is_wanted);
        let records = records.map(|record| KeyedRecord {
            id: RecordId::new(record.id).unwrap(),
            values: [record.values.clone(), vec![record.id.to_string()]].concat(),
            name: Some(format!("Record {}", record.id)),
            created_at: Some(jiff::Timestamp::from_second(record.created).unwrap()),
            is_archived: record.is_archived,
        });
        records.collect()
    }

    fn read(&self, query: &KeyQuery) -> ApiResponse {
        let values: Vec<_> = query.values.iter().map(ToString::to_string).collect();
        assert!(values.len() <= 100, "{}", values.len());
        let is_refused = values
            .iter()
            .any(|value| self.account.refused.contains(value));
        let at = self.started.elapsed();
        self.note(if query.archived {
            SentCall::ReadArchived { values }
        } else {
            SentCall::Read { values, at }
        });
        if is_refused {
            return ApiResponse::from_verdict(Verdict::Refused(refusal(Code::Rejected)));
        }
        let records = self.found(query, at);
        let is_missing = |value: &&Arc<str>| {
            let mut known = records.iter().flat_map(|record| &record.values);
            known.all(|known| known.to_lowercase() != value.to_lowercase())
        };
        let missing: Vec<_> = query.values.iter().filter(is_missing).cloned().collect();
        let not_found = FailedKeys {
            values: missing,
            not_found: true,
            failure: refusal(Code::RecordNotFound),
        };
        let page = KeyPage {
            records,
            faults: vec![not_found],
            ..KeyPage::default()
        };
        self.answer_with(query, page)
    }

    fn search(&self, query: &KeyQuery) -> ApiResponse {
        let values: Vec<_> = query.values.iter().map(ToString::to_string).collect();
        assert!(values.len() <= 100, "{}", values.len());
        let at = self.started.elapsed();
        self.note(SentCall::Search { values, at });
        let first = query
            .after
            .as_deref()
            .map_or(0, |after| after.parse().unwrap());
        let mut found = self.found(query, at);
        found.sort_by_key(|record| record.created_at);
        let total = found.len();
        let records: Vec<_> = found
            .into_iter()
            .skip(first)
            .take(self.account.page_size)
            .collect();
        let next = first + records.len();
        let page = KeyPage {
            records,
            next: (next < total).then(|| next.to_string()),
            total: Some(total as u64),
            ..KeyPage::default()
        };
        self.answer_with(query, page)
    }

    fn answer_with(&self, query: &KeyQuery, mut page: KeyPage) -> ApiResponse {
        let sent = self.sent.borrow();
        let asked = sent.iter().filter(|call| {
            matches!(
                call,
                SentCall::Read { .. } | SentCall::ReadArchived { .. } | SentCall::Search { .. }
            )
        });
        let earlier = asked.count() - 1;
        if self.account.failing.contains(&earlier) {
            return ApiResponse::from_verdict(transient());
        }
        (self.account.fault)(earlier, query, &mut page);
        if self.account.is_silent {
            return ApiResponse::from_verdict(TOLD);
        }
        answer(ResponsePayload::KeyPage(page))
    }

    fn single(&self, id: RecordId) -> ApiResponse {
        self.note(SentCall::Single(id.get()));
        let merged = self.account.merged.get(&id.get());
        let exists = |record: &&ScriptedRecord| record.id == id.get() && !record.is_archived;
        let current = merged.copied().or_else(|| {
            let mut records = self.account.records.iter();
            records.find(exists).map(|record| record.id)
        });
        match current {
            Some(current) => answer(ResponsePayload::Records(vec![IdentifiedRecord {
                asked: id,
                current: RecordId::new(current).unwrap(),
                is_archived: false,
            }])),
            None => ApiResponse::from_verdict(Verdict::Refused(refusal(Code::RecordNotFound))),
        }
    }
}

impl Api for RunningAccount {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let response = match call {
            Operation::ReadByKey(query) => self.read(query),
            Operation::SearchByKey(query) => self.search(query),
            Operation::Records(_, [id]) => self.single(*id),
            Operation::Create(links) => {
                let ids = links.iter().map(|request| {
                    let link = request.link.in_row_direction();
                    (link.from.get(), link.to.get())
                });
                self.note(SentCall::Write(ids.collect()));
                ApiResponse::from_verdict(DONE)
            }
            Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Records(..)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => {
                self.note(SentCall::Other);
                ApiResponse::from_verdict(account_refused())
            }
        };
        sleep(self.account.latency).await;
        response
    }
}

fn answer(payload: ResponsePayload) -> ApiResponse {
    ApiResponse {
        payload: Some(payload),
        ..ApiResponse::from_verdict(TOLD)
    }
}

fn refusal(code: Code) -> Failure {
    Failure {
        http_status: Some(HttpStatus::BAD_REQUEST),
        ..Failure::new(code, ResponseFault::Quoted("refused".to_owned()))
    }
}
