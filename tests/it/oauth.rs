//! OAuth with the real program: the sources of its secrets, and what happens when tokens expire,
//! are refused, or are unavailable.

use std::time::Instant;

use axum::http::StatusCode;
use hubassoc::sandbox::{Sandbox, SandboxOptions};

use crate::support::{
    dated_responses,
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    sandbox::{sent, start, start_with},
    workdir::{ProgramRun, TOKEN, Workdir},
};

const CLIENT_ID: &str = "HUBSPOT_CLIENT_ID";
const CLIENT_SECRET: &str = "HUBSPOT_CLIENT_SECRET";
const REFRESH_TOKEN: &str = "HUBSPOT_REFRESH_TOKEN";

/// An import with OAuth's three variables and no token.
fn import(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let run = workdir.import(base_url, options);
    with_oauth(run.without_env("HUBSPOT_ACCESS_TOKEN"))
}

fn with_oauth(run: ProgramRun) -> ProgramRun {
    run.env(CLIENT_ID, "the-id")
        .env(CLIENT_SECRET, "the-secret")
        .env(REFRESH_TOKEN, "the-refresh")
}

fn sandbox_with(life: &str, app: Option<&str>) -> Sandbox {
    start_with(SandboxOptions {
        oauth_life: life.parse().unwrap(),
        oauth_app: app.map(|app| app.parse().unwrap()),
        ..SandboxOptions::default()
    })
}

fn asks_for_a_token(request: &ReceivedRequest) -> bool {
    matches!(&*request.uri, "/oauth/v1/token" | "/oauth/2026-09/token")
}

fn grant(token: &str) -> FakeResponse {
    let body = format!(r#"{{"access_token":"{token}","expires_in":1800,"token_type":"bearer"}}"#);
    FakeResponse::from(200).body("application/json", body)
}

/// The number of requests for tokens, and of other requests.
fn counted(fake: &FakeHubSpot) -> (usize, usize) {
    let requests = fake.requests();
    let tokens = requests.iter().filter(|r| asks_for_a_token(r)).count();
    (tokens, requests.len() - tokens)
}

#[test]
fn a_run_outlives_its_tokens_and_requests_one_per_life() {
    let sandbox = sandbox_with("1s", Some("the-id:the-secret:the-refresh"));
    let workdir = Workdir::with(links((1..=90).map(|n| n * 10 + 1)));
    let began = Instant::now();
    let line = "import links.csv --rate 40/s --max-attempts 1 --base-url";
    let run = workdir.run(&format!("{line} {}", sandbox.base_url()));
    with_oauth(run).exits(0);
    let lives = began.elapsed().as_secs_f64() / 0.9;
    assert_eq!(sent(&sandbox).len(), 90);
    let tokens = sandbox.request_log().tokens;
    // At this pace the run takes 2 s. A token is renewed after nine tenths of its life.
    assert!(
        tokens >= 2 && tokens as f64 <= 1.0 + lives,
        "{tokens} in {lives} lives"
    );
}

#[test]
fn the_request_for_a_token_is_the_documented_form_and_its_token_is_used() {
    let fake = FakeHubSpot::with_handler(|_, request| {
        if asks_for_a_token(request) {
            grant("access-1")
        } else {
            204.into()
        }
    });
    let workdir = Workdir::with(links([1, 2]));
    import(&workdir, &fake.base_url(), "").exits(0);
    let requests = fake.requests();
    let [first, second, _] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (first.method.as_str(), first.uri.as_str()),
        ("POST", "/oauth/v1/token")
    );
    assert_eq!(
        first.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(first.header("authorization"), None);
    assert_eq!(
        first.body,
        "grant_type=refresh_token&client_id=the-id&client_secret=the-secret&refresh_token=the-refresh"
    );
    assert_eq!(second.header("authorization"), Some("Bearer access-1"));
}

#[test]
fn a_token_is_requested_from_the_version_in_use() {
    for (api, path) in [
        ("v1", "/oauth/v1/token"),
        ("2026-09", "/oauth/2026-09/token"),
    ] {
        let fake = FakeHubSpot::with_handler(|_, request| {
            if asks_for_a_token(request) {
                grant("access")
            } else if request.uri.starts_with("/crm-associations/v1/") {
                204.into()
            } else {
                dated_responses::succeed(request)
            }
        });
        let workdir = Workdir::with(links([1, 2]));
        import(&workdir, &fake.base_url(), &format!("--api {api}")).exits(0);
        let requests = fake.requests();
        let requested: Vec<_> = requests.iter().filter(|r| asks_for_a_token(r)).collect();
        let [requested] = &*requested else {
            panic!("{requests:?}")
        };
        assert_eq!((&*requested.method, &*requested.uri), ("POST", path));
    }
}

#[test]
fn a_revoked_token_is_renewed_once_and_costs_no_row_an_attempt() {
    let fake = FakeHubSpot::with_handler(|n, request| {
        if asks_for_a_token(request) {
            grant(&format!("access-{n}"))
        } else if n > 20 && request.header("authorization") == Some("Bearer access-0") {
            401.into()
        } else {
            204.into()
        }
    });
    let workdir = Workdir::with(links(1..=100));
    import(
        &workdir,
        &fake.base_url(),
        "--max-attempts 1 --summary s.json",
    )
    .exits(0);
    let (tokens, calls) = counted(&fake);
    assert_eq!(tokens, 2);
    // Requests in flight with the old token are sent again and counted.
    assert!((101..=116).contains(&calls), "{calls}");
    let summary = workdir.json("s.json");
    assert_eq!(summary["succeeded"], 100);
    // One more request asks for the account.
    assert_eq!(summary["calls"], calls + 1);
    assert_eq!(summary["retries"], calls - 100);
}

#[test]
fn a_fresh_token_that_is_refused_stops_the_run() {
    // Either the first token is refused at once, or the second one after the first was accepted.
    for (first, tokens_and_rows) in [(401, (1, 0)), (404, (2, 2))] {
        let fake = FakeHubSpot::with_handler(|_, request| {
            if asks_for_a_token(request) {
                grant("access")
            } else {
                401.into()
            }
        });
        let fake = fake.with_account_responses([first]);
        let workdir = Workdir::with(links(1..=100));
        let ran = import(&workdir, &fake.base_url(), "").exits(3);
        ran.says(&[
            "HTTP 401",
            "next, with a token and scopes that HubSpot accepts",
        ]);
        assert_eq!(counted(&fake), tokens_and_rows);
        assert_eq!(workdir.names(), ["links.csv"]);
    }
}

#[test]
fn a_refused_part_of_the_app_is_named_and_nothing_is_sent() {
    let sandbox = sandbox_with("30min", Some("the-id:the-secret:the-refresh"));
    for variable in [CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN] {
        let workdir = Workdir::with(links([1]));
        let run = import(&workdir, &sandbox.base_url(), "").env(variable, "wrong");
        run.exits(3).says(&[&format!("check {variable}")]);
        assert_eq!(workdir.names(), ["links.csv"]);
    }
    assert_eq!(
        sandbox
            .request_log()
            .responses
            .with_status(StatusCode::BAD_REQUEST),
        sandbox.request_log().requests
    );
}

#[test]
fn the_run_waits_for_a_token_endpoint_that_is_briefly_down() {
    let fake = FakeHubSpot::with_handler(|n, request| match (n, asks_for_a_token(request)) {
        (0, _) => 503.into(),
        (_, true) => grant("access"),
        (_, false) => 204.into(),
    });
    let workdir = Workdir::with(links(1..=20));
    import(&workdir, &fake.base_url(), "").exits(0);
    assert_eq!(counted(&fake), (2, 20));
}

#[test]
fn a_page_from_the_token_endpoint_is_not_hubspot_and_no_result() {
    let fake = FakeHubSpot::with_responses([FakeResponse::from(200).body("text/html", "<html>")]);
    let workdir = Workdir::with(links(1..=20));
    let ran = import(&workdir, &fake.base_url(), "").exits(4);
    ran.says(&["other than HubSpot's API", "no access token was granted"]);
    assert_eq!(counted(&fake), (3, 0));
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn each_secret_may_come_from_a_file() {
    let sandbox = sandbox_with("30min", Some("the-id:the-secret:the-refresh"));
    let workdir = Workdir::with(links([1]));
    let mut run = import(&workdir, &sandbox.base_url(), "");
    for (variable, value) in [
        (CLIENT_ID, "the-id"),
        (CLIENT_SECRET, "the-secret\n"),
        (REFRESH_TOKEN, "the-refresh\r\n"),
    ] {
        workdir.write(variable, value);
        run = run
            .without_env(variable)
            .env(&format!("{variable}_FILE"), variable);
    }
    run.exits(0);
    assert_eq!(sandbox.request_log().tokens, 1);
}

#[test]
fn missing_secrets_are_named_and_nothing_starts() {
    let sandbox = start(&[]);
    for missing in [CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN] {
        let workdir = Workdir::with(links([1]));
        let run = import(&workdir, &sandbox.base_url(), "").without_env(missing);
        let ran = run.env("HUBSPOT_API_KEY", "key-1-2").exits(2);
        ran.says(&[&format!("OAuth also needs {missing}")]);
    }
    assert_eq!(sandbox.request_log().requests, 0);
}

#[test]
fn a_secret_in_two_places_or_an_unusable_file_is_refused_by_name() {
    let workdir = Workdir::with(links([1]));
    let file = format!("{CLIENT_SECRET}_FILE");
    let run = import(&workdir, "http://127.0.0.1:1", "").env(&file, "secret");
    run.exits(2).says(&[CLIENT_SECRET, &file, "both set"]);
    let run = import(&workdir, "http://127.0.0.1:1", "").without_env(CLIENT_SECRET);
    run.env(&file, "nowhere").exits(2).says(&["nowhere"]);
}

#[test]
fn a_given_token_overrides_oauth_with_a_message() {
    let sandbox = start(&[]);
    for (option, used) in [
        ("", "using HUBSPOT_ACCESS_TOKEN"),
        ("--token-file t", "using --token-file, not"),
    ] {
        let workdir = Workdir::with(links([1]));
        workdir.write("t", "pat-x");
        let run = import(&workdir, &sandbox.base_url(), option);
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .exits(0)
            .says(&[used, CLIENT_ID]);
    }
    assert_eq!(sandbox.request_log().tokens, 0);
}
