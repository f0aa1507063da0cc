//! Secrets appear nowhere: every way to end, with the most verbose output, and a search of
//! everything that was written.

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    raw_server::{NO_CONTENT, RawServer, SocketAction},
    workdir::{ProgramRun, Transcript, Workdir},
};

/// All secrets contain this marker.
pub(crate) const MARKER: &str = "m4rk3r";
pub(crate) const TOKEN: &str = "pat-na1-m4rk3r-secret";

/// Runs with the most verbose output in both log formats. `run` builds the rest of the command.
fn run_verbosely(run: impl Fn(&Workdir, &str) -> ProgramRun) -> [(Workdir, Transcript); 2] {
    ["text", "json"].map(|format| {
        // With three rows a failing server would be an outage.
        let workdir = Workdir::with(links([1, 2]));
        let options = format!("-vvv --log-format {format} --summary summary.json");
        let run = run(&workdir, &options)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        let ran = run.finish();
        (workdir, ran)
    })
}

/// Asserts the exit code, and that neither a stream nor a file contains the marker.
pub(crate) fn assert_hidden(case: &str, code: i32, run: impl Fn(&Workdir, &str) -> ProgramRun) {
    for (workdir, ran) in run_verbosely(run) {
        assert_eq!(ran.code, Some(code), "{case}\n{ran}");
        assert!(!ran.stderr.is_empty(), "{case}: nothing was said");
        ran.never_says(MARKER);
        for name in workdir.names() {
            let text = String::from_utf8_lossy(&workdir.bytes(&name)).into_owned();
            assert!(!text.contains(MARKER), "{case}: {name}\n{text}");
        }
    }
}

/// With the token in the environment.
fn with_token(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let run = workdir.import(base_url, options);
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// With the marker in an API key, which is part of the URL.
fn with_key(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let run = workdir.import(base_url, options);
    run.without_env("HUBSPOT_ACCESS_TOKEN")
        .env("HUBSPOT_API_KEY", TOKEN)
}

/// Asserts that both secrets stay hidden. Each run has its own server.
fn assert_both_hidden(case: &str, code: i32, more: &str, server: impl Fn() -> FakeHubSpot) {
    for run in [with_token, with_key] {
        assert_hidden(case, code, |workdir, options| {
            let server = server();
            let options = format!("{options} {more}");
            run(workdir, &server.base_url(), &options).keep_alive(server)
        });
    }
}

/// Asserts that both secrets stay hidden with a raw server.
fn assert_both_hidden_raw(case: &str, code: i32, more: &str, server: impl Fn() -> RawServer) {
    for run in [with_token, with_key] {
        assert_hidden(case, code, |workdir, options| {
            let server = server();
            let options = format!("--concurrency 1 --max-attempts 1 {options} {more}");
            run(workdir, &server.base_url(), &options).keep_alive(server)
        });
    }
}

/// An error response that repeats the request.
pub(crate) fn echoing_error(status: u16, request: &ReceivedRequest) -> FakeResponse {
    let body = serde_json::json!({
        "message": format!("you sent {:?} to {}", request.headers, request.uri),
        "correlationId": TOKEN,
        "policyName": TOKEN,
        "errors": [{ "message": TOKEN }, TOKEN],
        "context": { "missingScopes": [TOKEN] },
    });
    FakeResponse::from(status)
        .body("application/json", body.to_string())
        .header("x-hubspot-correlation-id", TOKEN)
}

fn echo(status: u16) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |_, request| echoing_error(status, request))
}

#[test]
fn a_success_hides_it() {
    assert_both_hidden("success", 0, "", || FakeHubSpot::with_responses([204]));
}

#[test]
fn an_answer_that_echoes_it_is_masked() {
    for (status, code) in [(400, 1), (401, 3), (403, 3), (500, 1), (429, 4), (200, 4)] {
        let more = "--max-attempts 1 --max-wait 1ms";
        assert_both_hidden(&format!("{status} echoes"), code, more, || echo(status));
    }
}

#[test]
fn a_percent_encoded_key_is_masked() {
    assert_hidden("percent-encoded", 1, |workdir, options| {
        let server = FakeHubSpot::with_handler(|_, request| {
            FakeResponse::from(400).body("text/plain", format!("no {}", request.uri))
        });
        let run = workdir.import(&server.base_url(), options);
        let run = run.without_env("HUBSPOT_ACCESS_TOKEN");
        run.env("HUBSPOT_API_KEY", "m4rk3r/+&x=").keep_alive(server)
    });
}

#[test]
fn a_page_or_a_text_that_echoes_it_is_masked() {
    let page = format!("<html><title>{TOKEN}</title>{TOKEN}");
    for (kind, body) in [
        ("text/html", page.as_str()),
        ("text/plain", TOKEN),
        (TOKEN, TOKEN),
    ] {
        assert_both_hidden(kind, 1, "", || {
            FakeHubSpot::with_responses([FakeResponse::from(400).body(kind, body)])
        });
    }
}

#[test]
fn a_correlation_id_in_a_header_that_echoes_it_is_masked() {
    assert_both_hidden("header", 1, "", || {
        let answer = FakeResponse::from(400).body("text/plain", "no");
        FakeHubSpot::with_responses([answer.header("x-hubspot-correlation-id", TOKEN)])
    });
}

#[test]
fn a_redirect_that_contains_it_is_masked() {
    let path = format!("https://evil.example/{TOKEN}?t={TOKEN}#{TOKEN}");
    let user = format!("https://{TOKEN}@evil.example/");
    for target in [path, user] {
        assert_both_hidden("redirect", 4, "", || {
            let answer = FakeResponse::from(302).body("text/html", "moved");
            FakeHubSpot::with_responses([answer.header("location", &target)])
        });
    }
}

#[test]
fn a_refused_connection_hides_it() {
    // An absent server fails no row: the run gives up.
    assert_both_hidden_raw("refused", 4, "--max-wait 1s", || {
        let last = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        RawServer::start([SocketAction::SendAndStopListening(last.into())])
    });
}

#[test]
fn a_broken_connection_hides_it() {
    let broken = [
        SocketAction::reset_after(""),
        SocketAction::close_after("HTTP/1.1 2"),
        SocketAction::close_after("rubbish\r\n\r\n"),
    ];
    for action in broken {
        assert_both_hidden_raw("broken", 1, "", || {
            RawServer::start([SocketAction::send(NO_CONTENT), action.clone()])
        });
    }
}

#[test]
fn a_timeout_hides_it() {
    assert_both_hidden_raw("silence", 1, "--limit 2 --timeout 1s", || {
        RawServer::start([
            SocketAction::send(NO_CONTENT),
            SocketAction::stall_after(""),
        ])
    });
}

#[test]
fn a_base_url_with_a_password_is_refused_without_showing_it() {
    for url in [
        "https://me:m4rk3r@api.hubapi.com",
        "http://m4rk3r@127.0.0.1:1",
        "https://api.hubapi.com/?hapikey=m4rk3r",
        "https://api.hubapi.com/m4rk3r",
        "m4rk3r",
    ] {
        assert_hidden(url, 2, |workdir, options| with_token(workdir, url, options));
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_refused_without_showing_it() {
    assert_hidden("unusable", 2, |workdir, options| {
        let run = workdir.import("http://127.0.0.1:1", options);
        run.env("HUBSPOT_ACCESS_TOKEN", "pat m4rk3r\n")
    });
}

#[test]
fn a_secret_in_place_of_the_path_of_its_file_is_refused_without_showing_it() {
    let long = "CJSP5qf1KhICAQEYs-gDIIGOBii1hQIyGQAf3x-m4rk3r";
    for (setting, secret) in [
        ("--token-file", TOKEN),
        ("--token-file", long),
        ("HUBASSOC_TOKEN_FILE", TOKEN),
        ("HUBSPOT_CLIENT_SECRET_FILE", long),
    ] {
        let run = |workdir: &Workdir, options: &str| {
            let server = "http://127.0.0.1:1";
            if setting == "--token-file" {
                return workdir.import(server, &format!("{options} --token-file {secret}"));
            }
            let run = workdir.import(server, options).env(setting, secret);
            run.without_env("HUBSPOT_ACCESS_TOKEN")
                .env("HUBSPOT_CLIENT_ID", "id")
                .env("HUBSPOT_REFRESH_TOKEN", "refresh")
        };
        assert_hidden(setting, 2, run);
        let option = match setting {
            "HUBASSOC_TOKEN_FILE" => "--token-file",
            other => other,
        };
        let workdir = Workdir::with(links([1]));
        run(&workdir, "").exits(2).says(&[&format!(
            "{option} seems to have a token or secret itself (not shown here), but has to have the \
             path of a file; write the secret to a file, and give the path of that file\n"
        )]);
    }
    // A file may have such a name.
    let workdir = Workdir::with(links([1]));
    workdir.write(TOKEN, TOKEN);
    let run = workdir.import("http://127.0.0.1:1", &format!("--token-file {TOKEN}"));
    run.finish().never_says("seems to have");
}

#[test]
fn a_refused_input_hides_it() {
    assert_hidden("no input", 2, |workdir, options| {
        let run = workdir.import_file("nowhere.csv", "http://127.0.0.1:1", options);
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    });
}
