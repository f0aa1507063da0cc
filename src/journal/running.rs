//! The files of a run while it goes on.

use std::{fs, path::PathBuf};

use super::{
    counters::{CallCounters, CounterSource, CounterTimer},
    error::JournalError,
    results_file::{ResultsFile, WriteProgress},
    run_log::{Consent, RunLogEntry, RunLogFile, SessionEnd},
    snapshots::Snapshot,
    sync::{SyncWork, Syncer},
};
use crate::{account::AccountId, association::Merge, stop::StopSwitch};

/// Rows are told to be handed out in blocks of so many, before the first of
/// them is.
pub(super) const DISPATCH_BLOCK: u64 = 1024;

/// The memory of a run that goes on. The lock lasts as long as it lives.
#[derive(Debug)]
pub struct Journal {
    run_log: RunLogFile,
    results: PathBuf,
    state: JournalState,
    written: WriteProgress,
    counters: CounterSource,
    syncer: Option<Syncer>,
}

/// What the files say when a session begins, and what has come since.
#[derive(Debug, Default)]
pub(super) struct JournalState {
    /// Rows up to this number may have been sent.
    pub(super) dispatched: u64,
    /// The account that they went to, if it was learnt.
    pub(super) account: Option<AccountId>,
    /// Whether the log has notes of what stood before rows were written.
    pub(super) has_snapshots: bool,
    /// Whether sessions before it have called to make links.
    pub(super) has_written: bool,
    /// The results have no line if they are not longer.
    pub(super) header_length: u64,
}

impl Journal {
    pub(super) fn start(
        companion: RunLogFile,
        results: PathBuf,
        file: &ResultsFile,
        known: JournalState,
        stop: &StopSwitch,
    ) -> Result<Self, JournalError> {
        let failed = |error| JournalError::Write(results.clone(), error);
        let written = file.written();
        let counting = CounterSource::default();
        let work = SyncWork {
            results: file.share().map_err(failed)?,
            path: results.clone(),
            run_log: companion.share().map_err(failed)?,
            mark: written.mark(),
            tail: Vec::new(),
            written: written.clone(),
            counters: counting.clone(),
            counter_timer: CounterTimer::start(),
        };
        let syncer = Syncer::start(work, stop.clone()).map_err(failed)?;
        Ok(Self {
            run_log: companion,
            results,
            state: known,
            written,
            counters: counting,
            syncer: Some(syncer),
        })
    }

    /// From now on it is written down what the session calls, at times and at its end.
    pub fn set_counters(&self, counter: impl Fn() -> CallCounters + Send + Sync + 'static) {
        self.counters.set(counter);
    }

    /// Told before rows up to this number may be sent.
    ///
    /// # Errors
    /// If it cannot be written down; then they must not be sent.
    pub fn mark_dispatched(&mut self, row: u64) -> Result<(), JournalError> {
        if row <= self.state.dispatched {
            return Ok(());
        }
        self.state.dispatched = row.next_multiple_of(DISPATCH_BLOCK);
        self.append(&RunLogEntry::Dispatched(self.state.dispatched))
    }

    /// Told before these rows are sent, each of them once: what stands where
    /// they write, and the sum of [`hash_ids`](super::hash_ids) of them. It is on the disk when this returns.
    ///
    /// # Errors
    /// If it is not; then the rows must not be sent, in this run of the program
    /// not even after a second try.
    pub fn write_snapshots(&mut self, notes: &[Snapshot], ids: u64) -> Result<(), JournalError> {
        if notes.is_empty() {
            return Ok(());
        }
        let mut events = RunLogEntry::from_snapshots(notes);
        events.push(RunLogEntry::Ids(ids));
        self.run_log
            .append_all(&events)
            .and_then(|()| self.run_log.file.sync_data())
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))?;
        self.state.has_snapshots = true;
        Ok(())
    }

    /// Writes down records that were learnt to be merged, so that a run that goes on
    /// knows them by the same ids.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn write_merges(&self, merges: &[Merge]) -> Result<(), JournalError> {
        if merges.is_empty() {
            return Ok(());
        }
        let told = merges.iter().map(|merge| {
            let Merge {
                object_type,
                old,
                new,
            } = merge;
            ((*object_type).to_owned(), old.get(), new.get())
        });
        self.append(&RunLogEntry::Merged(told.collect()))
    }

    /// Writes down which account it is, once it is known.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn write_account(&mut self, account: Option<AccountId>) -> Result<(), JournalError> {
        let Some(account) = account.filter(|id| self.state.account != Some(*id)) else {
            return Ok(());
        };
        self.state.account = Some(account);
        self.append(&RunLogEntry::Account(account.get()))
    }

    /// Writes down what a person has agreed to.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn write_consent(&self, consent: Consent) -> Result<(), JournalError> {
        self.append(&RunLogEntry::Agreed(consent))
    }

    /// Everything that is written is on the disk when this returns.
    ///
    /// # Errors
    /// If the disk says that it is not.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.syncer.take().map_or(Ok(()), Syncer::finish)
    }

    /// The end of the session.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn end(self, ended: SessionEnd) -> Result<(), JournalError> {
        let counters = self.counters.current();
        self.append(&RunLogEntry::Ended(SessionEnd { counters, ..ended }))?;
        self.run_log
            .file
            .sync_all()
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))
    }

    /// Whether the files hold nothing that a later command could need: no session has
    /// recorded a row, or noted what stood before it wrote one, which may be made now, and
    /// none before this one has called to make any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let known = &self.state;
        !known.has_snapshots
            && !known.has_written
            && self.written.mark().length <= self.state.header_length
    }

    /// Takes the files away, which [hold nothing](Self::is_empty): what is empty must
    /// not refuse the next try.
    pub fn discard(self) {
        let _ = fs::remove_file(&self.results);
        let _ = fs::remove_file(&self.run_log.path);
    }

    fn append(&self, event: &RunLogEntry) -> Result<(), JournalError> {
        self.run_log
            .append(event)
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))
    }
}
