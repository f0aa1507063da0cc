//! Turns data about failures into sentences. Only here are options named.
//!
//! It knows neither where a failure happened nor who reads the sentence. Nothing below the
//! commands imports it: code that writes messages gets a function.

mod access;
mod advice;
mod answers;
mod calls;
mod cells;
mod definitions;
mod details;
mod error_threshold;
mod events;
mod input;
mod journal;
mod key_cells;
mod keys;
mod kinds;
mod links;
mod metrics;
mod plans;
mod record_keys;
mod recorded;
mod stop;
mod workbooks;

pub use access::{client, rate_state, token};
pub use advice::{CodeAdvice, ResendBenefit, advice};
pub use calls::CALL_EVENTS;
pub use definitions::{list_types, unknown_definition, unknown_label, unknown_label_of_cell};
pub use details::{KeysInLog, detail, failure, row_messages};
pub use error_threshold::invalid_threshold;
pub use events::{log_journal_event, log_rate_state_event, log_token_event};
pub use input::{input, refusal, with_commands};
pub use journal::{journal, journal_without_resume_advice, not_results, results};
pub use keys::key_store;
pub use links::links_before;
pub use metrics::{
    METRICS_FILE_BEGINS, earlier_good_ends, metric_families, says_in_progress, unix_seconds,
};
pub use plans::{plan_log, plan_log_fault};
pub use recorded::in_common;
pub use stop::{resets_at, stop_reason_text};
