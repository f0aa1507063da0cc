//! A file of keys: its header, and its entries at their offsets.
//!
//! Whoever opens one beside results has the lock of that run. Does not know which entries count.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, Read as _},
    path::Path,
};

use twox_hash::XxHash3_64;

use super::{
    entry::{self, BLOCK_LEN, SHORTEST},
    error::{KeyFileFault, KeyFileLocation, KeyStoreError},
    key_hash::{KeyHash, KeyHasher, SECRET_LEN},
    positioned::{OffsetReader, read_exact_at, write_all_at},
};
use crate::{
    association::KeyAnswer,
    private_file::{create_new, leads_to},
};

/// How every such file begins. The last digit is the version of the format.
const MAGIC: &[u8; 8] = b"hubkeys1";

/// The part of it that all versions have.
const MAGIC_PREFIX: &[u8] = MAGIC.split_at(MAGIC.len() - 1).0;

/// Magic, secret, and a check of both.
const HEADER_LEN: usize = MAGIC.len() + SECRET_LEN + size_of::<u64>();

/// Where the first entry is.
pub(super) const FIRST_ENTRY: u64 = HEADER_LEN as u64;

// Entries begin at whole blocks.
const _: () = assert!(HEADER_LEN.is_multiple_of(BLOCK_LEN));

/// How much is read at once from a file that is opened again.
const READ_LEN: usize = 1 << 18;

/// An open file.
#[derive(Debug)]
pub(super) struct KeyFile {
    pub(super) file: File,
    pub(super) location: KeyFileLocation,
    pub(super) hasher: KeyHasher,
}

/// What was found at the path of a file of keys.
enum FoundFile {
    Nothing,
    /// Of another version, or damaged.
    Unusable,
    Usable(KeyFile),
}

impl KeyFile {
    /// Opens an existing file. `None` if there is none that this version can read.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, KeyStoreError> {
        Ok(match find(path)? {
            FoundFile::Nothing | FoundFile::Unusable => None,
            FoundFile::Usable(file) => Some(file),
        })
    }

    /// Creates a file, in place of an existing one.
    pub(super) fn create(path: &Path) -> Result<Self, KeyStoreError> {
        let location = KeyFileLocation::BesideResults(path.to_owned());
        let created = match find(path)? {
            FoundFile::Nothing => Ok(()),
            FoundFile::Unusable | FoundFile::Usable(_) => fs::remove_file(path),
        };
        let created = created.and_then(|()| create_new().read(true).open(path));
        Self::begin(created, location)
    }

    /// Creates a file without a name in this folder. It is gone when it is closed.
    pub(super) fn temporary(folder: &Path) -> Result<Self, KeyStoreError> {
        let location = KeyFileLocation::TemporaryIn(folder.to_owned());
        Self::begin(tempfile::tempfile_in(folder), location)
    }

    fn begin(created: io::Result<File>, location: KeyFileLocation) -> Result<Self, KeyStoreError> {
        let fail = |fault| {
            let location = location.clone();
            KeyStoreError { location, fault }
        };
        let file = created.map_err(|error| fail(KeyFileFault::Create(error)))?;
        let hasher = KeyHasher::random().ok_or_else(|| fail(KeyFileFault::NoRandomNumbers))?;
        write_all_at(&file, &header(&hasher), 0)
            .map_err(|error| fail(KeyFileFault::Write(error)))?;
        Ok(Self {
            file,
            location,
            hasher,
        })
    }

    /// Reads the entry at `offset`. `None` if it is that of another key.
    pub(super) fn read(
        &self,
        hash: KeyHash,
        offset: u64,
    ) -> Result<Option<KeyAnswer>, KeyStoreError> {
        let mut beginning = [0; SHORTEST];
        self.fill(&mut beginning, offset)?;
        if entry::hash(&beginning) != hash {
            return Ok(None);
        }
        let seed = self.hasher.check_seed(offset);
        let answer = match entry::length(&beginning) {
            SHORTEST => entry::decode(&beginning, seed),
            len => {
                let mut whole = vec![0; len];
                self.fill(&mut whole, offset)?;
                entry::decode(&whole, seed)
            }
        };
        answer
            .map(Some)
            .ok_or_else(|| self.error(KeyFileFault::Changed))
    }

    fn fill(&self, buffer: &mut [u8], offset: u64) -> Result<(), KeyStoreError> {
        let filled = read_exact_at(&self.file, buffer, offset);
        filled.map_err(|error| {
            let is_shorter = error.kind() == io::ErrorKind::UnexpectedEof;
            self.error(if is_shorter {
                KeyFileFault::Changed
            } else {
                KeyFileFault::Read(error)
            })
        })
    }

    /// Passes the hash and the offset of all entries to `use_entry`, up to the first that is torn
    /// or damaged, and cuts the file there. Returns its length.
    pub(super) fn recover(
        &self,
        mut use_entry: impl FnMut(KeyHash, u64) -> Result<(), KeyStoreError>,
    ) -> Result<u64, KeyStoreError> {
        let mut offset = FIRST_ENTRY;
        let file = &self.file;
        let mut reader = BufReader::with_capacity(READ_LEN, OffsetReader { file, offset });
        let mut entry = Vec::new();
        loop {
            let hash = next_entry(&mut reader, &mut entry)
                .map_err(|error| self.error(KeyFileFault::Read(error)))?;
            let seed = self.hasher.check_seed(offset);
            let Some(hash) = hash.filter(|_| entry::decode(&entry, seed).is_some()) else {
                break;
            };
            use_entry(hash, offset)?;
            offset += entry.len() as u64;
        }
        self.cut(offset)?;
        Ok(offset)
    }

    /// Writes entries at this offset, the end of the file. All of them or none.
    pub(super) fn append(&self, entries: &[u8], end: u64) -> Result<(), KeyStoreError> {
        write_all_at(&self.file, entries, end).map_err(|error| {
            // If even that fails, what was written of them stays behind the end.
            let _ = self.cut(end);
            self.error(KeyFileFault::Write(error))
        })
    }

    fn cut(&self, length: u64) -> Result<(), KeyStoreError> {
        let cut = self.file.set_len(length);
        cut.map_err(|error| self.error(KeyFileFault::Write(error)))
    }

    /// Puts everything written on the disk.
    pub(super) fn sync(&self) -> Result<(), KeyStoreError> {
        let synced = self.file.sync_data();
        synced.map_err(|error| self.error(KeyFileFault::Write(error)))
    }

    /// Closes the file and deletes it.
    pub(super) fn remove(self) -> Result<(), KeyStoreError> {
        let Self { file, location, .. } = self;
        drop(file);
        let KeyFileLocation::BesideResults(path) = &location else {
            return Ok(());
        };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeyStoreError {
                location,
                fault: KeyFileFault::Remove(error),
            }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) fn error(&self, fault: KeyFileFault) -> KeyStoreError {
        let location = self.location.clone();
        KeyStoreError { location, fault }
    }
}

/// Opens what is at this path. A file that is not one of keys is refused, and never changed.
fn find(path: &Path) -> Result<FoundFile, KeyStoreError> {
    let location = KeyFileLocation::BesideResults(path.to_owned());
    let fail = |fault| {
        let location = location.clone();
        KeyStoreError { location, fault }
    };
    let cannot_read = |error| fail(KeyFileFault::Read(error));
    // Checked first, because opening a pipe could block forever.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(fail(KeyFileFault::NotAFile)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FoundFile::Nothing),
        Err(error) => return Err(cannot_read(error)),
    }
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.map_err(cannot_read)?;
    if !leads_to(path, &file).map_err(cannot_read)? {
        return Err(fail(KeyFileFault::NotAFile));
    }
    let mut beginning = Vec::new();
    let reader = OffsetReader {
        file: &file,
        offset: 0,
    };
    let read = reader.take(FIRST_ENTRY).read_to_end(&mut beginning);
    read.map_err(cannot_read)?;
    if !is_of_keys(&beginning) {
        return Err(fail(KeyFileFault::OtherFile));
    }
    Ok(match read_header(&beginning) {
        None => FoundFile::Unusable,
        Some(hasher) => FoundFile::Usable(KeyFile {
            file,
            location,
            hasher,
        }),
    })
}

fn header(hasher: &KeyHasher) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let (checked, check) = header.split_at_mut(HEADER_LEN - size_of::<u64>());
    let (magic, secret) = checked.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    secret.copy_from_slice(&hasher.secret());
    check.copy_from_slice(&XxHash3_64::oneshot(checked).to_le_bytes());
    header
}

/// `None` if the header is of another version, or damaged.
fn read_header(beginning: &[u8]) -> Option<KeyHasher> {
    let secret = beginning.get(MAGIC.len()..)?.first_chunk()?;
    let hasher = KeyHasher::new(secret);
    (beginning == header(&hasher)).then_some(hasher)
}

/// Whether a file that begins so is one of keys, of any version. After a power loss, it may be
/// empty, torn, or zeros.
fn is_of_keys(beginning: &[u8]) -> bool {
    let is_magic = beginning.iter().zip(MAGIC_PREFIX).all(|(a, b)| a == b);
    is_magic || beginning.iter().all(|byte| *byte == 0)
}

/// Reads an entry into `entry`, and returns the hash in it. `None` at the end of the file, whole or
/// torn.
fn next_entry(
    reader: &mut BufReader<OffsetReader<'_>>,
    entry: &mut Vec<u8>,
) -> io::Result<Option<KeyHash>> {
    let mut beginning = [0; SHORTEST];
    let read = reader.read_exact(&mut beginning).and_then(|()| {
        entry.clear();
        entry.extend_from_slice(&beginning);
        entry.resize(entry::length(&beginning), 0);
        reader.read_exact(&mut entry[SHORTEST..])
    });
    match read {
        Ok(()) => Ok(Some(entry::hash(&beginning))),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
