//! The token: its sources, invalid tokens, and tokens that HubSpot refuses.

use std::fs;

use axum::http::StatusCode;
use hubassoc::sandbox::SandboxOptions;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    sandbox::start_with,
    workdir::{TOKEN, Workdir, column},
};

#[test]
fn a_token_revoked_during_the_run_stops_it_and_leaves_the_rest_unattempted() {
    let sandbox = start_with(SandboxOptions {
        // After the request for the account and 49 rows.
        faults: vec!["401=#51-".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=500).map(|n| n * 10 + 1)));
    let options = "--concurrency 8 --summary summary.json";
    let ran = workdir.import(&sandbox.base_url(), options).exits(3);
    ran.says(&[
        "refused the token",
        "with a token and scopes that HubSpot accepts",
    ]);
    let refused = sandbox
        .request_log()
        .responses
        .with_status(StatusCode::UNAUTHORIZED);
    assert!(
        (2..=16).contains(&refused),
        "{refused} requests were refused"
    );
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_status"), vec!["succeeded"; 49]);
    let summary = workdir.json("summary.json");
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(count("succeeded"), 49);
    assert_eq!(
        count("succeeded") + count("unsettled"),
        count("rows_read"),
        "{summary}"
    );
    assert_eq!(summary["exit_code"], 3);
}

#[test]
fn a_token_that_is_refused_at_once_leaves_no_results_file() {
    let fake = FakeHubSpot::with_responses([401]);
    let workdir = Workdir::with(links(1..=100));
    let ran = workdir.import(&fake.base_url(), "--concurrency 4").exits(3);
    ran.says(&["HTTP 401: scripted 401", "check that the token is complete"]);
    assert!(fake.requests().len() <= 4, "{}", fake.requests().len());
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn a_missing_scope_is_named() {
    let body = r#"{"status":"error","message":"This app hasn't been granted all required scopes","category":"MISSING_SCOPES","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.contacts.write"]}}]}"#;
    let fake =
        FakeHubSpot::with_responses([FakeResponse::from(403).body("application/json", body)]);
    let workdir = Workdir::with(links(1..=100));
    let ran = workdir.import(&fake.base_url(), "").exits(3);
    ran.says(&[
        "crm.objects.contacts.write",
        "give the token the read and write scopes of both object types",
    ]);
}

#[test]
fn without_a_token_nothing_starts() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let run = workdir.import(&fake.base_url(), "");
    let ran = run.without_env("HUBSPOT_ACCESS_TOKEN").exits(2);
    ran.says(&[
        "no access token",
        "HUBSPOT_ACCESS_TOKEN",
        "--token-file",
        "--sandbox",
    ]);
    assert!(fake.requests().is_empty());
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn a_token_may_come_from_a_file_with_one_line_end_and_wins_over_the_environment() {
    for end in ["", "\n", "\r\n"] {
        let fake = FakeHubSpot::with_responses([204]);
        let workdir = Workdir::with(links([1]));
        workdir.write("token", format!("pat-from-file{end}"));
        workdir
            .import(&fake.base_url(), "--token-file token")
            .exits(0);
        let requests = fake.requests();
        assert_eq!(
            requests[0].header("authorization"),
            Some("Bearer pat-from-file")
        );
    }
}

#[test]
fn a_token_file_that_holds_more_than_a_token_is_refused_without_showing_it() {
    let token = "pat-na1-kept-secret";
    let with = |before: &str, after: &str| format!("{before}{token}{after}").into_bytes();
    let cases: [(&str, Vec<u8>); 9] = [
        ("a carriage return", with("", "\rx")),
        ("a byte order mark", with("\u{feff}", "\n")),
        ("quotes", with("\"", "\"")),
        ("blanks", with(" ", " ")),
        ("two lines", with("", "\nsecond\n")),
        ("a name", with("TOKEN=\"", "\"")),
        ("a NUL", with("", "\0")),
        ("no UTF-8", [with("", "").as_slice(), b"\xff\xfe"].concat()),
        ("nothing", Vec::new()),
    ];
    for (case, bytes) in cases {
        let fake = FakeHubSpot::with_responses([204]);
        let workdir = Workdir::with(links([1]));
        workdir.write("my-token-file", bytes);
        let ran = workdir
            .import(&fake.base_url(), "--token-file my-token-file")
            .exits(2);
        ran.says(&["my-token-file"]).never_says("kept-secret");
        assert!(fake.requests().is_empty(), "{case}");
    }
}

#[test]
fn a_token_file_that_cannot_be_read_is_refused_by_name() {
    let workdir = Workdir::with(links([1]));
    let ran = workdir
        .run("import links.csv --token-file nowhere")
        .exits(2);
    ran.says(&["nowhere"]);
}

#[test]
#[cfg(unix)]
fn a_token_file_that_others_may_read_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;
    for (mode, warned) in [(0o644, true), (0o600, false)] {
        let fake = FakeHubSpot::with_responses([204]);
        let workdir = Workdir::with(links([1]));
        workdir.write("token", "pat-x");
        fs::set_permissions(workdir.path("token"), fs::Permissions::from_mode(mode)).unwrap();
        let ran = workdir
            .import(&fake.base_url(), "--token-file token")
            .exits(0);
        assert_eq!(ran.stderr.contains("chmod 600"), warned, "{ran}");
    }
}

#[test]
fn an_api_key_is_the_last_resort_and_comes_with_a_warning() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let run = workdir
        .import(&fake.base_url(), "")
        .env("HUBSPOT_API_KEY", "key-1-2");
    let ran = run.without_env("HUBSPOT_ACCESS_TOKEN").exits(0);
    ran.says(&[
        "HubSpot has not supported API keys since November 2022; set HUBSPOT_ACCESS_TOKEN to a \
         service key or to the access token of an app",
        "HUBSPOT_ACCESS_TOKEN",
    ])
    .never_says("key-1-2");
    let requests = fake.requests();
    assert_eq!(
        requests[0].uri,
        "/crm-associations/v1/associations?hapikey=key-1-2"
    );
    assert_eq!(requests[0].header("authorization"), None);
}

#[test]
fn a_token_in_the_environment_wins_over_an_api_key() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let run = workdir
        .import(&fake.base_url(), "")
        .env("HUBSPOT_API_KEY", "key-1-2");
    let ran = run.exits(0);
    ran.never_says("API key");
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(
        fake.requests()[0].header("authorization"),
        Some(bearer.as_str())
    );
}

#[test]
fn there_is_no_option_for_a_token() {
    let workdir = Workdir::with(links([1]));
    workdir.run("import links.csv --token pat-x").exits(2);
    let help = workdir.run("import --help").exits(0).stdout();
    assert!(!help.contains("--token "), "{help}");
}

#[test]
fn a_token_file_that_has_changed_is_read_again_after_a_401_and_costs_no_row_a_try() {
    let workdir = Workdir::with(links(1..=100));
    workdir.write("token", "pat-old");
    let path = workdir.path("token");
    let fake = FakeHubSpot::with_handler(move |n, request| {
        if n == 20 {
            fs::write(&path, "pat-new\n").unwrap();
        }
        let old = request.header("authorization") == Some("Bearer pat-old");
        if n >= 20 && old {
            401.into()
        } else {
            204.into()
        }
    });
    let options = "--token-file token --max-attempts 1 -v";
    let ran = workdir.import(&fake.base_url(), options).exits(0);
    ran.says(&["the token file has changed"]);
    let calls = fake.requests().len();
    assert!((101..=116).contains(&calls), "{calls}");
}

#[test]
fn a_token_file_that_has_not_changed_stops_the_run() {
    let workdir = Workdir::with(links(1..=100));
    workdir.write("token", "pat-old");
    let fake = FakeHubSpot::with_handler(|n, _| if n < 20 { 204.into() } else { 401.into() });
    let options = "--token-file token --concurrency 4";
    workdir.import(&fake.base_url(), options).exits(3);
    assert!(fake.requests().len() <= 28, "{}", fake.requests().len());
}

#[test]
#[cfg(unix)]
fn a_token_from_a_pipe_is_read_only_once() {
    let workdir = Workdir::with(links(1..=5));
    let fifo = workdir.pipe("fifo");
    let writer = std::thread::spawn(move || fs::write(fifo, "pat-x\n").unwrap());
    let fake = FakeHubSpot::with_responses([401]);
    workdir
        .import(&fake.base_url(), "--token-file fifo")
        .exits(3);
    writer.join().unwrap();
}

#[test]
fn a_single_401_does_not_stop_the_run() {
    for refused in [0, 20] {
        let fake = FakeHubSpot::with_handler(
            move |n, _| if n == refused { 401.into() } else { 204.into() },
        );
        let workdir = Workdir::with(links(1..=50));
        let options = "--max-attempts 1";
        workdir.import(&fake.base_url(), options).exits(0);
        assert_eq!(fake.requests().len(), 51);
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_status"), vec!["succeeded"; 50]);
    }
}

/// Only the secrets of an app have a variable for a file.
#[test]
fn a_variable_that_is_never_read_does_not_hide_the_token_file_of_the_run() {
    let fake = FakeHubSpot::with_handler(|_, request| match request.method.as_str() {
        "PUT" => 204.into(),
        _ => FakeResponse::from(200).body(
            "application/json",
            r#"{"results":[7],"hasMore":false,"offset":7}"#,
        ),
    });
    let workdir = Workdir::with(links([1]));
    workdir.write("token", "kept-secret-in-a-file");
    let run = workdir.import(&fake.base_url(), "--token-file token");
    run.without_env("HUBSPOT_ACCESS_TOKEN").exits(0);
    let run = workdir.run("verify links.results.csv --rate unlimited");
    run.without_env("HUBSPOT_ACCESS_TOKEN")
        .env("HUBSPOT_ACCESS_TOKEN_FILE", "elsewhere")
        .exits(0);
}
