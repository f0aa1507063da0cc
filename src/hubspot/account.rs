//! The account of a token, its daily quota and its scopes: what the responses mean. Pure.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde::Deserialize;

use super::{
    scopes,
    verdict::{ParsedResponse, classify, failure},
};
use crate::{
    account::{AccountDetails, AccountId},
    api::{DayUsage, Operation, ResponsePayload, Verdict},
    cell::clean,
    code::Code,
    http_status::HttpStatus,
};

/// The status of a successful response.
const SUCCESS: HttpStatus = HttpStatus::OK;

/// The longest text of HubSpot's that is kept.
const MAX_TEXT: usize = 60;

/// The verdict and payload of a response that is not about links.
pub(super) fn interpret(
    operation: Operation<'_>,
    response: &ParsedResponse,
    body: &[u8],
    mask: &dyn Fn(&str) -> String,
) -> (Verdict, Option<ResponsePayload>) {
    match operation {
        Operation::Account => (verdict(response), account(response, body, mask)),
        Operation::Day => (verdict(response), day(response, body)),
        Operation::Scopes => (scopes::verdict(response), scopes::payload(response, body)),
        Operation::Create(_)
        | Operation::Remove(_)
        | Operation::Read(_)
        | Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::SearchByKey(_)
        | Operation::Properties(_)
        | Operation::Labels(..)
        | Operation::Limits => (classify(response), None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountBody {
    portal_id: u64,
    time_zone: Option<String>,
    utc_offset_milliseconds: Option<i64>,
    // Any type is accepted here, because only messages and the consent question depend on these.
    #[serde(default)]
    account_type: serde_json::Value,
    #[serde(default)]
    ui_domain: serde_json::Value,
}

impl AccountBody {
    /// The time zone by its name, or by its offset if this system does not know the name.
    fn zone(&self) -> Option<TimeZone> {
        const MS_PER_SECOND: i64 = 1_000;
        let zone_name = self.time_zone.as_deref();
        zone_name
            .and_then(|name| TimeZone::get(name).ok())
            .or_else(|| {
                let seconds = self.utc_offset_milliseconds? / MS_PER_SECOND;
                let offset = Offset::from_seconds(seconds.try_into().ok()?).ok()?;
                Some(TimeZone::fixed(offset))
            })
    }
}

/// The account in this body. Texts are masked and cleaned, because they are shown.
fn account(
    response: &ParsedResponse,
    body: &[u8],
    mask: &dyn Fn(&str) -> String,
) -> Option<ResponsePayload> {
    let details = serde_json::from_slice::<AccountBody>(body).ok();
    let details = details.filter(|_| response.status == SUCCESS)?;
    let shown = |text: &str| clean(&mask(text), MAX_TEXT);
    let payload = AccountDetails {
        id: AccountId::new(details.portal_id),
        zone: details.zone(),
        zone_name: details.time_zone.as_deref().map(shown),
        kind: details.account_type.as_str().map(shown),
        ui_domain: details.ui_domain.as_str().map(shown),
    };
    Some(ResponsePayload::Account(payload))
}

/// The verdict, as for a row, except that an app may write without the permission to read this.
fn verdict(response: &ParsedResponse) -> Verdict {
    match response.status {
        SUCCESS if response.body.is_json() => Verdict::Done {
            http_status: SUCCESS,
        },
        HttpStatus::FORBIDDEN if response.body.is_json() => {
            Verdict::Refused(failure(response, Code::Rejected))
        }
        _ => classify(response),
    }
}

#[derive(Deserialize)]
struct UsagesBody {
    results: Vec<UsageBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageBody {
    resets_at: Option<Timestamp>,
    #[serde(default, rename = "usageLimit")]
    limit: serde_json::Value,
    #[serde(default, rename = "currentUsage")]
    used: serde_json::Value,
}

/// The usage of the daily quota. If there are several quotas, the earliest reset counts.
fn day(response: &ParsedResponse, body: &[u8]) -> Option<ResponsePayload> {
    let usages = serde_json::from_slice::<UsagesBody>(body).ok();
    let usages = usages.filter(|_| response.status == SUCCESS)?.results;
    let calls = |usage: &UsageBody| {
        let limit = usage.limit.as_u64().filter(|limit| *limit > 0)?;
        Some((limit, usage.used.as_u64()?))
    };
    let payload = DayUsage {
        calls: usages.iter().find_map(calls),
        resets_at: usages.iter().filter_map(|usage| usage.resets_at).min(),
    };
    (payload != DayUsage::default()).then_some(ResponsePayload::Day(payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hubspot::error_body::ErrorBody;

    fn payload(operation: Operation<'_>, status: u16, body: &str) -> Option<ResponsePayload> {
        let parsed = ParsedResponse {
            status: HttpStatus::new(status),
            body: ErrorBody::default(),
            retry_after: None,
            origin: None,
        };
        interpret(operation, &parsed, body.as_bytes(), &str::to_owned).1
    }

    fn zone(status: u16, body: &str) -> Option<(u64, Option<TimeZone>)> {
        match payload(Operation::Account, status, body)? {
            ResponsePayload::Account(details) => Some((details.id.get(), details.zone)),
            other @ (ResponsePayload::Day(_)
            | ResponsePayload::Scopes(_)
            | ResponsePayload::Links(_)
            | ResponsePayload::Records(_)
            | ResponsePayload::Labels(_)
            | ResponsePayload::KeyPage(_)
            | ResponsePayload::Properties(_)
            | ResponsePayload::Limits(_)) => {
                panic!("{other:?}")
            }
        }
    }

    #[test]
    fn an_unknown_time_zone_uses_its_offset() {
        let body = r#"{"portalId":7,"timeZone":"Mars/Olympus","utcOffsetMilliseconds":-18000000}"#;
        let zone = TimeZone::fixed(Offset::from_seconds(-18_000).unwrap());
        assert_eq!(self::zone(200, body), Some((7, Some(zone))));
        assert_eq!(self::zone(200, r#"{"portalId":7}"#), Some((7, None)));
        assert_eq!(self::zone(403, body), None);
    }

    #[test]
    fn a_known_time_zone_is_used_instead_of_its_current_offset() {
        let body = r#"{"portalId":7,"timeZone":"US/Eastern","utcOffsetMilliseconds":-18000000}"#;
        let eastern = TimeZone::get("US/Eastern").ok();
        assert!(eastern.is_some());
        assert_eq!(zone(200, body), Some((7, eastern)));
    }

    #[test]
    fn the_earliest_reset_counts_and_invalid_values_are_ignored() {
        let body = r#"{"results":[{"resetsAt":"2026-11-25T05:00:00Z"},{"resetsAt":null},
            {"resetsAt":"2026-11-25T04:00:00Z"}]}"#;
        let first = "2026-11-25T04:00:00Z".parse().unwrap();
        let expected = DayUsage {
            calls: None,
            resets_at: Some(first),
        };
        assert_eq!(
            payload(Operation::Day, 200, body),
            Some(ResponsePayload::Day(expected))
        );
        for (status, body) in [(200, r#"{"results":[]}"#), (200, "<html>"), (429, body)] {
            assert_eq!(
                payload(Operation::Day, status, body),
                None,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn the_account_type_is_kept_as_hubspot_names_it_and_masked() {
        let body = r#"{"portalId":7,"accountType":"SANDBOX","timeZone":"Mars/secret",
            "uiDomain":"app\u0007.hubspot.com"}"#;
        let mut parsed = ParsedResponse {
            status: HttpStatus::OK,
            body: ErrorBody::default(),
            retry_after: None,
            origin: None,
        };
        let mask = |text: &str| text.replace("secret", "***");
        let (_, payload) = interpret(Operation::Account, &parsed, body.as_bytes(), &mask);
        let Some(ResponsePayload::Account(details)) = payload else {
            panic!("{payload:?}")
        };
        assert_eq!(details.kind.as_deref(), Some("SANDBOX"));
        assert_eq!(details.zone_name.as_deref(), Some("Mars/***"));
        assert!(!details.ui_domain.unwrap_or_default().contains('\u{7}'));
        parsed.status = HttpStatus::FORBIDDEN;
        assert_eq!(
            interpret(Operation::Account, &parsed, body.as_bytes(), &mask).1,
            None
        );
    }

    #[test]
    fn the_daily_calls_are_read_if_there_is_a_limit() {
        for (usage, calls) in [
            (r#""usageLimit":1000,"currentUsage":2"#, Some((1_000, 2))),
            (r#""usageLimit":0,"currentUsage":0"#, None),
            (r#""usageLimit":"x","currentUsage":0"#, None),
        ] {
            let body = format!(r#"{{"results":[{{"resetsAt":"2026-11-25T05:00:00Z",{usage}}}]}}"#);
            let Some(ResponsePayload::Day(day)) = payload(Operation::Day, 200, &body) else {
                panic!("{body}")
            };
            assert_eq!(day.calls, calls, "{body}");
        }
    }
}
