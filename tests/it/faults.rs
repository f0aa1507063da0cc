//! Faulty answers of a server: no wrong success, no lost row, and the documented end.

use axum::http::StatusCode;
use hubassoc::sandbox::SandboxOptions;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    sandbox::start_with,
    workdir::{Workdir, column},
};

/// A page of a proxy or a captive portal.
const PAGE: &str = "<html><title>Please log in</title></html>";

#[test]
fn five_per_cent_of_broken_answers_fail_no_row_and_cost_at_most_a_tenth_more() {
    let faults = ["503=2%", "500=1%", "reset=1%", "reset-after=1%"];
    let sandbox = start_with(SandboxOptions {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        seed: 5,
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links((1..=2_000).map(|n| n * 1_000 + 1)));
    workdir.import(&sandbox.base_url(), "").exits(0);
    let log = sandbox.request_log();
    let broken = log.responses.resets
        + log.responses.with_status(StatusCode::SERVICE_UNAVAILABLE)
        + log.responses.with_status(StatusCode::INTERNAL_SERVER_ERROR);
    assert!(broken >= 60, "{broken} faults are too few to show anything");
    assert_eq!(workdir.results().len(), 2_000);
    assert!(log.requests <= 2_200, "{}", log.requests);
}

#[test]
fn redirects_are_never_followed_and_never_a_success() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = FakeHubSpot::with_responses([204]);
        let target = format!("{}/login", elsewhere.base_url());
        let page = FakeResponse::from(status).body("text/html", PAGE);
        let answer = page.header("location", &target);
        let fake = FakeHubSpot::with_responses([answer]);
        let workdir = Workdir::with(links(1..=20));
        let ran = workdir.import(&fake.base_url(), "").exits(4);
        ran.says(&[
            "other than HubSpot's API",
            "redirects to",
            "check --base-url",
        ]);
        assert!(
            elsewhere.requests().is_empty(),
            "{status}: the token went elsewhere"
        );
        assert!(
            !workdir.has("links.results.csv"),
            "{status}: {:?}",
            workdir.names()
        );
    }
}

#[test]
fn a_2xx_other_than_204_is_not_a_success() {
    for status in [200, 201, 202, 203, 205, 206, 207, 226] {
        let page = FakeResponse::from(status).body("text/html", PAGE);
        let json = FakeResponse::from(status).body("application/json", r#"{"status":"COMPLETE"}"#);
        for answer in [page, json] {
            let fake = FakeHubSpot::with_responses([answer]);
            let workdir = Workdir::with(links(1..=5));
            let ran = workdir
                .import(&fake.base_url(), "--summary s.json")
                .exits(4);
            ran.says(&["other than HubSpot's API", &format!("HTTP {status}")]);
            assert_eq!(
                workdir.json("s.json")["unsettled"],
                workdir.json("s.json")["rows_read"]
            );
        }
    }
}

#[test]
fn a_row_without_an_answer_of_hubspots_has_no_line() {
    let fake = FakeHubSpot::with_handler(|_, request| {
        if request.body.contains(r#""fromObjectId":3,"#) {
            FakeResponse::from(200).body("text/html", PAGE)
        } else {
            204.into()
        }
    });
    let workdir = Workdir::with(links(1..=5));
    workdir
        .import(&fake.base_url(), "--max-attempts 2")
        .exits(4);
    let results = workdir.results();
    assert!(
        !column(&results, "from_object_id").contains(&"3"),
        "{results:?}"
    );
    assert!(
        column(&results, "assoc_status")
            .iter()
            .all(|s| *s == "succeeded")
    );
}

#[test]
fn a_retry_after_of_a_day_stops_the_run_with_the_time() {
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let day = tomorrow.strftime("%Y-%m-%d").to_string();
    for status in [429, 477, 503] {
        let fake = FakeHubSpot::with_responses([
            FakeResponse::from(204),
            FakeResponse::from(status).header("retry-after", "86400"),
        ]);
        let workdir = Workdir::with(links(1..=200));
        let ran = workdir.import(&fake.base_url(), "--concurrency 2").exits(4);
        ran.says(&["asks to wait until", &day, "longer than --max-wait (900 s)"]);
        assert!(
            fake.requests().len() <= 4,
            "{status}: {}",
            fake.requests().len()
        );
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_status"), ["succeeded"], "{status}");
    }
}

#[test]
fn the_days_quota_ends_the_run_with_a_code_of_its_own() {
    let body = r#"{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}"#;
    let daily = FakeResponse::from(429).body("application/json", body);
    let fake = FakeHubSpot::with_responses([204.into(), 204.into(), daily]);
    let workdir = Workdir::with(links(1..=200));
    let ran = workdir
        .import(&fake.base_url(), "--concurrency 2")
        .exits(75);
    ran.says(&[
        "the account's daily quota is used up",
        "when the daily quota is reset",
        "hubassoc import links.csv",
    ]);
    assert!(fake.requests().len() <= 4, "{}", fake.requests().len());
    assert!(
        column(&workdir.results(), "assoc_status")
            .iter()
            .all(|s| *s == "succeeded")
    );
}

#[test]
fn transient_failures_are_retried() {
    for status in [408, 423, 500, 502, 503, 504, 520, 527, 599] {
        let answer = FakeResponse::from(status).body("text/html", PAGE);
        let fake = FakeHubSpot::with_responses([answer, 204.into()]);
        let workdir = Workdir::with(links([1]));
        workdir.import(&fake.base_url(), "").exits(0);
        assert_eq!(workdir.endings(), ["succeeded 2"], "{status}");
    }
}

#[test]
fn permanent_failures_fail_the_row_at_once_with_reason_and_correlation_id() {
    for status in [400, 404, 405, 409, 414, 415, 422, 501, 505] {
        let fake = FakeHubSpot::with_responses([FakeResponse::from(status), 204.into()]);
        let workdir = Workdir::with(links([1, 2]));
        workdir.import(&fake.base_url(), "--concurrency 1").exits(1);
        assert_eq!(workdir.endings(), ["failed 1", "succeeded 1"], "{status}");
        let line = &workdir.results()[0];
        let status = status.to_string();
        assert_eq!(line["assoc_http_status"], status);
        assert!(
            line["assoc_message"].contains(&format!("scripted {status}")),
            "{line:?}"
        );
        assert_eq!(line["assoc_correlation_id"], format!("c-{status}"));
    }
}

#[test]
fn a_row_that_always_fails_is_given_up_and_the_others_succeed() {
    let fake = FakeHubSpot::with_handler(|_, request| {
        if request.body.contains(r#""fromObjectId":3,"#) {
            500.into()
        } else {
            204.into()
        }
    });
    let workdir = Workdir::with(links(1..=5));
    workdir
        .import(&fake.base_url(), "--max-attempts 3")
        .exits(1);
    let results = workdir.results();
    assert_eq!(
        column(&results, "assoc_attempts"),
        ["1", "1", "3", "1", "1"]
    );
    assert_eq!(
        column(&results, "assoc_code"),
        ["", "", "server_error", "", ""]
    );
}

#[test]
fn a_page_instead_of_an_error_is_reported_but_not_quoted() {
    let page = format!("{PAGE}<p>{}</p>", "x".repeat(5_000));
    let fake = FakeHubSpot::with_responses([FakeResponse::from(400).body("text/html", page)]);
    let workdir = Workdir::with(links([1]));
    workdir.import(&fake.base_url(), "").exits(1);
    assert_eq!(
        workdir.results()[0]["assoc_message"],
        "HTTP 400 (text/html): a page titled 'Please log in'"
    );
}

#[test]
fn control_characters_from_the_server_reach_neither_screen_nor_results() {
    let body = r#"{"message":"\u001b[2J\u0007\u202e\n=cmd|'/c calc'!A1 \u009b31m"}"#;
    let fake =
        FakeHubSpot::with_responses([FakeResponse::from(400).body("application/json", body)]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir.import(&fake.base_url(), "-vvv").exits(1);
    let everything = workdir.text("links.results.csv") + &ran.stderr;
    let hidden = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!everything.contains(hidden), "{everything:?}");
}

/// A block page that an edge shows to one call during a run.
fn block_page(status: u16) -> FakeResponse {
    let page = "<html><title>Attention Required!</title></html>";
    FakeResponse::from(status).body("text/html", page)
}

#[test]
fn a_block_page_does_not_count_as_a_refused_token_and_the_row_is_retried() {
    for status in [401, 403] {
        let fake = FakeHubSpot::with_handler(move |n, _| {
            if n == 8 {
                block_page(status)
            } else {
                204.into()
            }
        });
        let workdir = Workdir::with(links(1..=30));
        let ran = workdir.import(&fake.base_url(), "").exits(0);
        assert!(!ran.to_string().contains("refused the token"), "{ran}");
    }
}

#[test]
fn only_block_pages_stop_the_run_as_not_hubspot() {
    let fake = FakeHubSpot::with_handler(|_, _| block_page(403));
    let workdir = Workdir::with(links(1..=3));
    let ran = workdir.import(&fake.base_url(), "").exits(4);
    ran.says(&[
        "other than HubSpot's API",
        "HTTP 403",
        "Attention Required!",
    ]);
}

#[test]
fn a_migration_of_the_account_that_takes_too_long_is_named() {
    let moved = FakeResponse::from(477).header("retry-after", "86400");
    let fake =
        FakeHubSpot::with_handler(move |n, _| if n < 2 { 204.into() } else { moved.clone() });
    let workdir = Workdir::with(links(1..=5));
    let ran = workdir.import(&fake.base_url(), "").exits(4);
    ran.says(&["HubSpot asks to wait until", "data centre", "477"]);
}

#[test]
fn the_token_is_suspected_of_routing_errors_only_until_a_call_succeeds() {
    let unroutable = || FakeResponse::from(530).body("text/plain", "error code: 1016");
    for (first, suspected) in [(0_u64, true), (1, false)] {
        let answer = move |n, _: &_| {
            if (n as u64) < first {
                204.into()
            } else {
                unroutable()
            }
        };
        let fake = FakeHubSpot::with_handler(answer).with_account_responses([unroutable()]);
        // Together with the request for the account, three would be an outage.
        let workdir = Workdir::with(links(1..=first + 1));
        let options = "--max-attempts 1 --concurrency 1 -v";
        let ran = workdir.import(&fake.base_url(), options).finish();
        ran.says(&["error code: 1016"]);
        let hint = workdir
            .results()
            .iter()
            .any(|row| row["assoc_message"].contains("when a token is damaged"));
        assert_eq!(hint, suspected, "{ran}");
    }
}
