//! Which account the run writes to: asked once, before the first row is sent,
//! so that no row goes to another account than the one that is expected.

use std::cell::Cell;

use tracing::{info, warn};

use super::{
    Delivery, Sent,
    fate::Fate,
    parcel::Parcel,
    trip::{End, Trip},
    trouble::Turn,
};
use crate::{
    account::AccountId,
    api::{Api, Call, Class, Told, Verdict},
    stop::StopReason,
};

/// What is expected, and what is known by now.
#[derive(Debug, Default)]
pub(super) struct Account {
    expected: Cell<Option<AccountId>>,
    known: Cell<Option<AccountId>>,
    settled: Cell<bool>,
    /// Whoever holds it asks for all.
    question: tokio::sync::Mutex<()>,
}

impl Account {
    /// Another token is used from now on: it may be another account's.
    pub(super) fn ask_again(&self) {
        let known = self.known.take();
        self.expected.set(known.or(self.expected.get()));
        self.settled.set(false);
    }

    pub(super) fn is_settled(&self) -> bool {
        self.settled.get()
    }
}

impl<A: Api> Delivery<A> {
    /// The run stops before its first row if the token belongs to another
    /// account than this one.
    #[must_use]
    pub fn expecting(self, account: Option<AccountId>) -> Self {
        self.account.expected.set(account);
        self
    }

    /// The account that rows were sent to, if it is known.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.known.get()
    }

    /// A turn for rows: the account is known by then, as far as it can be.
    pub(super) async fn turn_of_rows(&self, class: Class) -> Option<Result<Turn<'_>, Verdict>> {
        loop {
            // What is rare is boxed: it would make every row's future larger.
            if !self.account.is_settled() && !Box::pin(self.meet_account()).await {
                return None;
            }
            if !self.day_goes_on() && !Box::pin(self.meet_day()).await {
                return None;
            }
            let turn = self.turn(class).await?;
            // The token may have been replaced while this one waited, or the
            // day's quota used up.
            if turn.is_err() || self.account.is_settled() && self.day_goes_on() {
                return Some(turn);
            }
        }
    }

    /// Finds out the account, unless that was done; `false` if the run stops.
    async fn meet_account(&self) -> bool {
        if self.account.is_settled() {
            return true;
        }
        let _asking = self.account.question.lock().await;
        let mut question = Trip::start(Parcel::default(), None);
        while !self.account.settled.get() {
            match self.ask_for_account(&mut question).await {
                Some(Fate::Again(again)) => self.wait(&mut question, again).await,
                Some(Fate::Ends(_) | Fate::Held(_)) => {}
                None => return false,
            }
        }
        self.outage.borrow_mut().settled(&question.tries);
        true
    }

    /// Asks once. A refusal settles it too: rows have their own. `None` if
    /// the run stops.
    async fn ask_for_account(&self, question: &mut Trip) -> Option<Fate> {
        if !self.day_goes_on() && !self.meet_day().await {
            return None;
        }
        let turn = self.turn(Class::Single).await?;
        let Sent { turn, at, answer } = self.send(turn, Call::Account).await;
        question.count(turn.is_some());
        question.trace(&answer.verdict);
        let why = words(&answer.verdict);
        let fate = match answer.verdict {
            Verdict::Done { .. } | Verdict::Already | Verdict::Each(_) | Verdict::Refused(_) => {
                Fate::Ends(End::Unsettled)
            }
            Verdict::Transient { .. }
            | Verdict::Throttled { .. }
            | Verdict::Unreachable(_)
            | Verdict::NoVerdict(_)
            | Verdict::DayUsedUp(_)
            | Verdict::Outdated(_)
            | Verdict::Replaced(_)
            | Verdict::Fatal(_) => self.obey(question, answer.verdict, at),
        };
        match fate {
            Fate::Again(_) => return Some(fate),
            Fate::Ends(_) | Fate::Held(_) if self.stop.is_requested() => return None,
            Fate::Ends(_) | Fate::Held(_) => {}
        }
        let mut found = None;
        if let Some(Told::Account(account, time_zone)) = answer.told {
            self.day.goes_by(time_zone);
            found = Some(account);
        }
        self.settle_account(found, &why).then_some(fate)
    }

    /// `false` if the run stops.
    fn settle_account(&self, found: Option<AccountId>, why: &str) -> bool {
        let expected = self.account.expected.get();
        if let Some(found) = found {
            info!("the token is of account {found}");
        }
        match (expected, found) {
            (Some(expected), Some(found)) if expected != found => {
                let text = format!(
                    "the token is of account {found}, but this run was begun in account \
                     {expected}; give a token of account {expected}, or begin another run with \
                     another --results"
                );
                self.stop.request(if self.contact.verdicts() == 0 {
                    StopReason::WrongAccount(text)
                } else {
                    StopReason::Credentials(text)
                });
                return false;
            }
            (Some(expected), None) => warn!(
                "this run was begun in account {expected}; whether the token is of that account \
                 could not be found out, and the run goes on: {why}"
            ),
            (Some(_), Some(_)) | (None, _) => {}
        }
        self.account.known.set(found);
        self.account.settled.set(true);
        true
    }
}

/// Why an answer did not tell the account.
fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Refused(failure)
        | Verdict::Transient { failure, .. }
        | Verdict::Throttled { failure, .. }
        | Verdict::Unreachable(failure)
        | Verdict::DayUsedUp(failure)
        | Verdict::NoVerdict(failure) => failure.message.clone(),
        Verdict::Done { http_status } => format!("HTTP {http_status} without a portalId"),
        Verdict::Already
        | Verdict::Each(_)
        | Verdict::Outdated(_)
        | Verdict::Replaced(_)
        | Verdict::Fatal(_) => String::new(),
    }
}
