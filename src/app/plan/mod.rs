//! `plan`: says what an import would do to the account, row by row. Writes nothing to HubSpot.

mod command;
mod effort;
mod file_order;
mod json;
mod page;
mod plan_files;
mod plan_job;
mod plan_records;

pub(super) use command::plan;
