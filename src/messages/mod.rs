//! What went wrong, in words: the one place that knows sentences, and the options that
//! they name.
//!
//! Data in, text out: knows nothing of where it happened, nor of who reads it. Nothing
//! below the commands imports it; who writes messages down is handed the function.

mod access;
mod answers;
mod calls;
mod cells;
mod definitions;
mod details;
mod events;
mod input;
mod journal;
mod kinds;
mod links;
mod stop;
mod tolerance;

pub use access::{client, ledger, token};
pub use calls::CALLS;
pub use definitions::{list_types, unknown_definition, unknown_label};
pub use details::{ROWS, detail, failure};
pub use events::{of_files, of_ledger, of_token};
pub use input::{input, refusal};
pub use journal::{journal, journal_of_undo, results};
pub use stop::{resets_at, stop_words};
pub use tolerance::no_bound;
