//! The ledger in a file that several processes share: read and written whole
//! visits at a time, under a lock that dies with its holder.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
};

use super::{
    book::{Book, KEPT},
    clock::Clock,
    format::{self, HEADER, RING, WHOLE},
};
use crate::api::RateClass;

/// An open ledger.
#[derive(Debug)]
pub(super) struct LedgerFile(pub(super) File);

/// What came of a visit.
#[derive(Debug)]
pub(super) enum Visit<T> {
    /// This, and the book as it is now; whether it had to begin anew.
    Seen(T, Book, Damage),
    /// Another process is at it.
    Busy,
}

/// Whether the file was not as it was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    None,
    /// Its slots are lost.
    Lost,
}

impl LedgerFile {
    /// Shows a class's book to `see`, and writes what that changes. Never
    /// waits for the lock: its holder may have been stopped (SIGSTOP).
    pub(super) fn visit<T>(
        &mut self,
        class: RateClass,
        clock: Clock,
        see: impl FnOnce(&mut Book, u64) -> T,
    ) -> io::Result<Visit<T>> {
        match self.0.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Visit::Busy),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let visited = self.visit_locked(class, clock, see);
        // Fails only if it is not locked.
        let _ = self.0.unlock();
        visited
    }

    fn visit_locked<T>(
        &mut self,
        class: RateClass,
        clock: Clock,
        see: impl FnOnce(&mut Book, u64) -> T,
    ) -> io::Result<Visit<T>> {
        let before = self.read(class)?;
        // The time is taken under the lock, so that no slot is later.
        let now = clock.now();
        let is_past = |book: &Book| book.newest().next().is_none_or(|slot| slot.at <= now);
        let (mut book, damage) = match before.filter(is_past) {
            Some(book) => (book, Damage::None),
            None => (Book::lost(now), Damage::Lost),
        };
        let (taken, told) = match damage {
            Damage::None => (book.taken, book.told),
            Damage::Lost => (0, None),
        };
        let seen = see(&mut book, now);
        if book.taken != taken || book.told != told {
            self.write(class, &book, taken)?;
        }
        Ok(Visit::Seen(seen, book, damage))
    }

    /// `None` if it is damaged.
    fn read(&mut self, class: RateClass) -> io::Result<Option<Book>> {
        let (head, ring) = format::places(class);
        let mut header = [0; HEADER];
        let length = self.0.metadata()?.len();
        if length < WHOLE {
            if length > 0 {
                // Of neither class are all slots there.
                self.0.rewind()?;
                self.0.write_all(format::SPOILT)?;
            }
            self.0.set_len(WHOLE)?;
        }
        self.0.seek(SeekFrom::Start(head))?;
        self.0.read_exact(&mut header)?;
        let mut slots = vec![0; RING];
        self.0.seek(SeekFrom::Start(ring))?;
        self.0.read_exact(&mut slots)?;
        Ok(format::book(&header, &slots))
    }

    /// Writes the slots after the first `taken`, and then the header.
    fn write(&mut self, class: RateClass, book: &Book, taken: u64) -> io::Result<()> {
        let (head, ring) = format::places(class);
        for (number, slot) in (taken..).zip(book.after(taken)) {
            let place = number % KEPT as u64 * format::SLOT as u64;
            self.0.seek(SeekFrom::Start(ring + place))?;
            self.0.write_all(&format::slot(slot))?;
        }
        self.0.seek(SeekFrom::Start(head))?;
        self.0.write_all(&format::header(book))
    }
}
