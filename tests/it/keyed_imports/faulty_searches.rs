//! Answers to searches by domain that are wrong, or say only a part: the verdict that a person sees.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::json;

use super::{
    account::Account,
    call::{Answer, Call, CallKind},
    inputs::by_domain,
    server::{KeyedServer, message, verdicts},
};
use crate::support::workdir::Workdir;

/// Imports links to companies with these numbers, of which 1 to 60 exist.
fn import(
    numbers: impl IntoIterator<Item = u64>,
    spoil: impl Fn(&Call, Answer) -> Answer + Send + Sync + 'static,
    code: i32,
) -> (KeyedServer, Workdir) {
    let server = KeyedServer::spoiling(CallKind::Search, Account::with_companies(60), spoil);
    let workdir = Workdir::with(by_domain(numbers));
    workdir
        .import(&server.base_url(), "--batch max")
        .exits(code);
    (server, workdir)
}

#[test]
fn the_companies_of_a_domain_are_counted_over_all_pages() {
    let mut account = Account::with_companies(2);
    for id in 0..300 {
        account = account.company(3_000 + id, "c1.com");
    }
    let server = KeyedServer::start(account);
    let workdir = Workdir::with(by_domain([1, 2]));
    workdir.import(&server.base_url(), "").exits(1);
    assert_eq!(verdicts(&workdir), ["failed record_ambiguous", "succeeded"]);
    assert!(
        message(&workdir, 1)
            .starts_with("301 company records have domain c1.com: 1001 (created 2026-01-01), 3000"),
        "{}",
        message(&workdir, 1)
    );
    assert_eq!(server.count(CallKind::Search), 2);
    assert_eq!(server.written(), [(1, 1002)]);
}

#[test]
fn a_search_that_finds_more_than_it_shows_is_not_believed() {
    let spoil = |_: &Call, mut answer: Answer| {
        let total = answer.body["total"].as_u64().unwrap();
        answer.body["total"] = json!(total + 3);
        answer
    };
    let (server, workdir) = import(1..=3, spoil, 1);
    assert_eq!(verdicts(&workdir), ["failed not_read"; 3]);
    assert_eq!(
        message(&workdir, 2),
        "the company with domain c2.com could not be looked up: HubSpot's search counts 4 records \
         but returned 1, twice; send the failed rows again later (--resume --retry-failed)"
    );
    assert_eq!(server.written(), []);
}

#[test]
fn a_search_that_leaves_out_companies_is_made_again_in_parts() {
    let spoil = |call: &Call, mut answer: Answer| {
        if call.values().len() > 2 {
            answer.results().truncate(1);
        }
        answer
    };
    let (server, workdir) = import(1..=5, spoil, 0);
    assert_eq!(verdicts(&workdir), ["succeeded"; 5]);
    assert_eq!(
        server.written(),
        [1001, 1002, 1003, 1004, 1005].map(|to| (1, to))
    );
}

#[test]
fn a_search_that_shows_a_company_twice_does_not_hide_another() {
    let spoil = |call: &Call, mut answer: Answer| {
        if call.values().len() > 2 {
            // Each record is there as often as there are records: the number of lines is right.
            let first = answer.results()[0].clone();
            answer.results().fill(first);
        }
        answer
    };
    let (server, workdir) = import(1..=4, spoil, 0);
    assert_eq!(verdicts(&workdir), ["succeeded"; 4]);
    assert_eq!(server.written(), [1001, 1002, 1003, 1004].map(|to| (1, to)));
}

/// Imports a link while every page of a search names a next one, and the pages count this many
/// companies more than there are. A program that goes on and on is refused at last.
fn import_with_endless_pages(more: u64, moves_on: bool, code: i32) -> (KeyedServer, Workdir) {
    const MOST: usize = 60;
    let pages = AtomicUsize::new(0);
    let spoil = move |_: &Call, mut answer: Answer| {
        let page = pages.fetch_add(1, SeqCst);
        if page > MOST {
            return Answer::error(401, "INVALID_AUTHENTICATION", "the test has seen enough");
        }
        let after = if moves_on { 200 * (page + 1) } else { 200 };
        answer.body["paging"] = json!({"next": {"after": after.to_string()}});
        answer.body["total"] = json!(answer.body["total"].as_u64().unwrap() + more);
        answer
    };
    import([1], spoil, code)
}

#[test]
fn a_search_whose_pages_never_end_is_left_when_all_its_records_are_there() {
    for moves_on in [false, true] {
        let (server, workdir) = import_with_endless_pages(0, moves_on, 0);
        assert_eq!(verdicts(&workdir), ["succeeded"]);
        assert_eq!(server.count(CallKind::Search), 1);
    }
}

#[test]
fn a_search_whose_pages_never_end_is_not_believed() {
    for moves_on in [false, true] {
        let (server, workdir) = import_with_endless_pages(500, moves_on, 1);
        assert_eq!(verdicts(&workdir), ["failed not_read"]);
        assert_eq!(server.written(), []);
    }
}

#[test]
fn stray_companies_prove_nothing_about_the_others() {
    let spoil = |call: &Call, mut answer: Answer| {
        // Domains are searched with and without `www.`.
        if call.values().len() > 2 {
            for (record, id) in answer.results().iter_mut().zip(9_001..) {
                *record = json!({"id": id.to_string(), "properties": {"domain": "stranger.com"}});
            }
        }
        answer
    };
    let (server, workdir) = import(1..=3, spoil, 0);
    assert_eq!(verdicts(&workdir), ["succeeded"; 3]);
    assert_eq!(server.written(), [1001, 1002, 1003].map(|to| (1, to)));
    let sizes: Vec<_> = server
        .asked(CallKind::Search)
        .iter()
        .map(Vec::len)
        .collect();
    assert_eq!(sizes, [6, 2, 2, 2], "each is searched for alone");
}

#[test]
fn a_company_that_a_search_calls_deleted_gets_no_link() {
    let spoil = |_: &Call, mut answer: Answer| {
        for record in answer.results() {
            record["archived"] = json!(record["id"] == "1002");
        }
        answer
    };
    let (server, workdir) = import(1..=3, spoil, 1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "failed record_archived", "succeeded"]
    );
    assert_eq!(server.written(), [(1, 1001), (1, 1003)]);
}

#[test]
fn a_refused_search_names_the_scope() {
    let spoil = |_: &Call, _| Answer::error(403, "MISSING_SCOPES", "no");
    let server = KeyedServer::spoiling(CallKind::Search, Account::with_companies(5), spoil);
    let workdir = Workdir::with(by_domain(1..=5));
    let run = workdir.import(&server.base_url(), "").exits(3);
    run.says(&[
        "stopped: HubSpot does not let this token look up companies: HTTP 403: no; give it the \
         scope crm.objects.companies.read\n",
    ]);
    assert_eq!(
        (server.written(), server.count(CallKind::Search)),
        (vec![], 1)
    );
}
