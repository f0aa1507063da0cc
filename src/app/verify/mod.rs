//! `verify`: asks whether every link stands that a run recorded; changes nothing.

mod command;
mod displaced_rows;
mod preview;
mod verify_job;

pub(super) use command::verify;
