//! `verify`: asks whether every link stands that a run recorded; changes nothing.

mod command;
mod displaced_rows;
mod verify_job;
mod words;

pub(super) use command::verify;
