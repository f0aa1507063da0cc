//! One entry of a file of keys as bytes: the hash of a key and the answer. Pure.
//!
//! ```text
//! check (4) | kind (1) | 0 (1) | length of payload (2) | hash (16) | payload | zeros
//! ```
//!
//! The check is over all that follows it, and its seed is where the entry is. Zeros fill the
//! entry up to a whole number of blocks. Numbers begin with their lowest byte.

use jiff::Timestamp;
use twox_hash::XxHash3_64;

use super::key_hash::{HASH_LEN, KeyHash};
use crate::association::{CandidateRecord, Candidates, KeyAnswer, RecordId};

/// Entries begin and end at a multiple of this, so that four bytes say where one of 64 GiB is.
pub(super) const BLOCK_LEN: usize = 16;

/// The shortest entry.
pub(super) const SHORTEST: usize = 2 * BLOCK_LEN;

const CHECK_LEN: usize = 4;
const KIND_AT: usize = CHECK_LEN;
const HASH_AT: usize = 8;
const PAYLOAD_AT: usize = HASH_AT + HASH_LEN;

/// Names are shortened by who found them. So none is longer, and an entry has a bound.
const MAX_NAME_BYTES: usize = 1_000;

/// Which parts of a candidate are known.
const HAS_NAME: u8 = 1;
const HAS_TIME: u8 = 2;

/// What an entry's answer is. No kind is 0, as an unwritten block is.
#[derive(Clone, Copy)]
enum EntryKind {
    Found = 1,
    Merged = 2,
    Ambiguous = 3,
    Archived = 4,
    NotFound = 5,
}

impl EntryKind {
    fn from_byte(byte: u8) -> Option<Self> {
        let all = [
            Self::Found,
            Self::Merged,
            Self::Ambiguous,
            Self::Archived,
            Self::NotFound,
        ];
        all.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// Appends an entry to `out`.
pub(super) fn encode(hash: KeyHash, answer: &KeyAnswer, seed: u64, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HASH_AT]);
    out.extend_from_slice(&hash.0);
    let kind = encode_payload(answer, out);
    let payload_len = u16::try_from(out.len() - start - PAYLOAD_AT).unwrap_or(u16::MAX);
    let len = (out.len() - start).next_multiple_of(BLOCK_LEN);
    out.resize(start + len, 0);
    let entry = &mut out[start..];
    entry[KIND_AT] = kind as u8;
    entry[KIND_AT + 2..HASH_AT].copy_from_slice(&payload_len.to_le_bytes());
    let check = check(entry, seed);
    entry[..CHECK_LEN].copy_from_slice(&check);
}

/// The hash in an entry, of which this is the beginning. It may be damaged.
pub(super) fn hash(beginning: &[u8; SHORTEST]) -> KeyHash {
    let mut hash = [0; HASH_LEN];
    hash.copy_from_slice(&beginning[HASH_AT..PAYLOAD_AT]);
    KeyHash(hash)
}

/// The length of an entry, of which this is the beginning.
pub(super) fn length(beginning: &[u8; SHORTEST]) -> usize {
    (PAYLOAD_AT + payload_len(beginning)).next_multiple_of(BLOCK_LEN)
}

/// The answer in a whole entry. `None` if it is damaged.
pub(super) fn decode(entry: &[u8], seed: u64) -> Option<KeyAnswer> {
    if entry.len() < SHORTEST || entry[..CHECK_LEN] != check(entry, seed) {
        return None;
    }
    let kind = EntryKind::from_byte(entry[KIND_AT])?;
    let payload = entry.get(PAYLOAD_AT..PAYLOAD_AT + payload_len(entry))?;
    let mut payload = Payload(payload);
    let answer = decode_payload(kind, &mut payload)?;
    payload.0.is_empty().then_some(answer)
}

fn payload_len(entry: &[u8]) -> usize {
    u16::from_le_bytes([entry[KIND_AT + 2], entry[KIND_AT + 3]]).into()
}

fn check(entry: &[u8], seed: u64) -> [u8; CHECK_LEN] {
    let [a, b, c, d, ..] = XxHash3_64::oneshot_with_seed(seed, &entry[CHECK_LEN..]).to_le_bytes();
    [a, b, c, d]
}

fn encode_payload(answer: &KeyAnswer, out: &mut Vec<u8>) -> EntryKind {
    match answer {
        KeyAnswer::Found(id) => {
            encode_id(*id, out);
            EntryKind::Found
        }
        KeyAnswer::Merged { old, new } => {
            encode_id(*old, out);
            encode_id(*new, out);
            EntryKind::Merged
        }
        KeyAnswer::Ambiguous(candidates) => {
            encode_candidates(candidates, out);
            EntryKind::Ambiguous
        }
        KeyAnswer::Archived(id) => {
            encode_id(*id, out);
            EntryKind::Archived
        }
        KeyAnswer::NotFound => EntryKind::NotFound,
    }
}

fn decode_payload(kind: EntryKind, payload: &mut Payload<'_>) -> Option<KeyAnswer> {
    Some(match kind {
        EntryKind::Found => KeyAnswer::Found(payload.id()?),
        EntryKind::Merged => KeyAnswer::Merged {
            old: payload.id()?,
            new: payload.id()?,
        },
        EntryKind::Ambiguous => KeyAnswer::Ambiguous(decode_candidates(payload)?),
        EntryKind::Archived => KeyAnswer::Archived(payload.id()?),
        EntryKind::NotFound => KeyAnswer::NotFound,
    })
}

fn encode_id(id: RecordId, out: &mut Vec<u8>) {
    out.extend_from_slice(&id.get().to_le_bytes());
}

fn encode_candidates(candidates: &Candidates, out: &mut Vec<u8>) {
    encode_id(candidates.oldest, out);
    out.extend_from_slice(&candidates.total.to_le_bytes());
    for candidate in candidates.shown.iter().take(Candidates::SHOWN) {
        let name = candidate.name.as_deref();
        let name = name.filter(|name| name.len() <= MAX_NAME_BYTES);
        let time = candidate.created_at;
        encode_id(candidate.id, out);
        out.push(name.map_or(0, |_| HAS_NAME) | time.map_or(0, |_| HAS_TIME));
        if let Some(name) = name {
            let len = u16::try_from(name.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(name.as_bytes());
        }
        if let Some(time) = time {
            out.extend_from_slice(&time.as_second().to_le_bytes());
            out.extend_from_slice(&time.subsec_nanosecond().to_le_bytes());
        }
    }
}

fn decode_candidates(payload: &mut Payload<'_>) -> Option<Candidates> {
    let oldest = payload.id()?;
    let total = u64::from_le_bytes(payload.array()?);
    let mut shown = Vec::new();
    while !payload.0.is_empty() {
        let id = payload.id()?;
        let [known] = payload.array()?;
        let name = match known & HAS_NAME {
            0 => None,
            _ => Some(payload.name()?),
        };
        let created_at = match known & HAS_TIME {
            0 => None,
            _ => Some(payload.time()?),
        };
        shown.push(CandidateRecord {
            id,
            name,
            created_at,
        });
    }
    Some(Candidates {
        oldest,
        total,
        shown,
    })
}

/// The rest of a payload.
struct Payload<'a>(&'a [u8]);

impl Payload<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn id(&mut self) -> Option<RecordId> {
        RecordId::new(u64::from_le_bytes(self.array()?))
    }

    fn name(&mut self) -> Option<String> {
        let len = u16::from_le_bytes(self.array()?);
        let (name, rest) = self.0.split_at_checked(len.into())?;
        self.0 = rest;
        String::from_utf8(name.to_vec()).ok()
    }

    fn time(&mut self) -> Option<Timestamp> {
        let second = i64::from_le_bytes(self.array()?);
        let nanosecond = i32::from_le_bytes(self.array()?);
        Timestamp::new(second, nanosecond).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_same_bytes_in_every_version() {
        let hash = KeyHash(*b"hash of some key");
        let time = Timestamp::new(1, 2).unwrap();
        let candidate = CandidateRecord {
            id: RecordId::new(9).unwrap(),
            name: Some("Anna".to_owned()),
            created_at: Some(time),
        };
        let candidates = Candidates {
            oldest: candidate.id,
            total: 2,
            shown: vec![candidate],
        };
        for (answer, bytes) in [
            (
                KeyAnswer::NotFound,
                concat!(
                    r"\x83\x82\x89q",
                    r"\x05\x00\x00\x00",
                    r"hash of some key",
                    r"\x00\x00\x00\x00\x00\x00\x00\x00"
                ),
            ),
            (
                KeyAnswer::Ambiguous(candidates),
                concat!(
                    r"j\x82\x8b\xcd",
                    r"\x03\x00+\x00",
                    r"hash of some key",
                    r"\t\x00\x00\x00\x00\x00\x00\x00",
                    r"\x02\x00\x00\x00\x00\x00\x00\x00",
                    r"\t\x00\x00\x00\x00\x00\x00\x00",
                    r"\x03\x04\x00Anna",
                    r"\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00",
                    r"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                ),
            ),
        ] {
            let mut entry = Vec::new();
            encode(hash, &answer, 5, &mut entry);
            assert_eq!(entry.escape_ascii().to_string(), bytes);
            assert_eq!(decode(&entry, 5), Some(answer));
        }
    }

    #[test]
    fn a_name_that_was_not_shortened_is_left_out() {
        let id = RecordId::new(9).unwrap();
        let name = |name| {
            KeyAnswer::Ambiguous(Candidates {
                oldest: id,
                total: 2,
                shown: vec![CandidateRecord {
                    id,
                    name,
                    created_at: None,
                }],
            })
        };
        let mut entry = Vec::new();
        encode(
            KeyHash([0; HASH_LEN]),
            &name(Some("x".repeat(70_000))),
            5,
            &mut entry,
        );
        assert_eq!(decode(&entry, 5), Some(name(None)));
    }
}
