//! `import`: makes links from the rows of a file, and resumes a run that was interrupted.

mod admin_limits;
mod closing;
mod command;
mod consent;
mod existing_policy;
mod import_job;
mod import_run;
mod next_commands;
mod preview;
mod resume;
mod row_selection;

pub(super) use command::import;
pub(super) use existing_policy::{other_types, unknown_type_failure};
