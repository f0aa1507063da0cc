//! Runs `doctor`'s checks against an account that a test makes up.

use std::time::Duration;

use hubassoc::{
    app::{CheckedLinks, Checkup, examine},
    config,
    hubspot::{ApiVersion, ClientOptions, Credentials, Secret},
    rate_state::RateState,
    tables::v1,
};

use super::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    workdir::TOKEN,
};

/// A checkup for links from contacts to companies, by v1.
pub(crate) fn checkup(base_url: &str) -> Checkup {
    let token = Secret::new(TOKEN, "the test").unwrap();
    Checkup {
        client: ClientOptions {
            api_version: ApiVersion::default(),
            agent: "hubassoc-tests",
            base_url: config::base_url(base_url).unwrap(),
            credentials: Credentials::Token(token),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            extra_roots: None,
            report_event: |_| {},
        },
        links: CheckedLinks::Definition(v1::table().definition(1).unwrap()),
        by_key: [false; 2],
        account: None,
        folder: ".".into(),
    }
}

/// The exit code and the printed lines of a checkup.
pub(crate) fn examination(checkup: Checkup) -> (u8, String) {
    let findings = examine(checkup, RateState::in_memory()).unwrap();
    (findings.exit_code().get(), findings.to_string())
}

/// Asserts the exit code, and that there are lines that begin with these.
pub(crate) fn assert_findings(checkup: Checkup, code: u8, lines: &[&str]) {
    let (ended, text) = examination(checkup);
    assert_eq!(ended, code, "{text}");
    for line in lines {
        let is_there = text.lines().any(|there| there.starts_with(line));
        assert!(is_there, "'{line}' is not there:\n{text}");
    }
}

pub(crate) fn json(body: &str) -> FakeResponse {
    FakeResponse::from(200).body("application/json", body)
}

pub(crate) const BOTH: &str = r#"["crm.objects.contacts.write","crm.objects.companies.write"]"#;

pub(crate) fn details() -> FakeResponse {
    json(
        r#"{"portalId":12345678,"accountType":"STANDARD","timeZone":"US/Eastern",
            "utcOffsetMilliseconds":-18000000,"uiDomain":"app.hubspot.com"}"#,
    )
}

pub(crate) fn usage() -> FakeResponse {
    json(
        r#"{"results":[{"name":"private-apps-api-calls-daily","usageLimit":250000,
            "currentUsage":10,"resetsAt":"2026-11-25T05:00:00Z"}]}"#,
    )
}

/// Answers the requests besides those for the account: scopes and links.
pub(crate) fn answer(request: &ReceivedRequest, scopes: &str) -> FakeResponse {
    if request.uri.starts_with("/oauth/") {
        json(&format!(
            r#"{{"userId":1,"hubId":7,"appId":3,"scopes":{scopes}}}"#
        ))
    } else {
        json(r#"{"results":[],"hasMore":false,"offset":0}"#)
            .header("x-hubspot-ratelimit-max", "190")
            .header("x-hubspot-ratelimit-interval-milliseconds", "10000")
            .header("x-hubspot-ratelimit-remaining", "189")
    }
}

/// An account without problems, for a token with these scopes.
pub(crate) fn account_with(scopes: &'static str) -> FakeHubSpot {
    let fake = FakeHubSpot::with_handler(move |_, request| answer(request, scopes));
    fake.with_account_responses([details(), usage()])
}

pub(crate) fn calls(fake: &FakeHubSpot) -> usize {
    fake.account_requests().len() + fake.requests().len()
}
