//! What a verification does with its rows: each link is read, and the report says what exists.

use std::{fs::File, sync::Arc};

use roaring::RoaringTreemap;

use crate::{
    app::session::run::RowJob,
    association::CanonicalLink,
    code::Code,
    delivery::{Existing, RowTask, RowWithExisting},
    failure::{Failure, FoundInstead, LinkFault},
    messages,
    output::{OutcomeCounts, Recorder},
    pipeline::{NextStep, RowStrategy},
    row::{Outcome, RowReport, Status},
};

/// The row job of a verification.
pub(super) struct VerifyJob<'a> {
    pub(super) recorder: &'a mut Recorder<File>,
    /// Rows whose link is missing, and whose record has no other primary company or parent that
    /// resending would displace.
    pub(super) missing: &'a mut RoaringTreemap,
}

impl RowJob for VerifyJob<'_> {
    const STATUSES: &'static [Status] = Status::OF_VERIFY;

    fn counts(&self) -> Arc<OutcomeCounts> {
        self.recorder.tally().counts()
    }
}

impl RowStrategy for VerifyJob<'_> {
    fn reads_existing(&self) -> bool {
        true
    }

    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        RowTask::ReadExisting
    }

    fn decide(&mut self, read_rows: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        let ended = |read_row: RowWithExisting| {
            let outcome = outcome(&read_row);
            if can_be_resent(&read_row, &outcome) {
                self.missing.insert(read_row.row.number);
            }
            NextStep::Ended(RowReport::without_write(read_row.row, outcome))
        };
        Ok(read_rows.into_iter().map(ended).collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.recorder
            .record(reports)
            .map_err(|error| messages::results(&error))
    }
}

fn outcome(read_row: &RowWithExisting) -> Outcome {
    match &read_row.existing {
        Err(failure) => Outcome::Unreadable(Box::new(Failure {
            // The code says which read failed.
            code: if failure.code == Code::RecordNotRead {
                failure.code
            } else {
                Code::NotRead
            },
            ..failure.clone()
        })),
        Ok(_) if read_row.link_exists() => Outcome::Present,
        Ok(existing) => Outcome::Missing(link_not_found(&read_row.link, existing).into()),
    }
}

/// Whether sending it again does no harm.
fn can_be_resent(read_row: &RowWithExisting, outcome: &Outcome) -> bool {
    let displaces = |existing: &Existing| existing.primary.is_some();
    let is_missing = matches!(outcome, Outcome::Missing(_));
    is_missing && !read_row.existing.as_ref().is_ok_and(displaces)
}

/// Says what exists instead.
fn link_not_found(link: &CanonicalLink, existing: &Existing) -> Failure {
    let instead = match &existing.primary {
        Some((company, _)) if link.definition().sets_primary() => FoundInstead::Primary(*company),
        Some((parent, _)) => FoundInstead::Parent(*parent),
        None if existing.association_types.is_empty() => FoundInstead::Nothing,
        None => FoundInstead::OtherTypes,
    };
    let fault = LinkFault::LinkNotFound(link.to_association(), instead);
    Failure::new(Code::LinkNotFound, fault)
}
