//! What a verdict means for a checkup: whether more questions make sense, why not, and what to
//! do. Pure.

use crate::{
    api::Verdict,
    exit::ExitCode,
    messages::{self, stop_reason_text},
    stop::StopReason,
};

/// Why a question was not answered.
pub(super) struct FailedCheck {
    pub(super) about: &'static str,
    pub(super) words: String,
    pub(super) code: ExitCode,
}

/// Why more questions make no sense, if so.
pub(super) fn failed_check(verdict: &Verdict) -> Option<FailedCheck> {
    let unavailable = |about, words| {
        let code = ExitCode::Unavailable;
        Some(FailedCheck { about, words, code })
    };
    let what = why(verdict);
    match verdict {
        Verdict::Done { .. } | Verdict::PerLink(_) | Verdict::Refused(_) => None,
        Verdict::NotSent(_) | Verdict::ConnectionLost(_) => unavailable(
            "address",
            format!("cannot be reached: {what}; check the network, the proxy and --base-url"),
        ),
        Verdict::NotFromApi(_) => unavailable(
            "address",
            format!(
                "something other than HubSpot's API answers: {what}; check --base-url and the proxy"
            ),
        ),
        Verdict::Transient { .. } => unavailable(
            "address",
            format!("cannot answer now: {what}; try again later (see status.hubspot.com)"),
        ),
        Verdict::Throttled { .. } => unavailable(
            "limit",
            format!("no calls are left now: {what}; is another integration using them up?"),
        ),
        Verdict::DayUsedUp(_) => Some(FailedCheck {
            about: "limit",
            words: format!(
                "the daily quota is used up: {what}; it resets at midnight in the account's time \
                 zone"
            ),
            code: ExitCode::SomeRowsBad,
        }),
        Verdict::TokenExpired(reason) | Verdict::TokenReplaced(reason) | Verdict::Fatal(reason) => {
            Some(FailedCheck {
                about: affected_check(reason),
                words: what,
                code: ExitCode::of_stop(reason),
            })
        }
    }
}

/// The check that fails for this reason.
fn affected_check(reason: &StopReason) -> &'static str {
    match reason {
        StopReason::Credentials(_) | StopReason::WrongAccount { .. } => "token",
        StopReason::Output(_)
        | StopReason::DayQuota { .. }
        | StopReason::ReserveTooLarge { .. }
        | StopReason::NotHubSpot(_)
        | StopReason::Unreachable(_)
        | StopReason::TooManyErrors(_)
        | StopReason::Certificate(_)
        | StopReason::Signal(_) => "address",
    }
}

/// Why an answer does not contain what was asked for.
pub(super) fn why(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Refused(failure)
        | Verdict::Transient { failure, .. }
        | Verdict::Throttled { failure, .. }
        | Verdict::NotSent(failure)
        | Verdict::ConnectionLost(failure)
        | Verdict::DayUsedUp(failure)
        | Verdict::NotFromApi(failure) => {
            messages::failure(failure).trim_end_matches('.').to_owned()
        }
        Verdict::Done { http_status } => format!("HTTP {http_status} without it"),
        Verdict::PerLink(_) => "an answer that says nothing".to_owned(),
        Verdict::TokenExpired(reason) | Verdict::TokenReplaced(reason) | Verdict::Fatal(reason) => {
            stop_reason_text(reason)
        }
    }
}
