//! The files of a run: its results and, beside them, the run log. The run log says what was run
//! and what is known to be on the disk.
//!
//! ```text
//! lock ─▶ nothing there ──────────────────▶ begin ──┐
//!      └▶ recorded run (scan, check) ▶ proof ▶ resume ┴▶ Journal (sync, marks) ▶ end
//! ```
//!
//! Knows nothing of the network, of delivery, or of what is shown.

mod begin;
mod counters;
mod error;
mod events;
mod id_hash;
mod input_proof;
mod line_scanner;
mod lock;
mod logged_run;
mod open_file;
mod record_reader;
mod recorded_rows;
mod recorded_run;
mod resaved;
mod results_file;
mod results_header;
mod results_line;
mod results_reader;
mod run_info;
mod run_log;
mod run_log_reader;
mod running;
mod saved_results;
mod snapshot_reader;
mod snapshots;
mod sums;
mod sync;
mod writes_under_way;

#[cfg(test)]
mod tests;

pub use begin::OpenedRun;
pub use counters::CallCounters;
pub use error::{FileChange, InputDifference, JournalError};
pub use events::JournalEvent;
pub use id_hash::hash_ids;
pub use input_proof::{InputProof, ShownRows};
pub use lock::{
    LockedRun, files_exist, is_in_use, lacks_run_log, lock, open_recorded_run, refuse_existing,
};
pub use logged_run::LoggedRun;
pub use recorded_rows::RecordedRows;
pub use recorded_run::RecordedRun;
pub use results_file::ResultsFile;
pub use run_info::{ApiTarget, InputInfo, PlanReference, ResultsFormat, RunInfo, SubjectRun};
pub use run_log::{Consent, ResumeOptions, ResumedSession, SessionEnd, run_log_path};
pub use running::Journal;
pub use saved_results::{ReadLines, SavedLine, SavedResults, SavedResultsError};
pub use snapshot_reader::{SnapshotReader, SnapshotSummary};
pub use snapshots::{DisplacedLink, RowSnapshot, Snapshot};
