//! What an import does with its rows: some are looked at before they are sent,
//! and each is written down when it ends.

use std::{cell::RefCell, sync::Arc};

use super::looked::{Decided, Policy};
use crate::{
    app::session::{
        run::{RowJob, Session},
        run_records::{RunRecords, stop_on_too_many_errors},
    },
    association::CanonicalLink,
    delivery::{Looked, Task},
    import::{Command, Next},
    messages,
    output::OutcomeCounts,
    row::{RowReport, Status},
    tolerance::Tolerance,
};

/// What an import does with its rows.
pub(super) struct Importing<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) books: &'a RefCell<RunRecords>,
    pub(super) tolerance: Tolerance,
    pub(super) looks: bool,
    pub(super) policy: Policy,
    /// So many merged records are written down.
    pub(super) merges: usize,
}

impl Importing<'_> {
    /// Writes down records that were learnt to be merged since.
    fn note_merges(&mut self) -> Result<(), String> {
        let learnt = self.session.delivery.identities().merges_after(self.merges);
        self.merges += learnt.len();
        let noted = self.books.borrow().journal.write_merges(&learnt);
        noted.map_err(|error| messages::journal(&error))
    }
}

impl RowJob for Importing<'_> {
    const STATUSES: &'static [Status] = Status::OF_IMPORT;

    fn counts(&self) -> Arc<OutcomeCounts> {
        self.books.borrow().recorder.tally().counts()
    }
}

impl Command for Importing<'_> {
    fn looks(&self) -> bool {
        self.looks
    }

    fn first(&self, _link: &CanonicalLink) -> Task {
        if self.looks { Task::Look } else { Task::Create }
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        self.note_merges()?;
        let Decided { notes, ids, next } = self.policy.decide(looked);
        let noted = self.books.borrow_mut().journal.write_snapshots(&notes, ids);
        noted
            .map(|()| next)
            .map_err(|error| messages::journal(&error))
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.note_merges()?;
        let account = self.session.delivery.caller().account();
        self.books.borrow_mut().record(reports, account)?;
        stop_on_too_many_errors(reports, &mut self.tolerance, self.session.stop());
        Ok(())
    }
}
