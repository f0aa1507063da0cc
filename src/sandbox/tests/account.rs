//! Answers about the account and its daily quota.

use super::*;

const DETAILS: &str = "/account-info/v3/details";
const USAGE: &str = "/account-info/v3/api-usage/daily/private-apps";

fn daily_quota(calls: u64) -> SandboxOptions {
    SandboxOptions {
        daily: Some(calls),
        ..SandboxOptions::default()
    }
}

/// The usage of the daily quota, as JSON.
fn usage(sandbox: &Sandbox) -> serde_json::Value {
    let answer = get(sandbox, USAGE);
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    body["results"][0].take()
}

fn time(usage: &serde_json::Value, name: &str) -> jiff::Timestamp {
    usage[name].as_str().unwrap().parse().unwrap()
}

#[test]
fn any_token_may_read_the_account() {
    let sandbox = start(SandboxOptions {
        time_zone: Some("Asia/Kathmandu".parse().unwrap()),
        ..SandboxOptions::default()
    });
    let answer = get(&sandbox, DETAILS);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (
            200,
            r#"{"portalId":62515,"accountType":"SANDBOX","timeZone":"Asia/Kathmandu","companyCurrency":"USD","additionalCurrencies":[],"utcOffset":"+05:45","utcOffsetMilliseconds":20700000,"uiDomain":"app.hubspot.com","dataHostingLocation":"na1"}"#
        )
    );
    let stranger = send(&sandbox, "GET", DETAILS, "", "").unwrap();
    assert_eq!(stranger.status, 401);
    assert!(answer.header("x-hubspot-ratelimit-remaining").is_some());
}

#[test]
fn the_default_time_zone_is_us_eastern() {
    let body = get(&start(SandboxOptions::default()), DETAILS).body;
    assert!(body.contains(r#""timeZone":"US/Eastern""#), "{body}");
    let offsets = [
        r#""utcOffset":"-05:00","utcOffsetMilliseconds":-18000000"#,
        r#""utcOffset":"-04:00","utcOffsetMilliseconds":-14400000"#,
    ];
    let matching = offsets.iter().filter(|offset| body.contains(**offset));
    assert_eq!(matching.count(), 1, "of winter or of summer: {body}");
}

#[test]
fn daily_usage_is_answered_as_recorded() {
    let sandbox = start(daily_quota(1000));
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    put(&sandbox, PUT_BATCH, &batch(&[link(1, 2, 1)]));
    let answer = get(&sandbox, USAGE);
    let begin = r#"{"results":[{"name":"private-apps-api-calls-daily","usageLimit":1000,"currentUsage":2,"collectedAt":"20"#;
    let end = r#"T00:00:00.000Z"}]}"#;
    let body = &answer.body;
    assert!(body.starts_with(begin) && body.ends_with(end), "{body}");
    assert!(
        body.contains(r#"Z","fetchStatus":"SUCCESS","resetsAt":"20"#),
        "{body}"
    );
    assert_eq!(
        answer.header("x-hubspot-ratelimit-daily-remaining"),
        Some("998")
    );
    assert_eq!(answer.header("x-hubspot-ratelimit-remaining"), Some("98"));
    assert_eq!(send(&sandbox, "GET", USAGE, "", "").unwrap().status, 401);
    assert_eq!(sandbox.request_log().counts.usages, 2);
}

#[test]
fn daily_usage_is_answered_after_the_quota_is_used_up() {
    let sandbox = start(daily_quota(1));
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(get(&sandbox, DETAILS).status, 429);
    for _ in 0..2 {
        let usage = usage(&sandbox);
        assert_eq!(
            (&usage["usageLimit"], &usage["currentUsage"]),
            (&1.into(), &1.into())
        );
    }
}

#[test]
fn an_account_without_a_daily_quota_reports_no_usage() {
    let sandbox = start(SandboxOptions::default());
    assert_eq!(get(&sandbox, USAGE).body, r#"{"results":[]}"#);
}

#[test]
fn the_daily_quota_resets_at_the_announced_time() {
    let two_hours = jiff::SignedDuration::from_hours(2);
    let before = jiff::Timestamp::now();
    let sandbox = start(SandboxOptions {
        daily_reset: Some("2h".parse().unwrap()),
        ..daily_quota(1)
    });
    let after = jiff::Timestamp::now();
    let resets_at = time(&usage(&sandbox), "resetsAt");
    // The answer has whole milliseconds, rounded up.
    let a_millisecond = jiff::SignedDuration::from_millis(1);
    assert!(resets_at >= before + two_hours, "{resets_at}");
    assert!(
        resets_at <= after + two_hours + a_millisecond,
        "{resets_at}"
    );
}

#[test]
fn with_a_zone_the_day_ends_at_its_midnight() {
    let sandbox = start(SandboxOptions {
        time_zone: Some("Asia/Kathmandu".parse().unwrap()),
        ..daily_quota(1)
    });
    let resets_at = time(&usage(&sandbox), "resetsAt").to_string();
    assert!(resets_at.ends_with("T18:15:00Z"), "{resets_at}");
}

#[test]
fn the_dated_paths_answer_account_and_usage_too() {
    let sandbox = start(daily_quota(10));
    let dated = |path: &str| path.replace("v3", "2026-09");
    assert_eq!(
        get(&sandbox, &dated(DETAILS)).body,
        get(&sandbox, DETAILS).body
    );
    let usage = get(&sandbox, &dated(USAGE)).body;
    assert!(usage.contains(r#""currentUsage":2"#), "{usage}");
    let log = sandbox.request_log();
    assert_eq!((log.counts.accounts, log.counts.usages), (2, 1));
}

const TOKEN_INFO: &str = "/oauth/v2/private-apps/get/access-token-info";

#[test]
fn a_token_is_described_with_its_account_and_scopes() {
    let sandbox = start(SandboxOptions {
        account: 7,
        token: Some("secret".to_owned()),
        scopes: vec!["oauth".to_owned(), "tickets".to_owned()],
        ..SandboxOptions::default()
    });
    let ask = |body: &str| send(&sandbox, "POST", TOKEN_INFO, "", body).unwrap();
    let answer = ask(r#"{"tokenKey":"secret"}"#);
    assert_eq!(
        (answer.status, &*answer.body),
        (
            200,
            r#"{"userId":1,"hubId":7,"appId":1,"scopes":["oauth","tickets"]}"#
        )
    );
    assert_eq!(ask(r#"{"tokenKey":"other"}"#).status, 401);
    assert!(ask("{}").body.contains("[tokenKey]"));
}

#[test]
fn the_default_scopes_are_those_of_the_usual_records() {
    let sandbox = start(SandboxOptions::default());
    let body = r#"{"tokenKey":"any"}"#;
    let answer = send(&sandbox, "POST", TOKEN_INFO, "", body).unwrap().body;
    for scope in [
        "oauth",
        "crm.objects.contacts.write",
        "crm.objects.deals.read",
    ] {
        assert!(
            answer.contains(&format!("\"{scope}\"")),
            "{scope} in {answer}"
        );
    }
}
