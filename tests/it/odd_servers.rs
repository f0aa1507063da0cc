//! Servers that do not answer like the dated API: no false success, and the end of the run says
//! what is wrong.

use crate::support::{
    dated_responses::{created, is_read, json, read, succeed},
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    raw_server::{RawServer, SocketAction},
    workdir::{Transcript, Workdir, column},
};

/// Contacts 1 and 2.
fn import(server: &FakeHubSpot, options: &str) -> (Workdir, Transcript) {
    import_rows(2, &server.base_url(), options)
}

fn import_rows(rows: u64, base_url: &str, options: &str) -> (Workdir, Transcript) {
    let workdir = Workdir::with(links(1..=rows));
    let options = format!("--api 2026-09 {options}");
    let ran = workdir.import(base_url, &options).finish();
    (workdir, ran)
}

/// The recorded rows. There is no results file before the first valid answer.
fn recorded(workdir: &Workdir) -> usize {
    if workdir.has("links.results.csv") {
        workdir.results().len()
    } else {
        0
    }
}

/// A server that gives odd answers to writes.
fn odd_writes(
    answer: impl Fn(&ReceivedRequest) -> FakeResponse + Send + Sync + 'static,
) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |_, request| {
        if is_read(request) {
            read(request, false)
        } else {
            answer(request)
        }
    })
}

fn login_page() -> FakeResponse {
    FakeResponse::from(200).body("text/html", "<html><title>Log in</title></html>")
}

fn redirect() -> FakeResponse {
    let answer = FakeResponse::from(302).body("text/html", "moved");
    answer.header("location", "https://login.example/")
}

#[test]
fn a_redirect_or_a_login_page_stops_the_run() {
    let pages: [(fn() -> FakeResponse, _); 2] =
        [(redirect, "login.example"), (login_page, "Log in")];
    for (answer, words) in pages {
        // Several rows whose writes fail would first look like an outage.
        for (rows, fake) in [
            (20, FakeHubSpot::with_handler(move |_, _| answer())),
            (1, odd_writes(move |_| answer())),
        ] {
            let (workdir, ran) = import_rows(rows, &fake.base_url(), "--max-attempts 2");
            assert_eq!(ran.code, Some(4), "{ran}");
            ran.says(&[words]);
            assert_eq!(recorded(&workdir), 0, "{ran}");
        }
    }
}

#[test]
fn an_empty_object_for_everything_stops_the_run() {
    let fake = FakeHubSpot::with_handler(|_, _| json(200, "{}"));
    let (workdir, ran) = import_rows(20, &fake.base_url(), "--max-attempts 2");
    assert_eq!(ran.code, Some(4), "{ran}");
    assert_eq!(recorded(&workdir), 0, "{ran}");
}

#[test]
fn an_empty_object_for_every_write_is_detected_by_reading_back() {
    for options in ["", "--batch max"] {
        let fake = odd_writes(|_| json(200, "{}"));
        let (workdir, ran) = import(&fake, options);
        assert_eq!(ran.code, Some(1), "{ran}");
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_code"), ["not_written"; 2], "{ran}");
        assert!(results[0]["assoc_message"].contains("the link does not exist"));
    }
}

#[test]
fn without_batches_rows_are_sent_alone() {
    let fake = odd_writes(|request| {
        if request.method == "POST" {
            404.into()
        } else {
            created(request)
        }
    });
    let (workdir, ran) = import_rows(8, &fake.base_url(), "--batch max");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(workdir.results().len(), 8);
    let requests = fake.requests();
    let is_batch = |request: &&ReceivedRequest| request.method == "POST" && !is_read(request);
    assert_eq!(requests.iter().filter(is_batch).count(), 1);
}

#[test]
fn if_nothing_can_be_read_nothing_is_written() {
    for status in [404, 405] {
        let fake = FakeHubSpot::with_handler(move |_, request| {
            if is_read(request) {
                status.into()
            } else {
                succeed(request)
            }
        });
        let (workdir, ran) = import(&fake, "");
        assert_eq!(ran.code, Some(1), "{ran}");
        let results = workdir.results();
        assert!(
            results[0]["assoc_message"].starts_with("the existing associations could not be read")
        );
        assert!(fake.requests().iter().all(is_read));
    }
}

#[test]
fn a_gateway_that_refuses_large_bodies_gets_smaller_ones() {
    let fake = FakeHubSpot::with_handler(|_, request| {
        let inputs = request.body.matches(r#""id""#).count();
        if inputs > if is_read(request) { 8 } else { 16 } {
            return FakeResponse::from(413).body("text/html", "<html>too large</html>");
        }
        match request.method.as_str() {
            "POST" if !is_read(request) => {
                let body = serde_json::from_str::<serde_json::Value>(&request.body).unwrap();
                let pair = |input: &serde_json::Value| {
                    let (from, to) = (&input["from"]["id"], &input["to"]["id"]);
                    format!(r#"{{"fromObjectId":{from},"toObjectId":{to},"labels":["Primary"]}}"#)
                };
                let pairs: Vec<_> = body["inputs"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(pair)
                    .collect();
                json(201, format!(r#"{{"results":[{}]}}"#, pairs.join(",")))
            }
            _ => succeed(request),
        }
    });
    let (workdir, ran) = import_rows(60, &fake.base_url(), "--batch max");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(workdir.results().len(), 60);
}

#[test]
fn a_truncated_or_endless_answer_proves_nothing_about_existing_links() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let whole = r#"{"status":"COMPLETE","results":[]}"#;
    let cut = format!("{head}Content-Length: 9999\r\n\r\n{whole}");
    let endless = format!("{head}\r\n{{\"results\":[");
    let record = r#"{"from":{"id":"9"},"to":[{"toObjectId":8,"associationTypes":[]}]},"#;
    for action in [
        SocketAction::close_after(&cut),
        SocketAction::Endless(endless.into(), record.repeat(1_000).into()),
    ] {
        let server = RawServer::start([action]);
        let (workdir, ran) = import_rows(1, &server.base_url(), "--max-attempts 2");
        assert_eq!(ran.code, Some(4), "{ran}");
        assert_eq!(recorded(&workdir), 0, "{ran}");
        assert!(
            server
                .requests()
                .iter()
                .all(|sent| sent.head.contains("/batch/read"))
        );
    }
}

#[test]
fn a_removal_with_a_truncated_answer_is_not_counted() {
    let fake = FakeHubSpot::with_handler(|n, request| match request.method.as_str() {
        "PUT" => created(request),
        "DELETE" => json(207, r#"{"errors":["#),
        // The second request belongs to the undo.
        _ => read(request, n > 1),
    });
    let (workdir, ran) = import(&fake, "");
    assert_eq!(ran.code, Some(0), "{ran}");
    let line = "undo links.results.csv --yes --rate unlimited --max-attempts 1";
    let ran = workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", "t").finish();
    assert_eq!(ran.code, Some(4), "{ran}");
    assert!(!workdir.has("links.undo.csv"), "{ran}");
}
