//! The figures of a command at one moment, for a monitor: of one that is running, or has ended.
//!
//! Knows neither the names that a monitor has for them nor the format.

use std::time::Duration;

use jiff::Timestamp;

use super::status_counts::StatusCounts;
use crate::caller::CallKindStats;

/// The figures of a command at one moment.
#[derive(Clone, Debug)]
pub struct RunFigures<'a> {
    /// What tells this command from others of the host.
    pub run: &'a str,
    /// The command, as it is typed.
    pub command: &'static str,
    /// When it began.
    pub started_at: Timestamp,
    /// The moment.
    pub at: Timestamp,
    /// The time since it began.
    pub duration: Duration,
    /// How it ended at that moment; `None` if it is still running.
    pub end: Option<EndFigures>,
    /// When it last ended well.
    pub good_ends: GoodEnds,
    /// Rows per status, of all sessions; `None` if it has no rows yet.
    pub rows: Option<StatusCounts>,
    /// What it took.
    pub calls: CallFigures,
}

/// How a command ended.
#[derive(Clone, Copy, Debug)]
pub struct EndFigures {
    /// The exit code of the program.
    pub exit_code: u8,
    /// Rows that were not attempted, or whose outcome is unknown; `None` if it had no rows.
    pub unsettled: Option<u64>,
}

/// When a command last ended well, in seconds since 1970. Earlier runs count too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GoodEnds {
    /// Without a bad row.
    pub success: Option<f64>,
    /// With an outcome of every row.
    pub completion: Option<f64>,
}

/// The calls of a command.
#[derive(Clone, Debug)]
pub struct CallFigures {
    /// Requests by kind. One without any may be missing.
    pub by_kind: Vec<CallKindStats>,
    /// Requests sent again after a temporary failure.
    pub retries: u64,
    /// Responses with status 429.
    pub throttled: u64,
    /// Calls left today, if HubSpot said so.
    pub daily_remaining: Option<u64>,
}
