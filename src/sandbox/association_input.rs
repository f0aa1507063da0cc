//! The associations in a request's body, in v1's format.
//!
//! Pure. It does not know whether these associations are allowed.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

use smallvec::{SmallVec, smallvec};

use super::{catalogue::Catalogue, quota::WindowClass, response::ErrorResponse};
use crate::{
    association::{Association, AssociationType, Category, Definition, RecordId},
    tables::v1,
};

/// Maximum number of associations in a batch. Probable: another client refuses more.
pub(super) const MAX_BATCH: usize = 100;

/// An association as a body states it. Its numbers need not be valid ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AssociationInput {
    pub(super) from: i64,
    pub(super) to: i64,
    /// Exactly one in v1.
    pub(super) types: SmallVec<[TypeInput; 1]>,
}

/// An association type as a body states it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypeInput {
    pub(super) category: String,
    pub(super) number: i64,
}

impl TypeInput {
    /// The association type, if category and number are valid.
    pub(super) fn association_type(&self) -> Option<AssociationType> {
        Some(AssociationType {
            category: self.category.parse().ok()?,
            id: u32::try_from(self.number).ok()?,
        })
    }
}

impl AssociationInput {
    /// The association under v1's definitions, if its numbers are valid ids.
    pub(super) fn v1_association(&self) -> Option<Association> {
        let number = self.types.first()?.number;
        self.with_definition(u32::try_from(number).ok().and_then(v1_definition)?)
    }

    /// The association under the dated API's definitions; the first type if there are several.
    pub(super) fn dated_association(&self, catalogue: &Catalogue) -> Option<Association> {
        let association_type = self.types.first()?.association_type()?;
        let unlisted = || {
            let listed = association_type.category == Category::HubSpotDefined;
            listed.then(|| v1_definition(association_type.id)).flatten()
        };
        let known = catalogue
            .get(association_type)
            .map(|known| known.definition);
        self.with_definition(known.or_else(unlisted)?)
    }

    fn with_definition(&self, definition: Definition) -> Option<Association> {
        Some(Association {
            from: record_id(self.from)?,
            to: record_id(self.to)?,
            definition,
        })
    }
}

/// The v1 definition with this number. No definition has the number 0.
fn v1_definition(id: u32) -> Option<Definition> {
    v1::table().definition(id).ok()
}

/// The number as a record id, if it is valid.
pub(super) fn record_id(number: i64) -> Option<RecordId> {
    u64::try_from(number).ok().and_then(RecordId::new)
}

/// Parses a body: one association, or an array of them for a batch.
pub(super) fn parse_associations(
    class: WindowClass,
    body: &[u8],
) -> Result<Vec<AssociationInput>, ErrorResponse> {
    if body.is_empty() {
        return Err(ErrorResponse::no_body());
    }
    let fields: Vec<V1Fields> = match class {
        // There is no search of associations.
        WindowClass::Single | WindowClass::Search => {
            serde_json::from_slice(body).map(|one| vec![one])
        }
        WindowClass::Batch => serde_json::from_slice(body),
    }
    .map_err(|error| ErrorResponse::json(&error))?;
    if class == WindowClass::Batch && fields.len() > MAX_BATCH {
        return Err(ErrorResponse::batch(MAX_BATCH, fields.len()));
    }
    fields
        .into_iter()
        .map(|fields| {
            fields
                .complete()
                .map_err(|missing| missing_fields(body, &missing))
        })
        .collect()
}

/// Reports the end of the body as the position, because the parser's own position is not known.
pub(super) fn missing_fields(body: &[u8], missing: &[&str]) -> ErrorResponse {
    let last = body.rsplit(|byte| *byte == b'\n').next().unwrap_or(body);
    let lines = body.split(|byte| *byte == b'\n').count();
    ErrorResponse::fields(lines, last.len(), missing)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1Fields {
    from_object_id: Option<WholeNumber>,
    to_object_id: Option<WholeNumber>,
    category: Option<String>,
    definition_id: Option<WholeNumber>,
}

impl V1Fields {
    fn complete(self) -> Result<AssociationInput, Vec<&'static str>> {
        match self {
            Self {
                from_object_id: Some(from),
                to_object_id: Some(to),
                category: Some(category),
                definition_id: Some(definition),
            } => Ok(AssociationInput {
                from: from.0,
                to: to.0,
                types: smallvec![TypeInput {
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

/// A whole number: a JSON number, or a string of decimal digits.
pub(super) struct WholeNumber(pub(super) i64);

impl<'de> Deserialize<'de> for WholeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeNumberVisitor)
    }
}

struct WholeNumberVisitor;

impl de::Visitor<'_> for WholeNumberVisitor {
    type Value = WholeNumber;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number of 64 bits, or one as a string")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<WholeNumber, E> {
        Ok(WholeNumber(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<WholeNumber, E> {
        let whole = i64::try_from(number).map(WholeNumber);
        whole.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<WholeNumber, E> {
        let whole = text.parse().map(WholeNumber);
        whole.map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
