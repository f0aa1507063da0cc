//! How the rows of a trip end, and what has to be done yet for those that have
//! not: smaller parcels, or others.
//!
//! Sends nothing; that a trip ends is decided by the caller.

use tokio::time::Instant;

use super::{
    identity::Identities,
    look::{Look, Looked, Standing, none_if_left_out},
    parcel::{Origin, Parcel, Reports, Task, Unconfirmed, Write},
};
use crate::{
    api::ItemResult,
    association::{CanonicalLink, WriteRequest},
    caller::Permit,
    code::Code,
    failure::{Failure, LinkFault},
    http_status::HttpStatus,
    row::{Outcome, Row},
};

/// So many rows of a call whose success turned out to be none are sent alone;
/// more of them together once more, for then it was the call that got lost.
const FEW: usize = 16;

/// What reading back has found of a row. One of which it could not be found out goes
/// alone.
#[derive(Clone, Copy)]
enum Confirmed {
    /// It is not done.
    Lost,
    Done,
    /// A record has another id today.
    Merged,
}

impl Confirmed {
    const COUNT: usize = 3;
}

/// What an answer tells of a row. One that is refused goes alone.
#[derive(Clone, Copy)]
enum Answered {
    Done,
    /// It is not to blame.
    Unnamed,
    /// Nothing tells of it.
    Unconfirmed,
}

impl Answered {
    const COUNT: usize = 3;

    fn of(part: ItemResult) -> Option<Self> {
        match part {
            ItemResult::Done { .. } => Some(Self::Done),
            ItemResult::NotNamed => Some(Self::Unnamed),
            ItemResult::Unconfirmed { .. } => Some(Self::Unconfirmed),
            ItemResult::NamedAsCause => None,
        }
    }
}

/// What follows for a row whose link is gone.
#[derive(Clone, Copy)]
enum Gone {
    /// Nothing.
    Over,
    /// What stood before is put back.
    GoesOn,
}

impl Gone {
    const COUNT: usize = 2;
}

/// The rows of a parcel, sorted: those of each kind together, by the number of the
/// kind, and each of the others alone.
struct Sorted<const KINDS: usize> {
    of_kind: [Option<Parcel>; KINDS],
    alone: Vec<Parcel>,
}

impl<const KINDS: usize> Sorted<KINDS> {
    /// By the kind of each row; one that has none goes alone.
    fn of(parcel: Parcel, origin: &Origin, kinds: impl Iterator<Item = Option<usize>>) -> Self {
        let mut next_alone = KINDS;
        let mut alone = || {
            next_alone += 1;
            next_alone - 1
        };
        let numbers = kinds.map(|kind| kind.unwrap_or_else(&mut alone));
        let mut left = parcel.part(origin, numbers);
        let alone = left.split_off(KINDS.min(left.len()));
        let mut left = left.into_iter().map(Some);
        let of_kind = std::array::from_fn(|_| left.next().flatten());
        let of_kind = of_kind.map(|parcel| parcel.filter(|parcel| !parcel.is_empty()));
        Self { of_kind, alone }
    }
}

/// What a look has found, as far as it is known which records there are today.
#[derive(Clone, Copy)]
struct Seen<'a> {
    look: &'a Look,
    identities: &'a Identities,
}

impl Seen<'_> {
    /// Whether a record of a link has another id today.
    fn is_merged(self, link: &CanonicalLink) -> bool {
        self.look.is_merged(link, self.identities)
    }

    /// What was found of a link, and of another that was asked for with it.
    fn found(
        self,
        link: &CanonicalLink,
        other: Option<&CanonicalLink>,
    ) -> Result<Standing, Failure> {
        self.look.found(link, other, self.identities)
    }
}

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
    pub slot: Option<Permit>,
}

/// How the rows of a trip end.
#[derive(Debug)]
pub(super) enum End {
    /// What was asked for is done for all of them.
    Done {
        /// The status that said so.
        http_status: HttpStatus,
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
    Parts(Vec<ItemResult>),
}

impl Confirmed {
    fn of(order: &WriteRequest, write: Write, seen: Seen<'_>) -> Result<Self, Failure> {
        let link = &order.link;
        if seen.is_merged(link) {
            return Ok(Self::Merged);
        }
        let removes = write == Write::Remove;
        let found = seen.found(link, None);
        let found = if removes {
            found
        } else {
            none_if_left_out(found)
        };
        let standing = found?;
        let stands = standing
            .association_types
            .contains(&link.definition().association_type());
        let is_whole = order.other_types.is_empty();
        let is_left = stands || removes && is_whole && !standing.association_types.is_empty();
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
        look: Option<&Look>,
        identities: &Identities,
    ) {
        let (is_look, rows) = (parcel.task() == Task::Look, parcel.len());
        match end {
            End::Done { http_status } => self.done(parcel, http_status),
            End::Failed(failure) => self.failed(parcel, failure),
            End::Told => match look {
                Some(look) => self.told(parcel, origin, Seen { look, identities }),
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

    fn done(&mut self, parcel: Parcel, http_status: HttpStatus) {
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
                let kind = |order: &WriteRequest| match order.then {
                    None => Some(Gone::Over as usize),
                    Some(_) => Some(Gone::GoesOn as usize),
                };
                let kinds: Vec<_> = parcel.orders().iter().map(kind).collect();
                let mut sorted =
                    Sorted::<{ Gone::COUNT }>::of(parcel, &Origin::default(), kinds.into_iter());
                if let Some(over) = sorted.of_kind[Gone::Over as usize].take() {
                    self.report(over, Some(&removed));
                }
                let goes_on = sorted.of_kind[Gone::GoesOn as usize].take();
                self.rest
                    .extend(goes_on.map(|parcel| parcel.afterwards(Task::PutBack)));
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
                    code: Code::NotRestored,
                    ..failure.wrapped(LinkFault::NotRestored)
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

    fn told(&mut self, parcel: Parcel, origin: &Origin, seen: Seen<'_>) {
        let Task::Confirm(unconfirmed) = parcel.task() else {
            return self.looked(parcel, seen);
        };
        let mut doubts = Vec::new();
        let kind = |order: &WriteRequest| {
            let confirmed = Confirmed::of(order, unconfirmed.write, seen);
            match confirmed {
                Ok(kind) => Some(kind as usize),
                Err(failure) => {
                    doubts.push(failure);
                    None
                }
            }
        };
        let kinds: Vec<_> = parcel.orders().iter().map(kind).collect();
        let parcel = parcel.for_task(unconfirmed.write.task());
        let sorted = Sorted::<{ Confirmed::COUNT }>::of(parcel, origin, kinds.into_iter());
        let Sorted { mut of_kind, alone } = sorted;
        if let Some(done) = of_kind[Confirmed::Done as usize].take() {
            self.done(done, unconfirmed.http_status);
        }
        for (parcel, why) in alone.into_iter().zip(&doubts) {
            self.failed(parcel, unconfirmed.not_confirmed(why));
        }
        let merged = of_kind[Confirmed::Merged as usize].take().into_iter();
        let merged = merged.flat_map(Parcel::into_rows);
        self.identified.extend(merged.map(|(row, _)| row));
        if let Some(lost) = of_kind[Confirmed::Lost as usize].take() {
            self.lost(lost, origin, unconfirmed);
        }
    }

    /// Rows that were looked at, but for those whose records have other ids today.
    fn looked(&mut self, parcel: Parcel, seen: Seen<'_>) {
        for (row, order) in parcel.into_rows() {
            let link = order.link;
            let mut links = [Some(&link), order.then_link()].into_iter().flatten();
            if links.any(|link| seen.is_merged(link)) {
                self.identified.push(row);
            } else {
                let found = seen.found(&link, order.then_link());
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
    fn parts(&mut self, parcel: Parcel, origin: &Origin, parts: &[ItemResult]) {
        let (task, rows) = (parcel.task(), parcel.len());
        let told = Told::of(parts);
        let kinds = parts
            .iter()
            .map(|part| Answered::of(*part).map(|kind| kind as usize));
        let sorted = Sorted::<{ Answered::COUNT }>::of(parcel, origin, kinds);
        let Sorted {
            mut of_kind,
            alone: mut named,
        } = sorted;
        let singled_out = rows > named.len();
        for origin in named.iter_mut().filter_map(Parcel::origin_mut) {
            origin.singled_out = singled_out;
        }
        let mut of_kind = |kind: Answered| of_kind[kind as usize].take();
        if let Some((done, http_status)) = of_kind(Answered::Done).zip(told.http_status) {
            self.done(done, http_status);
        }
        match of_kind(Answered::Unnamed) {
            Some(others) if named.is_empty() => self.rest.extend(others.halves(origin)),
            others => self.rest.extend(others),
        }
        let unconfirmed = of_kind(Answered::Unconfirmed).zip(told.http_status);
        if let Some((unconfirmed, http_status)) = unconfirmed {
            let confirm = Task::Confirm(Unconfirmed {
                http_status,
                rows,
                write: match task {
                    Task::Remove => Write::Remove,
                    Task::PutBack => Write::PutBack,
                    Task::Create | Task::Identify | Task::Look | Task::Confirm(_) => Write::Create,
                },
                pending_since: told.is_pending.then(Instant::now),
            });
            self.rest.push(unconfirmed.for_task(confirm));
        }
        self.rest.extend(named);
    }
}

/// What an answer tells of the rows that are not refused.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    /// The status that said so.
    http_status: Option<HttpStatus>,
    /// Whether HubSpot is still at some of them.
    is_pending: bool,
}

impl Told {
    fn of(parts: &[ItemResult]) -> Self {
        let mut told = Self::default();
        for part in parts {
            match part {
                ItemResult::Done { http_status } => told.http_status = Some(*http_status),
                ItemResult::Unconfirmed {
                    http_status,
                    is_pending,
                } => {
                    told.http_status = Some(*http_status);
                    told.is_pending |= is_pending;
                }
                ItemResult::NotNamed | ItemResult::NamedAsCause => {}
            }
        }
        told
    }
}
