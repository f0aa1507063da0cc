//! `undo`: takes back what a run made, and nothing else.

mod command;
mod earlier;
mod plan;
mod taking_back;
mod undoing;
mod words;

pub(super) use command::undo;
