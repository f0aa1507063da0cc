//! Parses responses. An error names the path and the value that could not be parsed, so that a
//! person can see what HubSpot has changed. Also parses record ids, which can be numbers or texts.

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned},
};
use serde_json::Value;

use super::verdict::{ParsedResponse, failure};
use crate::{
    association::RecordId,
    cell::clean,
    code::Code,
    failure::{Failure, JsonKind, ResponseFault, UnexpectedValue},
};

/// The longest quotation that is kept.
const MAX_QUOTE: usize = 80;

/// The longest description of a problem that is kept.
const MAX_PROBLEM: usize = 4 * MAX_QUOTE;

/// What may be quoted of a response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotable {
    Everything,
    /// Only names of fields and kinds of values: the rest may be personal data.
    Form,
}

/// Parses the body, or explains why that is not possible.
pub(super) fn parse<T: DeserializeOwned>(
    response: &ParsedResponse,
    body: &[u8],
) -> Result<T, Failure> {
    parse_quoting(Quotable::Everything, response, body)
}

/// Parses a body with records. The explanation quotes none of their values.
pub(super) fn parse_records<T: DeserializeOwned>(
    response: &ParsedResponse,
    body: &[u8],
) -> Result<T, Failure> {
    parse_quoting(Quotable::Form, response, body)
}

fn parse_quoting<T: DeserializeOwned>(
    quotable: Quotable,
    response: &ParsedResponse,
    body: &[u8],
) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let not_understood = failure(response, Code::UnexpectedAnswer);
        // Records that are cut off are text. The words of a page in their place may be quoted.
        let is_data = quotable == Quotable::Form && response.origin.is_none();
        if !response.body.is_json() && !is_data {
            return not_understood;
        }
        let path = error.path().to_string();
        let found = value_at(body, &path, quotable);
        // The position in the body is of no use without the body.
        let problem = error.into_inner().to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default();
        let problem = match quotable {
            Quotable::Everything => problem,
            Quotable::Form => without_value(problem),
        };
        not_understood.with_detail(ResponseFault::NotUnderstood {
            status: response.status,
            path: clean(&path, MAX_QUOTE),
            found,
            problem: clean(problem, MAX_PROBLEM),
        })
    })
}

/// What was expected, without what was found: serde words both in one sentence.
fn without_value(problem: &str) -> &str {
    let expected = problem.rfind(", expected ");
    expected.map_or(problem, |at| &problem[at + ", ".len()..])
}

/// The value at a path such as `results[0].from.id`, shortened, or its kind.
fn value_at(body: &[u8], path: &str, quotable: Quotable) -> UnexpectedValue {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else {
        return UnexpectedValue::CutOff;
    };
    let pointer = path.replace('[', "/").replace([']'], "").replace('.', "/");
    let value = whole.pointer(&format!("/{}", pointer.trim_start_matches('/')));
    match value.or_else(|| (path == ".").then_some(&whole)) {
        None => UnexpectedValue::Missing,
        Some(value) => match quotable {
            Quotable::Everything => UnexpectedValue::Value(clean(&value.to_string(), MAX_QUOTE)),
            Quotable::Form => UnexpectedValue::Kind(kind_of(value)),
        },
    }
}

fn kind_of(value: &Value) -> JsonKind {
    match value {
        Value::Object(_) => JsonKind::Object,
        Value::Array(_) => JsonKind::List,
        Value::String(_) => JsonKind::Text,
        Value::Number(_) => JsonKind::Number,
        Value::Bool(_) => JsonKind::Boolean,
        Value::Null => JsonKind::Null,
    }
}

/// A record id, as a number or as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FlexibleId(pub(super) RecordId);

impl<'de> Deserialize<'de> for FlexibleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlexibleIdVisitor)
    }
}

struct FlexibleIdVisitor;

impl de::Visitor<'_> for FlexibleIdVisitor {
    type Value = FlexibleId;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an id as a number or as a text")
    }

    fn visit_u64<E: de::Error>(self, id: u64) -> Result<FlexibleId, E> {
        let invalid = || E::invalid_value(de::Unexpected::Unsigned(id), &self);
        RecordId::new(id).map(FlexibleId).ok_or_else(invalid)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<FlexibleId, E> {
        let id = text.parse().ok().and_then(RecordId::new).map(FlexibleId);
        id.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
