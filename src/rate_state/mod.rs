//! The shared rate-limit state: when calls were reserved, by this process and by others of the same
//! user on the same host with the same token. So they keep one limit together, and across a crash
//! loop. Nothing has to be released when a process dies.
//!
//! Knows when calls were reserved. The pacer decides when they may be.

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

/// A process holds the lock for microseconds. If it has it for this long, it was stopped while it
/// held it.
const STOPPED_AFTER: Duration = Duration::from_secs(3);

/// The reservations of a run.
#[derive(Debug)]
pub struct RateState {
    clock: StateClock,
    file: RefCell<Option<RateStateFile>>,
    /// The current logs, or the last ones read from the file.
    logs: RefCell<PerClass<Option<ReservationLog>>>,
    is_complete: bool,
    busy_since: Cell<Option<Instant>>,
    damage_reported: Cell<bool>,
    report: fn(&RateStateEvent),
}

impl RateState {
    /// In memory, if nobody else uses the limit and nobody did before: for the sandbox of a
    /// rehearsal, and for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(StateClock::Process(Instant::now()), None, true)
    }

    /// In memory, because there is no file: others may have used the limit. If the run continues
    /// another one, that may have made a call a moment ago.
    #[must_use]
    pub fn unshared(goes_on: bool) -> Self {
        let state = Self::new(StateClock::Process(Instant::now()), None, false);
        if goes_on {
            for class in RateClass::ALL {
                let last = |log: &mut ReservationLog, at| {
                    log.reserve(Reservation {
                        at,
                        rate_tag: RateTag::ANY,
                    });
                };
                let _ = state.with_log(class, last);
            }
        }
        state
    }

    /// In a file in this folder, shared by all processes with the same `parts` (the API's address,
    /// and the secrets that identify the app). Events go to `tell`.
    ///
    /// # Errors
    /// If the file cannot be opened.
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

    /// Whether it knows all calls.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Whether other processes reserve calls as well.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.file.borrow().is_some()
    }

    /// Passes the log of a class and the time to `use_log`, and keeps the changes. `None` while
    /// another process has the lock: try again a little later.
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
                    (self.report)(&RateStateEvent::Abandoned(UnusableReason::LockHeld));
                }
                Err(error) => (self.report)(&RateStateEvent::Abandoned(UnusableReason::Io(error))),
            }
            *file = None;
            // Nothing is known of a class that was never read.
            let now = self.clock.now();
            logs.iter_mut().for_each(|log| {
                let _ = log.get_or_insert_with(|| ReservationLog::with_limit_used_up(now));
            });
        }
        let use_log = use_log?;
        let log = logs[class].get_or_insert_default();
        Some(use_log(log, self.clock.now()))
    }

    /// Whether a process has held the lock for too long.
    fn lock_holder_is_stuck(&self) -> bool {
        let since = self.busy_since.get().unwrap_or_else(Instant::now);
        self.busy_since.set(Some(since));
        since.elapsed() > STOPPED_AFTER
    }

    /// Reports damage, once.
    fn report_damage(&self, damage: FileDamage) {
        if damage == FileDamage::Lost && !self.damage_reported.replace(true) {
            (self.report)(&RateStateEvent::Reset);
        }
    }
}

/// A file name that reveals nothing of the secrets. Each start of the host has its own file,
/// because its clock begins again. So hosts that share a home folder have different files, too.
fn file_name(parts: &[&str]) -> String {
    let mut hash = Context::new(&SHA256);
    let boot = clock::boot_id();
    // A program that knows another format has its own file.
    let (boot, format) = (boot.trim(), format::VERSION);
    for part in [boot, format].iter().chain(parts) {
        hash.update(&part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(hash.finish().as_ref()) + "." + location::EXTENSION
}
