//! `--skip-existing`: existing links are not sent, the run's own links stay its own, and a pair
//! keeps its labels.

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    raw_server::{NO_CONTENT, RawServer, SocketAction},
    sandbox::{self, start},
    workdir::{Workdir, column},
};

const APIS: [&str; 3] = ["--api v1", "--api 2026-09", "--api 2026-09 --batch max"];

/// Links these contacts to company 7 before the run.
fn seed(sandbox: &hubassoc::sandbox::Sandbox, from: impl IntoIterator<Item = u64>) {
    let workdir = Workdir::with(links(from));
    workdir.import(&sandbox.base_url(), "").exits(0);
}

#[test]
fn existing_links_are_already_there_and_only_the_others_are_sent() {
    for api in APIS {
        let sandbox = start(&[]);
        seed(&sandbox, 1..=30);
        let sent_before = sandbox::arrivals(&sandbox).len();
        let workdir = Workdir::with(links(21..=40));
        let options = format!("{api} --skip-existing");
        workdir.import(&sandbox.base_url(), &options).exits(0);
        let results = workdir.results();
        let statuses = column(&results, "assoc_status");
        assert_eq!(statuses[..10], ["already"; 10], "{api}");
        assert_eq!(statuses[10..], ["succeeded"; 10], "{api}");
        let sent = sandbox::arrivals(&sandbox).len() - sent_before;
        assert_eq!(sent, 10, "{api}");
    }
}

#[test]
fn a_file_of_existing_links_costs_no_write_and_one_call_for_a_thousand_rows() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links((1..=5_000).map(|n| n * 1_000)));
    workdir
        .import(&sandbox.base_url(), "--api 2026-09 --batch max")
        .exits(0);
    let before = sandbox.request_log();
    let again = Workdir::with(links((1..=5_000).map(|n| n * 1_000)));
    again
        .import(&sandbox.base_url(), "--api 2026-09 --skip-existing")
        .exits(0);
    let after = sandbox.request_log();
    assert_eq!(after.applied, before.applied, "nothing is written");
    let calls = after.requests - before.requests;
    assert!(calls <= 12, "{calls} calls");
}

#[test]
fn rows_are_written_before_all_are_read() {
    for api in APIS {
        for concurrency in [1, 4] {
            let sandbox = start(&[]);
            let workdir = Workdir::with(links(1..=300));
            let options = format!("{api} --skip-existing --concurrency {concurrency}");
            workdir.import(&sandbox.base_url(), &options).exits(0);
            let log = sandbox.request_log();
            let mut arrivals = log.associations.iter();
            let first = arrivals.position(|arrival| arrival.association.is_some());
            // The account and its limits, reads that fill all permits three times, and for v1 first
            // the ids of both records, a hundred rows at a time.
            let ids = usize::try_from(log.counts.records).unwrap();
            assert!(ids <= 2 * 3, "{options}: {ids}");
            let limits = usize::try_from(log.counts.limits).unwrap();
            let asked = 1 + limits + ids;
            // Reads that are in flight with the first write may arrive before it.
            let beside = concurrency - 1;
            let most = asked + 3 * concurrency + beside;
            assert!(first.unwrap() <= most, "{options}: {first:?}");
        }
    }
}

#[test]
fn a_pair_keeps_the_labels_that_it_had() {
    let sandbox = start(&[]);
    let file = "from_object_id,to_object_id,from_object_type,to_object_type,label\n\
                1,7,contacts,companies,Decision maker\n\
                1,7,contacts,companies,Billing contact\n\
                1,7,contacts,companies,\n";
    for options in ["--api 2026-09", "--api 2026-09 --batch max"] {
        let workdir = Workdir::with(file);
        workdir.import(&sandbox.base_url(), options).exits(0);
        let primary = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,1\n");
        primary.import(&sandbox.base_url(), options).exits(0);
        let existing = sandbox.links();
        let of_pair = existing
            .iter()
            .filter(|link| link.starts_with("contacts 1 -> companies 7"));
        let of_pair: Vec<_> = of_pair.collect();
        assert_eq!(
            of_pair.len(),
            4,
            "two labels, primary, unlabeled: {of_pair:?}"
        );
    }
}

/// Runs with a server that gives this answer to a call that writes.
#[test]
fn a_read_with_an_empty_answer_is_retried() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let json = |body: &str| FakeResponse::from(200).body("application/json", body);
    let fake = FakeHubSpot::with_handler(move |_, request| match request.method.as_str() {
        "GET" if request.uri.contains("/contacts/") => json(r#"{"id":"1"}"#),
        "GET" if request.uri.contains("/companies/") => json(r#"{"id":"7"}"#),
        "GET" if asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => 204.into(),
        "GET" => json(r#"{"results":[],"hasMore":false,"offset":0}"#),
        _ => 204.into(),
    });
    let workdir = Workdir::with(links([1]));
    workdir.import(&fake.base_url(), "--skip-existing").exits(0);
    assert_eq!(workdir.results()[0]["assoc_status"], "succeeded");
}

/// The server sends half of each first answer, and then nothing.
#[test]
fn a_truncated_answer_does_not_mean_that_a_record_is_unreadable() {
    let body = r#"{"id":"1","results":[],"hasMore":false,"offset":0}"#;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    let answer = format!("{head}: {}\r\n\r\n{body}", body.len());
    let (half, _) = answer.split_at(answer.len() - 20);
    let half = half.to_owned();
    let server = RawServer::with_script(move |n, body| match (body, n) {
        ("", 0 | 2 | 4) => SocketAction::SendAndClose(half.clone().into()),
        ("", _) => SocketAction::send(&answer),
        _ => SocketAction::send(NO_CONTENT),
    });
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,1,1\n");
    workdir
        .import(&server.base_url(), "--skip-existing")
        .exits(0);
    let asked = server.requests();
    let lines: Vec<_> = asked
        .iter()
        .map(|asked| asked.head.lines().next().unwrap())
        .collect();
    assert_eq!(lines.len(), 7, "{lines:?}");
}
