//! What the bodies of the dated API ask for.
//!
//! Pure; whether it may be is not known here.

use serde::{Deserialize, de::DeserializeOwned};
use smallvec::SmallVec;

use super::{
    super::{
        answer::Refusal,
        call::{Item, TypeNamed, Whole, unset},
    },
    read::Question,
    route::What,
};

/// Inputs of a batch at most, as documented for each kind.
const CREATES: usize = 2_000;
const READS: usize = 1_000;
const REMOVES: usize = 100;

/// What a body asks for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Associations that are to stand or to go.
    pub(crate) items: Vec<Item>,
    /// Records that are asked about.
    pub(crate) questions: Vec<Question>,
}

/// What a request asks for.
pub(crate) fn asked(what: What, body: &[u8]) -> Result<Asked, Refusal> {
    let mut asked = Asked::default();
    match what {
        What::Put { from, to } => {
            let types = types(Some(json(body)?)).map_err(|missing| unset(body, &[missing]))?;
            asked.items.push(Item { from, to, types });
        }
        What::PutDefault { from, to } | What::Delete { from, to } => {
            let types = SmallVec::new();
            asked.items.push(Item { from, to, types });
        }
        What::Create => asked.items = inputs(body, CREATES, |input: Typed| input.item())?,
        What::CreateDefault => asked.items = inputs(body, CREATES, |input: Plain| input.item())?,
        What::ArchiveLabels => asked.items = inputs(body, REMOVES, |input: Typed| input.item())?,
        What::Archive => {
            let pairs = inputs(body, REMOVES, |input: Bare| input.items())?;
            asked.items = pairs.into_iter().flatten().collect();
        }
        What::Read => asked.questions = inputs(body, READS, |input: Asking| input.question())?,
        What::Labels | What::Limits | What::AllLimits => {}
    }
    Ok(asked)
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    if body.is_empty() {
        return Err(Refusal::no_body());
    }
    serde_json::from_slice(body).map_err(|error| Refusal::json(&error))
}

/// The inputs of a batch; an incomplete one refuses them all.
fn inputs<I: DeserializeOwned, T>(
    body: &[u8],
    maximum: usize,
    read: impl Fn(I) -> Result<T, &'static str>,
) -> Result<Vec<T>, Refusal> {
    let batch: Batch<I> = json(body)?;
    let inputs = batch.inputs.ok_or_else(|| unset(body, &["inputs"]))?;
    if inputs.len() > maximum {
        return Err(Refusal::batch(maximum, inputs.len()));
    }
    let read = inputs.into_iter().map(read);
    read.collect::<Result<_, _>>()
        .map_err(|missing| unset(body, &[missing]))
}

#[derive(Deserialize)]
struct Batch<I> {
    inputs: Option<Vec<I>>,
}

#[derive(Deserialize)]
struct Record {
    id: Option<Whole>,
}

#[derive(Deserialize)]
struct Typed {
    from: Option<Record>,
    to: Option<Record>,
    types: Option<Vec<Type>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    association_category: Option<String>,
    association_type_id: Option<Whole>,
}

#[derive(Deserialize)]
struct Plain {
    from: Option<Record>,
    to: Option<Record>,
}

#[derive(Deserialize)]
struct Bare {
    from: Option<Record>,
    to: Option<Vec<Record>>,
}

#[derive(Deserialize)]
struct Asking {
    id: Option<Whole>,
    after: Option<Whole>,
}

fn id(record: Option<Record>, name: &'static str) -> Result<i64, &'static str> {
    let id = record.and_then(|record| record.id);
    id.map(|id| id.0).ok_or(name)
}

/// An association without a type is not known to be taken.
fn types(types: Option<Vec<Type>>) -> Result<SmallVec<[TypeNamed; 1]>, &'static str> {
    let types = types.filter(|types| !types.is_empty()).ok_or("types")?;
    let named = types.into_iter().map(|named| {
        Ok(TypeNamed {
            category: named.association_category.ok_or("associationCategory")?,
            number: named.association_type_id.ok_or("associationTypeId")?.0,
        })
    });
    named.collect()
}

impl Typed {
    fn item(self) -> Result<Item, &'static str> {
        Ok(Item {
            from: id(self.from, "from")?,
            to: id(self.to, "to")?,
            types: types(self.types)?,
        })
    }
}

impl Plain {
    fn item(self) -> Result<Item, &'static str> {
        let types = SmallVec::new();
        let (from, to) = (id(self.from, "from")?, id(self.to, "to")?);
        Ok(Item { from, to, types })
    }
}

impl Bare {
    fn items(self) -> Result<Vec<Item>, &'static str> {
        let from = id(self.from, "from")?;
        let item = |record| {
            let types = SmallVec::new();
            let to = id(Some(record), "to")?;
            Ok(Item { from, to, types })
        };
        self.to.ok_or("to")?.into_iter().map(item).collect()
    }
}

impl Asking {
    fn question(self) -> Result<Question, &'static str> {
        Ok(Question {
            id: self.id.ok_or("id")?.0,
            after: self.after.map(|after| after.0),
        })
    }
}
