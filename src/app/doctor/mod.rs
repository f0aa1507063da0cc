//! `doctor`: checks whether an import could begin. Asks HubSpot a few questions, writes nothing
//! there, and prints a line for each finding.

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
