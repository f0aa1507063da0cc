//! A plan: what an import would do to an account, row by row, and the files that keep it.
//!
//! Asks nothing, and writes nothing to HubSpot. Knows nothing of commands or words.

mod changes;
mod document;
mod judge;
mod log;

pub use changes::PlannedChanges;
pub use document::{
    PlanCounts, PlanDocument, PlanEffort, PlanFiles, PlanOrigin, PlannedAccount, PlannedLabel,
};
pub use judge::judge;
pub use log::{PlanLine, PlanLogError, PlanLogReader, PlanLogWriter, PlannedLink};
