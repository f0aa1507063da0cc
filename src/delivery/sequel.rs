//! How the rows of a trip end, and what has to be done yet for those that have
//! not: smaller parcels, or others.
//!
//! Sends nothing; that a trip ends is decided by `fate`.

use super::{
    look::{Look, Looked, none_if_left_out},
    parcel::{Origin, Parcel, Task},
    trip::Delivered,
};
use crate::{
    api::Part,
    code::Code,
    row::{Failure, Outcome},
};

/// So many rows of a call whose success turned out to be none are sent alone;
/// more of them together once more, for then it was the call that got lost.
const FEW: usize = 16;

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
    /// Nobody knows.
    Unsettled,
    /// In two halves, to find out which of them is to blame.
    Halves,
    /// Each of them otherwise.
    Parts(Vec<Part>),
}

impl Delivered {
    /// Ends a parcel; `origin` is what is known of it, and `look` what it found.
    pub(super) fn end(&mut self, parcel: Parcel, end: End, origin: &Origin, look: &Look) {
        let (is_look, rows) = (parcel.task() == Task::Look, parcel.len());
        match end {
            End::Done { http_status } => self.done(parcel, http_status),
            End::Failed(failure) => self.failed(parcel, failure),
            End::Told => self.told(parcel, origin, look),
            End::Unsettled => self.reports = parcel.report(None),
            End::Halves => self.rest = parcel.halves(origin),
            End::Parts(parts) => self.parts(parcel, origin, &parts),
        }
        if is_look {
            let left: usize = self.rest.iter().map(Parcel::len).sum();
            self.looked_at = rows - left;
        }
    }

    fn done(&mut self, parcel: Parcel, http_status: u16) {
        let removed = Outcome::Removed {
            http_status: Some(http_status),
        };
        match parcel.task() {
            Task::Create => {
                let outcome = Outcome::Succeeded { http_status };
                self.reports.extend(parcel.report(Some(&outcome)));
            }
            Task::PutBack => self.reports.extend(parcel.report(Some(&removed))),
            Task::Remove => {
                let goes_on = |order: &crate::association::Order| order.afterwards.is_some();
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
                    self.reports.extend(ended.report(Some(&removed)));
                }
                let goes_on = parts.next().map(|parcel| parcel.afterwards(Task::PutBack));
                self.rest
                    .extend(goes_on.filter(|parcel| !parcel.is_empty()));
            }
            // Answers to questions end otherwise.
            Task::Look | Task::Confirm { .. } => self.reports.extend(parcel.report(None)),
        }
    }

    fn failed(&mut self, parcel: Parcel, failure: Failure) {
        match parcel.task() {
            Task::Create | Task::Remove => {
                self.reports
                    .extend(parcel.report(Some(&Outcome::Failed(failure))));
            }
            Task::PutBack => {
                let message = format!(
                    "the link is removed, and what it had displaced could not be put back: {}",
                    failure.message
                );
                let code = Code::NotPutBack;
                let failure = Failure {
                    code,
                    message,
                    ..failure
                };
                self.reports
                    .extend(parcel.report(Some(&Outcome::Failed(failure))));
            }
            Task::Look => self
                .looked
                .extend(parcel.into_rows().map(|(row, order)| Looked {
                    row,
                    link: order.link,
                    found: Err(failure.clone()),
                })),
            // Whether it stands could not be found out.
            Task::Confirm { .. } => self.reports.extend(parcel.report(None)),
        }
    }

    fn told(&mut self, parcel: Parcel, origin: &Origin, look: &Look) {
        let Task::Confirm {
            http_status,
            rows,
            puts_back,
        } = parcel.task()
        else {
            let looked = parcel.into_rows().zip(&look.reading().links);
            self.looked
                .extend(looked.map(|((row, order), link)| Looked {
                    row,
                    link: *link,
                    found: look.found(link, order.other()),
                }));
            return;
        };
        // Not there, there, and not told.
        let kind = |link| match none_if_left_out(look.found(link, None)) {
            Ok(standing) => usize::from(standing.specs.contains(&link.definition.spec())),
            Err(_) => 2,
        };
        let numbers: Vec<_> = look.reading().links.iter().map(kind).collect();
        let task = if puts_back {
            Task::PutBack
        } else {
            Task::Create
        };
        let parcel = parcel.for_task(task);
        let mut parts = parcel.part(origin, numbers.into_iter()).into_iter();
        let mut part = || parts.next().filter(|parcel| !parcel.is_empty());
        let (lost, standing, unknown) = (part(), part(), part());
        if let Some(standing) = standing {
            self.done(standing, http_status);
        }
        if let Some(unknown) = unknown {
            self.reports.extend(unknown.report(None));
        }
        if let Some(lost) = lost {
            self.lost(lost, origin, (http_status, rows));
        }
    }

    /// HubSpot answered with success, and the links do not stand.
    fn lost(&mut self, parcel: Parcel, origin: &Origin, (http_status, rows): (u16, usize)) {
        let again_together = parcel.len() > FEW && !origin.lost_once;
        let mut again = if again_together {
            vec![parcel]
        } else if rows > 1 {
            let alone = 0..parcel.len();
            parcel.part(origin, alone)
        } else {
            let message = format!(
                "HubSpot answered {http_status} as if it were done, but the link is not there; \
                 send the row again, and report it to HubSpot if that goes on"
            );
            let failure = Failure {
                http_status: Some(http_status),
                ..Failure::new(Code::NotWritten, message)
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
        let (numbers, http_status) = numbers(parts);
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
            self.done(done, http_status);
        }
        match kind() {
            Some(others) if named.is_empty() => self.rest.extend(others.halves(origin)),
            others => self.rest.extend(others),
        }
        let confirm = Task::Confirm {
            http_status,
            rows,
            puts_back: task == Task::PutBack,
        };
        self.rest
            .extend(kind().map(|parcel| parcel.for_task(confirm)));
        self.rest.extend(named);
    }
}

/// Parcels that the rows of a call are sorted to: those that are done, those that
/// are not to blame, those that nothing tells of; after these each alone.
const KINDS: usize = 3;

/// Which parcel each row goes to, and the status of those that are not refused.
fn numbers(parts: &[Part]) -> (Vec<usize>, u16) {
    let (mut status, mut next_alone) = (0, KINDS);
    let number = |part: &Part| match part {
        Part::Done { http_status } => {
            status = *http_status;
            0
        }
        Part::Unnamed => 1,
        Part::Unconfirmed { http_status } => {
            status = *http_status;
            2
        }
        Part::Named => {
            next_alone += 1;
            next_alone - 1
        }
    };
    (parts.iter().map(number).collect(), status)
}
