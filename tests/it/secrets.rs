//! A secret appears nowhere: every ending, as loud as the program can be, and
//! a search for it in all that was written.

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    raw_server::{NO_CONTENT, RawServer, SocketAction},
    workdir::{ProgramRun, Transcript, Workdir},
};

/// Everything that is searched for contains this.
pub(crate) const MARKER: &str = "m4rk3r";
pub(crate) const TOKEN: &str = "pat-na1-m4rk3r-secret";

/// As loud as it can be, in both formats; `run` makes the rest of the run.
fn loudly(run: impl Fn(&Workdir, &str) -> ProgramRun) -> [(Workdir, Transcript); 2] {
    ["text", "json"].map(|format| {
        // With three rows a broken server would be an outage.
        let workdir = Workdir::with(links([1, 2]));
        let options = format!("-vvv --log-format {format} --summary summary.json");
        let run = run(&workdir, &options)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        let ran = run.finish();
        (workdir, ran)
    })
}

/// Neither stream nor any file has the marker; the run ended with this code.
pub(crate) fn keeps_it(case: &str, code: i32, run: impl Fn(&Workdir, &str) -> ProgramRun) {
    for (workdir, ran) in loudly(run) {
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

/// With the marker in an API key, which is a part of the URL.
fn with_key(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let run = workdir.import(base_url, options);
    run.without_env("HUBSPOT_ACCESS_TOKEN")
        .env("HUBSPOT_API_KEY", TOKEN)
}

/// A server keeps both secrets; each run has one of its own.
fn both_are_kept(case: &str, code: i32, more: &str, server: impl Fn() -> FakeHubSpot) {
    for run in [with_token, with_key] {
        keeps_it(case, code, |workdir, options| {
            let server = server();
            let options = format!("{options} {more}");
            run(workdir, &server.base_url(), &options).keep_alive(server)
        });
    }
}

/// The same with a raw server.
fn both_are_kept_raw(case: &str, code: i32, more: &str, server: impl Fn() -> RawServer) {
    for run in [with_token, with_key] {
        keeps_it(case, code, |workdir, options| {
            let server = server();
            let options = format!("--concurrency 1 --max-attempts 1 {options} {more}");
            run(workdir, &server.base_url(), &options).keep_alive(server)
        });
    }
}

/// An error that repeats what was sent.
pub(crate) fn repeating(status: u16, request: &ReceivedRequest) -> FakeResponse {
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
    FakeHubSpot::with_handler(move |_, request| repeating(status, request))
}

#[test]
fn a_success_keeps_it() {
    both_are_kept("success", 0, "", || FakeHubSpot::with_responses([204]));
}

#[test]
fn an_answer_that_echoes_it_is_masked() {
    for (status, code) in [(400, 1), (401, 3), (403, 3), (500, 1), (429, 4), (200, 4)] {
        let more = "--max-attempts 1 --max-wait 1ms";
        both_are_kept(&format!("{status} echoes"), code, more, || echo(status));
    }
}

#[test]
fn a_key_that_the_url_spells_otherwise_is_masked() {
    keeps_it("percent-encoded", 1, |workdir, options| {
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
        both_are_kept(kind, 1, "", || {
            FakeHubSpot::with_responses([FakeResponse::from(400).body(kind, body)])
        });
    }
}

#[test]
fn a_correlation_id_in_a_header_that_echoes_it_is_masked() {
    both_are_kept("header", 1, "", || {
        let answer = FakeResponse::from(400).body("text/plain", "no");
        FakeHubSpot::with_responses([answer.header("x-hubspot-correlation-id", TOKEN)])
    });
}

#[test]
fn a_redirect_that_carries_it_is_masked() {
    let path = format!("https://evil.example/{TOKEN}?t={TOKEN}#{TOKEN}");
    let user = format!("https://{TOKEN}@evil.example/");
    for target in [path, user] {
        both_are_kept("redirect", 4, "", || {
            let answer = FakeResponse::from(302).body("text/html", "moved");
            FakeHubSpot::with_responses([answer.header("location", &target)])
        });
    }
}

#[test]
fn a_refused_connection_keeps_it() {
    // Who is not there at all fails no row: the run gives up.
    both_are_kept_raw("refused", 4, "--max-wait 1s", || {
        let last = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        RawServer::start([SocketAction::SendAndStopListening(last.into())])
    });
}

#[test]
fn a_broken_connection_keeps_it() {
    let broken = [
        SocketAction::reset_after(""),
        SocketAction::close_after("HTTP/1.1 2"),
        SocketAction::close_after("rubbish\r\n\r\n"),
    ];
    for action in broken {
        both_are_kept_raw("broken", 1, "", || {
            RawServer::start([SocketAction::send(NO_CONTENT), action.clone()])
        });
    }
}

#[test]
fn a_time_out_keeps_it() {
    both_are_kept_raw("silence", 1, "--limit 2 --timeout 1s", || {
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
        keeps_it(url, 2, |workdir, options| with_token(workdir, url, options));
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_refused_without_showing_it() {
    keeps_it("unusable", 2, |workdir, options| {
        let run = workdir.import("http://127.0.0.1:1", options);
        run.env("HUBSPOT_ACCESS_TOKEN", "pat m4rk3r\n")
    });
}

#[test]
fn an_input_that_is_refused_keeps_it() {
    keeps_it("no input", 2, |workdir, options| {
        let run = workdir.import_file("nowhere.csv", "http://127.0.0.1:1", options);
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
    });
}
