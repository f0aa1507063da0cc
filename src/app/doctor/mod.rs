//! `doctor`: whether an import could begin. Asks HubSpot a handful of questions,
//! writes nothing, and prints a line for each thing that it found.

mod answers;
mod checkup;
mod command;
mod disk_space;
mod failed_check;
mod finding;
mod finding_texts;

pub use checkup::{CheckedLinks, Checkup};
pub(super) use command::run;
pub use command::{doctor, examine};
pub use finding::{Finding, Findings};
