//! `verify`: asks whether every recorded link exists, and changes nothing.

mod command;
mod displaced_rows;
mod preview;
mod verify_job;

pub(super) use command::verify;
