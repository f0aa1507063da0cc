//! What was planned, as a program reads it.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::plan_files::PlanPaths;
use crate::{
    app::{cause_fields::CauseFields, check_document::cause_fields, print::JSON_VERSION},
    cause::FailureGroups,
    exit::ExitCode,
    plan::{PlanDocument, PlanEffort},
};

/// The plans of all inputs.
#[derive(Debug, Serialize)]
pub(super) struct PlansDocument {
    version: u32,
    command: &'static str,
    exit_code: u8,
    plans: Vec<PlanFields>,
}

/// The plan of an input.
#[derive(Debug, Default, Serialize)]
pub(super) struct PlanFields {
    input: String,
    exit_code: u8,
    /// Why there is no plan.
    error: Option<String>,
    plan: Option<String>,
    rows_file: Option<String>,
    digest: Option<String>,
    rows: Option<PlanRowFields>,
    effort: Option<PlanEffort>,
    causes: Vec<CauseFields>,
}

/// How many rows have which action.
#[derive(Debug, Serialize)]
struct PlanRowFields {
    total: u64,
    actions: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
}

impl PlansDocument {
    pub(super) fn new(code: ExitCode, plans: Vec<PlanFields>) -> Self {
        Self {
            version: JSON_VERSION,
            command: PlanDocument::COMMAND,
            exit_code: code.get(),
            plans,
        }
    }
}

impl PlanFields {
    /// An input without a plan.
    pub(super) fn failed(input: &Path, code: ExitCode, error: &str) -> Self {
        Self {
            input: text(input),
            exit_code: code.get(),
            error: Some(error.to_owned()),
            ..Self::default()
        }
    }

    pub(super) fn new(
        code: ExitCode,
        document: &PlanDocument,
        paths: &PlanPaths,
        causes: &FailureGroups,
    ) -> Self {
        let rows = document.rows.clone();
        Self {
            input: text(&document.files.input),
            exit_code: code.get(),
            error: None,
            plan: Some(text(&paths.document)),
            rows_file: Some(text(&paths.rows)),
            digest: Some(document.short_digest().to_owned()),
            rows: Some(PlanRowFields {
                total: rows.total,
                actions: rows.actions,
                codes: rows.codes,
            }),
            effort: Some(document.effort.clone()),
            causes: cause_fields(causes),
        }
    }
}

/// A path that is not UTF-8 must not prevent the document.
fn text(path: &Path) -> String {
    path.display().to_string()
}
