//! What a run remembers on disk: its results file and, beside it, the
//! companion that says what was run and what is known to be on the disk.
//!
//! ```text
//! lock ─▶ nothing there ───────────────▶ begin ─┐
//!      └▶ past (scan, checked) ▶ proof ▶ go on ─┴▶ Journal (sync, marks) ▶ end
//! ```
//!
//! Knows nothing of the network, of delivery, or of what is shown.

mod begin;
mod begun;
mod companion;
mod counters;
mod error;
mod events;
mod file;
mod header;
mod ids;
mod lock;
mod log;
mod notes;
mod past;
mod place;
mod proof;
mod recall;
mod record;
mod recorded;
mod resaved;
mod rows;
mod running;
mod scan;
mod sums;
mod sync;

#[cfg(test)]
mod tests;

pub use begin::Opened;
pub use begun::{Begun, InputRecord, ResultsForm, RunOf, Server};
pub use companion::{Consent, Ended, Resumed, Session, companion_path};
pub use counters::Counters;
pub use error::{Difference, Flaw, JournalError};
pub use events::Event;
pub use file::ResultsFile;
pub use ids::hash_of_ids;
pub use lock::{Locked, is_in_use, is_there, lock, open_past, refuse_existing, stand_alone};
pub use notes::{Displaced, Noted, Stood};
pub use past::Past;
pub use proof::Proof;
pub use recall::{Notes, StoodBefore};
pub use rows::Rows;
pub use running::Journal;
