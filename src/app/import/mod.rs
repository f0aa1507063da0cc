//! `import`: makes links from the rows of a file, and resumes a run that was interrupted.

mod admin_limits;
mod applied_plan;
mod closing;
mod command;
mod consent;
mod existing_policy;
mod first_questions;
mod import_job;
mod import_run;
mod inputs_consent;
mod inputs_end;
mod next_commands;
mod planned_rows;
mod prepared_inputs;
mod preview;
mod record_keys;
mod resume;
mod row_selection;
mod several_inputs;

pub(super) use admin_limits::AdminLimitsLookup;
pub(super) use applied_plan::AppliedPlan;
pub(super) use command::{connect, import_planned, new_session};
pub(super) use existing_policy::{other_types, unknown_type_failure};
pub(super) use next_commands::TypedCommand;
pub(super) use planned_rows::CheckedLog;
pub(super) use record_keys::ImportKeys;
pub(super) use several_inputs::import;
