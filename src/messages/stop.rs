//! Why a run stops, in words.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    access::{access_denied, untrusted_certificate},
    details,
    error_threshold::threshold_reached,
    journal::{file_replaced, write_failed},
};
use crate::{
    rate::RateLimit,
    row::Failure,
    stop::{
        AccountMismatch, OutputFailure, Signal, StopReason, UnreachableReason, UsedUpQuota,
        WaitReason,
    },
};

/// Why a run stops.
#[must_use]
pub fn stop_reason_text(reason: &StopReason) -> String {
    match reason {
        StopReason::Output(why) => output_failure(why),
        StopReason::Credentials(why) => access_denied(why),
        StopReason::TooManyErrors(why) => threshold_reached(why),
        StopReason::Certificate(why) => untrusted_certificate(why),
        StopReason::WrongAccount { mismatch, .. } => wrong_account(mismatch),
        StopReason::DayQuota { used_up, resets_at } => day_quota(used_up, *resets_at),
        StopReason::ReserveTooLarge { all, kept } => format!(
            "the daily quota is {all} calls, and --daily-reserve keeps {kept} of them free, so \
             none are left for this run: give a smaller reserve"
        ),
        StopReason::NotHubSpot(failure) => format!(
            "something other than HubSpot's API answers: {}; check --base-url, the proxy and the \
             network",
            details::failure(failure)
        ),
        StopReason::Unreachable(reason) => unreachable_reason(reason),
        StopReason::Signal(Signal::Hangup) => "interrupted by SIGHUP".to_owned(),
        StopReason::Signal(Signal::Interrupt) => "interrupted by SIGINT (Ctrl-C)".to_owned(),
        StopReason::Signal(Signal::Terminate) => "interrupted by SIGTERM".to_owned(),
    }
}

fn output_failure(why: &OutputFailure) -> String {
    match why {
        OutputFailure::Message(text) => text.clone(),
        OutputFailure::File(path, why) => write_failed(path, why),
        OutputFailure::Replaced(path) => file_replaced(path),
    }
}

fn wrong_account(mismatch: &AccountMismatch) -> String {
    match mismatch {
        AccountMismatch::DiffersFromExpected { found, wanted } => format!(
            "the token belongs to account {found}, but --account is {wanted}; use a token of \
             account {wanted}, or change --account"
        ),
        AccountMismatch::DiffersFromRun {
            found,
            begun_in,
            is_over,
        } => {
            let otherwise = if *is_over {
                ""
            } else {
                ", or start another run with another --results"
            };
            format!(
                "the token belongs to account {found}, but this run was started in account \
                 {begun_in}; use a token of account {begun_in}{otherwise}"
            )
        }
        AccountMismatch::UnknownForExpected { wanted, why } => format!(
            "--account is {wanted}, but hubassoc could not find out which account the token \
             belongs to: {}; use a token that can read the account's details, or leave out \
             --account",
            answer_text(why.as_deref())
        ),
        AccountMismatch::UnknownForRun { begun_in, why } => format!(
            "this run was started in account {begun_in}, but hubassoc could not find out which \
             account the token belongs to: {}; use a token that can read the account's details",
            answer_text(why.as_deref())
        ),
    }
}

/// What HubSpot answered, if anything.
pub(super) fn answer_text(why: Option<&Failure>) -> Cow<'_, str> {
    why.map_or(Cow::Borrowed(""), details::failure)
}

/// How much of the daily quota is used up.
#[must_use]
pub(super) fn daily_quota_used_up(used_up: &UsedUpQuota) -> String {
    match used_up {
        UsedUpQuota::All(failure) => format!(
            "the account's daily quota is used up: {}",
            details::failure(failure).trim_end_matches('.')
        ),
        UsedUpQuota::AllButReserve { left, all, kept } => format!(
            "only the reserve is left of the daily quota: {left} of {all} calls, and \
             --daily-reserve keeps {kept} free"
        ),
    }
}

fn day_quota(used_up: &UsedUpQuota, resets: Option<Timestamp>) -> String {
    let reset = match resets {
        Some(at) => resets_at(at),
        None => "it resets at midnight in the account's time zone".to_owned(),
    };
    format!("{} ({reset})", daily_quota_used_up(used_up))
}

/// When the daily quota resets.
#[must_use]
pub fn resets_at(at: Timestamp) -> String {
    format!("it resets at {at:.0}")
}

fn unreachable_reason(reason: &UnreachableReason) -> String {
    match reason {
        UnreachableReason::NeverAnswered { within, last } => format!(
            "no answer within {} s: {}; check the network, the proxy and --base-url",
            within.as_secs(),
            details::failure(last)
        ),
        UnreachableReason::NoneSucceeded {
            since,
            max_wait,
            last,
        } => format!(
            "HubSpot has been unavailable since {since:.0}, longer than --max-wait ({} s): {}; run it \
             again when HubSpot is back (see status.hubspot.com)",
            max_wait.as_secs(),
            details::failure(last)
        ),
        UnreachableReason::OnlyThrottled { max_wait } => format!(
            "HubSpot answered only 429 (too many requests) for longer than --max-wait ({} s); is \
             another integration using up the limit?",
            max_wait.as_secs()
        ),
        UnreachableReason::LongWait {
            until,
            why,
            max_wait,
        } => format!(
            "HubSpot asks to wait until {until:.0} ({}), longer than --max-wait ({} s); run it \
             again then, or raise --max-wait",
            wait_reason(why),
            max_wait.as_secs()
        ),
    }
}

/// Why HubSpot asks to wait.
fn wait_reason(why: &WaitReason) -> Cow<'_, str> {
    match why {
        WaitReason::Limit(limit) => limit_name(*limit).into(),
        WaitReason::Fault(failure) => details::failure(failure),
    }
}

/// A limit, for people.
#[must_use]
pub(super) fn limit_name(limit: RateLimit) -> &'static str {
    match limit {
        RateLimit::Window => "burst limit, 429",
        RateLimit::Second => "limit per second, 429",
        RateLimit::Account => "HubSpot is moving the account to another data centre, 477",
    }
}
