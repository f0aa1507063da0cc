//! The texts that the cells of a workbook share, in memory.
//!
//! Knows nothing about files. `workbook::shared_strings` reads them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

/// The most bytes of all texts. Two ids in each of a million rows have 25 MB.
const MAX_BYTES: usize = 1 << 30;

/// The texts in one piece of memory, with four bytes more for each.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    /// Adds a text. `write` appends it to what it is given.
    pub(super) fn add<E>(
        &mut self,
        write: impl FnOnce(&mut String) -> Result<(), E>,
        too_large: impl FnOnce() -> E,
    ) -> Result<(), E> {
        write(&mut self.text)?;
        let end = u32::try_from(self.text.len()).ok();
        let end = end.filter(|_| self.text.len() <= MAX_BYTES);
        self.ends.push(end.ok_or_else(too_large)?);
        Ok(())
    }

    /// Frees the memory that was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// The text with this index.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

/// What tells a file from the same file after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileVersion {
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
}

/// The shared texts of the workbook that was opened last. Clones share them, so that a file that is
/// read several times keeps them only once.
#[derive(Clone, Default)]
pub struct SharedStringsCache(Arc<Mutex<Option<CachedStrings>>>);

/// The texts of one version of a file.
struct CachedStrings {
    version: FileVersion,
    strings: Arc<SharedStrings>,
}

impl SharedStringsCache {
    /// The texts of this version of the file. `read` is called unless they are known.
    pub(super) fn get_or_read<E>(
        &self,
        version: FileVersion,
        read: impl FnOnce() -> Result<SharedStrings, E>,
    ) -> Result<Arc<SharedStrings>, E> {
        // Held while they are read, so that two threads do not both read them.
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some(known) if known.version == version => Ok(Arc::clone(&known.strings)),
            Some(_) | None => {
                let strings = Arc::new(read()?);
                *cached = Some(CachedStrings {
                    version,
                    strings: Arc::clone(&strings),
                });
                Ok(strings)
            }
        }
    }
}

impl fmt::Debug for SharedStringsCache {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SharedStringsCache")
    }
}
