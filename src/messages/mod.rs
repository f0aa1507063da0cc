//! Turns data about failures into sentences. Only here are options named.
//!
//! It knows neither where a failure happened nor who reads the sentence. Nothing below the
//! commands imports it: code that writes messages gets a function.

mod access;
mod answers;
mod calls;
mod cells;
mod definitions;
mod details;
mod error_threshold;
mod events;
mod input;
mod journal;
mod kinds;
mod links;
mod stop;

pub use access::{client, rate_state, token};
pub use calls::CALLS;
pub use definitions::{list_types, unknown_definition, unknown_label};
pub use details::{ROWS, detail, failure};
pub use error_threshold::invalid_threshold;
pub use events::{of_files, of_rate_state, of_token};
pub use input::{input, refusal};
pub use journal::{journal, journal_of_undo, results};
pub use stop::{resets_at, stop_words};
