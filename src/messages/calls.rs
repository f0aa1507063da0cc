//! Logs what happens to the calls of a run.

use jiff::Timestamp;
use tracing::{info, warn};

use super::{
    details,
    stop::{answer_text, daily_quota_used_up, limit_name, resets_at},
};
use crate::{
    api::RateClass,
    caller::{
        CallerEvent, ErrorCategory, EventReporter, OutageReport, PauseDetails, PauseReason,
        RetryCause,
    },
    rate::Rate,
};

/// Logs what happens to calls.
pub const CALL_EVENTS: EventReporter = EventReporter {
    report: log_event,
    describe_retry: retry_cause,
    describe_pause: pause_reason,
};

/// Logs an event.
fn log_event(event: &CallerEvent) {
    match event {
        CallerEvent::AccountKnown(id) => info!("the token belongs to account {id}"),
        CallerEvent::AccountUnknown { run_account, why } => warn!(
            "this run was started in account {run_account}; hubassoc could not find out whether \
             the token belongs to that account, and continues: {}",
            answer_text(why.as_ref())
        ),
        CallerEvent::LimitChanged {
            class,
            limit,
            user_rate,
        } => log_limit_change(*class, *limit, *user_rate),
        CallerEvent::RetryScheduled { at, why } => {
            warn!("retrying a call at {at:.0}: {}", retry_cause(why));
        }
        CallerEvent::RetriesQueued(why) => warn!(
            "many requests fail: retries are limited to 1/s plus 1 per 10 successes: {}",
            retry_cause(why)
        ),
        CallerEvent::BatchesSplit(failure) => warn!(
            "calls with many rows fail ({}) and are split in half, down to single rows; if this \
             continues, try fewer rows per call (--batch)",
            details::failure(failure)
        ),
        CallerEvent::Paused { until, details } => log_pause(*until, details),
        CallerEvent::StillPaused(pause, lasted) => warn!(
            "{}: paused for {} s already; nothing is sent until {:.0}",
            pause_reason(pause.reason),
            lasted.as_secs(),
            pause.until
        ),
        CallerEvent::Outage(report) => log_outage(report),
        CallerEvent::Recovered(after) => warn!(
            "HubSpot is available again, after {} s; continuing with all rows",
            after.as_secs()
        ),
        CallerEvent::ManyErrors {
            errors,
            calls,
            most_common,
        } => log_many_errors(*errors, *calls, *most_common),
        CallerEvent::ReserveUnknown => warn!(
            "--daily-reserve cannot be kept: HubSpot does not report how much of the daily quota \
             is left (with OAuth it never does)"
        ),
        CallerEvent::DayQuotaReset => info!("the daily quota has been reset"),
    }
}

fn log_pause(until: Timestamp, what: &PauseDetails) {
    match what {
        PauseDetails::Limit(limit) => {
            warn!(
                "all requests pause until {until:.0}: {}",
                limit_name(*limit)
            );
        }
        PauseDetails::Day {
            used_up,
            resets_at: resets,
        } => {
            let text = daily_quota_used_up(used_up);
            let reset = resets.map_or_else(String::new, |at| format!(" ({})", resets_at(at)));
            warn!("{text}{reset}; waiting until {until:.0} (--on-quota wait)");
        }
    }
}

fn log_outage(report: &OutageReport) {
    let OutageReport {
        since,
        until,
        why,
        was_reported,
    } = report;
    let message = details::failure(why);
    if *was_reported {
        warn!(
            "HubSpot is still unavailable (since {since:.0}): {message}; still trying until \
             {until:.0} (--max-wait)"
        );
    } else {
        warn!(
            "HubSpot has been unavailable since {since:.0}: {message}; trying one request per second \
             until {until:.0} (--max-wait); rows do not fail because of this"
        );
    }
}

/// Logs a new limit, if the rate of this run changes with it.
fn log_limit_change(class: RateClass, limit: Rate, user_rate: Option<Rate>) {
    let calls = match class {
        RateClass::Single => "calls",
        RateClass::Batch => "batch calls",
        RateClass::Search => "searches",
    };
    let allows = format!(
        "{} {calls} in {} s",
        limit.calls,
        limit.window.as_secs_f64()
    );
    match user_rate {
        None => info!("HubSpot allows {allows}; adjusting the rate"),
        Some(user_rate) if user_rate.is_faster_than(limit) => warn!(
            "HubSpot allows only {allows}, which is less than --rate {user_rate}; using HubSpot's \
             limit"
        ),
        Some(_) => {}
    }
}

fn log_many_errors(errors: u64, calls: u64, most_common: ErrorCategory) {
    let advice = match most_common {
        ErrorCategory::Refused => {
            "most are rows that HubSpot refused; see assoc_message of each failed row"
        }
        ErrorCategory::Throttled => "most are 429s: lower --rate, or slow down other integrations",
        ErrorCategory::Transient => "most are temporary errors of HubSpot (see status.hubspot.com)",
    };
    warn!(
        "{errors} of {calls} calls were answered with an error; HubSpot's limit for apps is 5 % a \
         day; {advice}"
    );
}

fn retry_cause(why: &RetryCause) -> String {
    match why {
        RetryCause::Failed(failure) => details::failure(failure).into_owned(),
        RetryCause::TokenOutdated => "the access token was refused or has been replaced".to_owned(),
    }
}

fn pause_reason(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Limit(limit) => limit_name(limit),
        PauseReason::Day => "the daily quota is used up",
    }
}
