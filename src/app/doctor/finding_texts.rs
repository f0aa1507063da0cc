//! What `doctor` says about the account, its limits, the clock and the API. Pure.

use jiff::{SignedDuration, Timestamp};

use super::finding::Finding;
use crate::{
    account::AccountDetails,
    api::{DayUsage, ReportedQuota},
    app::account_text::account_kind_text,
    exit::ExitCode,
    hubspot::ApiVersion,
    messages::resets_at,
    output::{duration, number},
    rate::Rate,
};

/// From this offset on, somebody should look at the clock.
const CLOCK_WARNS: SignedDuration = SignedDuration::from_secs(30);

/// From this offset on, times in results and waits until a given time are useless.
const CLOCK_IS_BAD: SignedDuration = SignedDuration::from_mins(5);

/// `12345678, production, time zone US/Eastern (app.hubspot.com)`
pub(super) fn account(details: &AccountDetails) -> String {
    let mut words = details.id.to_string();
    if let Some(kind) = &details.kind {
        words = format!("{words}, {}", account_kind_text(kind));
    }
    if let Some(zone) = &details.zone_name {
        words = format!("{words}, time zone {zone}");
    }
    match &details.ui_domain {
        Some(domain) => format!("{words} ({domain})"),
        None => words,
    }
}

/// `crm.objects.companies.write is missing; give it to the service key or app`
pub(super) fn missing_scopes(missing: &[Vec<String>]) -> String {
    let names = missing.iter().map(|names| names.join(" or "));
    let names = names.collect::<Vec<_>>().join(", and ");
    match missing {
        [_] => format!("{names} is missing; give it to the service key or app"),
        _ => format!("{names} are missing; give them to the service key or app"),
    }
}

/// `100 calls in 10 s; 249,990 of 250,000 left today (it is reset at …)`
pub(super) fn limit(
    quota: ReportedQuota,
    day: DayUsage,
    account: Option<&AccountDetails>,
) -> Finding {
    const ABOUT: &str = "limit";
    let rate = |rate: Rate| {
        let calls = number(rate.calls.get().into());
        format!("{calls} calls in {}", duration(rate.window))
    };
    let from_headers = quota.daily.zip(quota.daily_remaining);
    let from_usage = day.calls.map(|(all, used)| (all, all.saturating_sub(used)));
    let left = from_headers.or(from_usage);
    let safe = rate(Rate::SAFE);
    let window = quota
        .window
        .map_or(format!("{safe} until HubSpot reports its limit"), rate);
    let Some((all, left)) = left else {
        let words =
            format!("{window}; HubSpot does not report the daily quota (with OAuth it never does)");
        return match quota.window {
            Some(_) => Finding::ok(ABOUT, words),
            None => Finding::unknown(ABOUT, words),
        };
    };
    let reset = day.resets_at.or_else(|| midnight(account));
    let reset = reset.map_or(String::new(), |at| format!(" ({})", resets_at(at)));
    let words = format!(
        "{window}; {} of {} left today{reset}",
        number(left),
        number(all)
    );
    if left == 0 {
        let words = format!("{words}; start after the quota is reset, or use --on-quota wait");
        return Finding::bad(ABOUT, ExitCode::SomeRowsBad, words);
    }
    Finding::ok(ABOUT, words)
}

/// The next midnight of the account.
fn midnight(account: Option<&AccountDetails>) -> Option<Timestamp> {
    let zone = account?.zone.clone()?;
    let tomorrow = Timestamp::now().to_zoned_datetime(zone).tomorrow().ok()?;
    Some(tomorrow.start_of_day().ok()?.timestamp())
}

/// The finding for a clock that is this far ahead of HubSpot's.
pub(super) fn clock(ahead: SignedDuration) -> Finding {
    const ABOUT: &str = "clock";
    if ahead.is_zero() {
        return Finding::ok(ABOUT, "less than a second off");
    }
    let side = if ahead.is_positive() {
        "ahead of"
    } else {
        "behind"
    };
    let words = format!("{} {side} HubSpot's", duration(ahead.unsigned_abs()));
    let remedy = "times in the results and waits depend on it; set the clock (NTP)";
    if ahead.abs() < CLOCK_WARNS {
        Finding::ok(ABOUT, words)
    } else if ahead.abs() < CLOCK_IS_BAD {
        Finding::warn(ABOUT, format!("{words}: {remedy}"))
    } else {
        Finding::bad(ABOUT, ExitCode::SomeRowsBad, format!("{words}: {remedy}"))
    }
}

/// How long HubSpot supports the API.
pub(super) fn api(api_version: ApiVersion) -> Finding {
    let mut newer = ApiVersion::ALL.into_iter();
    let newer = newer.find(|api_version| api_version.support_ends().is_none());
    Finding::ok(
        "api",
        match (api_version.support_ends(), newer) {
            (Some(end), Some(newer)) => format!(
                "{api_version}, which HubSpot supports until {end}; the next one is {newer} (--api \
                 {newer})"
            ),
            (Some(end), None) => format!("{api_version}, which HubSpot supports until {end}"),
            (None, _) => api_version.to_string(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountId;

    #[test]
    fn an_account_is_shown_with_its_kind() {
        for (kind, expected) in [
            (Some("STANDARD"), "7, production, time zone US/Eastern"),
            (Some("SANDBOX"), "7, sandbox, time zone US/Eastern"),
            (
                Some("DEVELOPER_TEST"),
                "7, developer test, time zone US/Eastern",
            ),
            (None, "7, time zone US/Eastern"),
        ] {
            let details = AccountDetails {
                kind: kind.map(str::to_owned),
                zone_name: Some("US/Eastern".to_owned()),
                ..AccountDetails::from_id(AccountId::new(7))
            };
            assert_eq!(account(&details), expected);
        }
    }

    const WINDOW: ReportedQuota = ReportedQuota {
        window: Some(Rate::SAFE),
        window_remaining: None,
        daily: None,
        daily_remaining: None,
    };

    #[test]
    fn the_limit_comes_from_headers_or_else_from_the_daily_usage() {
        let daily = ReportedQuota {
            daily: Some(250_000),
            daily_remaining: Some(249_990),
            ..WINDOW
        };
        let usage = DayUsage {
            calls: Some((1_000, 2)),
            resets_at: "2026-11-25T05:00:00Z".parse().ok(),
        };
        let untold = DayUsage::default();
        let used_up = ReportedQuota {
            daily_remaining: Some(0),
            ..daily
        };
        for (quota, day, expected) in [
            (
                daily,
                usage,
                "ok    limit      100 calls in 10 s; 249,990 of 250,000 left today (it resets at \
                 2026-11-25T05:00:00Z)",
            ),
            (
                WINDOW,
                usage,
                "ok    limit      100 calls in 10 s; 998 of 1,000 left today (it resets at \
                 2026-11-25T05:00:00Z)",
            ),
            (
                used_up,
                untold,
                "bad   limit      100 calls in 10 s; 0 of 250,000 left today; start after the \
                 quota is reset, or use --on-quota wait",
            ),
            (
                WINDOW,
                untold,
                "ok    limit      100 calls in 10 s; HubSpot does not report the daily quota (with \
                 OAuth it never does)",
            ),
            (
                ReportedQuota::default(),
                untold,
                "?     limit      100 calls in 10 s until HubSpot reports its limit; HubSpot does \
                 not report the daily quota (with OAuth it never does)",
            ),
        ] {
            assert_eq!(limit(quota, day, None).to_string(), expected);
        }
    }

    #[test]
    fn a_clock_is_judged_by_its_offset() {
        for (seconds, expected) in [
            (0, "ok    clock      less than a second off"),
            (29, "ok    clock      29 s ahead of HubSpot's"),
            (30, "warn  clock      30 s ahead of HubSpot's: times"),
            (-299, "warn  clock      4 min 59 s behind HubSpot's: times"),
            (-300, "bad   clock      5 min behind HubSpot's: times"),
        ] {
            let line = clock(SignedDuration::from_secs(seconds)).to_string();
            assert!(line.starts_with(expected), "{line}");
        }
    }

    #[test]
    fn an_api_whose_support_ends_is_shown_with_the_next_one() {
        insta::assert_snapshot!(
            api(ApiVersion::default()),
            @"ok    api        v1, which HubSpot supports until September 2027; the next one is 2026-09 (--api 2026-09)"
        );
        insta::assert_snapshot!(api(ApiVersion::LATEST), @"ok    api        2026-09");
    }

    #[test]
    fn missing_scopes_are_shown_with_their_alternatives() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let one = [names(&["a", "b"])];
        assert_eq!(
            missing_scopes(&one),
            "a or b is missing; give it to the service key or app"
        );
        let two = [names(&["a"]), names(&["b"])];
        assert_eq!(
            missing_scopes(&two),
            "a, and b are missing; give them to the service key or app"
        );
    }
}
