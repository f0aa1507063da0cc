//! The arguments of each command.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use clap::Args;

use super::values::{Batch, Concurrency, Limit, OnQuotaArg, RateArg, Wait};
use crate::{
    association::Definition,
    delivery::DailyReserve,
    input::{Delimiter, Encoding},
    tolerance::{MaxConsecutive, MaxErrors},
};

/// HubSpot's own address, for all regions.
const DEFAULT_BASE_URL: &str = "https://api.hubapi.com";

/// How the input is read; the same for every command that reads one.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct InputArgs {
    /// The CSV file, or - for standard input
    #[arg(value_name = "INPUT")]
    pub input: OsString,
    /// Only the first N rows, to try a file out; off for all of them
    #[arg(long, value_name = "N")]
    pub limit: Option<Limit>,
    /// The definition of every row, by id or name, for a file without that column
    #[arg(long, value_name = "ID or NAME", env = "HUBASSOC_DEFINITION")]
    pub definition: Option<Definition>,
    /// The column with the from ids [default: `from_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_FROM_COLUMN")]
    pub from_column: Option<String>,
    /// The column with the to ids [default: `to_object_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_TO_COLUMN")]
    pub to_column: Option<String>,
    /// The column with the definitions [default: `definition_id`]
    #[arg(long, value_name = "NAME", env = "HUBASSOC_DEFINITION_COLUMN")]
    pub definition_column: Option<String>,
    /// What separates cells: , ; | or tab [default: found from the file]
    #[arg(long, value_name = "CHAR", env = "HUBASSOC_DELIMITER")]
    pub delimiter: Option<Delimiter>,
    /// auto, utf-8, utf-16le, windows-1252, …
    #[arg(
        long,
        value_name = "NAME",
        default_value = "auto",
        env = "HUBASSOC_ENCODING",
        overrides_with = "encoding"
    )]
    pub encoding: Encoding,
}

/// How fast rows are sent.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sending")]
pub struct PaceArgs {
    /// Requests at most: auto (as HubSpot allows; 100/10s until it tells), a rate (19/s, 50/2s, 600/min), or unlimited
    #[arg(
        long,
        value_name = "RATE",
        default_value = "auto",
        env = "HUBASSOC_RATE"
    )]
    pub rate: RateArg,
    /// Rows in a call, by the API's batch endpoint: 1 to 100, or max
    #[arg(
        long,
        value_name = "N or max",
        default_value = "1",
        env = "HUBASSOC_BATCH"
    )]
    pub batch: Batch,
}

/// `import`
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sending")]
pub struct ImportArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The results file [default: the input's path with .results.csv for its ending]
    #[arg(short = 'o', long, value_name = "PATH", env = "HUBASSOC_RESULTS")]
    #[arg(overrides_with = "results")]
    pub results: Option<PathBuf>,
    /// Go on where an interrupted run stopped, or start it where there is none
    #[arg(long)]
    pub resume: bool,
    /// When going on: send the rows that failed once more
    #[arg(long, requires = "resume")]
    pub retry_failed: bool,
    /// Rehearse against a HubSpot that lives inside the program; needs no token
    #[arg(long)]
    pub sandbox: bool,
    /// How fast rows are sent.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// Calls of the day's quota that are left to others, or a share of it
    #[arg(long, value_name = "N or N%", env = "HUBASSOC_DAILY_RESERVE")]
    pub daily_reserve: Option<DailyReserve>,
    /// What to do when the day's quota is used up
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        env = "HUBASSOC_ON_QUOTA"
    )]
    pub on_quota: OnQuotaArg,
    /// Requests in flight at most
    #[arg(
        long,
        value_name = "N",
        default_value = "16",
        env = "HUBASSOC_CONCURRENCY"
    )]
    pub concurrency: Concurrency,
    /// Tries per row, the first one included
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8,
        env = "HUBASSOC_MAX_ATTEMPTS"
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: u32,
    /// The longest wait for a server that asks for it, or is away, as 90s, 15min, 2h
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "15min",
        env = "HUBASSOC_MAX_WAIT"
    )]
    pub max_wait: Wait,
    /// Stop at the Nth row that failed or is invalid, or at a share (5%, from 100 rows on)
    #[arg(long, value_name = "N or N%", env = "HUBASSOC_MAX_ERRORS")]
    pub max_errors: Option<MaxErrors>,
    /// Stop when so many rows one after the other failed, or off
    #[arg(
        long,
        value_name = "N",
        default_value = "100",
        env = "HUBASSOC_MAX_CONSECUTIVE_FAILURES"
    )]
    pub max_consecutive_failures: MaxConsecutive,
    /// The longest that one attempt may take
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30s",
        env = "HUBASSOC_TIMEOUT"
    )]
    pub timeout: Wait,
    /// The longest that connecting may take
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "10s",
        env = "HUBASSOC_CONNECT_TIMEOUT"
    )]
    pub connect_timeout: Wait,
    /// Where the API is; plain http only on this machine
    #[arg(long, value_name = "URL", default_value = DEFAULT_BASE_URL, env = "HUBASSOC_BASE_URL")]
    pub base_url: String,
    /// The file with the access token [default: the variable `HUBSPOT_ACCESS_TOKEN`, or OAuth by
    /// `HUBSPOT_CLIENT_ID`, `HUBSPOT_CLIENT_SECRET` and `HUBSPOT_REFRESH_TOKEN`]
    #[arg(long, value_name = "PATH", env = "HUBASSOC_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) to trust beside the operating system's
    #[arg(long, value_name = "PATH", env = "HUBASSOC_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Write the run's summary as JSON (- for standard output)
    #[arg(long, value_name = "PATH", env = "HUBASSOC_SUMMARY")]
    pub summary: Option<PathBuf>,
    /// The options that make the run what it is, as they were given: a run
    /// that goes on takes those that are not given anew.
    #[arg(skip)]
    pub given: BTreeMap<String, String>,
}

/// `check`
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sending")]
pub struct CheckArgs {
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// The pace that the import will have, to say how long it will take.
    #[command(flatten)]
    pub pace: PaceArgs,
}

/// `types`
#[derive(Clone, Debug, Args)]
pub struct TypesArgs {
    /// Only those from this object type (contacts)
    pub from: Option<String>,
    /// Only those to this object type (companies)
    pub to: Option<String>,
}
