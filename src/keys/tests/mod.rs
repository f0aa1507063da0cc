//! The file of keys: what is known after it was closed, torn, damaged or replaced. Everything is
//! read back from a real folder.

mod damage;
mod model;
mod places;

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{KeyReuse, KeyStore, KeyStoreError};
use crate::{
    association::{CandidateRecord, Candidates, KeyAnswer, KeyProperty, RecordId, RecordKey},
    messages,
};

/// A folder for one file of keys.
struct KeyFolder(tempfile::TempDir);

impl KeyFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("links.results.csv.keys")
    }

    /// A file with these answers, and its bytes.
    fn with(answers: &[(RecordKey, KeyAnswer)]) -> (Self, Vec<u8>) {
        let folder = Self::new();
        let mut store = KeyStore::create(&folder.path()).unwrap();
        store.insert_all(answers).unwrap();
        let bytes = fs::read(folder.path()).unwrap();
        (folder, bytes)
    }

    fn open(&self, reuse: KeyReuse) -> KeyStore {
        KeyStore::open(&self.path(), reuse).unwrap()
    }

    /// Opens a file with these bytes instead.
    fn open_as(&self, bytes: &[u8]) -> KeyStore {
        fs::write(self.path(), bytes).unwrap();
        self.open(KeyReuse::All)
    }
}

/// The message of an error.
#[track_caller]
fn error_text<T>(refused: Result<T, KeyStoreError>, folder: &Path) -> String {
    let text = messages::key_store(&refused.err().unwrap());
    text.replace(folder.to_str().unwrap(), "DIR")
}

fn id(id: u64) -> RecordId {
    RecordId::new(id).unwrap()
}

fn email(value: &str) -> RecordKey {
    RecordKey {
        property: KeyProperty {
            object_type: "contacts",
            name: "email",
        },
        value: value.into(),
    }
}

/// Several records, of which different things are known.
fn several() -> KeyAnswer {
    let candidate = |n, name: Option<&str>, created_at| CandidateRecord {
        id: id(n),
        name: name.map(str::to_owned),
        created_at,
    };
    let time = Timestamp::new(1_700_000_000, 123_000_000).unwrap();
    KeyAnswer::Ambiguous(Candidates {
        oldest: id(7),
        total: 1_234,
        shown: vec![
            candidate(7, Some("Ö & Söhne"), Some(time)),
            candidate(8, None, Some(Timestamp::new(-5, -1).unwrap())),
            candidate(9, Some(""), None),
            candidate(RecordId::MAX, None, None),
        ],
    })
}

/// One answer of each kind.
fn all_kinds() -> Vec<(RecordKey, KeyAnswer)> {
    let merged = KeyAnswer::Merged {
        old: id(1),
        new: id(2),
    };
    vec![
        (email("found@example.com"), KeyAnswer::Found(id(351))),
        (email("merged@example.com"), merged),
        (email("several@example.com"), several()),
        (email("archived@example.com"), KeyAnswer::Archived(id(4))),
        (email("none@example.com"), KeyAnswer::NotFound),
    ]
}

/// What is known of these keys.
fn known(store: &KeyStore, keys: &[(RecordKey, KeyAnswer)]) -> Vec<Option<KeyAnswer>> {
    let keys = keys.iter();
    keys.map(|(key, _)| store.get(key).unwrap()).collect()
}

/// All these answers as they are known if only the first `count` of them are.
fn first(count: usize, answers: &[(RecordKey, KeyAnswer)]) -> Vec<Option<KeyAnswer>> {
    let answers = answers.iter().enumerate();
    answers
        .map(|(at, (_, answer))| (at < count).then(|| answer.clone()))
        .collect()
}
