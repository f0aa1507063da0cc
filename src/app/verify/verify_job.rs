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
    pipeline::{NextStep, RowCommand},
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

impl RowCommand for VerifyJob<'_> {
    fn reads_existing(&self) -> bool {
        true
    }

    fn first_task(&self, _link: &CanonicalLink) -> RowTask {
        RowTask::ReadExisting
    }

    fn decide(&mut self, looked: Vec<RowWithExisting>) -> Result<Vec<NextStep>, String> {
        let ended = |looked: RowWithExisting| {
            let outcome = outcome(&looked);
            if can_be_resent(&looked, &outcome) {
                self.missing.insert(looked.row.number);
            }
            NextStep::Ended(RowReport::without_write(looked.row, outcome))
        };
        Ok(looked.into_iter().map(ended).collect())
    }

    fn record(&mut self, reports: &[RowReport]) -> Result<(), String> {
        self.recorder
            .record(reports)
            .map_err(|error| messages::results(&error))
    }
}

fn outcome(looked: &RowWithExisting) -> Outcome {
    match &looked.existing {
        Err(failure) => Outcome::Unreadable(Box::new(Failure {
            // The code says which read failed.
            code: if failure.code == Code::RecordNotRead {
                failure.code
            } else {
                Code::NotRead
            },
            ..failure.clone()
        })),
        Ok(_) if looked.link_exists() => Outcome::Present,
        Ok(standing) => Outcome::Missing(link_not_found(&looked.link, standing).into()),
    }
}

/// Whether sending it again does no harm.
fn can_be_resent(looked: &RowWithExisting, outcome: &Outcome) -> bool {
    let displaces = |standing: &Existing| standing.primary.is_some();
    let is_missing = matches!(outcome, Outcome::Missing(_));
    is_missing && !looked.existing.as_ref().is_ok_and(displaces)
}

/// Says what exists instead.
fn link_not_found(link: &CanonicalLink, standing: &Existing) -> Failure {
    let instead = match &standing.primary {
        Some((company, _)) if link.definition().sets_primary() => FoundInstead::Primary(*company),
        Some((parent, _)) => FoundInstead::Parent(*parent),
        None if standing.association_types.is_empty() => FoundInstead::Nothing,
        None => FoundInstead::OtherTypes,
    };
    let fault = LinkFault::LinkNotFound(link.to_association(), instead);
    Failure::new(Code::LinkNotFound, fault)
}
