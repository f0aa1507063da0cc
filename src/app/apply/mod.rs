//! `apply`: carries out a plan, exactly and nothing else.

mod command;

pub(super) use command::apply;
