//! The files of a run while it goes on.

use std::{fs, path::PathBuf};

use super::{
    companion::{Companion, Consent, Ended, Event},
    counters::{Counters, Counting, Due},
    error::JournalError,
    file::{ResultsFile, Written},
    notes::Noted,
    sync::{Synced, Syncer},
};
use crate::{account::AccountId, association::Merge, stop::Stop};

/// Rows are told to be handed out in blocks of so many, before the first of
/// them is.
pub(super) const HANDED_OUT_BLOCK: u64 = 1024;

/// The memory of a run that goes on. The lock lasts as long as it lives.
#[derive(Debug)]
pub struct Journal {
    companion: Companion,
    results: PathBuf,
    known: Known,
    written: Written,
    counting: Counting,
    syncer: Option<Syncer>,
}

/// What the files say when a session begins, and what has come since.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Rows up to this number may have been sent.
    pub(super) handed_out: u64,
    /// The account that they went to, if it was learnt.
    pub(super) account: Option<AccountId>,
    /// Whether the log has notes of what stood before rows were written.
    pub(super) has_notes: bool,
    /// Whether sessions before it have called to make links.
    pub(super) has_written: bool,
    /// The results have no line if they are not longer.
    pub(super) header_length: u64,
}

impl Journal {
    pub(super) fn start(
        companion: Companion,
        results: PathBuf,
        file: &ResultsFile,
        known: Known,
        stop: &Stop,
    ) -> Result<Self, JournalError> {
        let failed = |error| JournalError::Write(results.clone(), error);
        let written = file.written();
        let counting = Counting::default();
        let work = Synced {
            results: file.share().map_err(failed)?,
            path: results.clone(),
            companion: companion.share().map_err(failed)?,
            mark: written.mark(),
            tail: Vec::new(),
            written: written.clone(),
            counting: counting.clone(),
            counters_due: Due::begin(),
        };
        let syncer = Syncer::start(work, stop.clone()).map_err(failed)?;
        Ok(Self {
            companion,
            results,
            known,
            written,
            counting,
            syncer: Some(syncer),
        })
    }

    /// From now on it is written down what the session calls, at times and at its end.
    pub fn counting(&self, counter: impl Fn() -> Counters + Send + Sync + 'static) {
        self.counting.set(counter);
    }

    /// Told before rows up to this number may be sent.
    ///
    /// # Errors
    /// If it cannot be written down; then they must not be sent.
    pub fn hand_out(&mut self, row: u64) -> Result<(), JournalError> {
        if row <= self.known.handed_out {
            return Ok(());
        }
        self.known.handed_out = row.next_multiple_of(HANDED_OUT_BLOCK);
        self.append(&Event::HandedOut(self.known.handed_out))
    }

    /// Told before these rows are sent, each of them once: what stands where
    /// they write, and the sum of [`hash_of_ids`](super::hash_of_ids) of them. It is on the disk when this returns.
    ///
    /// # Errors
    /// If it is not; then the rows must not be sent, in this run of the program
    /// not even after a second try.
    pub fn note(&mut self, notes: &[Noted], ids: u64) -> Result<(), JournalError> {
        if notes.is_empty() {
            return Ok(());
        }
        let mut events = Event::of_notes(notes);
        events.push(Event::Ids(ids));
        self.companion
            .append_all(&events)
            .and_then(|()| self.companion.file.sync_data())
            .map_err(|error| JournalError::Write(self.companion.path.clone(), error))?;
        self.known.has_notes = true;
        Ok(())
    }

    /// Writes down records that were learnt to be merged, so that a run that goes on
    /// knows them by the same ids.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn note_merges(&self, merges: &[Merge]) -> Result<(), JournalError> {
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
        self.append(&Event::Merged(told.collect()))
    }

    /// Writes down which account it is, once it is known.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn note_account(&mut self, account: Option<AccountId>) -> Result<(), JournalError> {
        let Some(account) = account.filter(|id| self.known.account != Some(*id)) else {
            return Ok(());
        };
        self.known.account = Some(account);
        self.append(&Event::Account(account.get()))
    }

    /// Writes down what a person has agreed to.
    ///
    /// # Errors
    /// If it cannot be written down.
    pub fn note_consent(&self, consent: Consent) -> Result<(), JournalError> {
        self.append(&Event::Agreed(consent))
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
    pub fn end(self, ended: Ended) -> Result<(), JournalError> {
        let counters = self.counting.now();
        self.append(&Event::Ended(Ended { counters, ..ended }))?;
        self.companion
            .file
            .sync_all()
            .map_err(|error| JournalError::Write(self.companion.path.clone(), error))
    }

    /// Whether the files hold nothing that a later command could need: no session has
    /// recorded a row, or noted what stood before it wrote one, which may be made now, and
    /// none before this one has called to make any.
    #[must_use]
    pub fn holds_nothing(&self) -> bool {
        let known = &self.known;
        !known.has_notes
            && !known.has_written
            && self.written.mark().length <= self.known.header_length
    }

    /// Takes the files away, which [hold nothing](Self::holds_nothing): what is empty must
    /// not refuse the next try.
    pub fn discard(self) {
        let _ = fs::remove_file(&self.results);
        let _ = fs::remove_file(&self.companion.path);
    }

    fn append(&self, event: &Event) -> Result<(), JournalError> {
        self.companion
            .append(event)
            .map_err(|error| JournalError::Write(self.companion.path.clone(), error))
    }
}
