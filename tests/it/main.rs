//! All tests of the program from outside, in one binary, so that they need one link step.

#![expect(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test may panic"
)]
#![expect(clippy::cast_precision_loss, reason = "figures of a few thousand")]

mod account;
mod account_request;
mod association_limits;
mod auto_rate;
mod batch_filling;
mod batch_splitting;
mod batches;
mod campaign;
mod causes;
mod check;
mod cli;
mod config_file;
mod connections;
mod consent;
mod credentials;
mod daily_quota;
mod daily_reset;
mod dependency_cycles;
mod dialects;
mod direction;
mod doctor;
mod documents;
mod durable;
mod endings;
mod expected_account;
mod explain;
mod faults;
mod golden;
mod header_row;
mod house;
mod import;
mod incomplete_answers;
mod input;
mod interrupt;
mod json_output;
mod key_answers;
mod key_formats;
mod key_headers;
mod key_lookup;
mod key_redaction;
mod keyed_imports;
mod limit_across_commands;
mod limits;
mod links_by_key;
mod locked;
mod logs;
mod merged;
mod metrics;
mod oauth;
mod oauth_secrets;
#[cfg(target_os = "linux")]
mod odd_names;
mod odd_servers;
mod outage;
mod outage_messages;
mod parents;
mod pipeline;
mod plans;
mod primary_companies;
mod rate_state;
mod read_back;
mod read_before_write;
mod record_keys;
mod rehearsals;
mod required_questions;
mod resaved;
mod resolving;
mod results;
mod resume;
mod retries;
mod retry_cut_short;
mod row_faults;
mod run_requests;
mod sandbox_command;
mod searches;
mod secrets;
mod secrets_of_commands;
mod several_ids;
mod several_inputs;
mod skip_existing;
mod stopped_without_records;
mod summaries;
mod support;
mod suspended;
mod throttling;
mod token_renewal;
mod types;
mod undo;
mod undo_killed;
mod undo_own_links;
mod undo_question;
mod undo_stopped;
mod usual_columns;
mod verify;
mod wait_messages;
mod workbooks;
