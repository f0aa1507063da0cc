//! `explain`: why rows have no link, grouped by cause, and what to do about each cause. Reads a file
//! of results, without a connection and without a lock.

mod command;
mod explanation;
mod following_commands;
mod json;
mod known_run;
mod text;

pub(super) use command::explain;
