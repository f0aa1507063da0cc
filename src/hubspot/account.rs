//! Which account a token belongs to, and when its days begin: the paths of the
//! questions, and what answers to them mean. Pure.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};
use serde::Deserialize;

use super::verdict::{Judged, failure, judge};
use crate::{
    account::AccountId,
    api::{Told, Verdict},
    code::Code,
};

/// The path that tells of the account by `GET`.
pub(super) const DETAILS_PATH: &str = "/account-info/v3/details";

/// The path that tells of the day's quota by `GET`.
pub(super) const DAY_PATH: &str = "/account-info/v3/api-usage/daily/private-apps";

/// The status of an answer that tells it.
const TOLD: u16 = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    portal_id: u64,
    time_zone: Option<String>,
    utc_offset_milliseconds: Option<i64>,
}

impl Details {
    /// By its name, and where this system does not know that by its offset.
    fn zone(&self) -> Option<TimeZone> {
        const MS_PER_SECOND: i64 = 1_000;
        let named = self.time_zone.as_deref();
        named.and_then(|name| TimeZone::get(name).ok()).or_else(|| {
            let seconds = self.utc_offset_milliseconds? / MS_PER_SECOND;
            let offset = Offset::from_seconds(seconds.try_into().ok()?).ok()?;
            Some(TimeZone::fixed(offset))
        })
    }
}

/// The account that an answer with this body tells of, and its time zone.
pub(super) fn account(answer: &Judged, body: &[u8]) -> Option<Told> {
    let details = serde_json::from_slice::<Details>(body).ok();
    let details = details.filter(|_| answer.status == TOLD)?;
    let account = AccountId::new(details.portal_id);
    Some(Told::Account(account, details.zone()))
}

/// What an answer means: as for a row, but that an app may lack the right to
/// ask and have that to write.
pub(super) fn verdict(answer: &Judged) -> Verdict {
    match answer.status {
        TOLD if answer.body.is_json => Verdict::Done { http_status: TOLD },
        403 => Verdict::Refused(failure(answer, Code::Rejected)),
        _ => judge(answer),
    }
}

#[derive(Deserialize)]
struct Usages {
    results: Vec<Usage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    resets_at: Option<Timestamp>,
}

/// When the day's quota begins anew, of several the first.
pub(super) fn day_reset(answer: &Judged, body: &[u8]) -> Option<Told> {
    let usages = serde_json::from_slice::<Usages>(body).ok();
    let usages = usages.filter(|_| answer.status == TOLD)?;
    let resets = usages.results.iter().filter_map(|usage| usage.resets_at);
    resets.min().map(Told::DayReset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hubspot::error_body::ErrorBody;

    fn told(question: fn(&Judged, &[u8]) -> Option<Told>, status: u16, body: &str) -> Option<Told> {
        let answer = Judged {
            status,
            body: ErrorBody::default(),
            retry_after: None,
            origin: String::new(),
        };
        question(&answer, body.as_bytes())
    }

    #[test]
    fn an_unknown_time_zone_is_known_by_its_offset() {
        let body = r#"{"portalId":7,"timeZone":"Mars/Olympus","utcOffsetMilliseconds":-18000000}"#;
        let zone = TimeZone::fixed(Offset::from_seconds(-18_000).unwrap());
        let expected = Told::Account(AccountId::new(7), Some(zone));
        assert_eq!(told(account, 200, body), Some(expected));
        let nothing = Told::Account(AccountId::new(7), None);
        assert_eq!(told(account, 200, r#"{"portalId":7}"#), Some(nothing));
        assert_eq!(told(account, 403, body), None);
    }

    #[test]
    fn a_time_zone_that_is_known_is_more_than_its_offset_of_today() {
        let body = r#"{"portalId":7,"timeZone":"US/Eastern","utcOffsetMilliseconds":-18000000}"#;
        let zone = TimeZone::get("US/Eastern").ok();
        assert!(zone.is_some());
        let expected = Told::Account(AccountId::new(7), zone);
        assert_eq!(told(account, 200, body), Some(expected));
    }

    #[test]
    fn the_first_reset_counts_and_nonsense_tells_nothing() {
        let body = r#"{"results":[{"resetsAt":"2026-11-25T05:00:00Z"},{"resetsAt":null},
            {"resetsAt":"2026-11-25T04:00:00Z"}]}"#;
        let first = "2026-11-25T04:00:00Z".parse().unwrap();
        assert_eq!(told(day_reset, 200, body), Some(Told::DayReset(first)));
        for (status, body) in [(200, r#"{"results":[]}"#), (200, "<html>"), (429, body)] {
            assert_eq!(told(day_reset, status, body), None, "{status} {body}");
        }
    }
}
