//! The files of a run while it is running.

use std::{fs, path::PathBuf};

use super::{
    counters::{CallCounters, CounterSource, CounterTimer},
    error::JournalError,
    results_file::{ResultsFile, WriteProgress},
    run_log::{Consent, RunLogEntry, RunLogFile, SessionEnd},
    snapshots::Snapshot,
    sync::{SyncWork, Syncer},
    writes_under_way::WritesUnderWay,
};
use crate::{account::AccountId, association::Merge, row::RowReport, stop::StopSwitch};

/// Dispatch marks are written in blocks of this many rows, before the first row of each.
pub(super) const DISPATCH_BLOCK: u64 = 1024;

/// The files of a running session. They stay locked as long as it lives.
#[derive(Debug)]
pub struct Journal {
    run_log: RunLogFile,
    results: PathBuf,
    state: JournalState,
    written: WriteProgress,
    counters: CounterSource,
    syncer: Option<Syncer>,
}

/// What the files said when the session began, updated as it goes on.
#[derive(Debug, Default)]
pub(super) struct JournalState {
    /// Rows up to this number may have been sent.
    pub(super) dispatched: u64,
    /// The account that they went to, if known.
    pub(super) account: Option<AccountId>,
    /// Whether the log has any snapshot.
    pub(super) has_snapshots: bool,
    /// Whether an earlier session sent requests to create links.
    pub(super) has_sent_creates: bool,
    /// If the results are not longer than this, they have no line.
    pub(super) header_length: u64,
    /// Whether another program has put a file in the place of one of them.
    pub(super) is_replaced: bool,
    /// Rows that may have been written, without a line. `None` if it is not an import.
    pub(super) under_way: Option<WritesUnderWay>,
}

impl Journal {
    pub(super) fn start(
        run_log: RunLogFile,
        results: PathBuf,
        file: &ResultsFile,
        state: JournalState,
        stop: &StopSwitch,
    ) -> Result<Self, JournalError> {
        let failed = |error| JournalError::Write(results.clone(), error);
        let written = file.written();
        let counters = CounterSource::default();
        let work = SyncWork {
            results: file.share().map_err(failed)?,
            path: results.clone(),
            run_log: run_log.share().map_err(failed)?,
            mark: written.mark(),
            tail: Vec::new(),
            written: written.clone(),
            counters: counters.clone(),
            counter_timer: CounterTimer::start(),
        };
        let syncer = Syncer::start(work, stop.clone()).map_err(failed)?;
        Ok(Self {
            run_log,
            results,
            state,
            written,
            counters,
            syncer: Some(syncer),
        })
    }

    /// Sets where the session's call counters come from. They are written now and then and at
    /// the end.
    pub fn set_counters(&self, counter: impl Fn() -> CallCounters + Send + Sync + 'static) {
        self.counters.set(counter);
    }

    /// Must be called before rows up to this number are sent.
    ///
    /// # Errors
    /// If the mark cannot be written. Then they must not be sent.
    pub fn mark_dispatched(&mut self, row: u64) -> Result<(), JournalError> {
        if row <= self.state.dispatched {
            return Ok(());
        }
        self.state.dispatched = row.next_multiple_of(DISPATCH_BLOCK);
        self.append(&RunLogEntry::Dispatched(self.state.dispatched))
    }

    /// Must be called before these rows are sent: writes what already exists where they write,
    /// and the sum of their [`hash_ids`](super::hash_ids). It is on the disk when this returns.
    ///
    /// # Errors
    /// If it is not. Then this process must not send the rows, even if a second try succeeds.
    pub fn write_snapshots(
        &mut self,
        snapshots: &[Snapshot],
        id_hash: u64,
    ) -> Result<(), JournalError> {
        if snapshots.is_empty() {
            return Ok(());
        }
        let mut entries = RunLogEntry::from_snapshots(snapshots);
        entries.push(RunLogEntry::Ids(id_hash));
        self.run_log
            .append_all(&entries)
            .and_then(|()| self.run_log.file.sync_data())
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))?;
        self.state.has_snapshots = true;
        Ok(())
    }

    /// Must be called before these rows are written.
    pub fn begin_writes(&mut self, rows: impl Iterator<Item = u64>) {
        if let Some(under_way) = &mut self.state.under_way {
            under_way.begin(rows);
        }
    }

    /// Must be called if a row goes on from the beginning, although it may have been written.
    pub fn restart_row(&mut self, row: u64) {
        if let Some(under_way) = &mut self.state.under_way {
            under_way.restart(row);
        }
    }

    /// Must be called once rows have ended, and those with an outcome have a line.
    pub fn end_rows(&mut self, reports: &[RowReport]) {
        if let Some(under_way) = &mut self.state.under_way {
            under_way.end(reports);
        }
    }

    /// Writes down records that were found to be merged, so that a resumed run knows them by
    /// the same ids.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_merges(&self, merges: &[Merge]) -> Result<(), JournalError> {
        if merges.is_empty() {
            return Ok(());
        }
        let entries = merges.iter().map(|merge| {
            let Merge {
                object_type,
                old,
                new,
            } = merge;
            ((*object_type).to_owned(), old.get(), new.get())
        });
        self.append(&RunLogEntry::Merged(entries.collect()))
    }

    /// Writes down the account, once it is known.
    ///
    /// # Errors
    /// If it cannot be written.
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
    /// If it cannot be written.
    pub fn write_consent(&self, consent: Consent) -> Result<(), JournalError> {
        self.append(&RunLogEntry::Agreed(consent))
    }

    /// Syncs everything that is written, and ends the sync thread.
    ///
    /// # Errors
    /// If the disk did not take it.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        let synced = self.syncer.take().map_or(Ok(()), Syncer::finish);
        synced.inspect_err(|error| {
            // Lines may get lost that rows have now.
            self.state.under_way = None;
            self.state.is_replaced |= matches!(error, JournalError::Replaced(_));
        })
    }

    /// Ends the session.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end(self, ended: SessionEnd) -> Result<(), JournalError> {
        let ended = SessionEnd {
            counters: self.counters.current(),
            under_way: self.state.under_way.as_ref().map(WritesUnderWay::to_ranges),
            ..ended
        };
        self.append(&RunLogEntry::Ended(ended))?;
        self.run_log
            .file
            .sync_all()
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))
    }

    /// Whether the files hold nothing that a later command needs: no row was recorded, no
    /// snapshot was written, no row is under way, and no earlier session sent requests to create
    /// links. What another program put in their place is not known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let state = &self.state;
        !state.is_replaced
            && !state.has_snapshots
            && !state.has_sent_creates
            && state
                .under_way
                .as_ref()
                .is_none_or(WritesUnderWay::is_empty)
            && self.written.mark().length <= self.state.header_length
    }

    /// Removes files that are [empty](Self::is_empty), because empty results would make the
    /// next try fail.
    pub fn discard(self) {
        let _ = fs::remove_file(&self.results);
        let _ = fs::remove_file(&self.run_log.path);
    }

    fn append(&self, entry: &RunLogEntry) -> Result<(), JournalError> {
        self.run_log
            .append(entry)
            .map_err(|error| JournalError::Write(self.run_log.path.clone(), error))
    }
}
