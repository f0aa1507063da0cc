//! Where the entries of keys are in a file: an open-addressing table in memory, with eight bytes
//! per slot. It has no keys, so what it finds has to be compared with the file.
//!
//! Pure. Does not know what is in a file.

/// The number of slots of a new table.
const FIRST_SLOTS: usize = 1 << 10;

/// A table grows before more than this part of its slots is used.
const MOST_USED: (usize, usize) = (4, 5);

/// No entry is at the beginning of a file, so this is none.
const EMPTY: u64 = 0;

/// A slot has a fingerprint in its high half, and the block of the entry in its low half. A
/// fingerprint also says where the search for it begins in a table of any size, so growing needs
/// nothing else.
#[derive(Debug)]
pub(super) struct KeyIndex {
    /// A power of two of them.
    slots: Vec<u64>,
    used: usize,
}

impl Default for KeyIndex {
    fn default() -> Self {
        Self {
            slots: vec![EMPTY; FIRST_SLOTS],
            used: 0,
        }
    }
}

impl KeyIndex {
    /// The slots with this fingerprint, and the blocks of their entries.
    pub(super) fn candidates(&self, fingerprint: u32) -> impl Iterator<Item = (usize, u32)> {
        let occupied = positions(fingerprint, self.slots.len())
            .map(|position| (position, self.slots[position]))
            .take_while(|(_, slot)| *slot != EMPTY);
        occupied.filter_map(move |(position, slot)| {
            let (found, block) = parts(slot);
            (found == fingerprint).then_some((position, block))
        })
    }

    /// Adds an entry. `block` is not 0.
    pub(super) fn insert(&mut self, fingerprint: u32, block: u32) {
        let needed = slots_for(self.used + 1, self.slots.len());
        if needed > self.slots.len() {
            self.grow(needed);
        }
        place(&mut self.slots, slot(fingerprint, block));
        self.used += 1;
    }

    /// Moves the entry of a slot to another block.
    pub(super) fn replace(&mut self, position: usize, block: u32) {
        let (fingerprint, _) = parts(self.slots[position]);
        self.slots[position] = slot(fingerprint, block);
    }

    fn grow(&mut self, slots: usize) {
        let mut grown = vec![EMPTY; slots];
        for slot in self.slots.iter().filter(|slot| **slot != EMPTY) {
            place(&mut grown, *slot);
        }
        self.slots = grown;
    }
}

/// The number of slots that a table of `slots` needs for so many entries.
fn slots_for(entries: usize, slots: usize) -> usize {
    let (part, whole) = MOST_USED;
    if entries <= slots / whole * part {
        slots
    } else {
        slots * 2
    }
}

/// Puts a slot into the first empty place for its fingerprint.
fn place(slots: &mut [u64], slot: u64) {
    let (fingerprint, _) = parts(slot);
    let free = positions(fingerprint, slots.len()).find(|position| slots[*position] == EMPTY);
    if let Some(position) = free {
        slots[position] = slot;
    }
}

/// The positions where a fingerprint may be, in this order.
fn positions(fingerprint: u32, slots: usize) -> impl Iterator<Item = usize> {
    let first = u64::from(fingerprint).wrapping_mul(slots as u64) >> u32::BITS;
    let first = usize::try_from(first).unwrap_or_default();
    (0..slots).map(move |step| (first + step) & (slots - 1))
}

fn slot(fingerprint: u32, block: u32) -> u64 {
    u64::from(fingerprint) << u32::BITS | u64::from(block)
}

fn parts(slot: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
    let halves = ((slot >> u32::BITS) as u32, slot as u32);
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;

    fn blocks(index: &KeyIndex, fingerprint: u32) -> Vec<u32> {
        let found = index.candidates(fingerprint);
        found.map(|(_, block)| block).collect()
    }

    #[test]
    fn ten_million_keys_need_192_mib_while_the_table_grows_and_128_after_it() {
        let (mut slots, mut peak) = (FIRST_SLOTS, 0);
        for entries in 1..=10_000_000 {
            let needed = slots_for(entries, slots);
            // While it grows, there are two tables.
            let tables = if needed > slots {
                slots + needed
            } else {
                needed
            };
            peak = peak.max(tables * size_of::<u64>());
            slots = needed;
        }
        assert_eq!(peak / MIB, 192);
        assert_eq!(slots * size_of::<u64>() / MIB, 128);
    }

    #[test]
    fn entries_are_found_while_the_table_grows() {
        let mut index = KeyIndex::default();
        let fingerprint = |n: u32| n.wrapping_mul(0x9E37_79B9);
        for n in 1..=10_000 {
            index.insert(fingerprint(n), n);
            let (part, whole) = MOST_USED;
            assert!(index.used * whole <= index.slots.len() * part);
        }
        let mut steps = 0;
        for n in 1..=10_000 {
            assert_eq!(blocks(&index, fingerprint(n)), [n]);
            let own = slot(fingerprint(n), n);
            let mut tried = positions(fingerprint(n), index.slots.len());
            steps += tried
                .position(|position| index.slots[position] == own)
                .unwrap();
        }
        assert!(steps < 4 * 10_000, "a search is short: {steps}");
        assert_eq!(blocks(&index, fingerprint(10_001)), [0; 0]);
    }

    #[test]
    fn equal_fingerprints_are_all_found_also_past_the_end_of_the_table() {
        let mut index = KeyIndex::default();
        for block in 1..=5 {
            index.insert(u32::MAX, block);
        }
        index.insert(0, 6);
        assert_eq!(blocks(&index, u32::MAX), [1, 2, 3, 4, 5]);
        assert_eq!(blocks(&index, 0), [6]);
        let (position, _) = index.candidates(u32::MAX).nth(2).unwrap();
        index.replace(position, 9);
        assert_eq!(blocks(&index, u32::MAX), [1, 2, 9, 4, 5]);
    }
}
