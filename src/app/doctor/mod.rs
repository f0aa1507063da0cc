//! `doctor`: whether an import could begin. Asks HubSpot a handful of questions,
//! writes nothing, and prints a line for each thing that it found.

mod answers;
mod checkup;
mod command;
mod finding;
mod room;
mod trouble;
mod words;

pub use checkup::{Checkup, Links};
pub(super) use command::asked;
pub use command::{doctor, examine};
pub use finding::{Finding, Findings};
