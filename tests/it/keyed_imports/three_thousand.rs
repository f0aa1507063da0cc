//! 3,000 rows of all kinds in one import: each has its verdict and the ids of its records, the calls
//! stay within their bounds, and the same rows by ids make the same links.

use std::{collections::BTreeSet, fmt::Write as _, time::Instant};

use super::{
    account::{ACCOUNT, Account},
    call::CallKind,
    server::KeyedServer,
};
use crate::support::workdir::{CsvLine, Workdir, column};

const ROWS: u64 = 3_000;
const PEOPLE: u64 = 1_300;
const COMPANIES: u64 = 1_000;

const HEADER: &str = "from_email,to_domain,definition_id\n";

/// What a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Exists,
    /// The key is one of several of the record.
    Additional,
    Archived,
    Missing,
    /// Another record has it, too.
    Twice,
}

/// Every kind of contact and company is there, in shares that are no multiples of each other.
fn person(number: u64) -> Kind {
    match number % 13 {
        3 => Kind::Additional,
        7 => Kind::Archived,
        11 => Kind::Missing,
        _ => Kind::Exists,
    }
}

fn company(number: u64) -> Kind {
    match number % 11 {
        4 => Kind::Twice,
        6 => Kind::Additional,
        9 => Kind::Missing,
        _ => Kind::Exists,
    }
}

fn account() -> Account {
    let mut account = Account::default();
    for number in 0..PEOPLE {
        let (id, email) = (10_000 + number, format!("person{number}@example.com"));
        account = match person(number) {
            Kind::Exists | Kind::Twice => account.contact(id, &email.to_uppercase()),
            Kind::Additional => {
                let (main, others) = (
                    format!("main{number}@example.com"),
                    format!("x{number}@example.org;{email}"),
                );
                let values = [("email", &*main), ("hs_additional_emails", &others)];
                account.record("contacts", id, &values)
            }
            Kind::Archived => account.contact(id, &email).archived(),
            Kind::Missing => account,
        };
    }
    for number in 0..COMPANIES {
        let (id, domain) = (50_000 + number, format!("firm{number}.example"));
        account = match company(number) {
            Kind::Exists | Kind::Archived => account.company(id, &domain),
            Kind::Additional => {
                let main = format!("main{number}.example");
                let values = [("domain", &*main), ("hs_additional_domains", &domain)];
                account.record("companies", id, &values)
            }
            Kind::Twice => account
                .company(id, &domain)
                .company(id + 5_000, &format!("www.{domain}")),
            Kind::Missing => account,
        };
    }
    account
}

/// The person and the company of a row.
fn ends(row: u64) -> (u64, u64) {
    (row * 37 % PEOPLE, row * 101 % COMPANIES)
}

fn names_free_mail(row: u64) -> bool {
    row.is_multiple_of(500)
}

/// The status and code of a row, and the ids if it succeeds.
fn expected(row: u64) -> (&'static str, &'static str, Option<(u64, u64)>) {
    let (from, to) = ends(row);
    if names_free_mail(row) {
        return ("invalid", "free_mail_domain", None);
    }
    match (person(from), company(to)) {
        (Kind::Archived, _) => ("failed", "record_archived", None),
        (Kind::Missing, _) | (_, Kind::Missing) => ("failed", "record_not_found", None),
        (_, Kind::Twice) => ("failed", "record_ambiguous", None),
        _ => ("succeeded", "", Some((10_000 + from, 50_000 + to))),
    }
}

/// Each row with its keys in one of the ways in which people write them.
fn rows_by_keys() -> String {
    let mut text = HEADER.to_owned();
    for row in 1..=ROWS {
        let (from, to) = ends(row);
        let mut email = format!("person{from}@example.com");
        let mut domain = format!("firm{to}.example");
        if row % 7 == 0 {
            email = format!(" mailto:{} ", email.to_uppercase());
        }
        if row % 5 == 0 {
            domain = format!("https://www.FIRM{to}.Example/about");
        }
        if names_free_mail(row) {
            "gmail.com".clone_into(&mut domain);
        }
        writeln!(text, "{email},{domain},contact_to_company").unwrap();
    }
    text
}

/// The ids in the results of a row.
fn told_ids(line: &CsvLine) -> Option<(u64, u64)> {
    let id = |name: &str| line[name].parse().ok();
    Some((id("assoc_from_id")?, id("assoc_to_id")?))
}

/// How many keys of one kind the rows name, and how many of these lead to no record.
fn keys_and_misses(kind: fn(u64) -> Kind, end: fn((u64, u64)) -> u64) -> (usize, usize) {
    let rows = (1..=ROWS).filter(|row| !names_free_mail(*row));
    let keys: BTreeSet<_> = rows.map(|row| end(ends(row))).collect();
    let is_miss = |key: &&u64| matches!(kind(**key), Kind::Archived | Kind::Missing);
    (keys.len(), keys.iter().filter(is_miss).count())
}

/// Reads and searches are within their bounds, and no search came before it was allowed: of 5 in a
/// second, the sixth comes a second after the start at the earliest, however long it travelled.
fn assert_calls_within_bounds(server: &KeyedServer, started: Instant) {
    let (emails, misses) = keys_and_misses(person, |(from, _)| from);
    let counts = server.counts();
    let reads = counts[&CallKind::Read] + counts[&CallKind::ArchivedRead];
    let most = emails.div_ceil(100) + 3 * misses.div_ceil(100);
    assert!(reads <= most, "{reads} reads, not {most}: {counts:?}");
    assert_eq!(server.count(CallKind::Record), 0);
    let (domains, misses) = keys_and_misses(company, |(_, to)| to);
    // What a search misses is searched for once more.
    let most = domains.div_ceil(50) + misses.div_ceil(50);
    let times = server.times(CallKind::Search);
    assert!(times.len() <= most, "{} searches, not {most}", times.len());
    for (before, at) in times.iter().enumerate() {
        let seconds = (*at - started).as_secs_f64();
        assert!(
            seconds >= (before / 5) as f64,
            "{before} searches in {seconds} s"
        );
    }
}

#[test]
fn each_row_has_its_verdict_within_the_bounds_of_calls_and_the_links_of_the_same_ids() {
    let started = Instant::now();
    let server = KeyedServer::start(account());
    let workdir = Workdir::with(rows_by_keys());
    let options = "--batch max --yes --summary summary.json";
    let run = workdir.import(&server.base_url(), options).exits(1);
    let results = workdir.results();
    assert_eq!(results.len() as u64, ROWS, "{run}");
    for (row, line) in (1..=ROWS).zip(&results) {
        let (status, code, ids) = expected(row);
        let told = (&*line["assoc_status"], &*line["assoc_code"], told_ids(line));
        assert_eq!(line["assoc_row"], row.to_string());
        assert_eq!(told, (status, code, ids), "row {row}");
    }
    assert_calls_within_bounds(&server, started);
    let summary = workdir.json("summary.json");
    assert_eq!(summary["calls"], server.requests());
    assert_eq!(summary["rows_read"], ROWS);
    assert_eq!(summary["recorded"], ROWS);
    assert!(!workdir.has("links.results.csv.keys"));
    assert_same_links_by_ids(&server);
}

/// Imports the rows that succeed by their ids into the same account, and compares its links.
fn assert_same_links_by_ids(by_keys: &KeyedServer) {
    let mut text = "from_object_id,to_object_id,definition_id\n".to_owned();
    for (from, to) in (1..=ROWS).filter_map(|row| expected(row).2) {
        writeln!(text, "{from},{to},contact_to_company").unwrap();
    }
    let server = KeyedServer::start(account());
    let workdir = Workdir::with(text);
    workdir
        .import(&server.base_url(), "--batch max --yes")
        .exits(0);
    assert_eq!(by_keys.written(), server.written());
    assert_eq!(by_keys.linked(), server.linked());
    let kinds: Vec<_> = server.counts().into_keys().collect();
    assert_eq!(kinds, [CallKind::Write], "ids are looked up");
}

#[test]
fn the_address_of_a_record_leads_to_it_also_after_a_merge() {
    let [old, new] = [60_000, 50_000];
    let account = Account::default()
        .company(new, "firm.example")
        .merged(old, new)
        .company(50_001, "gone.example")
        .archived();
    let server = KeyedServer::start(account);
    let addresses = [
        (ACCOUNT, new),
        (ACCOUNT, old),
        (ACCOUNT, 50_001),
        (ACCOUNT, 50_002),
        (1, new),
    ];
    let mut text = "from_object_id,to_record_url,definition_id\n".to_owned();
    for (account, id) in addresses {
        let url = format!("https://app.hubspot.com/contacts/{account}/record/0-2/{id}");
        writeln!(text, "7,{url},contact_to_company").unwrap();
    }
    let workdir = Workdir::with(text);
    workdir.import(&server.base_url(), "").exits(1);
    let results = workdir.results();
    let told = |name| column(&results, name).join(" ");
    assert_eq!(
        told("assoc_code"),
        " record_merged record_archived record_not_found other_account"
    );
    assert_eq!(server.written(), [(7, new), (7, new)]);
    assert!(server.count(CallKind::Record) <= 4, "{:?}", server.counts());
}
