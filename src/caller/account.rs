//! The gate of the account: which one the run writes to is asked once, before the
//! first row is sent, so that no row goes to another account than the one that is
//! expected.
//!
//! Sends nothing.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use super::{events::CallerEvent, metrics::Metrics};
use crate::{
    account::{AccountDetails, AccountId},
    row::Failure,
    stop::AccountMismatch,
};

/// What is expected, and what is known by now.
#[derive(Debug, Default)]
pub(super) struct AccountGate {
    pub(super) expected: ExpectedAccount,
    known: Cell<Option<AccountId>>,
    /// What HubSpot told of it.
    details: RefCell<Option<AccountDetails>>,
    settled: Cell<bool>,
    pub(super) listener: AccountListener,
    /// Whoever holds it asks for all.
    pub(super) ask_lock: tokio::sync::Mutex<()>,
}

/// Which account it has to be.
#[derive(Debug, Default)]
pub(super) struct ExpectedAccount {
    pub(super) run: Cell<Option<AccountId>>,
    /// What the user says it has to be.
    pub(super) user: Option<AccountId>,
    /// Whether it has to be the run's, known for certain.
    pub(super) is_run_over: bool,
}

/// What is called with the account as soon as it is known, or with why it is not.
#[derive(Default)]
pub(super) struct AccountListener(pub(super) Option<Box<AccountCallback>>);

type AccountCallback = dyn Fn(Result<&AccountDetails, Option<&Failure>>);

impl AccountListener {
    fn notify(&self, told: Result<&AccountDetails, Option<&Failure>>) {
        if let Some(listener) = &self.0 {
            listener(told);
        }
    }
}

impl fmt::Debug for AccountListener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AccountListener")
    }
}

impl AccountGate {
    /// Another token is used from now on: it may be another account's.
    pub(super) fn forget(&self) {
        let known = self.known.take();
        let expected = &self.expected.run;
        expected.set(known.or(expected.get()));
        self.settled.set(false);
    }

    /// Whether it is known, or known to be unknowable.
    pub(super) fn is_settled(&self) -> bool {
        self.settled.get()
    }

    /// The account that rows were sent to, if it is known.
    pub(super) fn known(&self) -> Option<AccountId> {
        self.known.get()
    }

    /// What HubSpot told of it.
    pub(super) fn details(&self) -> Option<AccountDetails> {
        self.details.borrow().clone()
    }

    /// The token is of this account; or why it may not be used.
    pub(super) fn accept(
        &self,
        details: AccountDetails,
        metrics: &Metrics,
    ) -> Result<(), AccountMismatch> {
        let found = details.id;
        metrics.report(&CallerEvent::AccountKnown(found));
        let is_other = |account: &AccountId| *account != found;
        if let Some(wanted) = self.expected.user.filter(is_other) {
            return Err(AccountMismatch::DiffersFromExpected { found, wanted });
        }
        if let Some(begun_in) = self.expected.run.get().filter(is_other) {
            return Err(AccountMismatch::DiffersFromRun {
                found,
                begun_in,
                is_over: self.expected.is_run_over,
            });
        }
        self.known.set(Some(found));
        self.settled.set(true);
        let told = Some(details);
        if *self.details.borrow() != told {
            if let Some(details) = &told {
                self.listener.notify(Ok(details));
            }
            self.details.replace(told);
        }
        Ok(())
    }

    /// Nobody knows whose the token is; or why it may not be used then.
    pub(super) fn accept_unknown(
        &self,
        why: Option<Failure>,
        metrics: &Metrics,
    ) -> Result<(), AccountMismatch> {
        if let Some(wanted) = self.expected.user {
            let why = why.map(Box::new);
            return Err(AccountMismatch::UnknownForExpected { wanted, why });
        }
        if let Some(begun_in) = self.expected.run.get() {
            if self.expected.is_run_over {
                let why = why.map(Box::new);
                return Err(AccountMismatch::UnknownForRun { begun_in, why });
            }
            let why = why.clone();
            metrics.report(&CallerEvent::AccountUnknown { begun_in, why });
        }
        self.known.set(None);
        self.settled.set(true);
        self.details.replace(None);
        self.listener.notify(Err(why.as_ref()));
        Ok(())
    }
}
