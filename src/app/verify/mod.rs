//! `verify`: asks whether every link stands that a run recorded; changes nothing.

mod command;
mod displaced;
mod verifying;
mod words;

pub(super) use command::verify;
