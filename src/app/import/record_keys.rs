//! The records that rows name by keys: what is known of the keys, and who looks them up.

use std::{cell::RefCell, path::Path};

use super::import_run::ImportRun;
use crate::{
    app::{error::AppError, session::run::Session},
    cli::{ImportArgs, OnAmbiguousArg},
    failure::AccessDenied,
    hubspot::HubSpot,
    key_lookup::{AmbiguousPolicy, KeyLookupError, KeyResolver, SEARCH_INDEX_LAG},
    keys::{KeyReuse, KeyStore, key_file_path},
    messages,
    stop::{StopReason, StopSwitch},
};

/// What is known of the keys of a run.
pub(crate) struct ImportKeys {
    store: RefCell<KeyStore>,
    ambiguous: AmbiguousPolicy,
}

impl ImportKeys {
    /// Begins with nothing, or with what an earlier session knew of this account, even if it was
    /// killed before it recorded a row. If failed rows are sent again, only what was found counts: a
    /// person may have created the rest. `None` if rows have ids.
    pub(super) fn open_for(
        run: &ImportRun,
        args: &ImportArgs,
        follows_session: bool,
        session: &Session<'_>,
    ) -> Result<Option<Self>, AppError> {
        if !run.shape.has_keys() {
            return Ok(None);
        }
        let path = key_file_path(&run.results_path);
        let store = match (follows_session, args.retry_failed) {
            (false, _) => KeyStore::create(&path)?,
            (true, false) => KeyStore::open(&path, KeyReuse::All)?,
            (true, true) => KeyStore::open(&path, KeyReuse::FoundOnly)?,
        };
        let caller = session.delivery.caller();
        // If the run stops meanwhile, nothing is looked up.
        let _ = session.context.block_on(caller.learn_account());
        Ok(Some(Self::new(store.for_account(caller.account()), args)))
    }

    /// For a command without results, which forgets what it found.
    pub(crate) fn temporary(args: &ImportArgs, folder: &Path) -> Result<Self, AppError> {
        Ok(Self::new(KeyStore::temporary(folder)?, args))
    }

    fn new(store: KeyStore, args: &ImportArgs) -> Self {
        Self {
            store: store.into(),
            ambiguous: match args.on_ambiguous {
                OnAmbiguousArg::Fail => AmbiguousPolicy::Fail,
                OnAmbiguousArg::Oldest => AmbiguousPolicy::TakeOldest,
            },
        }
    }

    /// Looks up the records of rows.
    pub(crate) fn resolver<'a>(&'a self, session: &'a Session<'_>) -> KeyResolver<'a, HubSpot> {
        // The sandbox finds new records at once.
        let is_hubspot = session.destination.sandbox.is_none();
        let concurrency = session.concurrency_limits.concurrency;
        let stop_on = |error| stop_on(error, session.stop());
        KeyResolver::new(&session.delivery, concurrency, &self.store, stop_on)
            .on_ambiguous(self.ambiguous)
            .with_search_lag(is_hubspot.then_some(SEARCH_INDEX_LAG))
    }

    /// Deletes what is known of keys: the run is complete, or nothing of it is left.
    pub(super) fn remove(self) -> Result<(), AppError> {
        Ok(self.store.into_inner().remove()?)
    }

    /// Keeps it for a run that is continued.
    pub(super) fn sync(&self) -> Result<(), AppError> {
        Ok(self.store.borrow().sync()?)
    }
}

/// Stops the run, because records cannot be looked up.
fn stop_on(error: KeyLookupError, stop: &StopSwitch) {
    stop.request(match error {
        KeyLookupError::Store(error) => StopReason::Output(messages::key_store(&error).into()),
        KeyLookupError::Denied(object_type, failure) => {
            let denied = AccessDenied::Records(object_type, failure.detail);
            StopReason::Credentials(denied.into())
        }
    });
}
