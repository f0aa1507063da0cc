//! Parses the bodies of the dated API.
//!
//! Pure. Does not know whether the request is allowed.

use serde::{Deserialize, de::DeserializeOwned};
use smallvec::SmallVec;

use super::{
    super::{
        association_input::{AssociationInput, TypeInput, WholeNumber, missing_fields},
        response::ErrorResponse,
    },
    read::ReadQuery,
    route::DatedAction,
};

/// Maximum number of inputs in a batch, as documented for each kind.
const MAX_CREATES: usize = 2_000;
const MAX_READS: usize = 1_000;
const MAX_REMOVES: usize = 100;

/// The contents of a body.
#[derive(Debug, Default)]
pub(crate) struct ParsedBody {
    /// Associations to create or to remove.
    pub(crate) items: Vec<AssociationInput>,
    /// Records whose associations are read.
    pub(crate) queries: Vec<ReadQuery>,
}

/// Parses the body of a request.
pub(crate) fn parse_body(action: DatedAction, body: &[u8]) -> Result<ParsedBody, ErrorResponse> {
    let mut parsed = ParsedBody::default();
    match action {
        DatedAction::Put { from, to } => {
            let types =
                types(Some(json(body)?)).map_err(|missing| missing_fields(body, &[missing]))?;
            parsed.items.push(AssociationInput { from, to, types });
        }
        DatedAction::PutDefault { from, to } | DatedAction::Delete { from, to } => {
            let types = SmallVec::new();
            parsed.items.push(AssociationInput { from, to, types });
        }
        DatedAction::Create => {
            parsed.items = inputs(body, MAX_CREATES, |input: TypedInput| input.item())?;
        }
        DatedAction::CreateDefault => {
            parsed.items = inputs(body, MAX_CREATES, |input: UntypedInput| input.item())?;
        }
        DatedAction::ArchiveLabels => {
            parsed.items = inputs(body, MAX_REMOVES, |input: TypedInput| input.item())?;
        }
        DatedAction::Archive => {
            let pairs = inputs(body, MAX_REMOVES, |input: ArchiveInput| input.items())?;
            parsed.items = pairs.into_iter().flatten().collect();
        }
        DatedAction::Read => {
            parsed.queries = inputs(body, MAX_READS, |input: ReadInput| input.query())?;
        }
        DatedAction::Labels | DatedAction::Limits | DatedAction::AllLimits => {}
    }
    Ok(parsed)
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ErrorResponse> {
    if body.is_empty() {
        return Err(ErrorResponse::no_body());
    }
    serde_json::from_slice(body).map_err(|error| ErrorResponse::json(&error))
}

/// The inputs of a batch. One incomplete input is an error for the whole batch.
fn inputs<I: DeserializeOwned, T>(
    body: &[u8],
    maximum: usize,
    read: impl Fn(I) -> Result<T, &'static str>,
) -> Result<Vec<T>, ErrorResponse> {
    let batch: BatchInputs<I> = json(body)?;
    let inputs = batch
        .inputs
        .ok_or_else(|| missing_fields(body, &["inputs"]))?;
    if inputs.len() > maximum {
        return Err(ErrorResponse::batch(maximum, inputs.len()));
    }
    let read = inputs.into_iter().map(read);
    read.collect::<Result<_, _>>()
        .map_err(|missing| missing_fields(body, &[missing]))
}

#[derive(Deserialize)]
struct BatchInputs<I> {
    inputs: Option<Vec<I>>,
}

#[derive(Deserialize)]
struct RecordIdField {
    id: Option<WholeNumber>,
}

#[derive(Deserialize)]
struct TypedInput {
    from: Option<RecordIdField>,
    to: Option<RecordIdField>,
    types: Option<Vec<TypeFields>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeFields {
    association_category: Option<String>,
    association_type_id: Option<WholeNumber>,
}

#[derive(Deserialize)]
struct UntypedInput {
    from: Option<RecordIdField>,
    to: Option<RecordIdField>,
}

#[derive(Deserialize)]
struct ArchiveInput {
    from: Option<RecordIdField>,
    to: Option<Vec<RecordIdField>>,
}

#[derive(Deserialize)]
struct ReadInput {
    id: Option<WholeNumber>,
    after: Option<WholeNumber>,
}

fn id(record: Option<RecordIdField>, name: &'static str) -> Result<i64, &'static str> {
    let id = record.and_then(|record| record.id);
    id.map(|id| id.0).ok_or(name)
}

/// It is not known that HubSpot accepts an association without a type, so this is an error.
fn types(types: Option<Vec<TypeFields>>) -> Result<SmallVec<[TypeInput; 1]>, &'static str> {
    let types = types.filter(|types| !types.is_empty()).ok_or("types")?;
    let types = types.into_iter().map(|fields| {
        Ok(TypeInput {
            category: fields.association_category.ok_or("associationCategory")?,
            number: fields.association_type_id.ok_or("associationTypeId")?.0,
        })
    });
    types.collect()
}

impl TypedInput {
    fn item(self) -> Result<AssociationInput, &'static str> {
        Ok(AssociationInput {
            from: id(self.from, "from")?,
            to: id(self.to, "to")?,
            types: types(self.types)?,
        })
    }
}

impl UntypedInput {
    fn item(self) -> Result<AssociationInput, &'static str> {
        let types = SmallVec::new();
        let (from, to) = (id(self.from, "from")?, id(self.to, "to")?);
        Ok(AssociationInput { from, to, types })
    }
}

impl ArchiveInput {
    fn items(self) -> Result<Vec<AssociationInput>, &'static str> {
        let from = id(self.from, "from")?;
        let item = |record| {
            let types = SmallVec::new();
            let to = id(Some(record), "to")?;
            Ok(AssociationInput { from, to, types })
        };
        self.to.ok_or("to")?.into_iter().map(item).collect()
    }
}

impl ReadInput {
    fn query(self) -> Result<ReadQuery, &'static str> {
        Ok(ReadQuery {
            id: self.id.ok_or("id")?.0,
            after: self.after.map(|after| after.0),
        })
    }
}
