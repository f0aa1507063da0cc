//! Which account the run writes to: asked once, before the first row is sent,
//! so that no row goes to another account than the one that is expected.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use tracing::{info, warn};

use super::{Delivery, trouble::Turn};
use crate::{
    account::{AccountDetails, AccountId},
    api::{Api, Call, Class, Verdict},
    messages,
    stop::StopReason,
};

/// What is expected, and what is known by now.
#[derive(Debug, Default)]
pub(super) struct Account {
    expected: Cell<Option<AccountId>>,
    /// What the user says it has to be.
    wanted: Option<AccountId>,
    /// Whether it has to be the run's, known for certain.
    is_fixed: bool,
    known: Cell<Option<AccountId>>,
    /// What HubSpot told of it.
    details: RefCell<Option<AccountDetails>>,
    settled: Cell<bool>,
    listener: Listener,
    /// Whoever holds it asks for all.
    question: tokio::sync::Mutex<()>,
}

/// What is called with the account as soon as it is known, or with why it is not.
#[derive(Default)]
struct Listener(Option<Box<Hear>>);

type Hear = dyn Fn(Result<&AccountDetails, &str>);

impl Listener {
    fn hear(&self, told: Result<&AccountDetails, &str>) {
        if let Some(listener) = &self.0 {
            listener(told);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Listener")
    }
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

    /// The same of what the user says: if it cannot be found out which account
    /// the token belongs to, the run stops as well.
    #[must_use]
    pub fn insisting_on(mut self, account: Option<AccountId>) -> Self {
        self.account.wanted = account;
        self
    }

    /// The same of a run that is over, whose account nobody can choose any more.
    #[must_use]
    pub fn insisting_on_that_of_the_run(mut self, account: Option<AccountId>) -> Self {
        self.account.is_fixed = true;
        self.expecting(account)
    }

    /// The account is told to `listener` as soon as it is known, or why it is not.
    #[must_use]
    pub fn telling(mut self, listener: impl Fn(Result<&AccountDetails, &str>) + 'static) -> Self {
        self.account.listener = Listener(Some(Box::new(listener)));
        self
    }

    /// What HubSpot tells of the account, which is asked for before any row; `None`
    /// if the run stops.
    pub async fn learn_account(&self) -> Option<Option<AccountDetails>> {
        let is_met = self.meet_account().await;
        is_met.then(|| self.account.details.borrow().clone())
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
        if self.account.is_settled() {
            return true;
        }
        let Some(reply) = self.ask(Call::Account).await else {
            return false;
        };
        match reply {
            Ok(told) => {
                let Some(details) = told.account() else {
                    return self.settle_unknown("");
                };
                info!("the token is of account {}", details.id);
                self.day.goes_by(details.zone.clone());
                self.settle_account(details.clone())
            }
            Err(failure) => self.settle_unknown(&messages::failure(&failure)),
        }
    }

    /// The token is of this account; `false` if the run stops.
    fn settle_account(&self, details: AccountDetails) -> bool {
        let found = details.id;
        if let Some(wanted) = self.account.wanted.filter(|wanted| *wanted != found) {
            return self.refuse_account(format!(
                "the token is of account {found}, but --account says {wanted}; give a token of \
                 account {wanted}, or another --account"
            ));
        }
        let expected = self.account.expected.get();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            let otherwise = if self.account.is_fixed {
                ""
            } else {
                ", or begin another run with another --results"
            };
            return self.refuse_account(format!(
                "the token is of account {found}, but this run was begun in account {expected}; \
                 give a token of account {expected}{otherwise}"
            ));
        }
        self.account.known.set(Some(found));
        self.account.settled.set(true);
        let told = Some(details);
        if *self.account.details.borrow() != told {
            if let Some(details) = &told {
                self.account.listener.hear(Ok(details));
            }
            self.account.details.replace(told);
        }
        true
    }

    /// Nobody knows whose the token is; `false` if the run stops.
    fn settle_unknown(&self, why: &str) -> bool {
        if let Some(wanted) = self.account.wanted {
            return self.refuse_account(format!(
                "--account says {wanted}, and which account the token is of could not be found \
                 out: {why}; give a token that may ask for the account's details, or leave \
                 --account out"
            ));
        }
        if let Some(expected) = self.account.expected.get() {
            if self.account.is_fixed {
                return self.refuse_account(format!(
                    "this run was begun in account {expected}, and which account the token is of \
                     could not be found out: {why}; give a token that may ask for the account's \
                     details"
                ));
            }
            warn!(
                "this run was begun in account {expected}; whether the token is of that account \
                 could not be found out, and the run goes on: {why}"
            );
        }
        self.account.known.set(None);
        self.account.settled.set(true);
        self.account.details.replace(None);
        self.account.listener.hear(Err(why));
        true
    }

    /// Stops the run before a row goes there. `false`, as it stops.
    fn refuse_account(&self, text: String) -> bool {
        self.stop.request(if self.contact.verdicts() == 0 {
            StopReason::WrongAccount(text)
        } else {
            // Rows have been sent, with a token that was replaced since.
            StopReason::Credentials(text)
        });
        false
    }
}
