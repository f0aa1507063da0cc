//! Reads of records: one by its id, or many by their ids or by another key.
//!
//! Knows nothing of links, nor where the records come from.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use super::{
    association_input::missing_fields,
    crm::{CallContext, Crm},
    forms::{PartialStatus, ResponseForm},
    object::ObjectType,
    record_json::RecordWriter,
    record_options::OldIdForm,
    record_route::{RecordAction, RecordQuery, RecordRoute},
    records::{FoundRecord, KeyRefusal},
    response::{ErrorResponse, SandboxResponse},
};

/// Maximum number of records in a batch, as documented, and with earlier values.
const MAX_BATCH: usize = 100;
const MAX_BATCH_WITH_HISTORY: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordBatch {
    inputs: Option<Vec<RecordInput>>,
    id_property: Option<String>,
    properties: Option<Vec<String>>,
    properties_with_history: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RecordInput {
    #[serde(deserialize_with = "id_or_key")]
    id: String,
}

/// The parts of a batch that have to be there.
struct RecordKeys {
    keys: Vec<String>,
    id_property: Option<String>,
    asked: Vec<String>,
    with_history: Vec<String>,
}

impl Crm {
    /// Executes a call for records or properties. An unreadable object type is answered as if the
    /// token lacked its scope.
    pub(super) fn of_records(
        &self,
        route: &RecordRoute,
        body: &[u8],
        context: CallContext,
    ) -> Result<SandboxResponse, ErrorResponse> {
        let object_type = self.catalogue.object_type(&route.object_type);
        let object_type =
            object_type.ok_or_else(|| ErrorResponse::object_type(&route.object_type))?;
        if self.unreadable.contains(&object_type) {
            return Err(ErrorResponse::scopes(&object_type.scope("read")));
        }
        let (status, body) = match &route.action {
            RecordAction::Single(id) => {
                let body = self.single_record(object_type, *id, &route.query)?;
                (StatusCode::OK, body)
            }
            RecordAction::Batch => {
                let keys = RecordKeys::read(body)?;
                let (missed, answers) = if route.dated {
                    (self.forms.missed, self.forms.answers)
                } else {
                    (PartialStatus::MultiStatus, ResponseForm::Recorded)
                };
                let archived = route.query.archived;
                let (found, missing) = self.find_all(object_type, &keys, archived)?;
                let status = if missing.is_empty() {
                    StatusCode::OK
                } else {
                    missed.status()
                };
                let errors = missing_json(object_type, &missing, answers);
                (status, self.batch_json(&found, &errors, &keys, context))
            }
            RecordAction::Search => (StatusCode::OK, self.search(object_type, body, context)?),
            RecordAction::Properties => {
                (StatusCode::OK, self.properties(object_type, &route.query))
            }
            RecordAction::Property(name) => (
                StatusCode::OK,
                self.property(object_type, name, &route.query)?,
            ),
        };
        Ok(SandboxResponse::JsonWithId { status, body })
    }

    fn single_record(
        &self,
        object_type: ObjectType,
        id: i64,
        query: &RecordQuery,
    ) -> Result<String, ErrorResponse> {
        let current = self.merged.current_id(object_type, id);
        let found = self.records.by_id((object_type, current));
        let found = found.filter(|found| found.is_archived() == query.archived);
        let writer = self.record_writer(&query.properties, &[]);
        found
            .map(|found| writer.json(&found))
            .ok_or_else(ErrorResponse::no_record)
    }

    /// The records that were found, each once, and the keys without a record.
    fn find_all<'a>(
        &'a self,
        object_type: ObjectType,
        keys: &'a RecordKeys,
        archived: bool,
    ) -> Result<(Vec<FoundRecord<'a>>, Vec<&'a str>), ErrorResponse> {
        if let Some(name) = &keys.id_property {
            let key = self.records.key(object_type, name);
            key.map_err(|refusal| match refusal {
                KeyRefusal::Unknown => ErrorResponse::unknown_property(object_type, name),
                KeyRefusal::NotUnique => ErrorResponse::not_unique(object_type, name),
            })?;
        }
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        let (mut ids, mut missed) = (BTreeSet::new(), BTreeSet::new());
        for key in &keys.keys {
            let record = if let Some(name) = &keys.id_property {
                self.records.by_key(object_type, name, key, archived)
            } else {
                let id = key.parse().map_err(|_| ErrorResponse::parameter("id"))?;
                let record = self.by_batch_id(object_type, id);
                record.filter(|record| record.is_archived() == archived)
            };
            match record {
                Some(record) if ids.insert(record.id) => found.push(record),
                None if missed.insert(key) => missing.push(&**key),
                Some(_) | None => {}
            }
        }
        Ok((found, missing))
    }

    /// It is not known whether a batch follows the old id of a merged record.
    fn by_batch_id(&self, object_type: ObjectType, id: i64) -> Option<FoundRecord<'_>> {
        let current = self.merged.current_id(object_type, id);
        let is_followed = current == id || self.forms.old_ids == OldIdForm::Found;
        let record = self.records.by_id((object_type, current));
        record.filter(|_| is_followed)
    }

    /// HubSpot's results are not in the order of the inputs.
    fn batch_json(
        &self,
        found: &[FoundRecord<'_>],
        errors: &str,
        keys: &RecordKeys,
        context: CallContext,
    ) -> String {
        let writer = self.record_writer(&keys.asked, &keys.with_history);
        let results: Vec<_> = found.iter().rev().map(|one| writer.json(one)).collect();
        let (date, results) = (context.date, results.join(","));
        format!(
            r#"{{"status":"COMPLETE","results":[{results}]{errors},"startedAt":"{date:.3}","completedAt":"{date:.3}"}}"#
        )
    }

    pub(super) fn record_writer<'a>(
        &'a self,
        asked: &'a [String],
        with_history: &'a [String],
    ) -> RecordWriter<'a> {
        RecordWriter {
            records: &self.records,
            merged: &self.merged,
            asked,
            with_history,
        }
    }
}

impl RecordKeys {
    /// Both lists of properties are required, even if they are empty.
    fn read(body: &[u8]) -> Result<Self, ErrorResponse> {
        if body.is_empty() {
            return Err(ErrorResponse::no_body());
        }
        let batch: RecordBatch =
            serde_json::from_slice(body).map_err(|error| ErrorResponse::json(&error))?;
        let RecordBatch {
            inputs: Some(inputs),
            id_property,
            properties: Some(asked),
            properties_with_history: Some(with_history),
        } = batch
        else {
            let fields = [
                ("inputs", batch.inputs.is_none()),
                ("properties", batch.properties.is_none()),
                (
                    "propertiesWithHistory",
                    batch.properties_with_history.is_none(),
                ),
            ];
            let missing = fields.into_iter().filter(|(_, missing)| *missing);
            let missing: Vec<_> = missing.map(|(name, _)| name).collect();
            return Err(missing_fields(body, &missing));
        };
        let maximum = if with_history.is_empty() {
            MAX_BATCH
        } else {
            MAX_BATCH_WITH_HISTORY
        };
        if inputs.len() > maximum {
            return Err(ErrorResponse::batch(maximum, inputs.len()));
        }
        Ok(Self {
            keys: inputs.into_iter().map(|input| input.id).collect(),
            id_property,
            asked,
            with_history,
        })
    }
}

/// The ids or keys that the body of a batch asks for.
pub(super) fn keys(body: &[u8]) -> Vec<String> {
    RecordKeys::read(body).map_or(Vec::new(), |read| read.keys)
}

/// A text, or a whole number.
fn id_or_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(D::Error::custom("an id is a string"))
        }
    }
}

/// One error names all keys without a record.
fn missing_json(object_type: ObjectType, missing: &[&str], answers: ResponseForm) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let ids = serde_json::Value::from(missing);
    let (kind, end) = (object_type.upper(), answers.end_of_entry());
    format!(
        r#","numErrors":1,"errors":[{{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.","context":{{"ids":{ids}}}{end}}}]"#
    )
}
