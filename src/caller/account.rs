//! The account gate. The run asks once which account the token belongs to, before it sends the
//! first row, so that no row goes to an unexpected account.
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

/// The expected account, and what is known of the actual one.
#[derive(Debug, Default)]
pub(super) struct AccountGate {
    pub(super) expected: ExpectedAccount,
    known: Cell<Option<AccountId>>,
    /// What HubSpot said about the account.
    details: RefCell<Option<AccountDetails>>,
    checked: Cell<bool>,
    pub(super) listener: AccountListener,
    /// Held while the account is asked for, so that only one request asks.
    pub(super) ask_lock: tokio::sync::Mutex<()>,
}

/// Which account the token has to belong to.
#[derive(Debug, Default)]
pub(super) struct ExpectedAccount {
    pub(super) run: Cell<Option<AccountId>>,
    /// The account that the user named.
    pub(super) user: Option<AccountId>,
    /// Whether the run is over. Then the account must be known for certain.
    pub(super) is_run_over: bool,
}

/// Called as soon as the account is known, or with the reason why it is not.
#[derive(Default)]
pub(super) struct AccountListener(pub(super) Option<Box<AccountCallback>>);

type AccountCallback = dyn Fn(Result<&AccountDetails, Option<&Failure>>);

impl AccountListener {
    fn notify(&self, answer: Result<&AccountDetails, Option<&Failure>>) {
        if let Some(listener) = &self.0 {
            listener(answer);
        }
    }
}

impl fmt::Debug for AccountListener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AccountListener")
    }
}

impl AccountGate {
    /// A new token is in use from now on. It may belong to another account.
    pub(super) fn forget(&self) {
        let known = self.known.take();
        let expected = &self.expected.run;
        expected.set(known.or(expected.get()));
        self.checked.set(false);
    }

    /// Whether the account is known, or known to be unknowable.
    pub(super) fn is_checked(&self) -> bool {
        self.checked.get()
    }

    /// Whether the token has to belong to a certain account.
    pub(super) fn is_expected(&self) -> bool {
        self.expected.user.is_some() || self.expected.run.get().is_some()
    }

    /// The account that rows were sent to, if it is known.
    pub(super) fn known(&self) -> Option<AccountId> {
        self.known.get()
    }

    /// What HubSpot said about the account.
    pub(super) fn details(&self) -> Option<AccountDetails> {
        self.details.borrow().clone()
    }

    /// Records the token's account. An error says why the run may not use the token.
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
        self.checked.set(true);
        let answer = Some(details);
        if *self.details.borrow() != answer {
            if let Some(details) = &answer {
                self.listener.notify(Ok(details));
            }
            self.details.replace(answer);
        }
        Ok(())
    }

    /// Records that the account cannot be found out. An error says why the run may not go on
    /// without it.
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
            metrics.report(&CallerEvent::AccountUnknown {
                run_account: begun_in,
                why,
            });
        }
        self.known.set(None);
        self.checked.set(true);
        self.details.replace(None);
        self.listener.notify(Err(why.as_ref()));
        Ok(())
    }
}
