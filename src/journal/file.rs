//! The results file as bytes: appended in whole lines or not at all, with a
//! running checksum.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::companion::Mark;

/// How much of the file is written; shared with whoever syncs it.
#[derive(Clone, Debug, Default)]
pub(super) struct Written(Arc<Mutex<Mark>>);

impl Written {
    pub(super) fn mark(&self) -> Mark {
        *self.held()
    }

    fn held(&self) -> MutexGuard<'_, Mark> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open results file. Each write is of whole lines.
#[derive(Debug)]
pub struct ResultsFile {
    file: File,
    checksum: crc32fast::Hasher,
    written: Written,
}

impl ResultsFile {
    /// Goes on after `mark`; `file` is open to append.
    pub(super) fn after(mark: Mark, file: File) -> Self {
        Self {
            file,
            checksum: crc32fast::Hasher::new_with_initial_len(mark.crc32, mark.length),
            written: Written(Arc::new(Mutex::new(mark))),
        }
    }

    pub(super) fn written(&self) -> Written {
        self.written.clone()
    }

    pub(super) fn share(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

impl Write for ResultsFile {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.write_all(lines).map(|()| lines.len())
    }

    /// All of it, or none: what a full disk let through is taken back, so
    /// that no row stands there that does not count.
    fn write_all(&mut self, lines: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(lines) {
            // Where even that fails, the next resume cuts it.
            let _ = self.file.set_len(self.written.mark().length);
            return Err(error);
        }
        self.checksum.update(lines);
        let mut written = self.written.held();
        written.length += lines.len() as u64;
        written.crc32 = self.checksum.clone().finalize();
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
