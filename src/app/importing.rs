//! What an import does with its rows: some are looked at before they are sent,
//! and each is written down when it ends.

use std::cell::RefCell;

use super::looked::{Decided, Policy};
use crate::{
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
}

impl Command for Importing<'_> {
    fn looks(&self) -> bool {
        self.looks
    }

    fn first(&self, _link: &Association) -> Task {
        if self.looks { Task::Look } else { Task::Create }
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        let Decided { notes, next } = self.policy.decide(looked);
        let noted = self.journal.borrow_mut().note(&notes);
        noted.map(|()| next).map_err(|error| error.to_string())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        let account = self.delivery.account();
        let noted = self.journal.borrow_mut().note_account(account);
        noted.map_err(|error| error.to_string())?;
        let written = self.recorder.record(reports);
        written.map_err(|error| error.to_string())?;
        let too_bad = reports
            .iter()
            .filter_map(|report| self.tolerance.take(report));
        too_bad.for_each(|reason| self.stop.request(reason));
        Ok(())
    }
}
