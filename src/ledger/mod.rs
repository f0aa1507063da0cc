//! The ledger of slots: when calls were let go, by this process and by others
//! of the same user on the same host with the same token, so that together,
//! and over a crash loop, they keep to one limit. Nothing has to be freed when
//! one dies.
//!
//! Knows when slots were taken, and not when they may be: that is the pacer's.

mod book;
mod clock;
mod events;
mod file;
mod format;
mod place;

pub use book::{Book, HIGHEST_LIMIT, KEPT, Slot, Whose, nanos};
pub use events::{Event, Unusable};
pub use place::LedgerError;

use std::{
    cell::{Cell, RefCell},
    path::Path,
    time::Duration,
};

use ring::digest::{Context, SHA256};
use tokio::time::Instant;

use crate::{
    api::{PerClass, RateClass},
    hex::hex,
};
use clock::Clock;
use file::{Damage, LedgerFile, Visit};

/// Whoever has the lock holds it for microseconds; one that has it for so long
/// was stopped inside.
const STOPPED_AFTER: Duration = Duration::from_secs(3);

/// Where a run's slots are noted.
#[derive(Debug)]
pub struct Slots {
    clock: Clock,
    file: RefCell<Option<LedgerFile>>,
    /// As they are, or as the file had them last.
    books: RefCell<PerClass<Option<Book>>>,
    knows_all: bool,
    busy_since: Cell<Option<Instant>>,
    said_damaged: Cell<bool>,
    tell: fn(&Event),
}

impl Slots {
    /// In memory, where nobody else spends from the same limit and nobody did
    /// before: the sandbox of a rehearsal, and tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Clock::Own(Instant::now()), None, true)
    }

    /// In memory, for want of a file: others may have spent from the limit. A
    /// run that goes on may have taken a slot a moment ago.
    #[must_use]
    pub fn alone(goes_on: bool) -> Self {
        let slots = Self::new(Clock::Own(Instant::now()), None, false);
        if goes_on {
            for class in RateClass::ALL {
                let last = |book: &mut Book, at| book.take(Slot { at, by: Whose::ANY });
                let _ = slots.visit(class, last);
            }
        }
        slots
    }

    /// In a file of this folder, shared by all who name the same `parts`
    /// (where the API is, and the secrets that name the app); `tell` tells what happens to it.
    ///
    /// # Errors
    /// If there can be no such file.
    pub fn shared(folder: &Path, parts: &[&str], tell: fn(&Event)) -> Result<Self, LedgerError> {
        let file = place::open(folder, &name(parts))?;
        let slots = Self::new(Clock::Host, Some(LedgerFile(file)), true);
        Ok(Self { tell, ..slots })
    }

    fn new(clock: Clock, file: Option<LedgerFile>, knows_all: bool) -> Self {
        Self {
            clock,
            file: RefCell::new(file),
            books: RefCell::default(),
            knows_all,
            busy_since: Cell::default(),
            said_damaged: Cell::default(),
            tell: |_| {},
        }
    }

    /// Whether no slot was taken that it has not noted.
    #[must_use]
    pub fn knows_all(&self) -> bool {
        self.knows_all
    }

    /// Whether other processes take slots as well.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.file.borrow().is_some()
    }

    /// Shows a class's book and the time to `see`, and keeps what that changes.
    /// `None` while another process is at it: look again a little later.
    pub fn visit<T>(&self, class: RateClass, see: impl FnOnce(&mut Book, u64) -> T) -> Option<T> {
        let mut file = self.file.borrow_mut();
        let mut books = self.books.borrow_mut();
        let kept = &mut books[class];
        let mut see = Some(see);
        if let Some(open) = file.as_mut() {
            let visited = open.visit(class, self.clock, |book, now| {
                see.take().map(|see| see(book, now))
            });
            match visited {
                Ok(Visit::Seen(seen, book, damage)) => {
                    self.busy_since.set(None);
                    *kept = Some(book);
                    self.note(damage);
                    return seen;
                }
                Ok(Visit::Busy) if !self.is_stopped() => return None,
                Ok(Visit::Busy) => (self.tell)(&Event::GivenUp(Unusable::Held)),
                Err(error) => (self.tell)(&Event::GivenUp(Unusable::Failed(error))),
            }
            *file = None;
            // Of a class that was never seen, nothing is known.
            let now = self.clock.now();
            books.iter_mut().for_each(|book| {
                let _ = book.get_or_insert_with(|| Book::lost(now));
            });
        }
        let see = see?;
        let book = books[class].get_or_insert_default();
        Some(see(book, self.clock.now()))
    }

    /// Whether whoever has the lock has had it for too long.
    fn is_stopped(&self) -> bool {
        let since = self.busy_since.get().unwrap_or_else(Instant::now);
        self.busy_since.set(Some(since));
        since.elapsed() > STOPPED_AFTER
    }

    /// Damage is told once.
    fn note(&self, damage: Damage) {
        if damage == Damage::Lost && !self.said_damaged.replace(true) {
            (self.tell)(&Event::BegunAnew);
        }
    }
}

/// A name that tells nothing of the secrets. Each start of the host has files
/// of its own, because its clock begins anew: hosts that share a home folder
/// do not meet either.
fn name(parts: &[&str]) -> String {
    let mut hash = Context::new(&SHA256);
    let boot = clock::boot();
    // An older program knows of other classes: it has a file of its own.
    let (boot, format) = (boot.trim(), format::VERSION);
    for part in [boot, format].iter().chain(parts) {
        hash.update(&part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finish().as_ref()) + "." + place::ENDING
}
