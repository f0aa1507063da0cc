//! OAuth's secrets appear nowhere: neither the given ones nor those that HubSpot grants during the
//! run.

use crate::{
    secrets::{MARKER, assert_hidden},
    support::{
        fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
        raw_server::{NO_CONTENT, RawServer, SocketAction},
        workdir::{ProgramRun, Workdir},
    },
};

/// All of these secrets contain the marker.
fn with_oauth(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let run = workdir.import(base_url, options);
    run.without_env("HUBSPOT_ACCESS_TOKEN")
        .env("HUBSPOT_CLIENT_ID", "id-m4rk3r")
        .env("HUBSPOT_CLIENT_SECRET", "secret/m4rk3r+&=")
        .env("HUBSPOT_REFRESH_TOKEN", "refresh-m4rk3r")
}

const GRANT: &str =
    r#"{"access_token":"access-m4rk3r-1","refresh_token":"rotated-m4rk3r","expires_in":1800}"#;

/// A body that repeats everything that was sent and granted.
fn echo(status: u16, request: &ReceivedRequest) -> FakeResponse {
    let granted = if request.uri.starts_with("/oauth") {
        "none"
    } else {
        "access-m4rk3r-1 rotated-m4rk3r"
    };
    let sent = format!("{:?} {} {granted}", request.headers, request.body);
    let body = serde_json::json!({ "status": sent, "message": sent, "errors": [sent] });
    FakeResponse::from(status)
        .body("application/json", body.to_string())
        .header("x-hubspot-correlation-id", granted)
}

#[test]
fn a_success_hides_secrets_even_if_the_refresh_token_is_replaced() {
    assert_hidden("success", 0, |workdir, options| {
        let fake = FakeHubSpot::with_handler(|_, request| {
            if request.uri.starts_with("/oauth") {
                FakeResponse::from(200).body("application/json", GRANT)
            } else {
                204.into()
            }
        });
        with_oauth(workdir, &fake.base_url(), options).keep_alive(fake)
    });
}

#[test]
fn an_endpoint_for_tokens_that_echoes_them_is_masked() {
    for (status, code) in [(400, 3), (401, 3), (403, 3), (500, 1), (429, 4)] {
        assert_hidden(
            &format!("{status} for a token"),
            code,
            |workdir, options| {
                let fake = FakeHubSpot::with_handler(move |_, request| echo(status, request));
                let options = format!("--limit 1 --max-attempts 1 --max-wait 1ms {options}");
                with_oauth(workdir, &fake.base_url(), &options).keep_alive(fake)
            },
        );
    }
}

#[test]
fn an_answer_for_a_row_that_echoes_them_is_masked() {
    for (status, code) in [(400, 1), (401, 3), (403, 3), (500, 1)] {
        assert_hidden(&format!("{status} for a row"), code, |workdir, options| {
            let fake = FakeHubSpot::with_handler(move |_, request| {
                if request.uri.starts_with("/oauth") {
                    FakeResponse::from(200).body("application/json", GRANT)
                } else {
                    echo(status, request)
                }
            });
            let options = format!("--max-attempts 1 {options}");
            with_oauth(workdir, &fake.base_url(), &options).keep_alive(fake)
        });
    }
}

#[test]
fn an_invalid_grant_is_not_quoted() {
    for body in [
        r#"{"access_token":"access m4rk3r"}"#,
        r#"{"acces_token":"access-m4rk3r"}"#,
        "m4rk3r",
    ] {
        assert_hidden("no grant", 4, |workdir, options| {
            let fake = FakeHubSpot::with_responses([
                FakeResponse::from(200).body("application/json", body)
            ]);
            let options = format!("--limit 1 --max-attempts 1 {options}");
            with_oauth(workdir, &fake.base_url(), &options).keep_alive(fake)
        });
    }
}

#[test]
fn broken_connections_hide_secrets() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length:";
    let grant = format!("{head} {}\r\n\r\n{GRANT}", GRANT.len());
    let cut_off = format!("{head} 9999\r\n\r\n{GRANT}");
    let rows = [&grant, NO_CONTENT].map(SocketAction::send);
    let broken = SocketAction::close_after("rubbish\r\n\r\n");
    for actions in [
        vec![
            rows[0].clone(),
            rows[1].clone(),
            SocketAction::reset_after(""),
        ],
        vec![rows[0].clone(), rows[1].clone(), broken.clone()],
        vec![
            SocketAction::close_after(&cut_off),
            rows[0].clone(),
            rows[1].clone(),
            broken,
        ],
    ] {
        assert_hidden("broken", 1, |workdir, options| {
            let server = RawServer::start(actions.clone());
            let options = format!("--concurrency 1 --max-attempts 1 {options}");
            with_oauth(workdir, &server.base_url(), &options).keep_alive(server)
        });
    }
    assert!(GRANT.contains(MARKER));
}

#[test]
fn a_secret_that_cannot_be_used_is_refused_without_showing_it() {
    assert_hidden("unusable", 2, |workdir, options| {
        let run = with_oauth(workdir, "http://127.0.0.1:1", options);
        run.env("HUBSPOT_CLIENT_SECRET", "two m4rk3r words")
    });
}
