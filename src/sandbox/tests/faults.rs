//! Faults as a client sees them.

use super::*;

fn faulty(faults: &[&str]) -> Sandbox {
    start(SandboxOptions {
        faults: faults.iter().map(|text| text.parse().unwrap()).collect(),
        ..SandboxOptions::default()
    })
}

fn put_status(sandbox: &Sandbox) -> io::Result<u16> {
    let answer = send(sandbox, "PUT", PUT_ONE, TOKEN, &link(1, 2, 1));
    answer.map(|answer| answer.status)
}

#[test]
fn a_reset_writes_nothing() {
    let sandbox = faulty(&["reset=#1"]);
    let error = put_status(&sandbox).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(sandbox.request_log().applied, 0);
    assert_eq!(
        read(&sandbox, 1, "1"),
        r#"{"results":[],"hasMore":false,"offset":0}"#
    );
    assert_eq!(sandbox.request_log().responses.resets, 1);
}

#[test]
fn a_reset_after_the_write_leaves_the_link() {
    let sandbox = faulty(&["reset-after=#1"]);
    let error = put_status(&sandbox).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(sandbox.request_log().applied, 1);
    assert_eq!(
        read(&sandbox, 1, "1"),
        r#"{"results":[2],"hasMore":false,"offset":2}"#
    );
}

#[test]
fn a_reset_ends_only_its_own_connection() {
    let sandbox = faulty(&["reset=#1"]);
    let mut other = open(&sandbox);
    assert!(put_status(&sandbox).is_err());
    other.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut begin = [0; 12];
    other.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 404");
}

#[test]
fn a_silent_request_has_no_answer_and_no_effect() {
    let sandbox = faulty(&["silence=#1"]);
    let mut stream = open(&sandbox);
    let patience = Some(Duration::from_millis(200));
    stream.set_read_timeout(patience).unwrap();
    let body = link(1, 2, 1);
    let length = body.len();
    write!(
        stream,
        "PUT {PUT_ONE} HTTP/1.1\r\n{TOKEN}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    ));
    let log = sandbox.request_log();
    assert_eq!((log.responses.silences, log.applied), (1, 0));
    assert_eq!(
        put_status(&sandbox).unwrap(),
        204,
        "others are served meanwhile"
    );
}

#[test]
fn a_token_can_be_revoked_in_the_middle() {
    let sandbox = faulty(&["401=#3-"]);
    let statuses: Vec<_> = (0..5).map(|_| put_status(&sandbox).unwrap()).collect();
    assert_eq!(statuses, [204, 204, 401, 401, 401]);
}

#[test]
fn one_seed_repeats_the_faults() {
    let run = |seed| {
        let sandbox = start(SandboxOptions {
            faults: vec!["503=30%".parse().unwrap(), "reset=20%".parse().unwrap()],
            seed,
            ..SandboxOptions::default()
        });
        (0..40)
            .map(|_| put_status(&sandbox).ok())
            .collect::<Vec<_>>()
    };
    let first = run(1);
    assert_eq!(first, run(1));
    assert_ne!(first, run(2));
    for put_status in [Some(204), Some(503), None] {
        assert!(first.contains(&put_status), "{put_status:?} in {first:?}");
    }
}

#[test]
fn a_login_page_is_html_with_200_and_a_redirect_leads_to_it() {
    let sandbox = faulty(&["html=#1", "redirect=#2"]);
    let page = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.body.contains("<title>Log in</title>"));
    let redirect = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(redirect.status, 302);
    let target = redirect.header("location").unwrap();
    assert_eq!(get(&sandbox, target).body, page.body);
    assert_eq!(sandbox.request_log().applied, 0);
}

#[test]
fn errors_on_demand_have_their_recorded_bodies() {
    for (status, expected) in [
        (
            500,
            r#"{"status":"error","message":"internal error","correlationId":"ID"}"#,
        ),
        (
            503,
            r#"{"status":"error","message":"Service Unavailable","correlationId":"ID"}"#,
        ),
        (
            403,
            r#"{"status":"error","message":"This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.","correlationId":"ID","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.companies.write"]}}],"links":{"scopes":"https://developers.hubspot.com/scopes"},"category":"MISSING_SCOPES"}"#,
        ),
    ] {
        let sandbox = faulty(&[&format!("{status}=100%")]);
        let answer = put(&sandbox, PUT_ONE, &link(1, 2, 1));
        assert_eq!((answer.status, &*answer.masked()), (status, expected));
        assert_eq!(answer.header("x-hubspot-ratelimit-max"), None);
        assert_eq!(sandbox.request_log().applied, 0);
    }
}

#[test]
fn a_429_on_demand_looks_like_a_full_window() {
    let sandbox = faulty(&["429=#1"]);
    let answer = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(answer.status, 429);
    assert!(
        answer
            .body
            .contains(r#""policyName":"TEN_SECONDLY_ROLLING""#)
    );
    assert_eq!(answer.header("x-hubspot-ratelimit-remaining"), Some("0"));
}

#[test]
fn the_edge_answers_in_plain_text_and_a_migration_says_how_long() {
    let sandbox = faulty(&["521=#1", "477=#2"]);
    let edge = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!((edge.status, &*edge.body), (521, "error code: 521"));
    let migration = put(&sandbox, PUT_ONE, &link(1, 2, 1));
    assert_eq!(migration.header("retry-after"), Some("30"));
}

#[test]
fn the_latency_option_delays_an_answer() {
    let sandbox = start(SandboxOptions {
        latency: Some("80ms".parse().unwrap()),
        ..SandboxOptions::default()
    });
    let began = std::time::Instant::now();
    assert_eq!(put_status(&sandbox).unwrap(), 204);
    assert!(began.elapsed() >= Duration::from_millis(80));
}
