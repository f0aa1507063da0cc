//! Request bodies of the dated API.

use serde::{Serialize, Serializer};

use crate::association::{AssociationType, CanonicalLink, RecordId};

/// An id as a text, as the API expects it.
struct IdText(RecordId);

impl Serialize for IdText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The body of a batch.
#[derive(Serialize)]
struct BatchRequest<T> {
    inputs: Vec<T>,
}

/// A record.
#[derive(Serialize)]
struct RecordRefBody {
    id: IdText,
}

/// A record to read the links of, from this page on.
#[derive(Serialize)]
struct RecordPageBody<'a> {
    id: IdText,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

/// A pair, and the types to create or remove.
#[derive(Serialize)]
struct TypedPairBody<T> {
    from: RecordRefBody,
    to: RecordRefBody,
    types: T,
}

/// A pair of which all links are removed.
#[derive(Serialize)]
struct PairBody {
    from: RecordRefBody,
    to: [RecordRefBody; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeRefBody {
    association_category: &'static str,
    association_type_id: u32,
}

/// The type of a link, and the other types that the pair keeps.
pub(super) struct PairTypes<'a> {
    pub(super) link_type: AssociationType,
    pub(super) other_types: &'a [AssociationType],
}

impl Serialize for PairTypes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let other_types = self.other_types.iter().copied();
        let other_types =
            other_types.filter(|association_type| *association_type != self.link_type);
        let all = std::iter::once(self.link_type).chain(other_types);
        serializer.collect_seq(all.map(|AssociationType { category, id }| TypeRefBody {
            association_category: category.api_name(),
            association_type_id: id,
        }))
    }
}

/// The body for the types of one pair.
pub(super) fn types(types: &PairTypes<'_>) -> Vec<u8> {
    json(types)
}

/// The body for pairs, each with its types.
pub(super) fn typed_pairs<'a>(
    pairs: impl Iterator<Item = (CanonicalLink, PairTypes<'a>)>,
) -> Vec<u8> {
    let input = |(link, types): (CanonicalLink, _)| TypedPairBody {
        from: RecordRefBody {
            id: IdText(link.from()),
        },
        to: RecordRefBody {
            id: IdText(link.to()),
        },
        types,
    };
    batch(pairs.map(input))
}

/// The body for pairs without types.
pub(super) fn pairs(links: impl Iterator<Item = CanonicalLink>) -> Vec<u8> {
    let input = |link: CanonicalLink| PairBody {
        from: RecordRefBody {
            id: IdText(link.from()),
        },
        to: [RecordRefBody {
            id: IdText(link.to()),
        }],
    };
    batch(links.map(input))
}

/// The body for records to read the links of.
pub(super) fn record_pages(pages: &[(RecordId, Option<String>)]) -> Vec<u8> {
    batch(pages.iter().map(|(id, after)| RecordPageBody {
        id: IdText(*id),
        after: after.as_deref(),
    }))
}

fn batch<T: Serialize>(inputs: impl Iterator<Item = T>) -> Vec<u8> {
    let inputs: Vec<_> = inputs.collect();
    let mut body = Vec::new();
    // Reserves the exact size. A body is kept during its call, and doubling could leave half of it
    // unused.
    let first = inputs.first().map_or(0, |first| json(first).len() + 1);
    body.reserve_exact(first * inputs.len() + r#"{"inputs":[]}"#.len());
    write(&mut body, &BatchRequest { inputs });
    body
}

fn json(body: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    write(&mut json, body);
    json
}

fn write(json: &mut Vec<u8>, body: &impl Serialize) {
    // Writing to memory cannot fail, and there are no maps with keys that are not texts.
    let _ = serde_json::to_writer(json, body);
}
