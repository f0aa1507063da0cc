//! Delivers batches of rows: which calls a batch takes, what the responses say about its rows, and
//! what remains to be done for them.
//!
//! Knows nothing of pace and retries, nor of status codes, headers or URLs.

mod batch;
mod batch_progress;
mod deliver;
mod existing;
mod identity;
mod identity_cache;
mod identity_resolver;
mod sorted_batches;
mod splitting;

pub use batch::{RowBatch, RowReports, RowTask, UnconfirmedWrite, WriteKind};
pub use deliver::Delivery;
pub use existing::{Existing, RowWithExisting, empty_if_left_out};
pub use identity::Identities;
pub use splitting::DeliveryResult;
