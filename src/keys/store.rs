//! What HubSpot said about each key, for ten million keys and more: the answers are in a file, and
//! only where each is, is in memory.
//!
//! Does not know how a record is found by its key.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use super::{
    entry::{self, BLOCK_LEN},
    error::{KeyFileFault, KeyStoreError},
    key_file::{FIRST_ENTRY, KeyFile},
    key_hash::KeyHash,
    key_index::KeyIndex,
};
use crate::{
    account::AccountId,
    association::{KeyAnswer, RecordKey},
};

/// The path of the file of keys of a results file: `links.results.csv.keys`.
#[must_use]
pub fn key_file_path(results: &Path) -> PathBuf {
    let mut name = OsString::from(results);
    name.push(".keys");
    name.into()
}

/// Which answers of an earlier session still count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyReuse {
    /// All of them.
    All,
    /// Those that name one record. The others may have changed: a person has had time to create
    /// the record, or to merge several.
    FoundOnly,
}

/// What is known of keys.
#[derive(Debug)]
pub struct KeyStore {
    file: KeyFile,
    /// Whose answers are kept and given, if that is known.
    account: Option<AccountId>,
    index: KeyIndex,
    /// The length of the file.
    end: u64,
    /// Before this offset, only answers that name one record count.
    found_only_before: u64,
    /// The entries of one write.
    buffer: Vec<u8>,
}

impl KeyStore {
    /// Begins with nothing. A file of keys that an earlier run left at this path is replaced.
    ///
    /// # Errors
    /// If the file cannot be created, or something else is there.
    pub fn create(path: &Path) -> Result<Self, KeyStoreError> {
        KeyFile::create(path).map(Self::empty)
    }

    /// Continues with what an earlier session of the run knew. Without a file, or if it is of
    /// another version or damaged, this begins with nothing.
    ///
    /// # Errors
    /// If the file cannot be created, read or written, or something else is there.
    pub fn open(path: &Path, reuse: KeyReuse) -> Result<Self, KeyStoreError> {
        let Some(file) = KeyFile::open(path)? else {
            return Self::create(path);
        };
        let mut index = KeyIndex::default();
        let end = file.recover(|hash, offset| add(&mut index, &file, hash, offset))?;
        let found_only_before = match reuse {
            KeyReuse::All => 0,
            KeyReuse::FoundOnly => end,
        };
        Ok(Self {
            index,
            end,
            found_only_before,
            ..Self::empty(file)
        })
    }

    /// Begins with nothing, in a file without a name in this folder. It is gone when it is closed.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn temporary(folder: &Path) -> Result<Self, KeyStoreError> {
        KeyFile::temporary(folder).map(Self::empty)
    }

    pub(super) fn empty(file: KeyFile) -> Self {
        Self {
            file,
            account: None,
            index: KeyIndex::default(),
            end: FIRST_ENTRY,
            found_only_before: 0,
            buffer: Vec::new(),
        }
    }

    /// Only answers of this account are given: those that an earlier session had from another one
    /// name other records.
    #[must_use]
    pub fn for_account(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    /// The last answer for this key, if there is one that counts.
    ///
    /// # Errors
    /// If the file cannot be read, or is no longer as it was written.
    pub fn get(&self, key: &RecordKey) -> Result<Option<KeyAnswer>, KeyStoreError> {
        let hash = self.file.hasher.hash(self.account, key);
        for (_, block) in self.index.candidates(hash.fingerprint()) {
            let offset = offset_of(block);
            if let Some(answer) = self.file.read(hash, offset)? {
                let counts = offset >= self.found_only_before || names_one_record(&answer);
                return Ok(counts.then_some(answer));
            }
        }
        Ok(None)
    }

    /// Adds answers with one write. Of several for a key, the last one counts.
    ///
    /// # Errors
    /// If they cannot be written. Then none of them is known.
    pub fn insert_all(&mut self, answers: &[(RecordKey, KeyAnswer)]) -> Result<(), KeyStoreError> {
        let mut added = Vec::with_capacity(answers.len());
        self.buffer.clear();
        for (key, answer) in answers {
            let hash = self.file.hasher.hash(self.account, key);
            let offset = self.end + self.buffer.len() as u64;
            let seed = self.file.hasher.check_seed(offset);
            entry::encode(hash, answer, seed, &mut self.buffer);
            added.push((hash, offset));
        }
        let end = self.end + self.buffer.len() as u64;
        if block_at(end).is_none() {
            let error = io::ErrorKind::FileTooLarge.into();
            return Err(self.file.error(KeyFileFault::Write(error)));
        }
        self.file.append(&self.buffer, self.end)?;
        self.end = end;
        for (hash, offset) in added {
            add(&mut self.index, &self.file, hash, offset)?;
        }
        Ok(())
    }

    /// Puts all answers on the disk.
    ///
    /// # Errors
    /// If that fails.
    pub fn sync(&self) -> Result<(), KeyStoreError> {
        self.file.sync()
    }

    /// Deletes the file, at the end of a complete run.
    ///
    /// # Errors
    /// If that fails.
    pub fn remove(self) -> Result<(), KeyStoreError> {
        self.file.remove()
    }
}

/// Adds a written entry to the index, in place of an earlier one for the same key.
fn add(
    index: &mut KeyIndex,
    file: &KeyFile,
    hash: KeyHash,
    offset: u64,
) -> Result<(), KeyStoreError> {
    let Some(block) = block_at(offset) else {
        let error = io::ErrorKind::FileTooLarge.into();
        return Err(file.error(KeyFileFault::Read(error)));
    };
    let mut earlier = None;
    for (position, block) in index.candidates(hash.fingerprint()) {
        if file.read(hash, offset_of(block))?.is_some() {
            earlier = Some(position);
            break;
        }
    }
    match earlier {
        Some(position) => index.replace(position, block),
        None => index.insert(hash.fingerprint(), block),
    }
    Ok(())
}

fn names_one_record(answer: &KeyAnswer) -> bool {
    match answer {
        KeyAnswer::Found(_) | KeyAnswer::Merged { .. } => true,
        KeyAnswer::Ambiguous(_) | KeyAnswer::Archived(_) | KeyAnswer::NotFound => false,
    }
}

/// The number of the block that begins at this offset. `None` if it does not fit into the index.
fn block_at(offset: u64) -> Option<u32> {
    u32::try_from(offset / BLOCK_LEN as u64).ok()
}

fn offset_of(block: u32) -> u64 {
    u64::from(block) * BLOCK_LEN as u64
}
