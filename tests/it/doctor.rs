//! `doctor` against scripted servers: its requests, its findings and its exit codes.

use hubassoc::{
    account::AccountId,
    app::CheckedLinks,
    hubspot::{ApiVersion, Credentials, Secret},
};

use crate::{
    account_request::logged,
    support::{
        checkup::{
            BOTH, account_with, answer, assert_findings, calls, checkup, details, examination,
            json, usage,
        },
        fake_hubspot::{FakeHubSpot, FakeResponse},
        workdir::{TOKEN, Workdir},
    },
};

#[test]
fn without_problems_every_line_says_ok() {
    let fake = account_with(BOTH);
    assert_findings(
        checkup(&fake.base_url()),
        0,
        &[
            &format!("ok    address    {}", fake.base_url()),
            "ok    token      accepted",
            "ok    account    12345678, production, time zone US/Eastern (app.hubspot.com)",
            "ok    scopes     crm.objects.contacts.write, crm.objects.companies.write",
            "ok    links      those from contacts to companies can be read",
            "ok    limit      190 calls in 10 s; 249,990 of 250,000 left today (it resets at 2026-",
            "ok    clock      less than a second off",
            "ok    api        v1, which HubSpot supports until September 2027; the next one is",
        ],
    );
}

#[test]
fn at_most_five_requests_are_made_and_nothing_is_written() {
    let fake = account_with(BOTH);
    examination(checkup(&fake.base_url()));
    let requested = [fake.account_requests(), fake.requests()].concat();
    let requested: Vec<_> = requested
        .iter()
        .map(|request| format!("{} {}", request.method, request.uri))
        .collect();
    assert_eq!(
        requested,
        [
            "GET /account-info/v3/details",
            "GET /account-info/v3/api-usage/daily/private-apps",
            "POST /oauth/v2/private-apps/get/access-token-info",
            "GET /crm-associations/v1/associations/1/HUBSPOT_DEFINED/1?limit=100&offset=",
        ]
    );
    let body: serde_json::Value = serde_json::from_str(&fake.requests()[0].body).unwrap();
    assert_eq!(body, serde_json::json!({ "tokenKey": TOKEN }));
}

#[test]
fn the_dated_api_is_checked_on_its_own_paths() {
    let fake = FakeHubSpot::with_handler(|_, request| match request.uri.as_str() {
        uri if uri.starts_with("/oauth/") => answer(request, BOTH),
        _ => json(r#"{"results":[{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"}]}"#),
    });
    let fake = fake.with_account_responses([details(), usage()]);
    let mut checkup = checkup(&fake.base_url());
    checkup.client.api_version = ApiVersion::LATEST;
    checkup.links = CheckedLinks::ObjectTypes("contacts".to_owned(), "companies".to_owned());
    assert_findings(checkup, 0, &["ok    links", "ok    api        2026-09"]);
    let uris: Vec<_> = [fake.account_requests(), fake.requests()].concat();
    let uris: Vec<_> = uris.iter().map(|request| request.uri.as_str()).collect();
    assert_eq!(
        uris,
        [
            "/account-info/2026-09/details",
            "/account-info/2026-09/api-usage/daily/private-apps",
            "/oauth/v2/private-apps/get/access-token-info",
            "/crm/associations/2026-09/contacts/companies/labels",
        ]
    );
}

#[test]
fn no_request_is_repeated_whatever_the_answers() {
    for status in [400, 403, 404, 409, 423, 429, 477, 500, 503, 204, 302] {
        let fake = FakeHubSpot::with_responses([status])
            .with_account_responses([details(), FakeResponse::from(status)]);
        examination(checkup(&fake.base_url()));
        assert_eq!(calls(&fake), 4, "{status}");
        let fake = FakeHubSpot::with_responses([status]).with_account_responses([status]);
        let (_, text) = examination(checkup(&fake.base_url()));
        assert!(calls(&fake) <= 4, "{status}\n{text}");
    }
}

#[test]
fn a_scope_that_is_missing_is_named_with_the_remedy() {
    let fake = account_with(r#"["crm.objects.contacts.write","crm.objects.companies.read"]"#);
    let line = "bad   scopes     crm.objects.companies.write is missing; give it to the service key or app";
    assert_findings(checkup(&fake.base_url()), 3, &["ok    token", line]);
}

#[test]
fn keys_need_the_scope_to_read_the_records_that_they_name() {
    for (by_key, code, line) in [
        (
            [false, false],
            0,
            "ok    scopes     crm.objects.contacts.write, ",
        ),
        (
            [true, false],
            3,
            "bad   scopes     crm.objects.contacts.read is missing; give it to the service key or app",
        ),
        (
            [true, true],
            3,
            "bad   scopes     crm.objects.contacts.read, and crm.objects.companies.read are missing; \
             give them to",
        ),
    ] {
        let fake = account_with(BOTH);
        let mut checkup = checkup(&fake.base_url());
        checkup.by_key = by_key;
        assert_findings(checkup, code, &[line]);
    }
}

#[test]
fn the_options_of_keys_say_which_records_are_looked_up() {
    const SCOPES: &str = r#"["crm.objects.contacts.write","crm.objects.companies.write",
                            "crm.objects.companies.read"]"#;
    let fake = account_with(SCOPES);
    let workdir = Workdir::new();
    for (options, code, expected) in [
        (
            "--to-key domain",
            0,
            "companies.write, crm.objects.companies.read\n",
        ),
        (
            "--from-key email",
            3,
            "crm.objects.contacts.read is missing; ",
        ),
    ] {
        let line = format!("doctor --base-url {} {options}", fake.base_url());
        let ran = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        let ran = ran.exits(code);
        assert!(ran.stdout().contains(expected), "{ran}");
    }
}

#[test]
fn unknown_scopes_are_not_a_failure() {
    for status in [400, 401, 403, 404] {
        let fake = FakeHubSpot::with_handler(move |_, request| match request.uri.as_str() {
            uri if uri.starts_with("/oauth/") => status.into(),
            _ => answer(request, ""),
        });
        let fake = fake.with_account_responses([details(), usage()]);
        let line = format!("?     scopes     could not be checked (HTTP {status}: scripted");
        assert_findings(checkup(&fake.base_url()), 0, &["ok    token", &line]);
    }
}

#[test]
fn an_api_key_has_no_scopes_to_check() {
    let fake = account_with(BOTH);
    let mut checkup = checkup(&fake.base_url());
    let key = Secret::new("key-1-2-3", "the test").unwrap();
    checkup.client.credentials = Credentials::ApiKey(key);
    assert_findings(
        checkup,
        0,
        &["?     scopes     could not be checked (an API key"],
    );
}

#[test]
fn a_refused_token_ends_the_checks() {
    let fake = FakeHubSpot::with_responses([204]).with_account_responses([401]);
    assert_findings(
        checkup(&fake.base_url()),
        3,
        &[
            "ok    address",
            "bad   token      HubSpot refused the token",
        ],
    );
    // A single refusal is checked again.
    assert_eq!(calls(&fake), 2);
}

#[test]
fn unreadable_links_are_reported_with_the_remedy() {
    let fake = FakeHubSpot::with_handler(|_, request| match request.uri.as_str() {
        uri if uri.starts_with("/oauth/") => answer(request, BOTH),
        _ => 403.into(),
    });
    let fake = fake.with_account_responses([details(), usage()]);
    let (code, text) = examination(checkup(&fake.base_url()));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("bad   links      HubSpot refused"), "{text}");
    assert!(
        text.contains("give the token the read and write scopes of both object types"),
        "{text}"
    );
}

#[test]
fn an_unexpected_account_is_bad() {
    let fake = account_with(BOTH);
    let mut other = checkup(&fake.base_url());
    other.account = Some(AccountId::new(7));
    let line = "bad   account    12345678, production, time zone US/Eastern (app.hubspot.com), but \
                --account is 7; use a token of account 7";
    assert_findings(other, 2, &[line]);
    let fake = account_with(BOTH);
    let mut wanted = checkup(&fake.base_url());
    wanted.account = Some(AccountId::new(12_345_678));
    assert_findings(wanted, 0, &["ok    account"]);
}

#[test]
fn an_unknown_account_is_bad_only_if_one_is_expected() {
    for (wanted, code, line) in [
        (None, 0, "?     account    could not be checked (HTTP 403"),
        (Some(7), 2, "bad   account    unknown (HTTP 403"),
    ] {
        let fake = FakeHubSpot::with_handler(|_, request| answer(request, BOTH))
            .with_account_responses([403]);
        let mut checkup = checkup(&fake.base_url());
        checkup.account = wanted.map(AccountId::new);
        assert_findings(checkup, code, &["ok    token      accepted", line]);
    }
}

#[test]
fn an_unreachable_server_and_a_server_that_is_not_hubspot_are_distinguished() {
    let nobody = "http://127.0.0.1:1";
    let line = format!("bad   address    {nobody}: cannot be reached");
    assert_findings(checkup(nobody), 4, &[&line, "ok    api"]);
    let page = FakeResponse::from(200).body("text/html", "<html><title>Log in</title>");
    let fake = FakeHubSpot::with_responses([204]).with_account_responses([page]);
    let place = fake.base_url();
    let line = format!("bad   address    {place}: something other than HubSpot's API answers");
    assert_findings(checkup(&place), 4, &[&line]);
}

#[test]
fn a_wrong_clock_is_reported() {
    let late = |answer: FakeResponse| answer.header("date", "Wed, 01 Jan 2020 00:00:00 GMT");
    let fake = FakeHubSpot::with_handler(move |_, request| late(answer(request, BOTH)));
    let fake = fake.with_account_responses([late(details()), late(usage())]);
    let (code, text) = examination(checkup(&fake.base_url()));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(" ahead of HubSpot's: "), "{text}");
}

#[test]
fn the_token_is_neither_printed_nor_logged_whatever_echoes_it() {
    let echo = format!(
        r#"{{"portalId":7,"accountType":"{TOKEN}","timeZone":"{TOKEN}","uiDomain":"{TOKEN}",
            "message":"{TOKEN}","correlationId":"{TOKEN}","scopes":["{TOKEN}"]}}"#
    );
    for status in [200, 400, 401, 403, 404, 429, 500] {
        let body = FakeResponse::from(status).body("application/json", echo.clone());
        for first in [body.clone(), details()] {
            let fake = FakeHubSpot::with_responses([body.clone()])
                .with_account_responses([first, body.clone()]);
            let mut text = String::new();
            let log = logged(|| text = examination(checkup(&fake.base_url())).1);
            assert!(text.contains("***") || status == 200, "{status}\n{text}");
            for text in [text, log] {
                assert!(!text.contains(TOKEN), "{status}\n{text}");
            }
        }
    }
}

#[test]
fn a_token_that_cannot_be_one_is_found_and_not_shown() {
    let workdir = Workdir::with("");
    let run = workdir.run("doctor");
    let ran = run
        .env("HUBSPOT_ACCESS_TOKEN", "HUBSPOT_ACCESS_TOKEN=pat-na1-x")
        .exits(3);
    let found = ran.stdout();
    assert!(found.starts_with("bad   token"), "{ran}");
    assert!(found.contains("a name and = in front of it"), "{ran}");
    assert!(!ran.to_string().contains("pat-na1-x"), "{ran}");
}
