//! A hash over the rows that were about to be written. It recognises the same input later, also
//! for rows that never got a line.
//!
//! The run log stores these hashes, so the hash function must be the same in every version:
//! `XXH3`, as for the [`sums`](super::sums) of lines.

use twox_hash::XxHash3_64;

use crate::{
    association::{Definition, KeyProperty, RecordId, RecordKey, RecordReference},
    row::{Row, RowLink},
};

/// The hash of a row's number, its two ids or keys and its association type, as its cells say them.
/// The hashes of several rows are added up.
#[must_use]
pub fn hash_ids(row: &Row) -> Option<u64> {
    if let Ok(RowLink::Keyed(link)) = &row.link {
        let ends = [&link.from, &link.to].map(reference_bytes);
        return Some(hash(row.number, &ends, link.definition));
    }
    let current = row.association();
    let link = row.origin.as_ref().map(|origin| &origin.link).or(current)?;
    let keys = row.origin.as_ref().map(|origin| origin.keys.each_ref());
    let [from, to] = keys.map_or([None, None], |keys| keys.map(Option::as_ref));
    let bytes = |key: Option<&RecordKey>, id| key.map_or_else(|| id_bytes(id), key_bytes);
    let ends = [bytes(from, link.from), bytes(to, link.to)];
    Some(hash(row.number, &ends, link.definition))
}

fn reference_bytes(reference: &RecordReference) -> Vec<u8> {
    match reference {
        RecordReference::Id(id) => id_bytes(*id),
        RecordReference::Key(key) => key_bytes(key),
    }
}

fn id_bytes(id: RecordId) -> Vec<u8> {
    id.get().to_le_bytes().to_vec()
}

/// They end with a zero, so that no two keys after each other look like two others.
fn key_bytes(key: &RecordKey) -> Vec<u8> {
    let KeyProperty { object_type, name } = key.property;
    format!("{object_type}\0{name}\0{}\0", key.value).into_bytes()
}

fn hash(row: u64, ends: &[Vec<u8>; 2], definition: Definition) -> u64 {
    let association_type = definition.association_type().to_string();
    XxHash3_64::oneshot_with_seed(row, &[&ends.concat(), association_type.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        association::Association,
        row::{KeyedLink, LinkOrigin},
        row_cells::RowCells,
        tables::v1,
    };

    fn row(link: RowLink) -> Row {
        Row {
            number: 1,
            line: 2,
            cells: RowCells::default(),
            link: Ok(link),
            origin: None,
        }
    }

    fn link() -> Association {
        Association {
            from: RecordId::new(351_000_001).unwrap(),
            to: RecordId::new(16_434_730_123).unwrap(),
            definition: v1::table().definition(1).unwrap(),
        }
    }

    #[test]
    fn the_hash_is_the_same_in_every_version() {
        assert_eq!(
            hash_ids(&row(link().into())),
            Some(4_634_982_186_476_057_602)
        );
    }

    #[test]
    fn the_hash_of_a_key_is_the_same_before_and_after_its_record_was_found() {
        let key = |value| RecordKey {
            property: KeyProperty {
                object_type: "contacts",
                name: "email",
            },
            value: Arc::from(value),
        };
        let keyed = |value| KeyedLink {
            from: RecordReference::Key(key(value)),
            to: link().to.into(),
            definition: link().definition,
        };
        let before = hash_ids(&row(RowLink::Keyed(Box::new(keyed("a@x.com")))));
        let found = Row {
            origin: Some(Box::new(LinkOrigin {
                link: link(),
                keys: [Some(key("a@x.com")), None],
                note: None,
            })),
            ..row(link().into())
        };
        assert_eq!(hash_ids(&found), before);
        assert_eq!(before, Some(8_235_228_027_804_873_302));
        assert_ne!(
            hash_ids(&row(RowLink::Keyed(Box::new(keyed("b@x.com"))))),
            before
        );
    }
}
