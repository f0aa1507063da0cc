//! The bodies of requests of the dated API.

use serde::{Serialize, Serializer};

use crate::association::{AssociationType, CanonicalLink, RecordId};

/// An id, as the API wants it: as text.
struct Id(RecordId);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A batch.
#[derive(Serialize)]
struct Batch<T> {
    inputs: Vec<T>,
}

/// A record.
#[derive(Serialize)]
struct Record {
    id: Id,
}

/// A record whose links are asked for, from this page on.
#[derive(Serialize)]
struct Question<'a> {
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

/// A pair, and the types that are made or taken away.
#[derive(Serialize)]
struct Typed<T> {
    from: Record,
    to: Record,
    types: T,
}

/// A record, and those whose links with it are taken away.
#[derive(Serialize)]
struct Pairs {
    from: Record,
    to: [Record; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    association_category: &'static str,
    association_type_id: u32,
}

/// A link's own type, and those that are to stand beside it.
pub(super) struct Types<'a> {
    pub(super) own: AssociationType,
    pub(super) beside: &'a [AssociationType],
}

impl Serialize for Types<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let beside = self.beside.iter().copied();
        let beside = beside.filter(|association_type| *association_type != self.own);
        let all = std::iter::once(self.own).chain(beside);
        serializer.collect_seq(all.map(|AssociationType { category, id }| Type {
            association_category: category.word(),
            association_type_id: id,
        }))
    }
}

/// The types of one pair.
pub(super) fn types(types: &Types<'_>) -> Vec<u8> {
    json(types)
}

/// Pairs, each with its types.
pub(super) fn typed<'a>(pairs: impl Iterator<Item = (CanonicalLink, Types<'a>)>) -> Vec<u8> {
    let input = |(link, types): (CanonicalLink, _)| Typed {
        from: Record {
            id: Id(link.from()),
        },
        to: Record { id: Id(link.to()) },
        types,
    };
    batch(pairs.map(input))
}

/// Pairs as wholes.
pub(super) fn pairs(links: impl Iterator<Item = CanonicalLink>) -> Vec<u8> {
    let input = |link: CanonicalLink| Pairs {
        from: Record {
            id: Id(link.from()),
        },
        to: [Record { id: Id(link.to()) }],
    };
    batch(links.map(input))
}

/// Records whose links are asked for.
pub(super) fn questions(pages: &[(RecordId, Option<String>)]) -> Vec<u8> {
    batch(pages.iter().map(|(id, after)| Question {
        id: Id(*id),
        after: after.as_deref(),
    }))
}

fn batch<T: Serialize>(inputs: impl Iterator<Item = T>) -> Vec<u8> {
    let inputs: Vec<_> = inputs.collect();
    let mut body = Vec::new();
    // A body stays as long as its call: grown by doubling, half of it might be empty.
    let first = inputs.first().map_or(0, |first| json(first).len() + 1);
    body.reserve_exact(first * inputs.len() + r#"{"inputs":[]}"#.len());
    write(&mut body, &Batch { inputs });
    body
}

fn json(body: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    write(&mut json, body);
    json
}

fn write(json: &mut Vec<u8>, body: &impl Serialize) {
    // Memory takes all that is written, and these are no maps with keys of another kind.
    let _ = serde_json::to_writer(json, body);
}
