//! What the rows that were about to be written asked for, as one number: by it an
//! input is known again, also for rows that never got a line.
//!
//! The run log keeps these numbers, so that the hash has to be the same in every
//! version: `SipHash-1-3` (by Aumasson and Bernstein, 2012) with a key of
//! zeros.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::{association::Association, row::Row};

/// The hash of a row's number, its ids and the type of its link, as its cells say
/// them. Those of several rows are added up.
#[must_use]
pub fn hash_of_ids(row: &Row) -> Option<u64> {
    let link = row.as_written.as_deref();
    let link = link.or(row.link.as_ref().ok())?;
    Some(hash(row.number, link))
}

fn hash(row: u64, link: &Association) -> u64 {
    let mut hasher = SipHasher13::new();
    for number in [row, link.from.get(), link.to.get()] {
        hasher.write(&number.to_le_bytes());
    }
    hasher.write(link.definition.spec().to_string().as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::{Definition, RecordId};

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        let link = Association {
            from: RecordId::new(351_000_001).unwrap(),
            to: RecordId::new(16_434_730_123).unwrap(),
            definition: Definition::new(1).unwrap(),
        };
        assert_eq!(hash(1, &link), 5_239_707_593_392_503_639);
    }
}
