//! The quotas and their headers.

use super::*;
use crate::sandbox::CallLimit;

fn limited(limit: &str, daily: Option<u64>) -> SandboxOptions {
    SandboxOptions {
        limit: limit.parse().unwrap(),
        daily,
        ..SandboxOptions::default()
    }
}

#[test]
fn answers_report_the_quotas() {
    let sandbox = start(limited("190/10s", Some(1000)));
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    for answer in [
        put(&sandbox, PUT_ONE, &link(1, 2, 1)),
        put(&sandbox, PUT_BATCH, &batch(&[link(1, 2, 1)])),
    ] {
        let number = |name: &str| -> u32 {
            let name = format!("x-hubspot-ratelimit-{name}");
            answer.header(&name).unwrap().parse().unwrap()
        };
        assert_eq!(
            (number("max"), number("interval-milliseconds")),
            (190, 10_000)
        );
        assert_eq!(number("secondly"), 19);
        let single = number("daily-remaining") == 998;
        let left = if single { 188 } else { 189 };
        assert_eq!(number("remaining"), left, "batch calls have their own");
        assert!(number("secondly-remaining") < 19);
        assert_eq!(number("daily"), 1000);
    }
}

#[test]
fn without_a_daily_quota_there_are_no_daily_headers() {
    let sandbox = start(SandboxOptions::default());
    let answer = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(answer.header("x-hubspot-ratelimit-max"), Some("100"));
    assert_eq!(answer.header("x-hubspot-ratelimit-daily"), None);
}

#[test]
fn over_the_window_is_429_as_recorded() {
    let sandbox = start(limited("1/h", None));
    assert_eq!(put(&sandbox, PUT_ONE, &link(1, 2, 1)).status, 204);
    let answer = put(&sandbox, PUT_ONE, &link(3, 4, 1));
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.masked(),
        r#"{"status":"error","message":"You have reached your ten_secondly_rolling limit.","errorType":"RATE_LIMIT","correlationId":"ID","policyName":"TEN_SECONDLY_ROLLING","groupName":"publicapi:private_app-api-calls-ten-secondly:1:1"}"#
    );
    assert_eq!(answer.header("x-hubspot-ratelimit-remaining"), Some("0"));
    assert_eq!(answer.header("retry-after"), None);
    assert_eq!(sandbox.request_log().applied, 1);
}

#[test]
fn over_the_day_is_429_as_documented() {
    let sandbox = start(limited("off", Some(1)));
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    let answer = put(&sandbox, PUT_ONE, &link(3, 4, 1));
    assert_eq!(answer.status, 429);
    let begin = r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","correlationId":"ID","policyName":"DAILY","requestId":""#;
    assert!(answer.masked().starts_with(begin), "{}", answer.masked());
    assert_eq!(
        answer.header("x-hubspot-ratelimit-daily-remaining"),
        Some("0")
    );
    assert_eq!(answer.header("x-hubspot-ratelimit-max"), None);
}

#[test]
fn a_place_is_free_again_after_the_window() {
    let sandbox = start(limited("1/200ms", None));
    assert_eq!(put(&sandbox, PUT_ONE, &link(1, 2, 1)).status, 204);
    std::thread::sleep(Duration::from_millis(210));
    assert_eq!(put(&sandbox, PUT_ONE, &link(1, 2, 1)).status, 204);
}

#[test]
fn unknown_tokens_and_wrong_paths_use_no_quota() {
    let sandbox = start(limited("1/h", None));
    send(&sandbox, "PUT", PUT_ONE, "", &link(1, 2, 1)).unwrap();
    get(&sandbox, "/");
    get(&sandbox, PUT_ONE);
    assert_eq!(put(&sandbox, PUT_ONE, &link(1, 2, 1)).status, 204);
}

#[test]
fn retry_after_is_sent_only_if_the_option_is_given() {
    let sandbox = start(SandboxOptions {
        retry_after: Some(7),
        faults: vec!["429=#1".parse().unwrap(), "503=#2".parse().unwrap()],
        ..SandboxOptions::default()
    });
    for status in [429, 503, 204] {
        let answer = put(&sandbox, PUT_ONE, &link(1, 2, 1));
        assert_eq!(answer.status, status);
        let expected = (status != 204).then_some("7");
        assert_eq!(answer.header("retry-after"), expected);
    }
}

#[test]
fn a_new_limit_is_reported_by_the_next_answer() {
    let sandbox = start(limited("190/10s", None));
    put(&sandbox, PUT_ONE, &link(1, 2, 1));
    sandbox.set_limit("100/10s".parse().unwrap());
    for (path, body, left) in [
        (PUT_ONE, link(1, 2, 1), "98"),
        (PUT_BATCH, batch(&[link(1, 2, 1)]), "99"),
    ] {
        let answer = put(&sandbox, path, &body);
        assert_eq!(answer.header("x-hubspot-ratelimit-max"), Some("100"));
        assert_eq!(answer.header("x-hubspot-ratelimit-remaining"), Some(left));
    }
    sandbox.set_limit(CallLimit::Off);
    let answer = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(answer.header("x-hubspot-ratelimit-max"), None);
}
