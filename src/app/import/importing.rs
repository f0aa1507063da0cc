//! What an import does with its rows: some are looked at before they are sent,
//! and each is written down when it ends.

use std::cell::RefCell;

use super::looked::{Decided, Policy};
use crate::{
    app::session::books::{stop_if_too_bad, write_down},
    association::Association,
    delivery::{Delivery, Looked, Task},
    hubspot::HubSpot,
    import::{Command, Next},
    journal::{Journal, ResultsFile},
    output::Recorder,
    row::RowReport,
    stop::Stop,
    tolerance::Tolerance,
};

/// What an import does with its rows.
pub(super) struct Importing<'a> {
    pub(super) delivery: &'a Delivery<HubSpot>,
    pub(super) stop: &'a Stop,
    pub(super) journal: &'a RefCell<Journal>,
    pub(super) recorder: &'a mut Recorder<ResultsFile>,
    pub(super) tolerance: Tolerance,
    pub(super) looks: bool,
    pub(super) policy: Policy,
    /// So many merged records are written down.
    pub(super) merges: usize,
}

impl Importing<'_> {
    /// Writes down records that were learnt to be merged since.
    fn note_merges(&mut self) -> Result<(), String> {
        let learnt = self.delivery.identities().merges_after(self.merges);
        self.merges += learnt.len();
        let noted = self.journal.borrow().note_merges(&learnt);
        noted.map_err(|error| error.to_string())
    }
}

impl Command for Importing<'_> {
    fn looks(&self) -> bool {
        self.looks
    }

    fn first(&self, _link: &Association) -> Task {
        if self.looks { Task::Look } else { Task::Create }
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        self.note_merges()?;
        let Decided { notes, ids, next } = self.policy.decide(looked);
        let noted = self.journal.borrow_mut().note(&notes, ids);
        noted.map(|()| next).map_err(|error| error.to_string())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.note_merges()?;
        let account = self.delivery.caller().account();
        let journal = &mut *self.journal.borrow_mut();
        write_down(reports, account, (journal, self.recorder))?;
        stop_if_too_bad(reports, &mut self.tolerance, self.stop);
        Ok(())
    }
}
