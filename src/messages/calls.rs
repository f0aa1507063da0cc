//! What happens to the calls of a run, in words, as log events.

use jiff::Timestamp;
use tracing::{info, warn};

use super::{
    details,
    stop::{day_used_up, limit_name, resets_at, said},
};
use crate::{
    api::RateClass,
    caller::{
        CallerEvent, ErrorCategory, EventReporter, OutageReport, PauseDetails, PauseReason,
        RetryCause,
    },
    rate::Rate,
};

/// Who tells what happens to calls.
pub const CALLS: EventReporter = EventReporter {
    report: event,
    describe_retry: retried,
    describe_pause: paused,
};

/// Tells an event.
fn event(event: &CallerEvent) {
    match event {
        CallerEvent::AccountKnown(id) => info!("the token is of account {id}"),
        CallerEvent::AccountUnknown { begun_in, why } => warn!(
            "this run was begun in account {begun_in}; whether the token is of that account could \
             not be found out, and the run goes on: {}",
            said(why.as_ref())
        ),
        CallerEvent::LimitChanged {
            class,
            limit: told,
            user_rate: own,
        } => limit(*class, *told, *own),
        CallerEvent::RetryScheduled { at, why } => {
            warn!("a call is tried again at {at:.0}: {}", retried(why));
        }
        CallerEvent::RetriesQueued(why) => warn!(
            "so many tries fail that retries are held back, to one a second and one for ten rows \
             that get through: {}",
            retried(why)
        ),
        CallerEvent::BatchesSplit(failure) => warn!(
            "batches that only ever meet this are sent in halves, down to single rows: {}; if it \
             goes on, fewer rows in a call may fare better (--batch)",
            details::failure(failure)
        ),
        CallerEvent::Paused {
            until,
            details: what,
        } => paused_until(*until, what),
        CallerEvent::StillPaused(pause, lasted) => warn!(
            "{}: for {} s already; nothing is sent until {:.0}",
            paused(pause.reason),
            lasted.as_secs(),
            pause.until
        ),
        CallerEvent::Outage(outage) => nothing_through(outage),
        CallerEvent::Recovered(after) => warn!(
            "HubSpot answers again, after {} s; all rows go on",
            after.as_secs()
        ),
        CallerEvent::ManyErrors {
            errors,
            calls,
            most_common: most_are,
        } => warn!(
            "{errors} of {calls} calls were answered with an error, and HubSpot wants less than \
             5 % a day; {}",
            most_errors(*most_are)
        ),
        CallerEvent::ReserveUnknown => warn!(
            "HubSpot does not say what is left of the day's quota (with OAuth it never does), so \
             that --daily-reserve cannot be kept"
        ),
        CallerEvent::DayQuotaReset => info!("the day's quota begins anew"),
    }
}

fn paused_until(until: Timestamp, what: &PauseDetails) {
    match what {
        PauseDetails::Limit(limit) => warn!(
            "HubSpot asks to pause; nothing is sent until {until:.0}: {}",
            limit_name(*limit)
        ),
        PauseDetails::Day {
            used_up,
            resets_at: resets,
        } => {
            let text = day_used_up(used_up);
            let reset = resets.map_or_else(String::new, |at| format!(" ({})", resets_at(at)));
            warn!("{text}{reset}; waiting until {until:.0} (--on-quota wait)");
        }
    }
}

fn nothing_through(outage: &OutageReport) {
    let OutageReport {
        since,
        until,
        why,
        was_reported: is_known,
    } = outage;
    let message = details::failure(why);
    if *is_known {
        warn!(
            "still nothing has got through to HubSpot since {since:.0}: {message}; it is asked \
             until {until:.0} (--max-wait)"
        );
    } else {
        warn!(
            "nothing has got through to HubSpot since {since:.0}: {message}; one request a second \
             asks whether it is back, until {until:.0} (--max-wait); no row counts this as a try"
        );
    }
}

/// Says what the limit is where the pace follows it.
fn limit(class: RateClass, told: Rate, own: Option<Rate>) {
    let calls = match class {
        RateClass::Single => "calls",
        RateClass::Batch => "batch calls",
    };
    let allows = format!("{} {calls} in {} s", told.calls, told.window.as_secs_f64());
    match own {
        None => info!("HubSpot allows {allows}; the pace follows"),
        Some(own) if own.is_faster_than(told) => warn!(
            "HubSpot allows only {allows}, which is less than --rate {own}; the pace follows \
             HubSpot"
        ),
        Some(_) => {}
    }
}

fn most_errors(kind: ErrorCategory) -> &'static str {
    match kind {
        ErrorCategory::Refused => {
            "most are calls that HubSpot refused: assoc_message says why of each row that failed"
        }
        ErrorCategory::Throttled => {
            "most are 429s: give this run a lower --rate, or other integrations less"
        }
        ErrorCategory::Transient => "most are passing faults of HubSpot (see status.hubspot.com)",
    }
}

fn retried(why: &RetryCause) -> String {
    match why {
        RetryCause::Failed(failure) => details::failure(failure).into_owned(),
        RetryCause::TokenOutdated => {
            "the access token was refused, or replaced meanwhile".to_owned()
        }
    }
}

fn paused(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Limit(limit) => limit_name(limit),
        PauseReason::Day => "the day's quota is used up",
    }
}
