//! The resolver of rows that name records by keys: each key is asked for once, in as few calls as
//! possible, and its rows go on as soon as their records are known.
//!
//! Does not know how calls are made, or what is sent for the rows.

use std::{cell::RefCell, collections::HashMap, future, pin::pin, sync::Arc, time::Duration};

use futures_util::{
    StreamExt as _,
    stream::{FuturesUnordered, Stream},
};
use tokio::{
    select,
    time::{Instant, sleep_until},
};

use super::{
    calls::{ChunkFindings, KeyCalls},
    chunks::{KeyChunk, KeyQueues},
    finding::KeyFinding,
    row_verdict::{AmbiguousPolicy, RowJudge},
    steps::LookupStep,
    waiting_rows::{FoundRow, WaitingRows},
};
use crate::{
    api::Api,
    association::{KeyAnswer, RecordKey, RecordReference},
    code::Code,
    delivery::Delivery,
    failure::Failure,
    keys::{KeyStore, KeyStoreError},
    pipeline::{ResolveRows, ResolvedRows, ResolvedSender},
    row::{Row, RowLink, RowReport},
};

/// After this time the search finds a new record: others saw 3 to 5 seconds. Our choice.
pub const SEARCH_INDEX_LAG: Duration = Duration::from_secs(10);

/// If no row has come for this long, keys are asked for in calls that are not full. Our choice: a
/// person who types rows should not wait longer.
const IDLE_AFTER: Duration = Duration::from_millis(500);

/// Rows that are passed on together.
const ROWS_AT_ONCE: usize = 256;

/// The most keys that HubSpot refused and that are remembered, so that they are not asked for again.
const REMEMBERED_REFUSALS: usize = 10_000;

/// Why records cannot be looked up.
#[derive(Debug)]
pub enum KeyLookupError {
    /// What is known of keys cannot be kept.
    Store(KeyStoreError),
    /// The token may not read records of this object type.
    Denied(&'static str, Failure),
}

impl From<KeyStoreError> for KeyLookupError {
    fn from(error: KeyStoreError) -> Self {
        Self::Store(error)
    }
}

/// Finds the records of rows by their keys.
pub struct KeyResolver<'a, A> {
    calls: KeyCalls<'a, A>,
    /// The most calls at the same time. Some permits remain for rows that are sent.
    max_calls: usize,
    ambiguous: AmbiguousPolicy,
    search_lag: Option<Duration>,
    report_error: Box<dyn Fn(KeyLookupError) + 'a>,
    state: ResolverState<'a>,
}

/// What is known, and what waits.
struct ResolverState<'a> {
    store: &'a RefCell<KeyStore>,
    refused: HashMap<RecordKey, Failure>,
    queues: KeyQueues,
    waiting: WaitingRows,
    /// Rows that go on.
    ready: Vec<Row>,
    /// Rows that have ended.
    ended: Vec<RowReport>,
}

/// When the last row came, and whether more may come.
struct Arrivals {
    last: Instant,
    have_ended: bool,
}

impl<'a, A: Api> KeyResolver<'a, A> {
    /// Asks through `delivery`, with at most three quarters of its `concurrency`, and remembers
    /// answers in `store`. An error goes to `report_error`, which has to stop the run.
    pub fn new(
        delivery: &'a Delivery<A>,
        concurrency: usize,
        store: &'a RefCell<KeyStore>,
        report_error: impl Fn(KeyLookupError) + 'a,
    ) -> Self {
        Self {
            calls: KeyCalls {
                caller: delivery.caller(),
                permits: delivery.permits(),
            },
            max_calls: (concurrency * 3 / 4).max(1),
            ambiguous: AmbiguousPolicy::default(),
            search_lag: Some(SEARCH_INDEX_LAG),
            report_error: Box::new(report_error),
            state: ResolverState {
                store,
                refused: HashMap::new(),
                queues: KeyQueues::default(),
                waiting: WaitingRows::default(),
                ready: Vec::new(),
                ended: Vec::new(),
            },
        }
    }

    /// What is done with a row whose key several records have.
    #[must_use]
    pub fn on_ambiguous(self, ambiguous: AmbiguousPolicy) -> Self {
        Self { ambiguous, ..self }
    }

    /// How long a search may miss a new record. Without it, what is not found at once does not exist.
    #[must_use]
    pub fn with_search_lag(self, search_lag: Option<Duration>) -> Self {
        Self { search_lag, ..self }
    }

    fn judge(&self) -> RowJudge {
        RowJudge {
            ambiguous: self.ambiguous,
            account: self.calls.caller.account(),
        }
    }

    /// Resolves all rows, or ends early: with an error, or when nobody accepts more. Then it waits
    /// for the calls that are under way, so that their keys are not asked for again.
    async fn run(
        &mut self,
        rows: impl Stream<Item = Vec<Row>>,
        resolved: ResolvedSender,
    ) -> Result<(), KeyLookupError> {
        let mut rows = pin!(rows);
        let calls = KeyCalls { ..self.calls };
        let mut under_way = FuturesUnordered::new();
        let mut arrivals = Arrivals::begin();
        loop {
            let is_open = !resolved.is_closed();
            while is_open
                && under_way.len() < self.max_calls
                && let Some(chunk) = self.next_chunk(&arrivals, under_way.is_empty())
            {
                let calls = &calls;
                under_way.push(async move {
                    let found = calls.ask(&chunk).await;
                    (chunk, found)
                });
            }
            if arrivals.have_ended && self.state.is_empty() || !is_open && under_way.is_empty() {
                return Ok(());
            }
            let has_output = is_open && self.state.has_output();
            let reads_on = is_open && !arrivals.have_ended && self.wants_rows(has_output);
            if !reads_on {
                arrivals.pause();
            }
            let has_more_calls =
                under_way.len() < self.max_calls && self.state.queues.has_independent();
            let goes_on = has_output || reads_on || has_more_calls;
            calls.caller.set_followers_wait(!goes_on);
            self.tell_later_search(is_open && !has_output && under_way.is_empty());
            select! {
                biased;
                Some((chunk, found)) = under_way.next() => self.take_findings(&chunk, found)?,
                () = resolved.closed(), if is_open => {}
                Ok(place) = resolved.reserve(), if has_output => {
                    place.send(self.state.next_output());
                }
                chunk = rows.next(), if reads_on => {
                    arrivals.record(chunk.is_none());
                    self.take_rows(chunk.unwrap_or_default())?;
                }
                () = self.next_change(&arrivals), if is_open => {}
            }
        }
    }

    /// Tells the progress display what a run waits for that does nothing else.
    fn tell_later_search(&self, is_idle: bool) {
        let later = is_idle.then(|| self.state.queues.later(Instant::now()));
        let metrics = self.calls.caller.metrics();
        metrics.set_later_search(later.flatten());
    }

    /// Whether more rows are read. Keys of several chunks wait, so that calls follow each other
    /// without a gap.
    fn wants_rows(&self, has_output: bool) -> bool {
        !has_output
            && self.state.waiting.has_room()
            && !self.state.queues.has_full_chunks(self.max_calls)
    }

    /// The next chunk of keys to ask for.
    fn next_chunk(&mut self, arrivals: &Arrivals, is_idle: bool) -> Option<KeyChunk> {
        let now = Instant::now();
        // Rows that wait leave no space for others, and no call will make some.
        let is_stuck = is_idle && !self.state.waiting.has_room();
        let is_flushing = is_stuck || arrivals.are_over(now);
        self.state.queues.next(now, is_flushing)
    }

    /// Waits until keys may be asked for that may not yet.
    async fn next_change(&self, arrivals: &Arrivals) {
        let now = Instant::now();
        let due = self.state.queues.next_due(now);
        match due.into_iter().chain(arrivals.idle_at(now)).min() {
            Some(at) => sleep_until(at).await,
            None => future::pending().await,
        }
    }

    fn take_rows(&mut self, rows: Vec<Row>) -> Result<(), KeyStoreError> {
        let judge = self.judge();
        for row in rows {
            let findings = self.state.known_findings(&row)?;
            let found = FoundRow { row, findings };
            let queues = &mut self.state.queues;
            let ask = |key: &RecordKey| {
                let value = Arc::clone(&key.value);
                queues.add(key.property, LookupStep::FIRST, value, Duration::ZERO);
            };
            if let Some(found) = self.state.waiting.add(found, ask) {
                self.state.release(found, judge);
            }
        }
        Ok(())
    }

    fn take_findings(
        &mut self,
        chunk: &KeyChunk,
        found: ChunkFindings,
    ) -> Result<(), KeyLookupError> {
        self.state.queues.finish(chunk.property, chunk.step);
        let key = |value: &Arc<str>| RecordKey {
            property: chunk.property,
            value: Arc::clone(value),
        };
        let found = match found {
            ChunkFindings::Known(found) => found,
            ChunkFindings::Unsettled => {
                let values = chunk.values.iter();
                values.for_each(|value| self.state.waiting.drop_key(&key(value)));
                return Ok(());
            }
            ChunkFindings::Denied(failure) => {
                return Err(KeyLookupError::Denied(chunk.property.object_type, failure));
            }
        };
        let mut final_findings = Vec::with_capacity(found.len());
        for (value, finding) in found {
            let kind = chunk.property.kind();
            match chunk.step.after(kind, &finding, self.search_lag) {
                Some((step, wait)) => self.state.queues.add(chunk.property, step, value, wait),
                None => final_findings.push((key(&value), settled(finding))),
            }
        }
        self.state.remember(&final_findings)?;
        let judge = self.judge();
        for (key, finding) in &final_findings {
            for found in self.state.waiting.resolve(key, finding) {
                self.state.release(found, judge);
            }
        }
        Ok(())
    }
}

impl ResolverState<'_> {
    fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.waiting.is_empty() && !self.has_output()
    }

    /// Whether rows go on, or have ended.
    fn has_output(&self) -> bool {
        !self.ready.is_empty() || !self.ended.is_empty()
    }

    /// What is known of the keys of a row.
    fn known_findings(&self, row: &Row) -> Result<[Option<KeyFinding>; 2], KeyStoreError> {
        let Ok(RowLink::Keyed(link)) = &row.link else {
            return Ok([None, None]);
        };
        Ok([self.known(&link.from)?, self.known(&link.to)?])
    }

    fn known(&self, end: &RecordReference) -> Result<Option<KeyFinding>, KeyStoreError> {
        let RecordReference::Key(key) = end else {
            return Ok(None);
        };
        if let Some(failure) = self.refused.get(key) {
            return Ok(Some(KeyFinding::Failed(failure.clone())));
        }
        let answer = self.store.borrow().get(key)?;
        Ok(answer.map(KeyFinding::Answered))
    }

    /// Keeps what is known of keys from now on.
    fn remember(&mut self, found: &[(RecordKey, KeyFinding)]) -> Result<(), KeyStoreError> {
        let mut answers = Vec::with_capacity(found.len());
        for (key, finding) in found {
            match finding {
                KeyFinding::Answered(answer) => answers.push((key.clone(), answer.clone())),
                KeyFinding::Failed(failure)
                    if failure.code == Code::Rejected
                        && self.refused.len() < REMEMBERED_REFUSALS =>
                {
                    self.refused.insert(key.clone(), failure.clone());
                }
                KeyFinding::Failed(_)
                | KeyFinding::Missed
                | KeyFinding::LeftOut
                | KeyFinding::Doubtful => {}
            }
        }
        self.store.borrow_mut().insert_all(&answers)
    }

    fn release(&mut self, found: FoundRow, judge: RowJudge) {
        match judge.judge(found.row, found.findings) {
            Ok(row) => self.ready.push(row),
            Err(report) => self.ended.push(*report),
        }
    }

    /// The next rows to pass on.
    fn next_output(&mut self) -> ResolvedRows {
        if self.ended.is_empty() {
            let rest = self.ready.split_off(self.ready.len().min(ROWS_AT_ONCE));
            return ResolvedRows::Rows(std::mem::replace(&mut self.ready, rest));
        }
        ResolvedRows::Ended(std::mem::take(&mut self.ended))
    }
}

impl Arrivals {
    fn begin() -> Self {
        Self {
            last: Instant::now(),
            have_ended: false,
        }
    }

    fn record(&mut self, is_end: bool) {
        self.last = Instant::now();
        self.have_ended = is_end;
    }

    /// No row is read, so none comes.
    fn pause(&mut self) {
        self.last = Instant::now();
    }

    /// Whether no more rows come soon.
    fn are_over(&self, now: Instant) -> bool {
        self.have_ended || now >= self.last + IDLE_AFTER
    }

    /// When that will be, if no row comes.
    fn idle_at(&self, now: Instant) -> Option<Instant> {
        let at = self.last + IDLE_AFTER;
        (!self.have_ended && at > now).then_some(at)
    }
}

impl<A: Api> ResolveRows for KeyResolver<'_, A> {
    async fn resolve(mut self, rows: impl Stream<Item = Vec<Row>>, resolved: ResolvedSender) {
        if let Err(error) = self.run(rows, resolved).await {
            (self.report_error)(error);
        }
    }
}

/// A finding after which a record is not looked for in another way.
fn settled(finding: KeyFinding) -> KeyFinding {
    match finding {
        KeyFinding::Missed | KeyFinding::LeftOut => KeyFinding::Answered(KeyAnswer::NotFound),
        KeyFinding::Answered(_) | KeyFinding::Doubtful | KeyFinding::Failed(_) => finding,
    }
}
