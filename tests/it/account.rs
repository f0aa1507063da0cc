//! The real program asks once, before the first row, which account it writes to.

use hubassoc::sandbox::SandboxOptions;

use crate::{
    secrets::{MARKER, assert_hidden},
    support::{
        fake_hubspot::{FakeHubSpot, FakeResponse},
        links,
        sandbox::{sent, start_with},
        workdir::{TOKEN, Workdir},
    },
};

/// A server that accepts every row and gives these answers about the account.
fn server_with_account<A: Into<FakeResponse>>(answers: impl IntoIterator<Item = A>) -> FakeHubSpot {
    FakeHubSpot::with_responses([204]).with_account_responses(answers)
}

fn details(body: &str) -> FakeResponse {
    FakeResponse::from(200).body("application/json", body)
}

#[test]
fn the_account_is_asked_for_once_with_the_token_of_the_run() {
    let fake = server_with_account([details(r#"{"portalId":62515}"#)]);
    let workdir = Workdir::with(links(1..=100));
    let ran = workdir.import(&fake.base_url(), "-v").exits(0);
    ran.says(&["the token belongs to account 62515"]);
    let questions = fake.account_requests();
    let [question] = questions.as_slice() else {
        panic!("{questions:?}")
    };
    assert_eq!(
        (question.method.as_str(), question.uri.as_str()),
        ("GET", "/account-info/v3/details")
    );
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(question.header("authorization"), Some(bearer.as_str()));
    assert_eq!(question.body, "");
}

#[test]
fn an_api_key_is_sent_in_the_url() {
    let fake = server_with_account([404]);
    let workdir = Workdir::with(links([1]));
    let run = workdir.import(&fake.base_url(), "");
    let run = run.without_env("HUBSPOT_ACCESS_TOKEN");
    run.env("HUBSPOT_API_KEY", "key-1-2").exits(0);
    let uri = "/account-info/v3/details?hapikey=key-1-2";
    assert_eq!(fake.account_requests()[0].uri, uri);
}

#[test]
fn without_rows_to_send_nothing_is_requested() {
    for (rows, code) in [("", 0), ("x,7,1\n,7,1\n", 1)] {
        let fake = server_with_account([404]);
        let workdir = Workdir::with(links([]) + rows);
        workdir.import(&fake.base_url(), "").exits(code);
        assert!(fake.account_requests().is_empty(), "{rows}");
    }
}

#[test]
fn an_app_that_may_not_ask_may_still_write() {
    let refusals = [400, 403, 404, 405, 422, 501, 204].map(FakeResponse::from);
    let without = [details("{}"), details(r#"{"portalId":"x"}"#)];
    for answer in refusals.into_iter().chain(without) {
        let case = format!("{answer:?}");
        let fake = server_with_account([answer]);
        let workdir = Workdir::with(links([1, 2, 3]));
        workdir.import(&fake.base_url(), "").exits(0);
        assert_eq!(
            (fake.account_requests().len(), fake.requests().len()),
            (1, 3),
            "{case}"
        );
    }
}

#[test]
fn a_token_that_is_refused_stops_the_run_before_any_row() {
    let fake = server_with_account([401]);
    let workdir = Workdir::with(links(1..=100));
    let ran = workdir.import(&fake.base_url(), "").exits(3);
    ran.says(&["HTTP 401", "check that the token is complete"]);
    assert_eq!(
        (fake.account_requests().len(), fake.requests().len()),
        (2, 0)
    );
    assert_eq!(workdir.names(), ["links.csv"]);
}

#[test]
fn transient_failures_are_retried_and_counted() {
    for status in [500, 503, 429] {
        let fake = server_with_account([FakeResponse::from(status), details(r#"{"portalId":1}"#)]);
        let workdir = Workdir::with(links([1, 2]));
        let options = "--summary s.json --max-attempts 8";
        workdir.import(&fake.base_url(), options).exits(0);
        assert_eq!(fake.account_requests().len(), 2, "{status}");
        assert_eq!(workdir.json("s.json")["calls"], 4, "{status}");
        assert_eq!(workdir.endings(), ["succeeded 1"; 2], "{status}");
    }
}

#[test]
fn an_answer_that_is_not_hubspots_stops_the_run_before_any_row() {
    let page = FakeResponse::from(200).body("text/html", "<html><title>Log in</title>");
    let redirect = FakeResponse::from(302).header("location", "https://evil.example/");
    for answer in [page, redirect] {
        let fake = server_with_account([answer]);
        let workdir = Workdir::with(links(1..=20));
        let ran = workdir.import(&fake.base_url(), "").exits(4);
        ran.says(&["other than HubSpot's API"]);
        assert_eq!(
            (fake.account_requests().len(), fake.requests().len()),
            (3, 0)
        );
    }
}

#[test]
fn the_sandbox_has_one_account_and_counts_the_request_as_a_call() {
    let sandbox = start_with(SandboxOptions {
        account: 7,
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links([1, 2]));
    let options = "-v --summary s.json";
    let ran = workdir.import(&sandbox.base_url(), options).exits(0);
    ran.says(&["the token belongs to account 7\n"]);
    assert_eq!(sent(&sandbox).len(), 2);
    assert_eq!(sandbox.request_log().requests, 3);
    assert_eq!(workdir.json("s.json")["calls"], 3);
}

#[test]
fn an_answer_about_the_account_that_echoes_the_token_is_masked() {
    for (status, code) in [(400, 0), (401, 3), (403, 0), (500, 0), (200, 0)] {
        assert_hidden(&format!("{status} echoes"), code, |workdir, options| {
            let token = "pat-na1-m4rk3r";
            let body = format!(r#"{{"message":"you sent {token}","correlationId":"{token}"}}"#);
            let fake =
                server_with_account([FakeResponse::from(status).body("application/json", body)]);
            let options = format!("--max-attempts 1 {options}");
            let run = workdir.import(&fake.base_url(), &options);
            run.env("HUBSPOT_ACCESS_TOKEN", token).keep_alive(fake)
        });
    }
    assert_eq!(MARKER, "m4rk3r");
}

#[test]
fn a_token_file_that_changes_to_another_account_stops_the_run_before_a_row_goes_there() {
    let workdir = Workdir::with(links(1..=200));
    workdir.write("token", "of-account-1");
    let rotated = workdir.path("token");
    let fake = FakeHubSpot::with_handler(move |n, request| {
        if n == 50 {
            std::fs::write(&rotated, "of-account-2").unwrap();
        }
        let is_old = request.header("authorization") == Some("Bearer of-account-1");
        match (is_old, n >= 50) {
            (true, true) => 401.into(),
            (_, _) => 204.into(),
        }
    });
    let fake =
        fake.with_account_responses([details(r#"{"portalId":1}"#), details(r#"{"portalId":2}"#)]);
    let ran = workdir
        .import(&fake.base_url(), "--token-file token")
        .exits(3);
    ran.says(&[
        "the token belongs to account 2",
        "this run was started in account 1",
    ]);
    for request in fake.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer of-account-1"));
    }
}

#[test]
fn a_run_does_not_resume_in_another_account() {
    let fake =
        FakeHubSpot::with_responses([204]).with_account_responses([details(r#"{"portalId":1}"#)]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&fake.base_url(), "--limit 1").exits(0);
    let requested = fake.account_requests().len();
    let ran = workdir.import(&fake.base_url(), "--resume --limit off --account 2");
    let ran = ran.exits(2);
    ran.says(&[
        "this run was started in account 1",
        "--account is 2",
        "leave out --account to continue in account 1",
        "--results",
    ]);
    ran.never_says("next");
    assert_eq!(
        (fake.requests().len(), fake.account_requests().len()),
        (1, requested)
    );
    workdir
        .import(&fake.base_url(), "--resume --limit off --account 1")
        .exits(0);
}

#[test]
fn a_page_of_a_firewall_does_not_say_that_the_app_may_not_ask() {
    let page = FakeResponse::from(403).body("text/html", "<html>blocked</html>");
    let fake = server_with_account([page, details(r#"{"portalId":1}"#)]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&fake.base_url(), "--account 1").exits(0);
    assert_eq!(fake.account_requests().len(), 2);
}
