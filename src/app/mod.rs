//! One function per command: it builds the parts and connects them.

mod account_text;
mod apply;
mod apply_refusal;
mod ask;
mod cause_fields;
mod check;
mod check_document;
mod check_online;
mod column_commands;
mod command_line;
mod dispatch;
mod doctor;
mod error;
mod explain;
mod failed_input;
mod import;
mod past;
mod plan;
mod preview;
mod print;
mod sandbox;
mod sandbox_text;
mod session;
mod size_and_hash;
mod typed_inputs;
mod types;
mod undo;
mod usage;
mod verify;

pub use apply_refusal::ApplyRefusal;
pub use dispatch::run;
pub use doctor::{CheckedLinks, Checkup, Finding, Findings, doctor, examine};
pub use error::AppError;
pub use usage::refuse_command_line;
