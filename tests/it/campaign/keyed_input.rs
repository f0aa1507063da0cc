//! A file whose rows name their records by keys, the records that exist, and what each key leads to.
//! It knows nothing of runs and kills.

use std::fmt::Write as _;

use fastrand::Rng;

use super::input_file::{ExpectedEnding, InputFile, InputRow, note};

const COLUMNS: [&str; 4] = ["note", "from_email", "to_domain", "definition_id"];

/// The lowest ids. No generated id ends in the digits of a missing record.
const CONTACTS: u64 = 1_001;
const COMPANIES: u64 = 2_002;

/// The number of companies with a domain of their own, and of pairs that share one.
const COMPANY_COUNT: u64 = 60;
const PAIRS: u64 = 5;

/// The number of deleted contacts.
const DELETED: u64 = 20;

/// A company is the primary company of a contact, or linked without a label.
pub(super) const PRIMARY: u32 = 1;
const UNLABELED: u32 = 279;

const NOT_FOUND: (ExpectedEnding, &str) = (ExpectedEnding::NotFound, "record_not_found");
const DELETED_ONLY: (ExpectedEnding, &str) = (ExpectedEnding::NotFound, "record_archived");
const AMBIGUOUS: (ExpectedEnding, &str) = (ExpectedEnding::NotFound, "record_ambiguous");
const NO_EMAIL: (ExpectedEnding, &str) = (ExpectedEnding::Invalid, "invalid_email");
const FREE_MAIL: (ExpectedEnding, &str) = (ExpectedEnding::Invalid, "free_mail_domain");

/// A key as a cell, with the id that it leads to, or why it leads to none.
type KeyCell = (String, Result<u64, (ExpectedEnding, &'static str)>);

/// A random file with this number of rows.
pub(super) fn random_file(rows: usize, is_dated: bool, rng: &mut Rng) -> InputFile {
    let people = rows as u64 / 2 + 1;
    // After a miss, the run waits before it searches once more. Not every run should take so long.
    let misses_domains = is_dated && rng.u8(..3) == 0;
    let mut file = InputFile {
        columns: COLUMNS,
        records: Some(records(people)),
        ..InputFile::of(Vec::new())
    };
    for number in 1..=rows as u64 {
        let is_unlabeled = is_dated && rng.u8(..3) == 0;
        let repeated = (rng.u8(..20) == 0).then(|| file.earlier(rng)).flatten();
        let mut row = repeated.unwrap_or_else(|| {
            let definition = if is_unlabeled { UNLABELED } else { PRIMARY };
            let misses = misses_domains && is_unlabeled;
            keyed_row([email(people, rng), domain(misses, rng)], definition)
        });
        row.cells[0] = note(number, rng);
        file.rows.push(row);
    }
    file
}

fn keyed_row([(from, of_from), (to, of_to)]: [KeyCell; 2], definition: u32) -> InputRow {
    let is_invalid = |found: &Result<u64, (ExpectedEnding, &str)>| {
        matches!(found, Err((ExpectedEnding::Invalid, _)))
    };
    // An invalid cell is found before anything is looked up.
    let ids = if is_invalid(&of_to) && !is_invalid(&of_from) {
        of_to.map(|to| [0, to])
    } else {
        of_from.and_then(|from| Ok([from, of_to?]))
    };
    InputRow::with_keys([from, to], definition, ids)
}

fn email(people: u64, rng: &mut Rng) -> KeyCell {
    let person = rng.u64(..people);
    let id = Ok(CONTACTS + 1_000 * person);
    match rng.u32(..100) {
        0..70 => (format!("p{person}@example.com"), id),
        70..75 => (format!(" P{person}@Example.com "), id),
        75..80 => (format!("mailto:p{person}@example.com"), id),
        80..87 => (format!("old{person}@example.com"), id),
        87..93 => {
            let name = format!("nobody{person}@example.com");
            (name, Err(NOT_FOUND))
        }
        93..97 => {
            let name = format!("gone{}@example.com", rng.u64(..DELETED));
            (name, Err(DELETED_ONLY))
        }
        _ => (format!("p{person}"), Err(NO_EMAIL)),
    }
}

fn domain(misses: bool, rng: &mut Rng) -> KeyCell {
    let company = rng.u64(..COMPANY_COUNT);
    let id = Ok(COMPANIES + 1_000 * company);
    match rng.u32(..100) {
        75..85 => (format!("https://www.D{company}.example/about"), id),
        85..90 if misses => (format!("none{company}.example"), Err(NOT_FOUND)),
        0..75 | 85..93 => (format!("d{company}.example"), id),
        93..97 => {
            let name = format!("both{}.example", rng.u64(..PAIRS));
            (name, Err(AMBIGUOUS))
        }
        _ => ("gmail.com".to_owned(), Err(FREE_MAIL)),
    }
}

/// The records that exist, as the sandbox reads them.
fn records(people: u64) -> String {
    let mut text = "object_type,id,archived,email,hs_additional_emails,domain\n".to_owned();
    let contact = |index: u64| CONTACTS + 1_000 * index;
    for person in 0..people {
        let id = contact(person);
        let [email, old] = ["p", "old"].map(|name| format!("{name}{person}@example.com"));
        writeln!(text, "contacts,{id},,{email},{old},").unwrap();
    }
    for gone in 0..DELETED {
        let id = contact(people + gone);
        writeln!(text, "contacts,{id},true,gone{gone}@example.com,,").unwrap();
    }
    for company in 0..COMPANY_COUNT {
        let id = COMPANIES + 1_000 * company;
        writeln!(text, "companies,{id},,,,d{company}.example").unwrap();
    }
    for index in 0..2 * PAIRS {
        let id = COMPANIES + 1_000 * (COMPANY_COUNT + index);
        writeln!(text, "companies,{id},,,,both{}.example", index / 2).unwrap();
    }
    text
}

/// The key in a cell, as it is asked for.
pub(super) fn asked_key(cell: &str) -> String {
    let lower = cell.trim().to_lowercase();
    let key = lower.trim_start_matches("mailto:");
    let key = key
        .trim_start_matches("https://")
        .trim_start_matches("www.");
    key.split('/').next().unwrap().to_owned()
}
