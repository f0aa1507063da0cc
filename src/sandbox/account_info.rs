//! What HubSpot says about the account: its details, today's usage, and the scopes of a token.
//!
//! Only the wording. The numbers come from elsewhere.

use jiff::Timestamp;

use serde::Deserialize;

use super::{
    association_input::missing_fields,
    response::DailyUsage,
    response::{ErrorResponse, SandboxResponse, json_text},
    zone::AccountZone,
};

/// The account's details. Only its number and its time zone matter.
pub(super) fn details(id: u64, zone: &AccountZone, now: Timestamp) -> SandboxResponse {
    const MINUTE: u32 = 60;
    const HOUR: u32 = 60 * MINUTE;
    let offset = zone.offset(now);
    let sign = if offset < 0 { '-' } else { '+' };
    let away = offset.unsigned_abs();
    let (hours, minutes) = (away / HOUR, away % HOUR / MINUTE);
    let milliseconds = i64::from(offset) * 1000;
    let name = json_text(zone.name());
    SandboxResponse::Json(format!(
        r#"{{"portalId":{id},"accountType":"SANDBOX","timeZone":{name},"companyCurrency":"USD","additionalCurrencies":[],"utcOffset":"{sign}{hours:02}:{minutes:02}","utcOffsetMilliseconds":{milliseconds},"uiDomain":"app.hubspot.com","dataHostingLocation":"na1"}}"#
    ))
}

/// Today's usage of the daily quota. The answer of an account without a daily quota is not
/// recorded.
pub(super) fn daily_usage(daily: Option<DailyUsage>, now: Timestamp) -> SandboxResponse {
    let result = daily.map(|DailyUsage { max, used, resets_at }| {
        format!(
            r#"{{"name":"private-apps-api-calls-daily","usageLimit":{max},"currentUsage":{used},"collectedAt":"{now:.3}","fetchStatus":"SUCCESS","resetsAt":"{resets_at:.3}"}}"#
        )
    });
    let result = result.unwrap_or_default();
    SandboxResponse::Json(format!(r#"{{"results":[{result}]}}"#))
}

/// Reads the token that the request asks about.
pub(super) fn parse_token(body: &[u8]) -> Result<String, ErrorResponse> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct TokenInfoRequest {
        token_key: Option<String>,
    }
    if body.is_empty() {
        return Err(ErrorResponse::no_body());
    }
    let request: TokenInfoRequest =
        serde_json::from_slice(body).map_err(|error| ErrorResponse::json(&error))?;
    let token = request.token_key;
    token.ok_or_else(|| missing_fields(body, &["tokenKey"]))
}

/// The scopes of a token. Its user and its app are made up.
pub(super) fn token_info(id: u64, scopes: &[String]) -> SandboxResponse {
    let scopes: Vec<_> = scopes.iter().map(|scope| json_text(scope)).collect();
    let scopes = scopes.join(",");
    SandboxResponse::Json(format!(
        r#"{{"userId":1,"hubId":{id},"appId":1,"scopes":[{scopes}]}}"#
    ))
}
