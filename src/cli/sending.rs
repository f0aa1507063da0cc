//! The arguments of every command that sends requests: address, token, rate, retries, thresholds.

use std::path::PathBuf;

use clap::Args;

use super::values::{
    Batch, Concurrency, OnQuotaArg, PositiveDuration, RateArg, max_attempts, threshold,
};
use crate::{
    caller::DailyReserve,
    error_threshold::{MaxConsecutive, MaxErrors},
    hubspot::ApiVersion,
};

/// HubSpot's address, for all regions.
const DEFAULT_BASE_URL: &str = "https://api.hubapi.com";

/// How fast rows are sent.
#[derive(Clone, Debug, Args)]
pub struct PaceArgs {
    /// Maximum rate of requests: auto (HubSpot's limit; 100/10s until it reports one), a rate
    /// (19/s, 50/2s, 600/min), or unlimited
    #[arg(
        long,
        value_name = "RATE",
        default_value = "auto",
        env = "HUBASSOC_RATE"
    )]
    pub rate: RateArg,
    /// Rows in a call.
    #[arg(
        long,
        value_name = "N|max",
        default_value = "1",
        env = "HUBASSOC_BATCH",
        help = rows_in_a_call()
    )]
    pub batch: Batch,
}

/// Address and token.
#[derive(Clone, Debug, Args)]
pub struct ConnectionArgs {
    /// Longest time for one request
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "30s",
        env = "HUBASSOC_TIMEOUT"
    )]
    pub timeout: PositiveDuration,
    /// Longest time to connect
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "10s",
        env = "HUBASSOC_CONNECT_TIMEOUT"
    )]
    pub connect_timeout: PositiveDuration,
    /// Address of the API [default: `https://api.hubapi.com`]; plain http only on this machine
    #[arg(long, value_name = "URL", env = "HUBASSOC_BASE_URL")]
    pub base_url: Option<String>,
    /// File with the access token
    ///
    /// Without it the token is read from `HUBSPOT_ACCESS_TOKEN`, or requested by OAuth with
    /// `HUBSPOT_CLIENT_ID`, `HUBSPOT_CLIENT_SECRET` and `HUBSPOT_REFRESH_TOKEN`.
    #[arg(long, value_name = "PATH", env = "HUBASSOC_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// File with further certificates to trust (PEM)
    #[arg(long, value_name = "PATH", env = "HUBASSOC_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

impl ConnectionArgs {
    /// The address of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL)
    }
}

/// How requests are sent.
#[derive(Clone, Debug, Args)]
pub struct SendingArgs {
    /// How fast.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// Maximum requests in flight
    #[arg(
        long,
        value_name = "N",
        default_value = "16",
        env = "HUBASSOC_CONCURRENCY"
    )]
    pub concurrency: Concurrency,
    /// Maximum attempts per row, including the first
    #[arg(
        long,
        value_name = "N",
        default_value_t = 8,
        env = "HUBASSOC_MAX_ATTEMPTS"
    )]
    #[arg(value_parser = max_attempts)]
    pub max_attempts: u32,
    /// Longest wait while HubSpot is away or asks to wait (90s, 15min, 2h)
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "15min",
        env = "HUBASSOC_MAX_WAIT"
    )]
    pub max_wait: PositiveDuration,
    /// Address and token.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// If another run is using the results, wait this long instead of ending with 8
    #[arg(long, value_name = "DURATION", env = "HUBASSOC_WAIT_FOR_LOCK")]
    pub wait_for_lock: Option<PositiveDuration>,
    /// Write a summary as JSON to this file (- for standard output)
    #[arg(long, value_name = "PATH", env = "HUBASSOC_SUMMARY")]
    pub summary: Option<PathBuf>,
    /// Write metrics for Prometheus to this file, also while the run is in progress
    #[arg(long, value_name = "FILE.prom", env = "HUBASSOC_METRICS")]
    pub metrics: Option<PathBuf>,
}

/// When a command that writes stops early.
#[derive(Clone, Debug, Args)]
pub struct StoppingArgs {
    /// API calls of the daily quota to keep free for other integrations
    #[arg(long, value_name = "N|N%", env = "HUBASSOC_DAILY_RESERVE")]
    pub daily_reserve: Option<DailyReserve>,
    /// What to do when the daily quota is used up
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        env = "HUBASSOC_ON_QUOTA"
    )]
    pub on_quota: OnQuotaArg,
    /// Stop at the Nth failed or invalid row, or at a share (5%, from 100 rows)
    #[arg(value_parser = threshold::<MaxErrors>)]
    #[arg(long, value_name = "N|N%", env = "HUBASSOC_MAX_ERRORS")]
    pub max_errors: Option<MaxErrors>,
    /// Stop after this many consecutive failed rows; off: never
    #[arg(value_parser = threshold::<MaxConsecutive>)]
    #[arg(
        long,
        value_name = "N",
        default_value = "100",
        env = "HUBASSOC_MAX_CONSECUTIVE_FAILURES"
    )]
    pub max_consecutive_failures: MaxConsecutive,
}

/// The help of `--batch`: how many each API takes.
fn rows_in_a_call() -> String {
    let limits = ApiVersion::ALL.map(|api| format!("{api}: {}", api.max_links_per_call()));
    format!("Rows per call, or max ({})", limits.join(", "))
}
