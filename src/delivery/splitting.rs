//! Item results and batch splitting: how the rows of a batch end, and which smaller batches the
//! others go on in.
//!
//! Sends nothing. The caller decides when a batch ends.

use tokio::time::Instant;

use super::{
    batch::{DeliveryHistory, RowBatch, RowReports, RowTask, UnconfirmedWrite, WriteKind},
    existing::{Existing, ExistingLookup, RowWithExisting, empty_if_left_out},
    identity::Identities,
    sorted_batches::SortedBatches,
};
use crate::{
    api::ItemResult,
    association::{CanonicalLink, LinkRequest},
    caller::Permit,
    code::Code,
    failure::{Failure, LinkFault},
    http_status::HttpStatus,
    row::{Outcome, Row},
};

/// If a successful write was not done for up to this many rows of a call, they are sent alone. If
/// there are more, the whole call probably got lost, and they are sent together once more.
const MAX_SENT_ALONE: usize = 16;

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

    fn from_item(item: ItemResult) -> Option<Self> {
        match item {
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
    /// Rows that have to be ordered again: their records were identified, or turned out to be
    /// merged. A write for the latter may already have been sent.
    pub to_reorder: Vec<Row>,
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
    /// Without an outcome: the run stops, or something other than HubSpot answered. The rows get no
    /// line, and a resume sends them again.
    Unsettled,
    /// Send it in two halves, to find out which one is to blame.
    Split,
    /// Each row has its own result.
    PerRow(Vec<ItemResult>),
}

impl ReadBackResult {
    fn from_lookup(
        request: &LinkRequest,
        write_kind: WriteKind,
        view: LookupView<'_>,
    ) -> Result<Self, Failure> {
        let link = &request.link;
        if view.is_merged(link) {
            return Ok(Self::Merged);
        }
        let removes = write_kind == WriteKind::Remove;
        let found = view.existing(link, None);
        let found = if removes {
            found
        } else {
            empty_if_left_out(found)
        };
        let existing = found?;
        let exists = existing
            .association_types
            .contains(&link.definition().association_type());
        let removes_all_types = request.other_types.is_empty();
        let still_exists =
            exists || removes && removes_all_types && !existing.association_types.is_empty();
        Ok(if still_exists == removes {
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
            is_creation: self.kind.creates_link(),
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
        origin: &DeliveryHistory,
        lookup: Option<&ExistingLookup>,
        identities: &Identities,
    ) {
        let (is_lookup, rows) = (batch.task() == RowTask::ReadExisting, batch.len());
        match end {
            BatchEnd::Done { http_status } => self.finish_done(batch, http_status),
            BatchEnd::Failed(failure) => self.finish_failed(batch, failure),
            BatchEnd::Answered => match lookup {
                Some(lookup) => {
                    self.finish_answered(batch, origin, LookupView { lookup, identities });
                }
                // Only a batch that reads is answered, and it has a lookup.
                None => self.reports = batch.into_reports(None),
            },
            BatchEnd::Identified => {
                self.to_reorder = batch.into_rows().map(|(row, _)| row).collect();
            }
            BatchEnd::Unsettled => self.reports = batch.into_reports(None),
            BatchEnd::Split => self.remaining = batch.into_halves(origin),
            BatchEnd::PerRow(items) => self.split_by_item(batch, origin, &items),
        }
        if is_lookup {
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
            RowTask::RestoreDisplaced => self.report(batch, Some(&removed)),
            RowTask::Remove => {
                let kind = |request: &LinkRequest| match request.then {
                    None => Some(AfterRemoval::Finished as usize),
                    Some(_) => Some(AfterRemoval::Restore as usize),
                };
                let groups: Vec<_> = batch.requests().iter().map(kind).collect();
                let mut sorted = SortedBatches::<{ AfterRemoval::COUNT }>::sort(
                    batch,
                    &DeliveryHistory::default(),
                    groups.into_iter(),
                );
                if let Some(finished) = sorted.by_group[AfterRemoval::Finished as usize].take() {
                    self.report(finished, Some(&removed));
                }
                let to_restore = sorted.by_group[AfterRemoval::Restore as usize].take();
                self.remaining.extend(
                    to_restore.map(|batch| batch.into_next_step(RowTask::RestoreDisplaced)),
                );
            }
            // Such batches end in another way.
            RowTask::Identify | RowTask::ReadExisting | RowTask::ReadBack(_) => {
                self.report(batch, None);
            }
        }
    }

    fn finish_failed(&mut self, batch: RowBatch, failure: Failure) {
        match batch.task() {
            RowTask::Create | RowTask::Remove => {
                self.report(batch, Some(&Outcome::Failed(failure.into())));
            }
            RowTask::RestoreDisplaced => {
                let failure = Failure {
                    code: Code::NotRestored,
                    ..failure.wrap_detail(LinkFault::NotRestored)
                };
                self.report(batch, Some(&Outcome::Failed(failure.into())));
            }
            RowTask::ReadExisting => {
                self.with_existing
                    .extend(batch.into_rows().map(|(row, request)| RowWithExisting {
                        row,
                        link: request.link,
                        existing: Err(failure.clone()),
                    }));
            }
            RowTask::ReadBack(unconfirmed) => {
                let batch = batch.with_task(unconfirmed.kind.task());
                self.finish_failed(batch, unconfirmed.not_confirmed(&failure));
            }
            // Their records could not be identified.
            RowTask::Identify => self.report(batch, None),
        }
    }

    fn finish_answered(&mut self, batch: RowBatch, origin: &DeliveryHistory, view: LookupView<'_>) {
        let RowTask::ReadBack(unconfirmed) = batch.task() else {
            return self.finish_lookup(batch, view);
        };
        let mut failures = Vec::new();
        let kind = |request: &LinkRequest| {
            let result = ReadBackResult::from_lookup(request, unconfirmed.kind, view);
            match result {
                Ok(kind) => Some(kind as usize),
                Err(failure) => {
                    failures.push(failure);
                    None
                }
            }
        };
        let groups: Vec<_> = batch.requests().iter().map(kind).collect();
        let batch = batch.with_task(unconfirmed.kind.task());
        let sorted =
            SortedBatches::<{ ReadBackResult::COUNT }>::sort(batch, origin, groups.into_iter());
        let SortedBatches {
            mut by_group,
            single_rows,
        } = sorted;
        if let Some(done) = by_group[ReadBackResult::Done as usize].take() {
            self.finish_done(done, unconfirmed.http_status);
        }
        for (batch, why) in single_rows.into_iter().zip(&failures) {
            self.finish_failed(batch, unconfirmed.not_confirmed(why));
        }
        let merged = by_group[ReadBackResult::Merged as usize].take().into_iter();
        let merged = merged.flat_map(RowBatch::into_rows);
        self.to_reorder.extend(merged.map(|(row, _)| row));
        if let Some(lost) = by_group[ReadBackResult::Lost as usize].take() {
            self.resend_lost(lost, origin, unconfirmed);
        }
    }

    /// Hands on the rows with what exists for them, except those whose records have other ids now.
    fn finish_lookup(&mut self, batch: RowBatch, view: LookupView<'_>) {
        for (row, request) in batch.into_rows() {
            let link = request.link;
            let mut links = [Some(&link), request.then_link()].into_iter().flatten();
            if links.any(|link| view.is_merged(link)) {
                self.to_reorder.push(row);
            } else {
                let found = view.existing(&link, request.then_link());
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
        origin: &DeliveryHistory,
        unconfirmed: UnconfirmedWrite,
    ) {
        let UnconfirmedWrite {
            http_status,
            rows_in_call: rows,
            kind: write_kind,
            pending_since,
        } = unconfirmed;
        if pending_since.is_some() {
            // It may still be done. The delivery knows how long to wait.
            let batch = batch.with_task(RowTask::ReadBack(unconfirmed));
            return self.remaining.push(batch);
        }
        let resend_together = batch.len() > MAX_SENT_ALONE && !origin.write_lost_once;
        let mut batches = if resend_together {
            vec![batch]
        } else if rows > 1 {
            let alone = 0..batch.len();
            batch.partition(origin, alone)
        } else {
            let is_creation = write_kind.creates_link();
            let code = if is_creation {
                Code::NotWritten
            } else {
                Code::NotRemoved
            };
            let detail = LinkFault::NotDone {
                http_status,
                is_creation,
            };
            let failure = Failure {
                http_status: Some(http_status),
                ..Failure::new(code, detail)
            };
            self.finish_failed(batch, failure);
            Vec::new()
        };
        for origin in batches.iter_mut().filter_map(RowBatch::origin_mut) {
            origin.write_lost_once = true;
        }
        self.remaining.extend(batches);
    }

    /// Each row that is named as a cause goes alone and gets its own verdict. The others go
    /// together. If none is named, the batch is halved to find the cause.
    fn split_by_item(&mut self, batch: RowBatch, origin: &DeliveryHistory, items: &[ItemResult]) {
        let (task, rows) = (batch.task(), batch.len());
        let summary = ItemsSummary::from_items(items);
        let groups = items
            .iter()
            .map(|item| ItemGroup::from_item(*item).map(|kind| kind as usize));
        let sorted = SortedBatches::<{ ItemGroup::COUNT }>::sort(batch, origin, groups);
        let SortedBatches {
            mut by_group,
            single_rows: mut named,
        } = sorted;
        let singled_out = rows > named.len();
        for origin in named.iter_mut().filter_map(RowBatch::origin_mut) {
            origin.singled_out = singled_out;
        }
        let mut take = |kind: ItemGroup| by_group[kind as usize].take();
        if let Some((done, http_status)) = take(ItemGroup::Done).zip(summary.http_status) {
            self.finish_done(done, http_status);
        }
        match take(ItemGroup::NotNamed) {
            Some(others) if named.is_empty() => self.remaining.extend(others.into_halves(origin)),
            others => self.remaining.extend(others),
        }
        let unconfirmed = take(ItemGroup::Unconfirmed).zip(summary.http_status);
        if let Some((unconfirmed, http_status)) = unconfirmed {
            let confirm = RowTask::ReadBack(UnconfirmedWrite {
                http_status,
                rows_in_call: rows,
                kind: match task {
                    RowTask::Remove => WriteKind::Remove,
                    RowTask::RestoreDisplaced => WriteKind::RestoreDisplaced,
                    RowTask::Create
                    | RowTask::Identify
                    | RowTask::ReadExisting
                    | RowTask::ReadBack(_) => WriteKind::Create,
                },
                pending_since: summary.is_pending.then(Instant::now),
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
    fn from_items(items: &[ItemResult]) -> Self {
        let mut summary = Self::default();
        for item in items {
            match item {
                ItemResult::Done { http_status } => summary.http_status = Some(*http_status),
                ItemResult::Unconfirmed {
                    http_status,
                    is_pending,
                } => {
                    summary.http_status = Some(*http_status);
                    summary.is_pending |= is_pending;
                }
                ItemResult::NotNamed | ItemResult::NamedAsCause => {}
            }
        }
        summary
    }
}
