//! The plan that an import carries out, if it is an apply.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::planned_rows::{CheckedLog, PlannedLinks, PlannedRows};
use crate::{
    app::{apply_refusal::ApplyRefusal, error::AppError, session::run::Session},
    association::LabelReference,
    input::InputOptions,
    journal::{PlanReference, RecordedRun},
    plan::PlanDocument,
    stop::StopSwitch,
};

/// A plan that was checked and approved.
pub(crate) struct AppliedPlan {
    /// The path of its document, as it was typed.
    pub(crate) path: PathBuf,
    pub(crate) document: PlanDocument,
    pub(crate) log: CheckedLog,
    /// The command line that applies it.
    pub(crate) typed: Vec<OsString>,
}

impl AppliedPlan {
    /// How the run log names it.
    pub(super) fn reference(&self) -> PlanReference {
        PlanReference {
            document: self.path.clone(),
            digest: self.document.digest.clone(),
        }
    }

    /// Gives rows the records that were planned.
    pub(super) fn links<'a>(
        &'a self,
        planned: &'a PlannedRows,
        stop: &'a StopSwitch,
    ) -> PlannedLinks<'a> {
        let log = &self.log;
        PlannedLinks { log, planned, stop }
    }

    /// Refuses another server.
    pub(super) fn check_server(&self, target: &str) -> Result<(), ApplyRefusal> {
        let planned = &self.document.account.target;
        if planned == target {
            return Ok(());
        }
        Err(ApplyRefusal::OtherServer {
            planned: planned.clone(),
            given: target.to_owned(),
        })
    }

    /// Refuses another account.
    pub(super) fn check_account(&self, session: &Session<'_>) -> Result<(), AppError> {
        let account = session.delivery.caller().learn_account();
        let account = session.context.block_on(account).flatten();
        if let Some(reason) = session.stop().reason() {
            return Err(AppError::Stopped(reason));
        }
        match (self.document.account.id, account) {
            (Some(planned), Some(found)) if found.id.get() != planned => {
                let found = found.id;
                Err(ApplyRefusal::OtherAccount { planned, found }.into())
            }
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Refuses labels that have other types now.
    pub(super) fn check_labels(
        &self,
        options: &InputOptions,
        references: &[(LabelReference, u64)],
    ) -> Result<(), ApplyRefusal> {
        for (reference, _) in references {
            let labels = options.labels.as_ref();
            let now = labels.and_then(|labels| labels.find(reference).ok());
            let Some(now) = now.map(|definition| definition.association_type().to_string()) else {
                continue;
            };
            let mut planned = self.document.account.labels.iter();
            let planned = planned.find(|planned| {
                let of_plan = (&*planned.from, &*planned.to, &*planned.label);
                of_plan == (reference.from, reference.to, &*reference.label)
            });
            let then = planned.map(|planned| planned.association_type.clone());
            if then.as_ref() != Some(&now) {
                return Err(ApplyRefusal::OtherLabel {
                    label: reference.to_string(),
                    then: then.unwrap_or_default(),
                    now,
                });
            }
        }
        Ok(())
    }
}

/// Refuses to continue a run without its plan, or with another one.
pub(super) fn check_same_plan(
    past: Option<&RecordedRun>,
    results: &Path,
    plan: Option<&AppliedPlan>,
) -> Result<(), ApplyRefusal> {
    let Some(past) = past else {
        return Ok(());
    };
    let recorded = past.info().input.plan.as_ref();
    match (recorded, plan) {
        (None, None) => Ok(()),
        (Some(recorded), Some(plan)) if recorded.digest == plan.document.digest => Ok(()),
        (Some(recorded), None) => Err(ApplyRefusal::RunOfPlan(recorded.document.clone())),
        (Some(_) | None, Some(_)) => Err(ApplyRefusal::OtherRun(results.to_owned())),
    }
}
