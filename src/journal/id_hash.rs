//! A hash over the rows that were about to be written. It recognises the same input later, also
//! for rows that never got a line.
//!
//! The run log stores these hashes, so the hash function must be the same in every version:
//! `XXH3`, as for the [`sums`](super::sums) of lines.

use twox_hash::XxHash3_64;

use crate::{association::Association, row::Row};

/// The hash of a row's number, its two ids and its association type, as its cells say them. The
/// hashes of several rows are added up.
#[must_use]
pub fn hash_ids(row: &Row) -> Option<u64> {
    let origin = row.origin.as_ref().map(|origin| &origin.link);
    let link = origin.or(row.association())?;
    Some(hash(row.number, link))
}

fn hash(row: u64, link: &Association) -> u64 {
    let ids = [link.from, link.to].map(|id| id.get().to_le_bytes());
    let association_type = link.definition.association_type().to_string();
    XxHash3_64::oneshot_with_seed(row, &[&ids.concat(), association_type.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::RecordId, tables::v1};

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        let link = Association {
            from: RecordId::new(351_000_001).unwrap(),
            to: RecordId::new(16_434_730_123).unwrap(),
            definition: v1::table().definition(1).unwrap(),
        };
        assert_eq!(hash(1, &link), 4_634_982_186_476_057_602);
    }
}
