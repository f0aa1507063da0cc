//! Reads records by their ids, one or many, and answers with their current ids.
//!
//! Knows nothing of links. It has only the few properties that HubSpot always sends.

use axum::http::{Method, StatusCode};
use serde::Deserialize;

use super::{
    association_input::WholeNumber,
    crm::{CallContext, Crm},
    forms::{PartialStatus, ResponseForm},
    object::ObjectType,
    record_set::RecordRef,
    response::{ErrorResponse, SandboxResponse},
};
use crate::association::RecordId;

/// The API versions that read objects.
const DATED: &str = "/crm/objects/2026-09/";
const V3: &str = "/crm/v3/objects/";

/// The creation time of every record; our choice.
const CREATED_AT: &str = "2026-01-01T00:00:00.000Z";

/// Maximum number of records in a batch, as documented.
const MAX_BATCH: usize = 100;

/// A request for records.
#[derive(Debug, PartialEq)]
pub(super) struct RecordRequest {
    pub(super) object_type: String,
    /// The id of a single record; a batch names its records in the body.
    pub(super) single_record: Option<i64>,
    /// Whether by the dated API.
    pub(super) dated: bool,
}

#[derive(Deserialize)]
struct RecordBatch {
    inputs: Vec<RecordInput>,
}

#[derive(Deserialize)]
struct RecordInput {
    id: WholeNumber,
}

impl RecordRequest {
    /// `…/contacts/101`, or `…/contacts/batch/read`.
    pub(super) fn of(path: &str) -> Option<Self> {
        let below = path.strip_prefix(DATED);
        let dated = below.is_some();
        let below = below.or_else(|| path.strip_prefix(V3))?;
        let (object_type, what) = below.split_once('/')?;
        let single_record = match what {
            "batch/read" => None,
            id => Some(id.parse().ok()?),
        };
        Some(Self {
            object_type: object_type.to_owned(),
            single_record,
            dated,
        })
    }

    /// The expected method.
    pub(super) fn method(&self) -> Method {
        match self.single_record {
            Some(_) => Method::GET,
            None => Method::POST,
        }
    }
}

impl Crm {
    /// Reads records. An unreadable object type is answered as if the token lacked its scope.
    pub(super) fn record(
        &self,
        request: &RecordRequest,
        body: &[u8],
        context: CallContext,
    ) -> Result<SandboxResponse, ErrorResponse> {
        let object_type = self.catalogue.object_type(&request.object_type);
        let object_type =
            object_type.ok_or_else(|| ErrorResponse::object_type(&request.object_type))?;
        if self.unreadable.contains(&object_type) {
            return Err(ErrorResponse::scopes(&object_type.scope("read")));
        }
        if let Some(id) = request.single_record {
            let body = self
                .single_record(object_type, id)
                .ok_or_else(ErrorResponse::no_record)?;
            return Ok(SandboxResponse::JsonWithId {
                status: StatusCode::OK,
                body,
            });
        }
        let RecordBatch { inputs } =
            serde_json::from_slice(body).map_err(|error| ErrorResponse::json(&error))?;
        if inputs.len() > MAX_BATCH {
            return Err(ErrorResponse::batch(MAX_BATCH, inputs.len()));
        }
        let forms = self.forms;
        let (status, answers) = if request.dated {
            (forms.partial.status(), forms.answers)
        } else {
            (PartialStatus::MultiStatus.status(), ResponseForm::Recorded)
        };
        Ok(self.batch(object_type, &inputs, status, answers, context))
    }

    /// `None` if it does not exist.
    fn single_record(&self, object_type: ObjectType, id: i64) -> Option<String> {
        let id = self.merged.current_id(object_type, id);
        let record = (object_type, id);
        let old = self.merged.old_ids(object_type, id);
        (!self.missing.contains(record)).then(|| record_json(record, &old))
    }

    /// The existing records without duplicates. One error names the missing ones; `partial` is then
    /// the status.
    fn batch(
        &self,
        object_type: ObjectType,
        inputs: &[RecordInput],
        partial: StatusCode,
        answers: ResponseForm,
        context: CallContext,
    ) -> SandboxResponse {
        let (mut results, mut missing) = (Vec::new(), Vec::new());
        for RecordInput {
            id: WholeNumber(id),
        } in inputs
        {
            match self.single_record(object_type, *id) {
                Some(found) if results.contains(&found) => {}
                Some(found) => results.push(found),
                None => missing.push(format!(r#""{id}""#)),
            }
        }
        // HubSpot's results are not in the order of the inputs.
        results.reverse();
        let (date, results) = (context.date, results.join(","));
        let (status, errors) = if missing.is_empty() {
            (StatusCode::OK, String::new())
        } else {
            let (kind, missing) = (object_type.upper(), missing.join(","));
            let end = answers.end_of_entry();
            let errors = format!(
                r#","numErrors":1,"errors":[{{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid.","context":{{"ids":[{missing}]}}{end}}}]"#
            );
            (partial, errors)
        };
        let body = format!(
            r#"{{"status":"COMPLETE","results":[{results}]{errors},"startedAt":"{date:.3}","completedAt":"{date:.3}"}}"#
        );
        SandboxResponse::JsonWithId { status, body }
    }
}

/// `hs_merged_object_ids` lists the old ids, if there are any.
fn record_json((object_type, id): RecordRef, old: &[RecordId]) -> String {
    let changed = match object_type.name() {
        "contacts" => "lastmodifieddate",
        _ => "hs_lastmodifieddate",
    };
    let old: Vec<_> = old.iter().map(RecordId::to_string).collect();
    let merged = if old.is_empty() {
        String::new()
    } else {
        format!(r#","hs_merged_object_ids":"{}""#, old.join(";"))
    };
    format!(
        r#"{{"id":"{id}","properties":{{"createdate":"{CREATED_AT}","hs_object_id":"{id}","{changed}":"{CREATED_AT}"{merged}}},"createdAt":"{CREATED_AT}","updatedAt":"{CREATED_AT}","archived":false}}"#
    )
}
