//! The texts that the cells of a workbook share, in memory.
//!
//! Knows nothing about files. `workbook::shared_strings` reads them.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

/// The number of texts in a block.
const BLOCK: usize = 4096;

/// The texts, in blocks that are never moved when more are added.
#[derive(Default)]
pub(super) struct SharedStrings {
    full: Vec<TextBlock>,
    last: TextBlock,
}

/// Texts in one piece of memory, with four bytes more for each.
#[derive(Default)]
struct TextBlock {
    text: String,
    ends: Vec<u32>,
}

impl SharedStrings {
    /// Adds a text. `write` appends it to what it is given, which may be anything.
    pub(super) fn add<E>(
        &mut self,
        write: impl FnOnce(&mut String) -> Result<(), E>,
        too_large: impl FnOnce() -> E,
    ) -> Result<(), E> {
        let block = &mut self.last;
        write(&mut block.text)?;
        let end = u32::try_from(block.text.len());
        block.ends.push(end.map_err(|_| too_large())?);
        if block.ends.len() == BLOCK {
            let mut full = std::mem::take(block);
            full.text.shrink_to_fit();
            self.full.push(full);
        }
        Ok(())
    }

    /// The text with this index.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let block = self.full.get(index / BLOCK).or_else(|| {
            let is_last = index / BLOCK == self.full.len();
            is_last.then_some(&self.last)
        })?;
        let index = index % BLOCK;
        let end = *block.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| block.ends[before]);
        block.text.get(start as usize..end)
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn texts_come_back_by_their_index_across_blocks() {
        let mut strings = SharedStrings::default();
        let text = |index: usize| "é".repeat(index % 7) + &index.to_string();
        let count = 2 * BLOCK + 1;
        for index in 0..count {
            assert_eq!(strings.get(index), None);
            let added = strings.add::<Infallible>(
                |into| {
                    into.push_str(&text(index));
                    Ok(())
                },
                || unreachable!(),
            );
            added.unwrap();
        }
        for index in 0..count {
            assert_eq!(strings.get(index), Some(&*text(index)));
        }
        assert_eq!(strings.get(count), None);
        assert_eq!(strings.get(usize::MAX), None);
    }
}
