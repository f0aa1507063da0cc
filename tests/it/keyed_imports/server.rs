//! The scripted account behind HTTP, what it was asked, and answers that a test spoils.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Instant,
};

use serde_json::json;

use super::{
    account::{ACCOUNT, Account},
    call::{Answer, Call, CallKind},
};
use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    workdir::Workdir,
};

/// The server of an account.
pub(super) struct KeyedServer {
    fake: FakeHubSpot,
    state: Arc<Mutex<ServerState>>,
}

struct ServerState {
    account: Account,
    calls: Vec<(Instant, Call)>,
}

impl KeyedServer {
    /// Serves an account.
    pub(super) fn start(account: Account) -> Self {
        Self::with_fault(account, |_, answer| answer)
    }

    /// Serves an account whose answers `spoil` may change.
    pub(super) fn with_fault(
        account: Account,
        spoil: impl Fn(&Call, Answer) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let calls = Vec::new();
        let state = Arc::new(Mutex::new(ServerState { account, calls }));
        let shared = Arc::clone(&state);
        let fake = FakeHubSpot::with_handler(move |_, request| {
            let call = Call::of(request);
            let answer = {
                let mut state = shared.lock().unwrap();
                state.calls.push((Instant::now(), call.clone()));
                state.account.answer(&call)
            };
            spoil(&call, answer).response()
        });
        let details = json!({
            "portalId": ACCOUNT,
            "accountType": "STANDARD",
            "timeZone": "UTC",
            "utcOffsetMilliseconds": 0,
            "uiDomain": "app.hubspot.com",
        });
        let details = FakeResponse::from(200).body("application/json", details.to_string());
        Self {
            fake: fake.with_account_responses([details]),
            state,
        }
    }

    /// Serves an account whose answers to calls of one kind `spoil` may change.
    pub(super) fn spoiling(
        kind: CallKind,
        account: Account,
        spoil: impl Fn(&Call, Answer) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::with_fault(account, move |call, answer| {
            if call.kind == kind {
                spoil(call, answer)
            } else {
                answer
            }
        })
    }

    pub(super) fn base_url(&self) -> String {
        self.fake.base_url()
    }

    fn state(&self) -> MutexGuard<'_, ServerState> {
        self.state.lock().unwrap()
    }

    /// Changes the account.
    pub(super) fn change(&self, change: impl FnOnce(Account) -> Account) {
        let mut state = self.state();
        let account = std::mem::take(&mut state.account);
        state.account = change(account);
    }

    /// The calls of a kind so far.
    pub(super) fn calls(&self, kind: CallKind) -> Vec<Call> {
        let state = self.state();
        let calls = state.calls.iter().map(|(_, call)| call);
        calls.filter(|call| call.kind == kind).cloned().collect()
    }

    /// When the calls of a kind came.
    pub(super) fn times(&self, kind: CallKind) -> Vec<Instant> {
        let state = self.state();
        let calls = state.calls.iter().filter(|(_, call)| call.kind == kind);
        calls.map(|(at, _)| *at).collect()
    }

    /// How many calls of each kind have come.
    pub(super) fn counts(&self) -> BTreeMap<CallKind, usize> {
        let mut counts = BTreeMap::new();
        for (_, call) in &self.state().calls {
            *counts.entry(call.kind).or_default() += 1;
        }
        counts
    }

    pub(super) fn count(&self, kind: CallKind) -> usize {
        self.counts().get(&kind).copied().unwrap_or_default()
    }

    /// All requests, also those for the account and for limits.
    pub(super) fn requests(&self) -> usize {
        let (account, limits) = (&self.fake.account_requests(), self.fake.limits_requests());
        self.fake.requests().len() + account.len() + limits
    }

    /// How many calls look up keys. A read by ids is none.
    pub(super) fn lookups(&self) -> usize {
        let is_lookup =
            |call: &Call| call.kind == CallKind::Search || call.body["idProperty"].is_string();
        let state = self.state();
        state
            .calls
            .iter()
            .filter(|(_, call)| is_lookup(call))
            .count()
    }

    /// The keys that calls of a kind have asked for, call by call.
    pub(super) fn asked(&self, kind: CallKind) -> Vec<Vec<String>> {
        self.calls(kind).iter().map(Call::values).collect()
    }

    /// The pairs that are linked.
    pub(super) fn linked(&self) -> Vec<(u64, u64)> {
        self.state().account.links.pairs()
    }

    /// The pairs that were written, as often as they were written, sorted.
    pub(super) fn written(&self) -> Vec<(u64, u64)> {
        let mut written = self.state().account.links.written.clone();
        written.sort_unstable();
        written
    }

    /// The types of the links of a pair.
    pub(super) fn types(&self, from: u64, to: u64) -> Vec<u64> {
        self.state().account.links.types(from, to)
    }
}

/// Status and code of every row, like `failed record_not_found`, in the order of the file. A row has
/// one line.
pub(super) fn verdicts(workdir: &Workdir) -> Vec<String> {
    let verdicts = last_verdicts(workdir);
    assert_eq!(
        verdicts.len(),
        workdir.results().len(),
        "each row has one line"
    );
    verdicts
}

/// Status and code of every row. If rows were sent again, the last line of each counts.
pub(super) fn last_verdicts(workdir: &Workdir) -> Vec<String> {
    let mut verdicts = BTreeMap::new();
    for line in workdir.lines("links.results.csv") {
        let verdict = format!("{} {}", line["assoc_status"], line["assoc_code"]);
        let row: usize = line["assoc_row"].parse().unwrap();
        verdicts.insert(row, verdict.trim_end().to_owned());
    }
    let rows: Vec<_> = verdicts.keys().copied().collect();
    assert_eq!(
        rows,
        (1..=rows.len()).collect::<Vec<_>>(),
        "each row has a line"
    );
    verdicts.into_values().collect()
}

/// The message of a row.
pub(super) fn message(workdir: &Workdir, row: usize) -> String {
    workdir.results()[row - 1]["assoc_message"].clone()
}
