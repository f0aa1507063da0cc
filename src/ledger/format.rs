//! The ledger as bytes: a header for each class, then a ring of slots for
//! each. Pure.
//!
//! A kill can tear a write only between two pages of memory. So a slot is
//! written first and lies in one page, and the header that counts it lies in
//! another and has a checksum: whatever is torn, the slots before it stand.

use std::{num::NonZeroU32, time::Duration};

use super::book::{Book, KEPT, Slot, Told, Whose};
use crate::{api::RateClass, rate::Rate};

/// The format's name; the last digit is its version.
pub(super) const VERSION: &str = "hubslot2";

/// Begins a header.
const MAGIC: u64 = magic(VERSION.as_bytes());

/// The size of a number.
const NUMBER: usize = size_of::<u64>();

/// Magic, slots taken, the limit that was told (calls, milliseconds, when),
/// checksum.
const FIELDS: usize = 6;

/// The size of a header.
pub(super) const HEADER: usize = FIELDS * NUMBER;

/// Headers stand far enough apart for a kill to tear only one.
const APART: usize = 2 * HEADER;

/// Stands for all headers where slots are missing.
pub(super) const SPOILT: &[u8] = &[0xFF; RateClass::ALL.len() * APART];

/// The rings begin on the second page.
const RINGS: u64 = 4096;

/// The size of a slot: when, and by whom.
pub(super) const SLOT: usize = 2 * NUMBER;

/// The size of a ring.
pub(super) const RING: usize = KEPT * SLOT;

/// The size of the whole.
pub(super) const WHOLE: u64 = RINGS + (RateClass::ALL.len() * RING) as u64;

/// Where a class's header and ring begin.
pub(super) fn places(class: RateClass) -> (u64, u64) {
    let place = class as u64;
    (place * APART as u64, RINGS + place * RING as u64)
}

/// A class's header.
pub(super) fn header(book: &Book) -> [u8; HEADER] {
    let (calls, window, at) = book.told.map_or((0, 0, 0), |told| {
        let window = u64::try_from(told.rate.window.as_millis()).unwrap_or(u64::MAX);
        (told.rate.calls.get().into(), window, told.at)
    });
    let mut header = [0; HEADER];
    let fields = [MAGIC, book.taken, calls, window, at];
    for (place, field) in header.chunks_exact_mut(NUMBER).zip(fields) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    let (fields, sum) = header.split_at_mut(HEADER - NUMBER);
    sum.copy_from_slice(&u64::from(crc32fast::hash(fields)).to_le_bytes());
    header
}

/// One slot.
pub(super) fn slot(slot: Slot) -> [u8; SLOT] {
    let mut bytes = [0; SLOT];
    bytes[..NUMBER].copy_from_slice(&slot.at.to_le_bytes());
    bytes[NUMBER..].copy_from_slice(&slot.by.0.to_le_bytes());
    bytes
}

/// What a header and a ring say; `None` if they are damaged. Nothing but
/// zeros is a new ledger.
pub(super) fn book(header: &[u8; HEADER], ring: &[u8]) -> Option<Book> {
    if header.iter().all(|byte| *byte == 0) {
        return Some(Book::default());
    }
    let [magic, taken, calls, window, at, sum] = numbers(header);
    let is_whole = sum == u64::from(crc32fast::hash(&header[..HEADER - NUMBER]));
    if magic != MAGIC || !is_whole {
        return None;
    }
    let calls = u32::try_from(calls).ok().and_then(NonZeroU32::new);
    let told = calls.filter(|_| window > 0).map(|calls| Told {
        rate: Rate {
            calls,
            window: Duration::from_millis(window),
        },
        at,
    });
    let slots = ring.chunks_exact(SLOT).map(|bytes| {
        let [at, by] = numbers(bytes);
        Slot { at, by: Whose(by) }
    });
    Some(Book {
        taken,
        ring: slots.collect(),
        told,
    })
}

/// A name of eight bytes as a number.
const fn magic(name: &[u8]) -> u64 {
    let mut number = 0;
    let mut place = 0;
    while place < NUMBER {
        number = number << 8 | name[place] as u64;
        place += 1;
    }
    number
}

// All headers lie before the rings.
const _: () = assert!((RateClass::ALL.len() * APART) as u64 <= RINGS);

/// The numbers that stand there.
fn numbers<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let mut numbers = [0; N];
    for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(NUMBER)) {
        let mut whole = [0; NUMBER];
        whole.copy_from_slice(bytes);
        *number = u64::from_le_bytes(whole);
    }
    numbers
}
