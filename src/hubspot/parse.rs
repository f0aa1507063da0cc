//! Parses responses. An error names the path and the value that could not be parsed, so that a
//! person can see what HubSpot has changed. Also parses record ids, which can be numbers or texts.

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned},
};

use super::verdict::{ParsedResponse, failure};
use crate::{
    association::RecordId,
    cell::clean,
    code::Code,
    failure::{Failure, ResponseFault, UnexpectedValue},
};

/// The longest quotation that is kept.
const MAX_QUOTE: usize = 80;

/// The longest description of a problem that is kept.
const MAX_PROBLEM: usize = 4 * MAX_QUOTE;

/// Parses the body, or explains why that is not possible.
pub(super) fn parse<T: DeserializeOwned>(
    response: &ParsedResponse,
    body: &[u8],
) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let not_understood = failure(response, Code::UnexpectedAnswer);
        if !response.body.is_json() {
            return not_understood;
        }
        let path = error.path().to_string();
        let found = value_at(body, &path);
        // The position in the body is of no use without the body.
        let problem = error.into_inner().to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default();
        not_understood.with_detail(ResponseFault::NotUnderstood {
            status: response.status,
            path: clean(&path, MAX_QUOTE),
            found,
            problem: clean(problem, MAX_PROBLEM),
        })
    })
}

/// The value at a path such as `results[0].from.id`, shortened.
fn value_at(body: &[u8], path: &str) -> UnexpectedValue {
    let Ok(whole) = serde_json::from_slice::<serde_json::Value>(body) else {
        return UnexpectedValue::CutOff;
    };
    let pointer = path.replace('[', "/").replace([']'], "").replace('.', "/");
    match whole.pointer(&format!("/{pointer}")) {
        Some(value) => UnexpectedValue::Value(clean(&value.to_string(), MAX_QUOTE)),
        None if path == "." => UnexpectedValue::Value(clean(&whole.to_string(), MAX_QUOTE)),
        None => UnexpectedValue::Missing,
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
