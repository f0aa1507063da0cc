//! Sentences about the error threshold.

use super::details;
use crate::error_threshold::{InvalidThreshold, ThresholdExceeded};

/// Why a run with too many failures stops.
pub(super) fn threshold_reached(reason: &ThresholdExceeded) -> String {
    match reason {
        ThresholdExceeded::Rows { bad, limit } => {
            format!("{} {} (--max-errors {limit})", rows(*bad), are_bad(*bad))
        }
        ThresholdExceeded::Share { bad, all, limit } => format!(
            "{bad} of {} {} (--max-errors {}%)",
            rows(*all),
            are_bad(*bad),
            limit * 100.0
        ),
        ThresholdExceeded::Consecutive {
            rows: consecutive_rows,
            last,
            limit,
        } => format!(
            "{} failed, the last with {}: {}; check --base-url, the token's account and the \
             definition. If only these rows are bad, raise --max-consecutive-failures ({limit})",
            consecutive(*consecutive_rows),
            last.code.as_str(),
            details::failure(last)
        ),
    }
}

fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

fn consecutive(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} consecutive rows"),
    }
}

fn are_bad(count: u64) -> &'static str {
    if count == 1 {
        "failed or is invalid"
    } else {
        "failed or are invalid"
    }
}

/// Which values a threshold may have.
#[must_use]
pub fn invalid_threshold(what: InvalidThreshold) -> &'static str {
    match what {
        InvalidThreshold::RowsOrShare => {
            "write a number of rows (1 or more), or a share such as 2.5% (above 0%, up to 100%)"
        }
        InvalidThreshold::RowsOrOff => "write a number of rows (1 or more), or off",
    }
}
