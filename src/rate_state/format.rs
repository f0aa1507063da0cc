//! The rate state as bytes: a header for each class, then a ring of reservations for each. Pure.
//!
//! A kill can cut a write only between two memory pages. So a reservation, which lies within one
//! page, is written first. The header that counts it lies in another page and has a checksum.
//! Whatever is cut, the reservations before it stay valid.

use std::{num::NonZeroU32, time::Duration};

use super::reservation_log::{KEPT_RESERVATIONS, KnownLimit, RateTag, Reservation, ReservationLog};
use crate::{api::RateClass, rate::Rate};

/// The name of the format. The last digit is its version.
pub(super) const VERSION: &str = "hubslot2";

/// The start of a header.
const MAGIC: u64 = magic(VERSION.as_bytes());

/// The size of a number.
const NUMBER_LEN: usize = size_of::<u64>();

/// Magic, number of reservations, reported limit (calls, milliseconds, time), checksum.
const FIELD_COUNT: usize = 6;

/// The size of a header.
pub(super) const HEADER_LEN: usize = FIELD_COUNT * NUMBER_LEN;

/// Headers are far enough apart that a kill can cut only one.
const HEADER_SPACING: usize = 2 * HEADER_LEN;

/// Overwrites all headers if reservations are missing.
pub(super) const SPOILED: &[u8] = &[0xFF; RateClass::ALL.len() * HEADER_SPACING];

/// The rings begin on the second page.
const RINGS_START: u64 = 4096;

/// The size of a reservation: time and rate tag.
pub(super) const RESERVATION_LEN: usize = 2 * NUMBER_LEN;

/// The size of a ring.
pub(super) const RING_LEN: usize = KEPT_RESERVATIONS * RESERVATION_LEN;

/// The size of the file.
pub(super) const FILE_LEN: u64 = RINGS_START + (RateClass::ALL.len() * RING_LEN) as u64;

/// The size of the file of versions that do not search. They go on using a larger file as their own,
/// so both keep one limit.
pub(super) const FILE_LEN_WITHOUT_SEARCH: u64 = ring_start(RateClass::Search);

/// The offsets of a class's header and ring.
pub(super) fn offsets(class: RateClass) -> (u64, u64) {
    (class as u64 * HEADER_SPACING as u64, ring_start(class))
}

const fn ring_start(class: RateClass) -> u64 {
    RINGS_START + class as u64 * RING_LEN as u64
}

/// Encodes the header of a class.
pub(super) fn encode_header(log: &ReservationLog) -> [u8; HEADER_LEN] {
    let (calls, window, at) = log.known_limit.map_or((0, 0, 0), |limit| {
        let window = u64::try_from(limit.rate.window.as_millis()).unwrap_or(u64::MAX);
        (limit.rate.calls.get().into(), window, limit.at)
    });
    let mut header = [0; HEADER_LEN];
    let fields = [MAGIC, log.reserved_count, calls, window, at];
    for (place, field) in header.chunks_exact_mut(NUMBER_LEN).zip(fields) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    let (fields, sum) = header.split_at_mut(HEADER_LEN - NUMBER_LEN);
    sum.copy_from_slice(&u64::from(crc32fast::hash(fields)).to_le_bytes());
    header
}

/// Encodes one reservation.
pub(super) fn encode_reservation(reservation: Reservation) -> [u8; RESERVATION_LEN] {
    let mut bytes = [0; RESERVATION_LEN];
    bytes[..NUMBER_LEN].copy_from_slice(&reservation.at.to_le_bytes());
    bytes[NUMBER_LEN..].copy_from_slice(&reservation.rate_tag.0.to_le_bytes());
    bytes
}

/// Decodes a header and a ring; `None` if they are damaged. All zeros is a new state.
pub(super) fn decode(header: &[u8; HEADER_LEN], ring: &[u8]) -> Option<ReservationLog> {
    if header.iter().all(|byte| *byte == 0) {
        return Some(ReservationLog::default());
    }
    let [magic, taken, calls, window, at, sum] = decode_numbers(header);
    let is_whole = sum == u64::from(crc32fast::hash(&header[..HEADER_LEN - NUMBER_LEN]));
    if magic != MAGIC || !is_whole {
        return None;
    }
    let calls = u32::try_from(calls).ok().and_then(NonZeroU32::new);
    let limit = calls.filter(|_| window > 0).map(|calls| KnownLimit {
        rate: Rate {
            calls,
            window: Duration::from_millis(window),
        },
        at,
    });
    let reservations = ring.chunks_exact(RESERVATION_LEN).map(|bytes| {
        let [at, by] = decode_numbers(bytes);
        Reservation {
            at,
            rate_tag: RateTag(by),
        }
    });
    Some(ReservationLog {
        reserved_count: taken,
        ring: reservations.collect(),
        known_limit: limit,
    })
}

/// A name of eight bytes as a number.
const fn magic(name: &[u8]) -> u64 {
    let mut number = 0;
    let mut place = 0;
    while place < NUMBER_LEN {
        number = number << 8 | name[place] as u64;
        place += 1;
    }
    number
}

// All headers lie before the rings.
const _: () = assert!((RateClass::ALL.len() * HEADER_SPACING) as u64 <= RINGS_START);

fn decode_numbers<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let mut numbers = [0; N];
    for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(NUMBER_LEN)) {
        let mut whole = [0; NUMBER_LEN];
        whole.copy_from_slice(bytes);
        *number = u64::from_le_bytes(whole);
    }
    numbers
}
