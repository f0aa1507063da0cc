//! The rate state in a file that several processes share. Each access reads and writes a whole log,
//! under a lock that ends with its holder.

use std::{
    fs::{File, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
};

use super::{
    clock::StateClock,
    format::{self, FILE_LEN, HEADER_LEN, RING_LEN},
    reservation_log::{KEPT_RESERVATIONS, ReservationLog},
};
use crate::api::RateClass;

/// An open file.
#[derive(Debug)]
pub(super) struct RateStateFile(pub(super) File);

/// The result of an access.
#[derive(Debug)]
pub(super) enum LockedAccess<T> {
    /// The returned value, the log as it is now, and whether the log had to start again.
    Done(T, ReservationLog, FileDamage),
    /// Another process has the lock.
    Busy,
}

/// Whether the file was damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileDamage {
    None,
    /// Its reservations are lost.
    Lost,
}

impl RateStateFile {
    /// Passes the log of a class to `use_log` and writes the changes. Never waits for the lock: its
    /// holder may have been stopped (SIGSTOP).
    pub(super) fn with_log<T>(
        &mut self,
        class: RateClass,
        clock: StateClock,
        use_log: impl FnOnce(&mut ReservationLog, u64) -> T,
    ) -> io::Result<LockedAccess<T>> {
        match self.0.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(LockedAccess::Busy),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let visited = self.with_locked_log(class, clock, use_log);
        // Fails only if it is not locked.
        let _ = self.0.unlock();
        visited
    }

    fn with_locked_log<T>(
        &mut self,
        class: RateClass,
        clock: StateClock,
        use_log: impl FnOnce(&mut ReservationLog, u64) -> T,
    ) -> io::Result<LockedAccess<T>> {
        let before = self.read(class)?;
        // The time is read under the lock, so no reservation is later.
        let now = clock.now();
        let is_past = |log: &ReservationLog| {
            log.newest_first()
                .next()
                .is_none_or(|reservation| reservation.at <= now)
        };
        let (mut log, damage) = match before.filter(is_past) {
            Some(log) => (log, FileDamage::None),
            None => (ReservationLog::with_limit_used_up(now), FileDamage::Lost),
        };
        let (taken, limit) = match damage {
            FileDamage::None => (log.reserved_count, log.known_limit),
            FileDamage::Lost => (0, None),
        };
        let seen = use_log(&mut log, now);
        if log.reserved_count != taken || log.known_limit != limit {
            self.write(class, &log, taken)?;
        }
        Ok(LockedAccess::Done(seen, log, damage))
    }

    /// `None` if it is damaged.
    fn read(&mut self, class: RateClass) -> io::Result<Option<ReservationLog>> {
        let (head, ring) = format::offsets(class);
        let mut header = [0; HEADER_LEN];
        let length = self.0.metadata()?.len();
        if length < FILE_LEN {
            if length > 0 && length != format::FILE_LEN_WITHOUT_SEARCH {
                // The file lacks reservations of all classes.
                self.0.rewind()?;
                self.0.write_all(format::SPOILED)?;
            }
            self.0.set_len(FILE_LEN)?;
        }
        self.0.seek(SeekFrom::Start(head))?;
        self.0.read_exact(&mut header)?;
        let mut reservations = vec![0; RING_LEN];
        self.0.seek(SeekFrom::Start(ring))?;
        self.0.read_exact(&mut reservations)?;
        Ok(format::decode(&header, &reservations))
    }

    /// Writes the reservations after the first `taken` ones, and then the header.
    fn write(&mut self, class: RateClass, log: &ReservationLog, taken: u64) -> io::Result<()> {
        let (head, ring) = format::offsets(class);
        for (number, reservation) in (taken..).zip(log.since(taken)) {
            let place = number % KEPT_RESERVATIONS as u64 * format::RESERVATION_LEN as u64;
            self.0.seek(SeekFrom::Start(ring + place))?;
            self.0.write_all(&format::encode_reservation(reservation))?;
        }
        self.0.seek(SeekFrom::Start(head))?;
        self.0.write_all(&format::encode_header(log))
    }
}
