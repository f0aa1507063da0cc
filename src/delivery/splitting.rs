//! Item results and batch splitting: how the rows of a batch end, and which smaller batches the
//! others go on in.
//!
//! Sends nothing. The caller decides when a batch ends.

use tokio::time::Instant;

use super::{
    batch::{RowBatch, RowReports, RowTask, SplitOrigin, UnconfirmedWrite, WriteKind},
    existing::{Existing, ExistingLookup, RowWithExisting, empty_if_left_out},
    identity::Identities,
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

/// If a successful write was not done for up to this many rows of a call, they are sent alone. If
/// there are more, the whole call probably got lost, and they are sent together once more.
const FEW: usize = 16;

/// What reading back found for a row. A row without such a result goes alone.
#[derive(Clone, Copy)]
enum ReadBackResult {
    /// It is not done.
    Lost,
    Done,
    /// A record has another id now.
    Merged,
}

impl ReadBackResult {
    const COUNT: usize = 3;
}

/// What a response says about a row. A row that is refused goes alone.
#[derive(Clone, Copy)]
enum ItemGroup {
    Done,
    /// It is not to blame.
    NotNamed,
    /// The response does not mention it.
    Unconfirmed,
}

impl ItemGroup {
    const COUNT: usize = 3;

    fn from_item(part: ItemResult) -> Option<Self> {
        match part {
            ItemResult::Done { .. } => Some(Self::Done),
            ItemResult::NotNamed => Some(Self::NotNamed),
            ItemResult::Unconfirmed { .. } => Some(Self::Unconfirmed),
            ItemResult::NamedAsCause => None,
        }
    }
}

/// What follows for a row whose link was removed.
#[derive(Clone, Copy)]
enum AfterRemoval {
    /// Nothing.
    Finished,
    /// What existed before is put back.
    Restore,
}

impl AfterRemoval {
    const COUNT: usize = 2;
}

/// The rows of a batch, sorted: one batch for each group, and one for each row without a group.
struct SortedBatches<const KINDS: usize> {
    by_group: [Option<RowBatch>; KINDS],
    single_rows: Vec<RowBatch>,
}

impl<const KINDS: usize> SortedBatches<KINDS> {
    /// Sorts by the group of each row.
    fn sort(
        batch: RowBatch,
        origin: &SplitOrigin,
        kinds: impl Iterator<Item = Option<usize>>,
    ) -> Self {
        let mut next_alone = KINDS;
        let mut alone = || {
            next_alone += 1;
            next_alone - 1
        };
        let numbers = kinds.map(|kind| kind.unwrap_or_else(&mut alone));
        let mut left = batch.partition(origin, numbers);
        let alone = left.split_off(KINDS.min(left.len()));
        let mut left = left.into_iter().map(Some);
        let of_kind = std::array::from_fn(|_| left.next().flatten());
        let of_kind = of_kind.map(|batch| batch.filter(|batch| !batch.is_empty()));
        Self {
            by_group: of_kind,
            single_rows: alone,
        }
    }
}

/// What a lookup found, together with the current ids of records.
#[derive(Clone, Copy)]
struct LookupView<'a> {
    lookup: &'a ExistingLookup,
    identities: &'a Identities,
}

impl LookupView<'_> {
    /// Whether a record of a link has another id now.
    fn is_merged(self, link: &CanonicalLink) -> bool {
        self.lookup.is_merged(link, self.identities)
    }

    /// What exists for a link, and for another link that was read with it.
    fn existing(
        self,
        link: &CanonicalLink,
        other: Option<&CanonicalLink>,
    ) -> Result<Existing, Failure> {
        self.lookup.existing(link, other, self.identities)
    }
}

/// The result of delivering a batch.
#[derive(Debug, Default)]
pub struct DeliveryResult {
    /// A report for each row that has ended.
    pub reports: RowReports,
    /// Rows with what exists for them.
    pub with_existing: Vec<RowWithExisting>,
    /// Rows whose records are now identified. Nothing else was done for them.
    pub identified: Vec<Row>,
    /// How many rows are no longer being looked up, with any result.
    pub finished_lookups: usize,
    /// The other rows, in batches that still have to be delivered.
    pub remaining: Vec<RowBatch>,
    /// Released by dropping it after the reports are recorded.
    pub permit: Option<Permit>,
}

/// How a batch ends.
#[derive(Debug)]
pub(super) enum BatchEnd {
    /// Everything was done.
    Done {
        /// The status of the response.
        http_status: HttpStatus,
    },
    /// All of it was refused, or the tries are used up.
    Failed(Failure),
    /// Everything that was asked for was answered.
    Answered,
    /// The records are identified, or known to be unknowable.
    Identified,
    /// Nobody knows.
    Unsettled,
    /// Send it in two halves, to find out which one is to blame.
    Split,
    /// Each row has its own result.
    PerRow(Vec<ItemResult>),
}

impl ReadBackResult {
    fn from_lookup(
        order: &WriteRequest,
        write: WriteKind,
        seen: LookupView<'_>,
    ) -> Result<Self, Failure> {
        let link = &order.link;
        if seen.is_merged(link) {
            return Ok(Self::Merged);
        }
        let removes = write == WriteKind::Remove;
        let found = seen.existing(link, None);
        let found = if removes {
            found
        } else {
            empty_if_left_out(found)
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

impl UnconfirmedWrite {
    /// The failure of a row if it could not be found out whether its write was done.
    fn not_confirmed(self, why: &Failure) -> Failure {
        let Self { http_status, .. } = self;
        let detail = LinkFault::NotConfirmed {
            http_status,
            is_made: self.kind.creates_link(),
            why: why.detail.clone(),
        };
        Failure {
            http_status: Some(http_status),
            ..Failure::new(Code::NotConfirmed, detail)
        }
    }
}

impl DeliveryResult {
    /// Ends a batch. `origin` says what happened to it, and `lookup` what it found.
    pub(super) fn apply(
        &mut self,
        batch: RowBatch,
        end: BatchEnd,
        origin: &SplitOrigin,
        lookup: Option<&ExistingLookup>,
        identities: &Identities,
    ) {
        let (is_look, rows) = (batch.task() == RowTask::ReadExisting, batch.len());
        match end {
            BatchEnd::Done { http_status } => self.finish_done(batch, http_status),
            BatchEnd::Failed(failure) => self.finish_failed(batch, failure),
            BatchEnd::Answered => match lookup {
                Some(lookup) => {
                    self.finish_answered(batch, origin, LookupView { lookup, identities })
                }
                // Only a batch that reads is answered, and it has a lookup.
                None => self.reports = batch.into_reports(None),
            },
            BatchEnd::Identified => {
                self.identified = batch.into_rows().map(|(row, _)| row).collect()
            }
            BatchEnd::Unsettled => self.reports = batch.into_reports(None),
            BatchEnd::Split => self.remaining = batch.into_halves(origin),
            BatchEnd::PerRow(parts) => self.split_by_item(batch, origin, &parts),
        }
        if is_look {
            let left: usize = self.remaining.iter().map(RowBatch::len).sum();
            self.finished_lookups = rows - left;
        }
    }

    /// All rows of a batch ended like this.
    fn report(&mut self, batch: RowBatch, outcome: Option<&Outcome>) {
        let reports = batch.into_reports(outcome);
        if self.reports.is_empty() {
            self.reports = reports;
        } else {
            self.reports.extend(reports);
        }
    }

    fn finish_done(&mut self, batch: RowBatch, http_status: HttpStatus) {
        let removed = Outcome::Removed {
            http_status: Some(http_status),
            unproven: None,
        };
        match batch.task() {
            RowTask::Create => {
                let outcome = Outcome::Succeeded { http_status };
                self.report(batch, Some(&outcome));
            }
            RowTask::Restore => self.report(batch, Some(&removed)),
            RowTask::Remove => {
                let kind = |order: &WriteRequest| match order.then {
                    None => Some(AfterRemoval::Finished as usize),
                    Some(_) => Some(AfterRemoval::Restore as usize),
                };
                let kinds: Vec<_> = batch.orders().iter().map(kind).collect();
                let mut sorted = SortedBatches::<{ AfterRemoval::COUNT }>::sort(
                    batch,
                    &SplitOrigin::default(),
                    kinds.into_iter(),
                );
                if let Some(over) = sorted.by_group[AfterRemoval::Finished as usize].take() {
                    self.report(over, Some(&removed));
                }
                let goes_on = sorted.by_group[AfterRemoval::Restore as usize].take();
                self.remaining
                    .extend(goes_on.map(|batch| batch.into_next_step(RowTask::Restore)));
            }
            // Such batches end in another way.
            RowTask::Identify | RowTask::ReadExisting | RowTask::Confirm(_) => {
                self.report(batch, None)
            }
        }
    }

    fn finish_failed(&mut self, batch: RowBatch, failure: Failure) {
        match batch.task() {
            RowTask::Create | RowTask::Remove => {
                self.report(batch, Some(&Outcome::Failed(failure.into())));
            }
            RowTask::Restore => {
                let failure = Failure {
                    code: Code::NotRestored,
                    ..failure.wrap_detail(LinkFault::NotRestored)
                };
                self.report(batch, Some(&Outcome::Failed(failure.into())));
            }
            RowTask::ReadExisting => {
                self.with_existing
                    .extend(batch.into_rows().map(|(row, order)| RowWithExisting {
                        row,
                        link: order.link,
                        existing: Err(failure.clone()),
                    }))
            }
            RowTask::Confirm(unconfirmed) => {
                let batch = batch.with_task(unconfirmed.kind.task());
                self.finish_failed(batch, unconfirmed.not_confirmed(&failure));
            }
            // Their records could not be identified.
            RowTask::Identify => self.report(batch, None),
        }
    }

    fn finish_answered(&mut self, batch: RowBatch, origin: &SplitOrigin, seen: LookupView<'_>) {
        let RowTask::Confirm(unconfirmed) = batch.task() else {
            return self.finish_lookup(batch, seen);
        };
        let mut doubts = Vec::new();
        let kind = |order: &WriteRequest| {
            let confirmed = ReadBackResult::from_lookup(order, unconfirmed.kind, seen);
            match confirmed {
                Ok(kind) => Some(kind as usize),
                Err(failure) => {
                    doubts.push(failure);
                    None
                }
            }
        };
        let kinds: Vec<_> = batch.orders().iter().map(kind).collect();
        let batch = batch.with_task(unconfirmed.kind.task());
        let sorted =
            SortedBatches::<{ ReadBackResult::COUNT }>::sort(batch, origin, kinds.into_iter());
        let SortedBatches {
            mut by_group,
            single_rows,
        } = sorted;
        if let Some(done) = by_group[ReadBackResult::Done as usize].take() {
            self.finish_done(done, unconfirmed.http_status);
        }
        for (batch, why) in single_rows.into_iter().zip(&doubts) {
            self.finish_failed(batch, unconfirmed.not_confirmed(why));
        }
        let merged = by_group[ReadBackResult::Merged as usize].take().into_iter();
        let merged = merged.flat_map(RowBatch::into_rows);
        self.identified.extend(merged.map(|(row, _)| row));
        if let Some(lost) = by_group[ReadBackResult::Lost as usize].take() {
            self.resend_lost(lost, origin, unconfirmed);
        }
    }

    /// Hands on the rows with what exists for them, except those whose records have other ids now.
    fn finish_lookup(&mut self, batch: RowBatch, seen: LookupView<'_>) {
        for (row, order) in batch.into_rows() {
            let link = order.link;
            let mut links = [Some(&link), order.then_link()].into_iter().flatten();
            if links.any(|link| seen.is_merged(link)) {
                self.identified.push(row);
            } else {
                let found = seen.existing(&link, order.then_link());
                self.with_existing.push(RowWithExisting {
                    row,
                    link,
                    existing: found,
                });
            }
        }
    }

    /// HubSpot answered with success, but the write is not done.
    fn resend_lost(
        &mut self,
        batch: RowBatch,
        origin: &SplitOrigin,
        unconfirmed: UnconfirmedWrite,
    ) {
        let UnconfirmedWrite {
            http_status,
            rows_in_call: rows,
            kind: write,
            pending_since,
        } = unconfirmed;
        if pending_since.is_some() {
            // It may still be done. The delivery knows how long to wait.
            let batch = batch.with_task(RowTask::Confirm(unconfirmed));
            return self.remaining.push(batch);
        }
        let again_together = batch.len() > FEW && !origin.write_lost_once;
        let mut again = if again_together {
            vec![batch]
        } else if rows > 1 {
            let alone = 0..batch.len();
            batch.partition(origin, alone)
        } else {
            let is_made = write.creates_link();
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
            self.finish_failed(batch, failure);
            Vec::new()
        };
        for origin in again.iter_mut().filter_map(RowBatch::origin_mut) {
            origin.write_lost_once = true;
        }
        self.remaining.extend(again);
    }

    /// Each row that is named as a cause goes alone and gets its own verdict. The others go
    /// together. If none is named, the batch is halved to find the cause.
    fn split_by_item(&mut self, batch: RowBatch, origin: &SplitOrigin, parts: &[ItemResult]) {
        let (task, rows) = (batch.task(), batch.len());
        let told = ItemsSummary::from_items(parts);
        let kinds = parts
            .iter()
            .map(|part| ItemGroup::from_item(*part).map(|kind| kind as usize));
        let sorted = SortedBatches::<{ ItemGroup::COUNT }>::sort(batch, origin, kinds);
        let SortedBatches {
            mut by_group,
            single_rows: mut named,
        } = sorted;
        let singled_out = rows > named.len();
        for origin in named.iter_mut().filter_map(RowBatch::origin_mut) {
            origin.singled_out = singled_out;
        }
        let mut take = |kind: ItemGroup| by_group[kind as usize].take();
        if let Some((done, http_status)) = take(ItemGroup::Done).zip(told.http_status) {
            self.finish_done(done, http_status);
        }
        match take(ItemGroup::NotNamed) {
            Some(others) if named.is_empty() => self.remaining.extend(others.into_halves(origin)),
            others => self.remaining.extend(others),
        }
        let unconfirmed = take(ItemGroup::Unconfirmed).zip(told.http_status);
        if let Some((unconfirmed, http_status)) = unconfirmed {
            let confirm = RowTask::Confirm(UnconfirmedWrite {
                http_status,
                rows_in_call: rows,
                kind: match task {
                    RowTask::Remove => WriteKind::Remove,
                    RowTask::Restore => WriteKind::Restore,
                    RowTask::Create
                    | RowTask::Identify
                    | RowTask::ReadExisting
                    | RowTask::Confirm(_) => WriteKind::Create,
                },
                pending_since: told.is_pending.then(Instant::now),
            });
            self.remaining.push(unconfirmed.with_task(confirm));
        }
        self.remaining.extend(named);
    }
}

/// What a response says about the rows that are not refused.
#[derive(Clone, Copy, Debug, Default)]
struct ItemsSummary {
    /// The status of the response.
    http_status: Option<HttpStatus>,
    /// Whether HubSpot is still working on some of them.
    is_pending: bool,
}

impl ItemsSummary {
    fn from_items(parts: &[ItemResult]) -> Self {
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
