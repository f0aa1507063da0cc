//! `import`: rows of a file become links; a run that was cut short goes on.

mod command;
mod consent;
mod ending;
mod importing;
mod introduction;
mod limits;
mod looked;
mod next_step;
mod resume;
mod run;
mod wanted;

pub(super) use command::import;
pub(super) use looked::{beside, unknown_type};
