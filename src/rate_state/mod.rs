//! The ledger of slots: when calls were let go, by this process and by others
//! of the same user on the same host with the same token, so that together,
//! and over a crash loop, they keep to one limit. Nothing has to be freed when
//! one dies.
//!
//! Knows when slots were taken, and not when they may be: that is the pacer's.

mod clock;
mod events;
mod file;
mod format;
mod location;
mod reservation_log;

pub use events::{RateStateEvent, UnusableReason};
pub use location::RateStateError;
pub use reservation_log::{
    HIGHEST_LIMIT, KEPT_RESERVATIONS, RateTag, Reservation, ReservationLog, nanos,
};

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
use clock::StateClock;
use file::{FileDamage, LockedAccess, RateStateFile};

/// Whoever has the lock holds it for microseconds; one that has it for so long
/// was stopped inside.
const STOPPED_AFTER: Duration = Duration::from_secs(3);

/// Where a run's slots are noted.
#[derive(Debug)]
pub struct RateState {
    clock: StateClock,
    file: RefCell<Option<RateStateFile>>,
    /// As they are, or as the file had them last.
    logs: RefCell<PerClass<Option<ReservationLog>>>,
    is_complete: bool,
    busy_since: Cell<Option<Instant>>,
    damage_reported: Cell<bool>,
    report: fn(&RateStateEvent),
}

impl RateState {
    /// In memory, where nobody else spends from the same limit and nobody did
    /// before: the sandbox of a rehearsal, and tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(StateClock::Process(Instant::now()), None, true)
    }

    /// In memory, for want of a file: others may have spent from the limit. A
    /// run that goes on may have taken a slot a moment ago.
    #[must_use]
    pub fn unshared(goes_on: bool) -> Self {
        let state = Self::new(StateClock::Process(Instant::now()), None, false);
        if goes_on {
            for class in RateClass::ALL {
                let last = |log: &mut ReservationLog, at| {
                    log.reserve(Reservation {
                        at,
                        rate_tag: RateTag::ANY,
                    })
                };
                let _ = state.with_log(class, last);
            }
        }
        state
    }

    /// In a file of this folder, shared by all who name the same `parts`
    /// (where the API is, and the secrets that name the app); `tell` tells what happens to it.
    ///
    /// # Errors
    /// If there can be no such file.
    pub fn open_shared(
        folder: &Path,
        parts: &[&str],
        tell: fn(&RateStateEvent),
    ) -> Result<Self, RateStateError> {
        let file = location::open(folder, &file_name(parts))?;
        let state = Self::new(StateClock::Host, Some(RateStateFile(file)), true);
        Ok(Self {
            report: tell,
            ..state
        })
    }

    fn new(clock: StateClock, file: Option<RateStateFile>, knows_all: bool) -> Self {
        Self {
            clock,
            file: RefCell::new(file),
            logs: RefCell::default(),
            is_complete: knows_all,
            busy_since: Cell::default(),
            damage_reported: Cell::default(),
            report: |_| {},
        }
    }

    /// Whether no slot was taken that it has not noted.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether other processes take slots as well.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.file.borrow().is_some()
    }

    /// Shows a class's book and the time to `use_log`, and keeps what that changes.
    /// `None` while another process is at it: look again a little later.
    pub fn with_log<T>(
        &self,
        class: RateClass,
        use_log: impl FnOnce(&mut ReservationLog, u64) -> T,
    ) -> Option<T> {
        let mut file = self.file.borrow_mut();
        let mut logs = self.logs.borrow_mut();
        let kept = &mut logs[class];
        let mut use_log = Some(use_log);
        if let Some(open) = file.as_mut() {
            let visited = open.with_log(class, self.clock, |log, now| {
                use_log.take().map(|use_log| use_log(log, now))
            });
            match visited {
                Ok(LockedAccess::Done(seen, log, damage)) => {
                    self.busy_since.set(None);
                    *kept = Some(log);
                    self.report_damage(damage);
                    return seen;
                }
                Ok(LockedAccess::Busy) if !self.lock_holder_is_stuck() => return None,
                Ok(LockedAccess::Busy) => {
                    (self.report)(&RateStateEvent::Abandoned(UnusableReason::LockHeld))
                }
                Err(error) => (self.report)(&RateStateEvent::Abandoned(UnusableReason::Io(error))),
            }
            *file = None;
            // Of a class that was never seen, nothing is known.
            let now = self.clock.now();
            logs.iter_mut().for_each(|log| {
                let _ = log.get_or_insert_with(|| ReservationLog::with_limit_used_up(now));
            });
        }
        let use_log = use_log?;
        let log = logs[class].get_or_insert_default();
        Some(use_log(log, self.clock.now()))
    }

    /// Whether whoever has the lock has had it for too long.
    fn lock_holder_is_stuck(&self) -> bool {
        let since = self.busy_since.get().unwrap_or_else(Instant::now);
        self.busy_since.set(Some(since));
        since.elapsed() > STOPPED_AFTER
    }

    /// Damage is told once.
    fn report_damage(&self, damage: FileDamage) {
        if damage == FileDamage::Lost && !self.damage_reported.replace(true) {
            (self.report)(&RateStateEvent::Reset);
        }
    }
}

/// A name that tells nothing of the secrets. Each start of the host has files
/// of its own, because its clock begins anew: hosts that share a home folder
/// do not meet either.
fn file_name(parts: &[&str]) -> String {
    let mut hash = Context::new(&SHA256);
    let boot = clock::boot_id();
    // An older program knows of other classes: it has a file of its own.
    let (boot, format) = (boot.trim(), format::VERSION);
    for part in [boot, format].iter().chain(parts) {
        hash.update(&part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finish().as_ref()) + "." + location::EXTENSION
}
