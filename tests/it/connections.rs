//! Faulty connections, byte by byte: no wrong success, no lost row, no hang, and the documented
//! end.

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    raw_server::{NO_CONTENT, RawServer, SocketAction},
    workdir::{Workdir, column},
};

/// A short timeout for servers that stay silent; the default for those that answer.
fn timeout(action: &SocketAction) -> &'static str {
    match action {
        SocketAction::SendAndStall(_) => "--timeout 1s",
        SocketAction::Send(_)
        | SocketAction::SendAndClose(_)
        | SocketAction::SendAndBreak(_)
        | SocketAction::Endless(..)
        | SocketAction::Reset(_)
        | SocketAction::SendAndStopListening(_) => "",
    }
}

/// One row each: the first request gets this reaction, all others get 204.
#[test]
fn a_broken_connection_is_retried_and_succeeds_once() {
    let cases = [
        ("reset before the answer", SocketAction::reset_after("")),
        (
            "reset in the status line",
            SocketAction::reset_after("HTTP/1.1 2"),
        ),
        ("closed before the answer", SocketAction::close_after("")),
        (
            "closed in the status line",
            SocketAction::close_after("HTTP/1.1 204 No"),
        ),
        (
            "closed in the headers",
            SocketAction::close_after("HTTP/1.1 204 No Content\r\nDate: x"),
        ),
        ("silence", SocketAction::stall_after("")),
        (
            "silence in the headers",
            SocketAction::stall_after("HTTP/1.1 204 No Content\r\n"),
        ),
        (
            "no HTTP at all",
            SocketAction::close_after("SSH-2.0-OpenSSH_9.6\r\n"),
        ),
    ];
    for (case, action) in cases {
        let timeout = timeout(&action);
        let server = RawServer::start([action, SocketAction::send(NO_CONTENT)]);
        let workdir = Workdir::with(links([1]));
        workdir.import(&server.base_url(), timeout).exits(0);
        assert_eq!(workdir.endings(), ["succeeded 2"], "{case}");
        let requests = server.requests();
        let [first, second] = requests.as_slice() else {
            panic!("{case}: {requests:?}")
        };
        assert_eq!(first.head, second.head, "{case}");
        // The server leaves the last byte of a request unread before a reset.
        assert!(second.body.starts_with(&first.body), "{case}");
    }
}

#[test]
fn an_unusual_but_valid_answer_is_a_success() {
    let cases = [
        (
            "100 before it",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        ),
        (
            "103 before it",
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        ),
        (
            "102 twice before it",
            "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        ),
        ("no reason", "HTTP/1.1 204 \r\n\r\n"),
        (
            "content length of 0",
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        ),
    ];
    for (case, answer) in cases {
        let server = RawServer::start([SocketAction::send(answer)]);
        let workdir = Workdir::with(links([1, 2]));
        workdir.import(&server.base_url(), "").exits(0);
        assert_eq!(workdir.endings(), ["succeeded 1", "succeeded 1"], "{case}");
    }
}

#[test]
fn bytes_after_an_answer_are_not_taken_for_the_next_answer() {
    let refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    // The bytes after the first answer, and the true answer to the second row.
    for (rubbish, truth, status) in [
        ("rubbish", refusal, "failed"),
        (NO_CONTENT, refusal, "failed"),
        (refusal, NO_CONTENT, "succeeded"),
    ] {
        let server = RawServer::with_script(move |n, body| {
            if body.contains(r#""fromObjectId":2,"#) {
                SocketAction::send(truth)
            } else if n == 0 {
                SocketAction::Send(format!("{NO_CONTENT}{rubbish}").into())
            } else {
                SocketAction::send(NO_CONTENT)
            }
        });
        let workdir = Workdir::with(links([1, 2, 3]));
        let run = workdir.import(&server.base_url(), "--concurrency 1");
        run.finish();
        let results = workdir.results();
        let expected = ["succeeded", status, "succeeded"];
        assert_eq!(column(&results, "assoc_status"), expected, "{rubbish}");
    }
}

#[test]
fn an_http_1_0_server_that_closes_each_connection_works() {
    let answer = "HTTP/1.0 204 No Content\r\nConnection: close\r\n\r\n";
    let server = RawServer::start([SocketAction::close_after(answer)]);
    let workdir = Workdir::with(links(1..=20));
    workdir.import(&server.base_url(), "").exits(0);
    assert_eq!(workdir.endings(), vec!["succeeded 1"; 20]);
}

#[test]
fn connections_that_close_after_a_few_answers_fail_no_row() {
    let three = [
        SocketAction::send(NO_CONTENT),
        SocketAction::send(NO_CONTENT),
        SocketAction::close_after(NO_CONTENT),
    ];
    let actions: Vec<_> = three.into_iter().cycle().take(60).collect();
    let server = RawServer::start(actions);
    let workdir = Workdir::with(links(1..=50));
    workdir
        .import(&server.base_url(), "--concurrency 4")
        .exits(0);
    let connections = server
        .requests()
        .iter()
        .map(|request| request.connection)
        .max()
        .unwrap();
    assert!(connections >= 15, "{connections}");
}

/// Bodies of a 400 that cannot be read, by what is wrong with them.
fn broken_bodies() -> [(&'static str, SocketAction); 8] {
    [
        (
            "less body than promised",
            SocketAction::close_after(
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{\"mess",
            ),
        ),
        (
            "more body than promised",
            SocketAction::send("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}{}{}"),
        ),
        (
            "a chunk cut off",
            SocketAction::close_after(
                "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"me",
            ),
        ),
        (
            "a chunk of no size",
            SocketAction::send(
                "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            ),
        ),
        (
            "a body that stalls",
            SocketAction::stall_after("HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{"),
        ),
        (
            "a body that is reset",
            SocketAction::reset_after("HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{"),
        ),
        (
            "no JSON",
            SocketAction::send(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n{{{",
            ),
        ),
        (
            "bytes that are not text",
            SocketAction::Send(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\n\xff\xfe\x00".into(),
            ),
        ),
    ]
}

#[test]
fn the_status_decides_when_the_body_is_broken() {
    for (case, action) in broken_bodies() {
        let timeout = timeout(&action);
        let server = RawServer::start([action, SocketAction::send(NO_CONTENT)]);
        let workdir = Workdir::with(links([1, 2]));
        let options = format!("--concurrency 1 {timeout}");
        workdir.import(&server.base_url(), &options).exits(1);
        assert_eq!(workdir.endings(), ["failed 1", "succeeded 1"], "{case}");
        assert_eq!(workdir.results()[0]["assoc_http_status"], "400", "{case}");
    }
}

#[test]
fn an_endless_error_body_is_read_to_a_limit_and_the_run_goes_on() {
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 999999999999\r\n\r\n";
    let endless = SocketAction::Endless(head.into(), vec![b'x'; 64 * 1024]);
    let server = RawServer::start([endless, SocketAction::send(NO_CONTENT)]);
    let workdir = Workdir::with(links([1, 2]));
    let run = workdir.import(&server.base_url(), "--concurrency 1 --timeout 3s");
    run.exits(1);
    assert_eq!(workdir.endings(), ["failed 1", "succeeded 1"]);
    assert!(workdir.results()[0]["assoc_message"].len() < 1_000);
    // The bytes that are read, and those in the buffers of both sockets.
    assert!(
        server.endless_bytes_sent() < 32 * 1024 * 1024,
        "{}",
        server.endless_bytes_sent()
    );
}

#[test]
fn a_loopback_server_is_called_without_a_proxy() {
    let proxy = RawServer::start([SocketAction::close_after(
        "HTTP/1.1 502 Bad Gateway\r\n\r\n",
    )]);
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let mut run = workdir.import(&fake.base_url(), "");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        run = run.env(name, &proxy.base_url());
    }
    run.exits(0);
    assert!(proxy.requests().is_empty());
    assert_eq!(fake.requests().len(), 1);
}

/// A host name, because calls to this machine use no proxy.
const ELSEWHERE: &str = "https://api.hubspot.invalid";

#[test]
fn a_proxy_that_cannot_be_used_is_refused_and_its_password_not_shown() {
    for (name, value) in [
        ("HTTPS_PROXY", "\"http://job:s3cret@127.0.0.1:9\""),
        ("https_proxy", "http://job:s3cret@127.0.0.1:9 "),
        ("HTTPS_PROXY", "ftp://job:s3cret@127.0.0.1:9"),
        ("HTTPS_PROXY", "http://job:s3cret#@127.0.0.1:9"),
        ("ALL_PROXY", "socks5h://job:s3cret@127.0.0.1:9"),
    ] {
        let workdir = Workdir::with(links([1]));
        let run = workdir.import(ELSEWHERE, "--max-wait 1s").env(name, value);
        let ran = run.exits(2);
        ran.says(&[name]);
        assert!(!ran.to_string().contains("s3cret"), "{ran}");
    }
}

#[test]
fn a_proxy_that_refuses_its_password_is_reported_after_one_request() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let proxy = RawServer::with_script(move |_, _| SocketAction::close_after(refusal));
    let workdir = Workdir::with(links([1]));
    let named = proxy.base_url().replace("://", "://job:s3cret@");
    let run = workdir.import(ELSEWHERE, "").env("HTTPS_PROXY", &named);
    let ran = run.exits(3);
    ran.says(&["proxy", "407", "HTTPS_PROXY"]);
    assert!(!ran.to_string().contains("s3cret"), "{ran}");
    assert_eq!(proxy.requests().len(), 1, "{ran}");
}

#[test]
fn after_a_kept_connection_broke_the_next_try_goes_over_a_fresh_one() {
    // Every kept connection breaks when it is used again.
    let server = RawServer::start([SocketAction::break_after(NO_CONTENT)]);
    let workdir = Workdir::with(links(1..=40));
    let options = "--max-attempts 2";
    workdir.import(&server.base_url(), options).exits(0);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_status"), vec!["succeeded"; 40]);
    // Each row succeeded over its own connection.
    let mut connections: Vec<_> = server.requests().iter().map(|r| r.connection).collect();
    connections.sort_unstable();
    connections.dedup();
    assert_eq!(connections.len(), 40);
}
