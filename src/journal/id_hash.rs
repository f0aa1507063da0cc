//! A hash over the rows that were about to be written. It recognises the same input later, also
//! for rows that never got a line.
//!
//! The run log stores these hashes, so the hash function must be the same in every version:
//! `XXH3`, as for the [`sums`](super::sums) of lines.

use twox_hash::XxHash3_64;

use crate::{
    association::{Definition, RecordId, RecordKey, RecordReference},
    row::{Row, RowLink},
};

/// One end of a link, as its cell names it.
enum EndInFile<'a> {
    Id(RecordId),
    Key(&'a RecordKey),
}

/// The hash of a row's number, its two ids or keys and its association type, as its cells say them.
/// The hashes of several rows are added up.
#[must_use]
pub fn hash_ids(row: &Row) -> Option<u64> {
    let (ends, definition) = link_in_file(row)?;
    let mut bytes = Vec::new();
    for end in ends {
        end.write(&mut bytes);
    }
    bytes.extend(definition.association_type().to_string().into_bytes());
    Some(XxHash3_64::oneshot_with_seed(row.number, &bytes))
}

fn link_in_file(row: &Row) -> Option<([EndInFile<'_>; 2], Definition)> {
    if let Ok(RowLink::Keyed(link)) = &row.link {
        return Some(([&link.from, &link.to].map(EndInFile::from), link.definition));
    }
    let Some(origin) = &row.origin else {
        let link = row.association()?;
        return Some(([link.from, link.to].map(EndInFile::Id), link.definition));
    };
    let [from, to] = origin.keys.each_ref().map(Option::as_ref);
    let end = |key: Option<_>, id| key.map_or(EndInFile::Id(id), EndInFile::Key);
    let link = &origin.link;
    Some(([end(from, link.from), end(to, link.to)], link.definition))
}

impl EndInFile<'_> {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Id(id) => bytes.extend(id.get().to_le_bytes()),
            // Each text ends with a zero, so that no two keys after each other look like two others.
            Self::Key(RecordKey { property, value }) => {
                for text in [property.object_type, property.name, value] {
                    bytes.extend(text.as_bytes());
                    bytes.push(0);
                }
            }
        }
    }
}

impl<'a> From<&'a RecordReference> for EndInFile<'a> {
    fn from(reference: &'a RecordReference) -> Self {
        match reference {
            RecordReference::Id(id) => Self::Id(*id),
            RecordReference::Key(key) => Self::Key(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        association::{Association, KeyProperty},
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
