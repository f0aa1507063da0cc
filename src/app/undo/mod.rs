//! `undo`: removes what a run made, and nothing else.

mod command;
mod earlier_undo;
mod plan;
mod preview;
mod removal;
mod undo_job;
mod unfinished_import;

pub(super) use command::undo;
