//! Which account the run writes to: asked once, before the first row is sent,
//! so that no row goes to another account than the one that is expected.

use std::cell::Cell;

use tracing::{info, trace, warn};

use super::{
    Delivery, Next, Sent,
    fate::Fate,
    trip::{Parcel, Trip},
};
use crate::{
    account::AccountId,
    api::{Api, Call, Verdict},
    stop::StopReason,
};

/// What is expected, and what is known by now.
#[derive(Debug, Default)]
pub(super) struct Account {
    expected: Option<AccountId>,
    known: Cell<Option<AccountId>>,
    settled: Cell<bool>,
}

impl<A: Api> Delivery<A> {
    /// The run stops before its first row if the token belongs to another
    /// account than this one.
    #[must_use]
    pub fn expecting(mut self, account: Option<AccountId>) -> Self {
        self.account.expected = account;
        self
    }

    /// The account that rows were sent to, if it is known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.known.get()
    }

    /// Finds out the account, unless that was done; `false` if the run stops.
    /// The first row keeps the only slot meanwhile.
    pub(super) async fn meet_account(&self) -> bool {
        let mut question = Trip::start(Parcel::empty(), None);
        while !self.account.settled.get() {
            match self.ask_for_account(&mut question).await {
                Next::Finished => {}
                Next::Again(again) => self.wait(&mut question, again).await,
                Next::Leave => return false,
            }
        }
        self.outage.borrow_mut().settled(&question.tries);
        true
    }

    /// Asks once. A refusal settles it too: rows have their own.
    async fn ask_for_account(&self, question: &mut Trip) -> Next {
        let sent = self.send(Call::Account, &mut question.attempts, 1).await;
        let Some(Sent {
            turn: _turn,
            at: sent_at,
            mut answer,
        }) = sent
        else {
            return Next::Leave;
        };
        // An answer has a verdict for each question.
        let Some(verdict) = answer.verdicts.pop() else {
            return Next::Leave;
        };
        trace!(
            attempt = question.attempts,
            ?verdict,
            "asked for the account"
        );
        let why = words(&verdict);
        let fate = match verdict {
            Verdict::Done { .. } | Verdict::Already | Verdict::Refused(_) => {
                return self.settle_account(answer.account, &why);
            }
            Verdict::Transient { .. }
            | Verdict::Throttled { .. }
            | Verdict::Unreachable(_)
            | Verdict::NoVerdict(_)
            | Verdict::Outdated(_)
            | Verdict::Fatal(_) => self.obey(question, verdict, sent_at),
        };
        match fate {
            Fate::Again(again) => Next::Again(again),
            Fate::Unsettled if self.stop.is_requested() => Next::Leave,
            Fate::Unsettled | Fate::Settled(_) | Fate::Held(_) => self.settle_account(None, &why),
        }
    }

    fn settle_account(&self, found: Option<AccountId>, why: &str) -> Next {
        let Account {
            expected,
            known,
            settled,
        } = &self.account;
        if let Some(found) = found {
            info!("the token is of account {found}");
        }
        match (expected, found) {
            (Some(expected), Some(found)) if *expected != found => {
                self.stop.request(StopReason::WrongAccount(format!(
                    "the token is of account {found}, but this run was begun in account \
                     {expected}; give a token of account {expected}, or begin another run with \
                     another --results"
                )));
                return Next::Leave;
            }
            (Some(expected), None) => warn!(
                "this run was begun in account {expected}; whether the token is of that account \
                 could not be found out, and the run goes on: {why}"
            ),
            (Some(_), Some(_)) | (None, _) => {}
        }
        known.set(found);
        settled.set(true);
        Next::Finished
    }
}

/// Why an answer did not tell the account.
fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Refused(failure)
        | Verdict::Transient { failure, .. }
        | Verdict::Throttled { failure, .. }
        | Verdict::Unreachable(failure)
        | Verdict::NoVerdict(failure) => failure.message.clone(),
        Verdict::Done { http_status } => format!("HTTP {http_status} without a portalId"),
        Verdict::Already | Verdict::Outdated(_) | Verdict::Fatal(_) => String::new(),
    }
}
