//! Tests of the running sandbox over real sockets, byte for byte.
//!
//! Its own small client is used, because a library might change the answers.

mod account;
mod dated;
mod error_forms;
mod faults;
mod initial;
mod lookups;
mod merged;
mod oauth;
mod properties;
mod quota;
mod records_file;
mod search;
mod shapes;
mod writes;

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use axum::http::StatusCode;

use super::{Sandbox, SandboxOptions};

const PUT_ONE: &str = "/crm-associations/v1/associations";
const PUT_BATCH: &str = "/crm-associations/v1/associations/create-batch";

/// An answer as it arrived.
#[derive(Debug)]
struct RawResponse {
    status: u16,
    /// Names in lower case, and values.
    headers: Vec<(String, String)>,
    body: String,
}

impl RawResponse {
    fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The body, with the correlation id (which the header repeats) as `ID`.
    fn masked(&self) -> String {
        let id = self.header("x-hubspot-correlation-id").unwrap();
        assert_eq!(id.len(), 36, "{id}");
        self.body.replace(id, "ID")
    }
}

fn start(options: SandboxOptions) -> Sandbox {
    Sandbox::start(options).unwrap()
}

fn open(sandbox: &Sandbox) -> TcpStream {
    let stream = TcpStream::connect(sandbox.address()).unwrap();
    let patience = Some(Duration::from_secs(5));
    stream.set_read_timeout(patience).unwrap();
    stream
}

/// One request on a connection of its own.
fn send(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    extra: &str,
    body: &str,
) -> io::Result<RawResponse> {
    let mut stream = open(sandbox);
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{extra}\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    Ok(RawResponse {
        status: status.parse().unwrap(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    })
}

const TOKEN: &str = "Authorization: Bearer any\r\n";

fn put(sandbox: &Sandbox, path: &str, body: &str) -> RawResponse {
    send(sandbox, "PUT", path, TOKEN, body).unwrap()
}

fn get(sandbox: &Sandbox, path: &str) -> RawResponse {
    send(sandbox, "GET", path, TOKEN, "").unwrap()
}

/// `GET …/{object}/HUBSPOT_DEFINED/{definition}`, only the body.
fn read(sandbox: &Sandbox, object: u64, definition_and_query: &str) -> String {
    let path = format!("{PUT_ONE}/{object}/HUBSPOT_DEFINED/{definition_and_query}");
    let answer = get(sandbox, &path);
    assert_eq!(answer.status, 200);
    answer.body
}

fn link(from: i64, to: i64, definition: i64) -> String {
    format!(
        r#"{{"fromObjectId":{from},"toObjectId":{to},"category":"HUBSPOT_DEFINED","definitionId":{definition}}}"#
    )
}

fn batch(links: &[String]) -> String {
    format!("[{}]", links.join(","))
}

#[test]
fn only_loopback_addresses_are_listened_on() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let options = SandboxOptions {
            listen: address.parse().unwrap(),
            ..SandboxOptions::default()
        };
        let error = Sandbox::start(options).unwrap_err().to_string();
        assert!(error.contains("not a loopback address"), "{error}");
    }
}

#[test]
fn a_taken_port_is_refused_with_the_remedy() {
    let first = start(SandboxOptions::default());
    let options = SandboxOptions {
        listen: first.address(),
        ..SandboxOptions::default()
    };
    let error = Sandbox::start(options).unwrap_err().to_string();
    assert!(error.contains("choose another port"), "{error}");
}

#[test]
fn stopping_takes_no_time_even_with_connections_open() {
    let sandbox = start(SandboxOptions {
        faults: vec!["silence=100%".parse().unwrap()],
        ..SandboxOptions::default()
    });
    let _idle = open(&sandbox);
    let mut waiting = open(&sandbox);
    waiting.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let began = std::time::Instant::now();
    sandbox.stop();
    assert!(began.elapsed() < Duration::from_secs(1));
    let mut answer = String::new();
    let _closed_or_reset = waiting.read_to_string(&mut answer);
    assert_eq!(answer, "");
}

#[test]
fn the_log_tells_what_was_asked_and_answered() {
    let sandbox = start(SandboxOptions {
        max_logged: 3,
        faults: vec!["500=#2".parse().unwrap()],
        ..SandboxOptions::default()
    });
    put(&sandbox, PUT_BATCH, &batch(&[link(1, 2, 3), link(4, 5, 3)]));
    put(&sandbox, PUT_ONE, &link(6, 7, 3));
    put(&sandbox, PUT_ONE, &link(8, 9, 3));
    let log = sandbox.request_log();
    assert_eq!((log.requests, log.applied), (3, 3));
    assert_eq!(
        (
            log.responses.with_status(StatusCode::NO_CONTENT),
            log.responses.with_status(StatusCode::INTERNAL_SERVER_ERROR)
        ),
        (2, 1)
    );
    let arrivals: Vec<_> = log
        .associations
        .iter()
        .map(|arrival| {
            let from = arrival.association.unwrap().from.get();
            (
                arrival.request,
                from,
                arrival.status.map(|status| status.as_u16()),
                arrival.applied,
            )
        })
        .collect();
    assert_eq!(
        arrivals,
        [
            (1, 1, Some(204), true),
            (1, 4, Some(204), true),
            (2, 6, Some(500), false)
        ],
        "the limit bounds the list"
    );
}

#[test]
fn the_log_tells_batch_calls_from_single_ones() {
    let sandbox = start(SandboxOptions {
        max_logged: 4,
        faults: vec!["reset=#3".parse().unwrap()],
        ..SandboxOptions::default()
    });
    put(&sandbox, PUT_BATCH, &batch(&[link(1, 2, 3), link(4, 5, 3)]));
    get(&sandbox, "/account-info/v3/details");
    send(&sandbox, "PUT", PUT_BATCH, TOKEN, "[]").unwrap_err();
    put(&sandbox, PUT_ONE, &link(6, 7, 3));
    let log = sandbox.request_log();
    let calls: Vec<_> = log
        .calls
        .iter()
        .map(|call| {
            (
                call.request,
                call.batch,
                call.associations,
                call.status.map(|status| status.as_u16()),
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            (1, true, 2, Some(204)),
            (2, false, 0, Some(200)),
            (3, true, 0, None)
        ],
        "the limit bounds this list too"
    );
    for arrival in &log.associations {
        let call = log.call(arrival.request).unwrap();
        assert_eq!((call.at, call.status), (arrival.at, arrival.status));
    }
    assert!(log.call(4).is_none());
}
