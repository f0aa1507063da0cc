//! The associations in a request's body, as v1 has them.
//!
//! Pure; whether they may stand is not known here.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

use smallvec::{SmallVec, smallvec};

use super::{answer::Refusal, catalogue::Catalogue, quota::Class};
use crate::{
    association::{Association, AssociationType, Category, Definition, RecordId},
    tables::v1,
};

/// Associations in a batch at most; likely, from a client that refuses more.
pub(super) const BATCH_MAXIMUM: usize = 100;

/// An association as a body says it: numbers that may be no ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) from: i64,
    pub(super) to: i64,
    /// Of v1 exactly one.
    pub(super) types: SmallVec<[TypeNamed; 1]>,
}

/// An association type as a body says it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypeNamed {
    pub(super) category: String,
    pub(super) number: i64,
}

impl TypeNamed {
    /// The type, if it can be one.
    pub(super) fn association_type(&self) -> Option<AssociationType> {
        Some(AssociationType {
            category: self.category.parse().ok()?,
            id: u32::try_from(self.number).ok()?,
        })
    }
}

impl Item {
    /// The association as v1 has it, if its numbers are ids.
    pub(super) fn of_v1(&self) -> Option<Association> {
        let number = self.types.first()?.number;
        self.with(u32::try_from(number).ok().and_then(of_v1)?)
    }

    /// The association as the dated API has it; of several types the first.
    pub(super) fn of_dated(&self, catalogue: &Catalogue) -> Option<Association> {
        let association_type = self.types.first()?.association_type()?;
        let unlisted = || {
            let listed = association_type.category == Category::HubSpotDefined;
            listed.then(|| of_v1(association_type.id)).flatten()
        };
        let known = catalogue
            .get(association_type)
            .map(|known| known.definition);
        self.with(known.or_else(unlisted)?)
    }

    fn with(&self, definition: Definition) -> Option<Association> {
        Some(Association {
            from: record(self.from)?,
            to: record(self.to)?,
            definition,
        })
    }
}

/// The definition of a number, as v1 has it; none has 0.
fn of_v1(id: u32) -> Option<Definition> {
    v1::table().definition(id).ok()
}

/// The id that a number is.
pub(super) fn record(number: i64) -> Option<RecordId> {
    u64::try_from(number).ok().and_then(RecordId::new)
}

/// The associations of a body: one, or for a batch an array.
pub(super) fn items(class: Class, body: &[u8]) -> Result<Vec<Item>, Refusal> {
    if body.is_empty() {
        return Err(Refusal::no_body());
    }
    let fields: Vec<Fields> = match class {
        Class::Single => serde_json::from_slice(body).map(|one| vec![one]),
        Class::Batch => serde_json::from_slice(body),
    }
    .map_err(|error| Refusal::json(&error))?;
    if class == Class::Batch && fields.len() > BATCH_MAXIMUM {
        return Err(Refusal::batch(BATCH_MAXIMUM, fields.len()));
    }
    fields
        .into_iter()
        .map(|fields| fields.complete().map_err(|missing| unset(body, &missing)))
        .collect()
}

/// The position is that of the body's end: the parser's own is not known.
pub(super) fn unset(body: &[u8], missing: &[&str]) -> Refusal {
    let last = body.rsplit(|byte| *byte == b'\n').next().unwrap_or(body);
    let lines = body.split(|byte| *byte == b'\n').count();
    Refusal::fields(lines, last.len(), missing)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    from_object_id: Option<Whole>,
    to_object_id: Option<Whole>,
    category: Option<String>,
    definition_id: Option<Whole>,
}

impl Fields {
    fn complete(self) -> Result<Item, Vec<&'static str>> {
        match self {
            Self {
                from_object_id: Some(from),
                to_object_id: Some(to),
                category: Some(category),
                definition_id: Some(definition),
            } => Ok(Item {
                from: from.0,
                to: to.0,
                types: smallvec![TypeNamed {
                    category,
                    number: definition.0,
                }],
            }),
            Self {
                from_object_id,
                to_object_id,
                category,
                definition_id,
            } => Err([
                ("fromObjectId", from_object_id.is_none()),
                ("toObjectId", to_object_id.is_none()),
                ("category", category.is_none()),
                ("definitionId", definition_id.is_none()),
            ]
            .into_iter()
            .filter_map(|(name, missing)| missing.then_some(name))
            .collect()),
        }
    }
}

/// A whole number, bare or as a quoted decimal.
pub(super) struct Whole(pub(super) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

struct WholeVisitor;

impl de::Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number of 64 bits, or one as a string")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
        let whole = i64::try_from(number).map(Whole);
        whole.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Whole, E> {
        let whole = text.parse().map(Whole);
        whole.map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
