//! The campaign of imports by keys: no key is asked for again whose answer was kept, and the rows
//! are sent with the ids of their records.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt as _,
};

use hubassoc::{
    account::AccountId,
    association::{KeyProperty, RecordKey},
    keys::{KeyReuse, KeyStore},
    sandbox::SandboxOptions,
};

use super::{
    import::{Import, KillTime},
    input_file::ExpectedEnding,
    keyed_input::{PRIMARY, asked_key},
    kills::{Interruption, KILLS_PER_IMPORT, campaign_of, draw},
    run_process::KillSignal,
    test_bed::{KEYS, RESULTS, RUN_LOG},
};
use crate::support::workdir::lines;

/// About how many calls look up all keys of a file.
const LOOKUPS: u64 = 20;

/// About how long the file of their answers is.
const KEYS_LENGTH: u64 = 20_000;

#[test]
fn kills_of_an_import_by_keys_lose_nothing() {
    campaign_of(|seed| {
        let (mut import, mut keys, mut done) = (Import::of_keys(seed), KnownKeys::default(), 0);
        for _ in 0..KILLS_PER_IMPORT {
            let (kill_time, signal) = draw_time(&mut import);
            done += u64::from(import.interrupt(kill_time, signal));
            keys.check(&mut import);
        }
        import.resume_to_the_end();
        keys.check(&mut import);
        let bed = &import.bed;
        bed.check(!bed.workdir.has(KEYS), "the keys are left at the end");
        import.assert_sent_to_the_records();
        let lookups = import.lookups();
        import.assert_verified();
        let bed = &import.bed;
        bed.check(import.lookups() == lookups, "a verification looked up keys");
        done
    });
}

/// Half of the kills are while keys are looked up, which is at the beginning.
fn draw_time(import: &mut Import) -> (KillTime, KillSignal) {
    match import.rng.u32(..4) {
        0 => (
            KillTime::Requests(import.rng.u64(1..LOOKUPS)),
            KillSignal::Kill,
        ),
        1 => (
            KillTime::Grown(KEYS, import.rng.u64(1..KEYS_LENGTH)),
            KillSignal::Kill,
        ),
        _ => draw(import, Interruption::Kill, [RESULTS, RUN_LOG]),
    }
}

/// The keys whose answers are kept.
#[derive(Default)]
struct KnownKeys {
    known: BTreeSet<String>,
    asked: BTreeSet<String>,
    /// The calls of the processes so far.
    calls: usize,
}

impl KnownKeys {
    /// Checks what a process asked for, and what it kept.
    fn check(&mut self, import: &mut Import) {
        let settled = import.state().settled;
        let bed = &import.bed;
        let is_complete = settled.len() == import.file.rows.len();
        let calls = bed.sandbox.request_log().calls;
        let asked = calls[self.calls..].iter().flat_map(|call| call.keys.iter());
        let asked: BTreeSet<_> = asked.map(|key| asked_key(key)).collect();
        self.calls = calls.len();
        let again: Vec<_> = asked.intersection(&self.known).collect();
        bed.check(
            again.is_empty(),
            &format!("keys were asked for again: {again:?}"),
        );
        self.asked.extend(asked);
        if !bed.workdir.has(KEYS) {
            bed.check(
                is_complete || self.known.is_empty(),
                "the keys are gone before the end",
            );
            return;
        }
        let mode = fs::metadata(bed.workdir.path(KEYS)).unwrap().permissions();
        bed.check(mode.mode() & 0o777 == 0o600, "others may read the keys");
        if is_complete {
            return;
        }
        self.known = self.kept(import);
        let mut violations = Vec::new();
        for (row, number) in import.file.rows.iter().zip(1..) {
            let is_looked_up = settled
                .get(&number)
                .is_some_and(|ending| *ending != ExpectedEnding::Invalid);
            let keys = row.cells[1..3].iter().map(|cell| asked_key(cell));
            let lost = keys.filter(|key| is_looked_up && !self.known.contains(key));
            violations.extend(lost.map(|key| format!("{key} of row {number} was not kept")));
        }
        bed.fail_on(&violations);
    }

    /// The keys in a copy of the file, which is cut when it is opened.
    fn kept(&self, import: &Import) -> BTreeSet<String> {
        const COPY: &str = "copy.keys";
        let workdir = &import.bed.workdir;
        fs::copy(workdir.path(KEYS), workdir.path(COPY)).unwrap();
        let store = KeyStore::open(&workdir.path(COPY), KeyReuse::All).unwrap();
        let store = store.for_account(Some(AccountId::new(SandboxOptions::default().account)));
        let is_kept = |key: &&String| store.get(&record_key(key)).unwrap().is_some();
        let kept = self.asked.iter().filter(is_kept).cloned().collect();
        store.remove().unwrap();
        kept
    }
}

fn record_key(key: &str) -> RecordKey {
    let property = if key.contains('@') {
        KeyProperty {
            object_type: "contacts",
            name: "email",
        }
    } else {
        KeyProperty {
            object_type: "companies",
            name: "domain",
        }
    };
    RecordKey {
        property,
        value: key.into(),
    }
}

impl Import {
    /// The number of calls that look up keys. A verification may read records by their ids.
    fn lookups(&self) -> usize {
        let calls = self.bed.sandbox.request_log().calls;
        let is_key = |key: &String| key.parse::<u64>().is_err();
        let lookups = calls.iter().filter(|call| call.keys.iter().any(is_key));
        lookups.count()
    }

    /// Asserts that the results have the ids of the records, and the server has these links only.
    fn assert_sent_to_the_records(&self) {
        let mut violations = Vec::new();
        for line in lines(&self.bed.bytes(RESULTS)) {
            let number: usize = line["assoc_row"].parse().unwrap();
            let link = self.file.rows[number - 1].link;
            let expected = link.map_or_else(Default::default, |link| {
                [link.from, link.to].map(|id| id.to_string())
            });
            let told = ["assoc_from_id", "assoc_to_id"].map(|name| line[name].clone());
            if told != expected {
                violations.push(format!(
                    "row {number} has the ids {told:?}, not {expected:?}"
                ));
            }
        }
        let (expected, linked) = (self.expected_links(), self.links());
        let missing = expected.difference(&linked);
        violations.extend(missing.map(|link| format!("is missing: {link}")));
        let surplus = linked.difference(&expected);
        violations.extend(surplus.map(|link| format!("no row has made: {link}")));
        self.bed.fail_on(&violations);
    }

    /// The linked pairs of contact and company, and the primary company of each contact, which its
    /// last row decides.
    fn expected_links(&self) -> BTreeSet<String> {
        let links = self.file.rows.iter().filter_map(|row| row.link);
        let (mut expected, mut primary) = (BTreeSet::new(), BTreeMap::new());
        for link in links {
            expected.insert(format!("{} - {}", link.from, link.to));
            if link.definition.get() == PRIMARY {
                primary.insert(link.from, link.to);
            }
        }
        let primary = primary.iter();
        expected.extend(primary.map(|(from, to)| format!("{from} - {to} primary")));
        expected
    }

    /// The links at the server, in the same form.
    fn links(&self) -> BTreeSet<String> {
        let mut links = BTreeSet::new();
        for text in self.bed.sandbox.links() {
            let words: Vec<_> = text.split([' ', '=']).collect();
            let [from_type, from, _, _, to, .., number] = words[..] else {
                self.bed.fail(&[text]);
            };
            if from_type.starts_with("contact") {
                links.insert(format!("{from} - {to}"));
                if number == PRIMARY.to_string() {
                    links.insert(format!("{from} - {to} primary"));
                }
            }
        }
        links
    }
}
