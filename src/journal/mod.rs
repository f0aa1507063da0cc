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
mod companion;
mod error;
mod file;
mod header;
mod lock;
mod log;
mod past;
mod place;
mod proof;
mod record;
mod rows;
mod running;
mod scan;
mod sums;
mod sync;

#[cfg(test)]
mod tests;

pub use begin::Opened;
pub use companion::{Begun, Ended, InputRecord, Resumed, companion_path};
pub use error::JournalError;
pub use file::ResultsFile;
pub use lock::{Locked, is_there, lock};
pub use past::Past;
pub use proof::Proof;
pub use rows::Rows;
pub use running::Journal;
