//! An undo under way: which rows go when, and what is done with each.

use std::{borrow::Cow, sync::Arc};

use roaring::RoaringTreemap;

use super::{
    plan::Plan,
    taking_back::{self, Back},
};
use crate::{
    api::Api as _,
    app::{
        error::AppError,
        past::past_run::{PastRun, first_broken, read_once},
        session::{
            close::FinishedRows,
            run::{RowJob, Session},
            run_records::{RunRecords, stop_on_too_many_errors},
        },
    },
    association::{Association, CanonicalLink},
    delivery::{Looked, Task},
    failure::LinkFault,
    import::{Command, Next},
    input::Input,
    journal::{Journal, JournalError},
    messages,
    output::{OutcomeCounts, TotalRows},
    row::{Outcome, RowReport, Status},
    tolerance::Tolerance,
};

/// So many rows that are kept are recorded at once.
const AT_ONCE: usize = 1024;

/// The parts of an undo.
pub(super) struct Undoing<'a> {
    pub(super) run: &'a PastRun,
    pub(super) plan: &'a Plan,
    pub(super) session: &'a Session<'a>,
    pub(super) books: RunRecords,
    pub(super) tolerance: Tolerance,
    /// Rows that an earlier undo has done.
    pub(super) done: &'a RoaringTreemap,
    /// Whether the run's log says that it is undone.
    pub(super) is_noted: bool,
    pub(super) doubts: Doubts,
}

/// What an undo leaves.
pub(super) struct Left {
    pub(super) gone: FinishedRows,
    pub(super) journal: Journal,
    pub(super) doubts: Doubts,
}

/// Rows whose end does not tell all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubts {
    /// Those that were kept because nobody knows whether their link is there.
    pub(super) open: u64,
    /// Those that are removed by an answer that names no record.
    pub(super) unproven: u64,
}

impl Undoing<'_> {
    /// Rows whose link stands beside others of the same pair go first: what the
    /// run has made of the pair is gone then when the others are looked at.
    pub(super) fn go(mut self) -> Result<Left, AppError> {
        let mut sources = Vec::new();
        for rows in [&self.plan.beside, &self.plan.whole] {
            sources.extend(self.run.sources(&(rows - self.done))?);
        }
        let (rows, readers) = read_once(sources);
        let total = TotalRows::Exact(self.plan.rows());
        self.session.run(rows, total, &mut self)?;
        self.books.sync(self.session.stop());
        let RunRecords { journal, recorder } = self.books;
        let gone = FinishedRows {
            tally: recorder.finish(),
            broken_input: first_broken(readers),
        };
        Ok(Left {
            gone,
            journal,
            doubts: self.doubts,
        })
    }

    /// What a record gets back whose link is taken back.
    fn back(&self, link: &CanonicalLink) -> Option<Back<'_>> {
        let identities = self.session.delivery.identities();
        let before = self.plan.before(link, &identities.former_from_ids(link))?;
        let to = before.company;
        let link = link.to_association();
        let today = identities.resolve(&Association { to, ..link });
        let link = CanonicalLink::new(&today);
        Some(Back { before, link })
    }

    /// An answer that names no record does not tell whose link is gone: where it could
    /// not be found out under which id a record is known today, the row says so.
    fn with_doubts<'b>(&self, reports: &'b [RowReport]) -> Cow<'b, [RowReport]> {
        let mut reports = Cow::Borrowed(reports);
        if self.session.delivery.caller().api().names_records() {
            return reports;
        }
        for place in 0..reports.len() {
            let link = reports[place].row.link.as_ref().ok();
            let Some(doubt) = link.and_then(|link| self.session.delivery.identities().doubt(link))
            else {
                continue;
            };
            if let Some(Outcome::Removed { unproven, .. }) = &mut reports.to_mut()[place].outcome {
                *unproven = Some(Box::new(doubt.wrapped(LinkFault::Unproven)));
            }
        }
        reports
    }

    /// Written down before the first removal: the run is not to go on after it.
    fn note_undone(&mut self) -> Result<(), JournalError> {
        if !self.is_noted {
            self.run.locked.mark_undone(&self.run.recorded)?;
            self.is_noted = true;
        }
        Ok(())
    }

    /// The same where removals may go without a look, after which it could be noted: if
    /// there is something to take back, and the token is of the run's account.
    async fn note_undone_ahead(&mut self) -> Result<(), JournalError> {
        let is_left = !self.plan.rows_taken_back().is_subset(self.done);
        let goes_on = || !self.session.stop().is_requested();
        let caller = self.session.delivery.caller();
        if is_left && goes_on() && caller.learn_account().await.is_some() && goes_on() {
            self.note_undone()?;
        }
        Ok(())
    }

    /// Records the rows that are left as they are.
    fn keep(&mut self) -> Result<(), AppError> {
        let left = &(&self.plan.stood | &self.plan.unchecked) - self.done;
        let (mut row, mut reports) = (Input::empty_row(), Vec::new());
        for (mut input, mut left) in self.run.sources(&left)? {
            while input.next_row(&mut row)? {
                if left.remove(row.number)
                    && let Some(why) = self.plan.kept(row.number)
                {
                    reports.push(RowReport::unsent(row.clone(), Outcome::Kept(why.into())));
                }
                if reports.len() == AT_ONCE {
                    self.books.recorder.record(&reports)?;
                    reports.clear();
                }
            }
        }
        self.books.recorder.record(&reports)?;
        Ok(())
    }
}

fn is_unproven(report: &RowReport) -> bool {
    let outcome = report.outcome.as_ref();
    matches!(
        outcome,
        Some(Outcome::Removed {
            unproven: Some(_),
            ..
        })
    )
}

fn is_open(report: &RowReport) -> bool {
    report.outcome.as_ref().is_some_and(Outcome::is_left_open)
}

impl RowJob for &mut Undoing<'_> {
    const STATUSES: &'static [Status] = Status::OF_UNDO;

    fn counts(&self) -> Arc<OutcomeCounts> {
        self.books.recorder.tally().counts()
    }

    async fn before_first_row(&mut self) -> Result<(), AppError> {
        self.keep()?;
        if !self.run.dialect.replaces() {
            self.note_undone_ahead().await?;
        }
        Ok(())
    }
}

impl Command for &mut Undoing<'_> {
    fn looks(&self) -> bool {
        true
    }

    /// Where links have no others beside them, only what had been displaced has
    /// to be looked for.
    fn first(&self, link: &CanonicalLink) -> Task {
        if self.run.dialect.replaces() || link.exclusive_record().is_some() {
            Task::Look
        } else {
            Task::Remove
        }
    }

    /// Rows whose link stands beside others go first, as they came.
    fn order(&self, row: u64) -> (bool, u64) {
        (!self.plan.beside.contains(row), row)
    }

    /// What the run had made of a pair has to be gone before the rest is judged.
    fn lets_others_follow(&self, outcome: Option<&Outcome>) -> bool {
        outcome.is_some_and(|outcome| outcome.failure().is_none())
    }

    fn other(&self, link: &CanonicalLink) -> Option<CanonicalLink> {
        self.back(link).map(|back| back.link)
    }

    fn decide(&mut self, looked: Vec<Looked>) -> Result<Vec<Next>, String> {
        let decide = |looked: Looked| {
            let back = self.back(&looked.link);
            taking_back::decide(looked, back, self.plan)
        };
        let next: Vec<_> = looked.into_iter().map(decide).collect();
        let takes_back = |next: &Next| match next {
            Next::Write(..) => true,
            Next::Ended(report) => matches!(report.outcome, Some(Outcome::Removed { .. })),
        };
        if next.iter().any(takes_back) {
            self.note_undone()
                .map_err(|error| messages::journal(&error))?;
        }
        Ok(next)
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        let account = self.session.delivery.caller().account();
        let reports = &self.with_doubts(reports);
        self.books.record(reports, account)?;
        let count = |is: fn(&RowReport) -> bool| reports.iter().filter(|one| is(one)).count();
        self.doubts.open += count(is_open) as u64;
        self.doubts.unproven += count(is_unproven) as u64;
        stop_on_too_many_errors(reports, &mut self.tolerance, self.session.stop());
        Ok(())
    }
}
