//! How the rows of a trip end, and what has to be done yet for those that have
//! not: smaller parcels, or others.
//!
//! Sends nothing; that a trip ends is decided by the caller.

use tokio::time::Instant;

use super::{
    identity::Identities,
    look::{Look, Looked, none_if_left_out},
    parcel::{Origin, Parcel, Reports, Task, Unconfirmed, Write},
};
use crate::{
    api::Part,
    association::Order,
    caller::Slot,
    code::Code,
    failure::{Failure, LinkFault},
    row::{Outcome, Row},
};

/// So many rows of a call whose success turned out to be none are sent alone;
/// more of them together once more, for then it was the call that got lost.
const FEW: usize = 16;

/// What reading back has found of a row: which parcel it goes to.
#[derive(Clone, Copy)]
enum Confirmed {
    /// It is not done.
    Lost,
    Done,
    /// A record has another id today.
    Merged,
}

/// Parcels that rows which were read back are sorted to; after these each alone, of
/// which it could not be found out.
const CONFIRMED_KINDS: usize = 3;

/// What came of a parcel.
#[derive(Debug, Default)]
pub struct Delivered {
    /// A report for each row that has ended.
    pub reports: Reports,
    /// Rows that were looked at.
    pub looked: Vec<Looked>,
    /// Rows of which it is now known which ids their records have today; nothing else
    /// was done for them.
    pub identified: Vec<Row>,
    /// How many are no longer being looked at, whatever came of it.
    pub looked_at: usize,
    /// The other rows, in parcels that are to be delivered in their turn.
    pub rest: Vec<Parcel>,
    /// Given back by dropping it, after the reports are recorded.
    pub slot: Option<Slot>,
}

/// How the rows of a trip end.
#[derive(Debug)]
pub(super) enum End {
    /// What was asked for is done for all of them.
    Done {
        /// The status that said so.
        http_status: u16,
    },
    /// It was refused for all of them, or their tries are used up.
    Failed(Failure),
    /// All that was asked for is told.
    Told,
    /// It is known which records they are about, or known to be unknowable.
    Identified,
    /// Nobody knows.
    Unsettled,
    /// In two halves, to find out which of them is to blame.
    Halves,
    /// Each of them otherwise.
    Parts(Vec<Part>),
}

impl Confirmed {
    fn of(
        (order, write): (&Order, Write),
        (look, identities): (&Look, &Identities),
    ) -> Result<Self, Failure> {
        let link = &order.link;
        if look.is_merged(link, identities) {
            return Ok(Self::Merged);
        }
        let removes = write == Write::Remove;
        let found = look.found(link, None, identities);
        let found = if removes {
            found
        } else {
            none_if_left_out(found)
        };
        let standing = found?;
        let stands = standing.specs.contains(&link.definition().spec());
        let is_whole = order.beside.is_empty();
        let is_left = stands || removes && is_whole && !standing.specs.is_empty();
        Ok(if is_left == removes {
            Self::Lost
        } else {
            Self::Done
        })
    }
}

impl Unconfirmed {
    /// The end of a row of which it could not be found out whether it is done.
    fn not_confirmed(self, why: &Failure) -> Failure {
        let Self { http_status, .. } = self;
        let detail = LinkFault::NotConfirmed {
            http_status,
            is_made: self.write.makes(),
            why: why.detail.clone(),
        };
        Failure {
            http_status: Some(http_status),
            ..Failure::new(Code::NotConfirmed, detail)
        }
    }
}

impl Delivered {
    /// Ends a parcel; `origin` is what is known of it, and `look` what it found.
    pub(super) fn end(
        &mut self,
        parcel: Parcel,
        end: End,
        origin: &Origin,
        (look, identities): (Option<&Look>, &Identities),
    ) {
        let (is_look, rows) = (parcel.task() == Task::Look, parcel.len());
        match end {
            End::Done { http_status } => self.done(parcel, http_status),
            End::Failed(failure) => self.failed(parcel, failure),
            End::Told => match look {
                Some(look) => self.told(parcel, origin, (look, identities)),
                // Only questions are answered so, and each has a look.
                None => self.reports = parcel.report(None),
            },
            End::Identified => self.identified = parcel.into_rows().map(|(row, _)| row).collect(),
            End::Unsettled => self.reports = parcel.report(None),
            End::Halves => self.rest = parcel.halves(origin),
            End::Parts(parts) => self.parts(parcel, origin, &parts),
        }
        if is_look {
            let left: usize = self.rest.iter().map(Parcel::len).sum();
            self.looked_at = rows - left;
        }
    }

    /// All rows of a parcel have ended like this.
    fn report(&mut self, parcel: Parcel, outcome: Option<&Outcome>) {
        let reports = parcel.report(outcome);
        if self.reports.is_empty() {
            self.reports = reports;
        } else {
            self.reports.extend(reports);
        }
    }

    fn done(&mut self, parcel: Parcel, http_status: u16) {
        let removed = Outcome::Removed {
            http_status: Some(http_status),
            unproven: None,
        };
        match parcel.task() {
            Task::Create => {
                let outcome = Outcome::Succeeded { http_status };
                self.report(parcel, Some(&outcome));
            }
            Task::PutBack => self.report(parcel, Some(&removed)),
            Task::Remove => {
                let goes_on = |order: &Order| order.afterwards.is_some();
                let numbers: Vec<_> = parcel
                    .orders()
                    .iter()
                    .map(goes_on)
                    .map(usize::from)
                    .collect();
                let mut parts = parcel
                    .part(&Origin::default(), numbers.into_iter())
                    .into_iter();
                if let Some(ended) = parts.next() {
                    self.report(ended, Some(&removed));
                }
                let goes_on = parts.next().map(|parcel| parcel.afterwards(Task::PutBack));
                self.rest
                    .extend(goes_on.filter(|parcel| !parcel.is_empty()));
            }
            // Answers to questions end otherwise.
            Task::Identify | Task::Look | Task::Confirm(_) => self.report(parcel, None),
        }
    }

    fn failed(&mut self, parcel: Parcel, failure: Failure) {
        match parcel.task() {
            Task::Create | Task::Remove => {
                self.report(parcel, Some(&Outcome::Failed(failure.into())));
            }
            Task::PutBack => {
                let failure = Failure {
                    code: Code::NotPutBack,
                    ..failure.wrapped(LinkFault::NotPutBack)
                };
                self.report(parcel, Some(&Outcome::Failed(failure.into())));
            }
            Task::Look => self
                .looked
                .extend(parcel.into_rows().map(|(row, order)| Looked {
                    row,
                    link: order.link,
                    found: Err(failure.clone()),
                })),
            Task::Confirm(unconfirmed) => {
                let parcel = parcel.for_task(unconfirmed.write.task());
                self.failed(parcel, unconfirmed.not_confirmed(&failure));
            }
            // Which records they are about could not be found out.
            Task::Identify => self.report(parcel, None),
        }
    }

    fn told(&mut self, parcel: Parcel, origin: &Origin, (look, identities): (&Look, &Identities)) {
        let Task::Confirm(unconfirmed) = parcel.task() else {
            return self.looked(parcel, (look, identities));
        };
        let mut doubts = Vec::new();
        let number = |order: &Order| {
            let wanted = (order, unconfirmed.write);
            match Confirmed::of(wanted, (look, identities)) {
                Ok(kind) => kind as usize,
                Err(failure) => {
                    doubts.push(failure);
                    CONFIRMED_KINDS + doubts.len() - 1
                }
            }
        };
        let numbers: Vec<_> = parcel.orders().iter().map(number).collect();
        let parcel = parcel.for_task(unconfirmed.write.task());
        let mut parts = parcel.part(origin, numbers.into_iter()).into_iter();
        let mut part = || parts.next().filter(|parcel| !parcel.is_empty());
        let (lost, done, merged) = (part(), part(), part());
        if let Some(done) = done {
            self.done(done, unconfirmed.http_status);
        }
        for (parcel, why) in parts.zip(&doubts) {
            self.failed(parcel, unconfirmed.not_confirmed(why));
        }
        let merged = merged.into_iter().flat_map(Parcel::into_rows);
        self.identified.extend(merged.map(|(row, _)| row));
        if let Some(lost) = lost {
            self.lost(lost, origin, unconfirmed);
        }
    }

    /// Rows that were looked at, but for those whose records have other ids today.
    fn looked(&mut self, parcel: Parcel, (look, identities): (&Look, &Identities)) {
        for (row, order) in parcel.into_rows() {
            let link = order.link;
            let mut links = [Some(&link), order.other()].into_iter().flatten();
            if links.any(|link| look.is_merged(link, identities)) {
                self.identified.push(row);
            } else {
                let found = look.found(&link, order.other(), identities);
                self.looked.push(Looked { row, link, found });
            }
        }
    }

    /// HubSpot answered with success, and it is not done.
    fn lost(&mut self, parcel: Parcel, origin: &Origin, unconfirmed: Unconfirmed) {
        let Unconfirmed {
            http_status,
            rows,
            write,
            pending_since,
        } = unconfirmed;
        if pending_since.is_some() {
            // It may still come; who waits knows how long.
            let parcel = parcel.for_task(Task::Confirm(unconfirmed));
            return self.rest.push(parcel);
        }
        let again_together = parcel.len() > FEW && !origin.lost_once;
        let mut again = if again_together {
            vec![parcel]
        } else if rows > 1 {
            let alone = 0..parcel.len();
            parcel.part(origin, alone)
        } else {
            let is_made = write.makes();
            let code = if is_made {
                Code::NotWritten
            } else {
                Code::NotRemoved
            };
            let detail = LinkFault::NotDone {
                http_status,
                is_made,
            };
            let failure = Failure {
                http_status: Some(http_status),
                ..Failure::new(code, detail)
            };
            self.failed(parcel, failure);
            Vec::new()
        };
        for origin in again.iter_mut().filter_map(Parcel::origin_mut) {
            origin.lost_once = true;
        }
        self.rest.extend(again);
    }

    /// Rows that are named go each alone, for a verdict of its own, and the
    /// others together; where none is named, only halves tell more.
    fn parts(&mut self, parcel: Parcel, origin: &Origin, parts: &[Part]) {
        let (task, rows) = (parcel.task(), parcel.len());
        let (numbers, told) = numbers(parts);
        let mut left = parcel.part(origin, numbers.into_iter());
        left.resize_with(left.len().max(KINDS), || Parcel::of(task));
        let mut named = left.split_off(KINDS);
        let singled_out = rows > named.len();
        for origin in named.iter_mut().filter_map(Parcel::origin_mut) {
            origin.singled_out = singled_out;
        }
        let mut kinds = left
            .into_iter()
            .map(|parcel| (!parcel.is_empty()).then_some(parcel));
        let mut kind = || kinds.next().flatten();
        if let Some(done) = kind() {
            self.done(done, told.http_status);
        }
        match kind() {
            Some(others) if named.is_empty() => self.rest.extend(others.halves(origin)),
            others => self.rest.extend(others),
        }
        let confirm = Task::Confirm(Unconfirmed {
            http_status: told.http_status,
            rows,
            write: match task {
                Task::Remove => Write::Remove,
                Task::PutBack => Write::PutBack,
                Task::Create | Task::Identify | Task::Look | Task::Confirm(_) => Write::Create,
            },
            pending_since: told.is_pending.then(Instant::now),
        });
        self.rest
            .extend(kind().map(|parcel| parcel.for_task(confirm)));
        self.rest.extend(named);
    }
}

/// Parcels that the rows of a call are sorted to: those that are done, those that
/// are not to blame, those that nothing tells of; after these each alone.
const KINDS: usize = 3;

/// What an answer tells of the rows that are not refused.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    http_status: u16,
    /// Whether HubSpot is still at some of them.
    is_pending: bool,
}

/// Which parcel each row goes to.
fn numbers(parts: &[Part]) -> (Vec<usize>, Told) {
    let (mut told, mut next_alone) = (Told::default(), KINDS);
    let number = |part: &Part| match part {
        Part::Done { http_status } => {
            told.http_status = *http_status;
            0
        }
        Part::Unnamed => 1,
        Part::Unconfirmed {
            http_status,
            is_pending,
        } => {
            told.http_status = *http_status;
            told.is_pending |= is_pending;
            2
        }
        Part::Named => {
            next_alone += 1;
            next_alone - 1
        }
    };
    (parts.iter().map(number).collect(), told)
}
