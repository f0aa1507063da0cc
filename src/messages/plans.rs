//! Sentences about the files of a plan.

use std::path::Path;

use crate::{
    output::{number, path as shown},
    plan::PlanLogError,
};

/// Why an apply cannot read the log of its plan any more.
#[must_use]
pub fn plan_log(path: &Path, error: &PlanLogError) -> String {
    format!(
        "the log of the plan, {}, cannot be read: {}",
        shown(path),
        plan_log_fault(error)
    )
}

/// What is wrong with a log, as a part of a sentence.
#[must_use]
pub fn plan_log_fault(error: &PlanLogError) -> String {
    match error {
        PlanLogError::Io(error) => error.to_string(),
        PlanLogError::Damaged(line) => format!("line {} is damaged", number(*line)),
    }
}
