//! Creates in HubSpot the associations between CRM records that a CSV file lists.
//!
//! Data flows in one direction: row → delivery → report → record. The modules are listed in reading order;
//! ARCHITECTURE.md has the map.

pub mod account;
pub mod association;
pub mod cause;
pub mod cell;
pub mod code;
mod decode;
pub mod error_threshold;
pub mod failure;
mod hex;
pub mod http_status;
pub mod lookalike;
mod os_text;
pub mod plan_action;
pub mod plan_column;
mod private_file;
pub mod rate;
mod readable_file;
pub mod redaction;
pub mod results_column;
pub mod row;
pub mod row_cells;
mod status;
pub mod stop;
pub mod tables;

pub mod api;

pub mod input;
pub mod journal;

pub mod hubspot;

pub mod rate_state;

pub mod caller;
pub mod delivery;
pub mod keys;
pub mod output;
pub mod plan;

pub mod pipeline;

pub mod key_lookup;

pub mod sandbox;

pub mod app;
pub mod cli;
pub mod config;
pub mod exit;
pub mod logging;
pub mod messages;
