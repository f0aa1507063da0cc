//! All tests of the program from outside, in one binary, so that they need one link step.

#![expect(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test may panic"
)]
#![expect(clippy::cast_precision_loss, reason = "figures of a few thousand")]

mod account;
mod asking;
mod association_limits;
mod batches;
mod campaign;
mod check;
mod circles;
mod cli;
mod confirming;
mod connections;
mod consent;
mod credentials;
mod day;
mod dialects;
mod direction;
mod doctor;
mod documents;
mod durable;
mod endings;
mod expected_account;
mod faults;
mod golden;
mod half_answers;
mod halves;
mod house;
mod import;
mod input;
mod interrupt;
mod limits;
mod locked;
mod logs;
mod looking;
mod merged;
mod oauth;
mod oauth_secrets;
#[cfg(target_os = "linux")]
mod odd_names;
mod odd_servers;
mod one_after_another;
mod outage;
mod own_fault;
mod packing;
mod parents;
mod pauses;
mod pipeline;
mod primary;
mod questions;
mod rate_state;
mod renewal;
mod resaved;
mod reset;
mod resolving;
mod results;
mod resume;
mod retries;
mod retry_cut_short;
mod secrets;
mod secrets_of_commands;
mod skip_existing;
mod stopped_in_vain;
mod summaries;
mod support;
mod suspended;
mod throttling;
mod tuning;
mod types;
mod undo;
mod undo_killed;
mod undo_own;
mod undo_question;
mod undo_stopped;
mod verify;
mod waiting;
