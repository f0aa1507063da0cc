//! A call to the scripted account, read from its path and body, and the form of an answer.

use serde_json::{Value, json};

use crate::support::fake_hubspot::{FakeResponse, ReceivedRequest};

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CallKind {
    /// Records by keys or ids.
    Read,
    ArchivedRead,
    Search,
    /// One record by its id.
    Record,
    Properties,
    ReadLinks,
    Labels,
    Write,
    Remove,
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) kind: CallKind,
    /// The parts of the path that differ: object types, ids.
    pub(super) parts: Vec<String>,
    pub(super) query: String,
    pub(super) body: Value,
}

/// An answer. `null` is no body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

/// The beginning of a path, and what stands below it.
const AREAS: [(&str, &str); 6] = [
    ("/crm/v3/objects/", "objects"),
    ("/crm/objects/2026-09/", "objects"),
    ("/crm/v3/properties/", "properties"),
    ("/crm/properties/2026-09/", "properties"),
    ("/crm-associations/v1/associations", "v1"),
    ("/crm/associations/2026-09/", "dated"),
];

/// What a path asks for, and the parts of it that differ.
type KindAndParts<'a> = Option<(CallKind, Vec<&'a str>)>;

fn of_objects<'a>(method: &str, parts: &[&'a str], is_archived: bool) -> KindAndParts<'a> {
    Some(match (method, parts) {
        ("POST", [of, "batch", "read"]) if is_archived => (CallKind::ArchivedRead, vec![of]),
        ("POST", [of, "batch", "read"]) => (CallKind::Read, vec![of]),
        ("POST", [of, "search"]) => (CallKind::Search, vec![of]),
        ("GET", [of, id]) => (CallKind::Record, vec![of, id]),
        ("PUT", [from, id, "associations", to, other]) => {
            (CallKind::Write, vec![from, to, id, other])
        }
        ("DELETE", [from, id, "associations", to, other]) => {
            (CallKind::Remove, vec![from, to, id, other])
        }
        _ => return None,
    })
}

fn of_links<'a>(method: &str, parts: &[&'a str]) -> KindAndParts<'a> {
    Some(match (method, parts) {
        ("GET", [id, "HUBSPOT_DEFINED", definition]) => (CallKind::ReadLinks, vec![id, definition]),
        ("PUT", [] | ["create-batch"]) => (CallKind::Write, Vec::new()),
        ("PUT", ["delete" | "delete-batch"]) => (CallKind::Remove, Vec::new()),
        ("GET", [from, to, "labels"]) => (CallKind::Labels, vec![from, to]),
        ("POST", [from, to, "batch", "read"]) => (CallKind::ReadLinks, vec![from, to]),
        ("POST", [from, to, "batch", "create"]) => (CallKind::Write, vec![from, to]),
        ("POST", [from, to, "batch", "archive"]) => (CallKind::Remove, vec![from, to]),
        _ => return None,
    })
}

impl Call {
    /// The call of a request.
    pub(super) fn of(request: &ReceivedRequest) -> Self {
        let (method, uri) = (request.method.as_str(), request.uri.as_str());
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut areas = AREAS.iter();
        let below = areas.find_map(|(begin, area)| Some((*area, path.strip_prefix(begin)?)));
        let (area, below) = below.unwrap_or_else(|| panic!("{method} {path}"));
        let parts: Vec<_> = below.split('/').filter(|part| !part.is_empty()).collect();
        let known = match (area, method) {
            ("objects", _) => of_objects(method, &parts, query.contains("archived=true")),
            ("properties", "GET") => Some((CallKind::Properties, parts)),
            _ => of_links(method, &parts),
        };
        let (kind, parts) = known.unwrap_or_else(|| panic!("{method} {path}"));
        Self {
            kind,
            parts: parts.into_iter().map(str::to_owned).collect(),
            query: query.to_owned(),
            body: serde_json::from_str(&request.body).unwrap_or_default(),
        }
    }

    pub(super) fn object_type(&self) -> &str {
        &self.parts[0]
    }

    /// The id of the record that is read.
    pub(super) fn record_id(&self) -> u64 {
        self.parts[1].parse().unwrap()
    }

    /// The keys or ids that are asked for: the inputs of a read, or the values of a search.
    pub(super) fn values(&self) -> Vec<String> {
        let (list, is_read) = match self.kind {
            CallKind::Read | CallKind::ArchivedRead => (&self.body["inputs"], true),
            CallKind::Search => (&self.body["filterGroups"][0]["filters"][0]["values"], false),
            CallKind::Record
            | CallKind::Properties
            | CallKind::ReadLinks
            | CallKind::Labels
            | CallKind::Write
            | CallKind::Remove => return Vec::new(),
        };
        let values = list.as_array().unwrap().iter();
        let values = values.map(|value| if is_read { &value["id"] } else { value });
        values
            .map(|value| value.as_str().unwrap().to_owned())
            .collect()
    }
}

impl Answer {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self { status, body }
    }

    pub(super) fn error(status: u16, category: &str, message: &str) -> Self {
        let body = json!({"status": "error", "category": category, "message": message, "correlationId": "c-1"});
        Self::new(status, body)
    }

    /// The answer to a read that finds these records and misses these values.
    pub(super) fn of_read(results: &[Value], missing: &[String]) -> Self {
        let mut body = json!({
            "status": "COMPLETE",
            "results": results,
            "startedAt": "2026-01-01T00:00:00Z",
            "completedAt": "2026-01-01T00:00:00Z",
        });
        if missing.is_empty() {
            return Self::new(200, body);
        }
        body["numErrors"] = json!(1);
        body["errors"] = json!([{
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some objects, they may be deleted or not exist. Check that ids are valid.",
            "context": {"ids": missing},
        }]);
        Self::new(207, body)
    }

    pub(super) fn response(&self) -> FakeResponse {
        if self.body.is_null() {
            return self.status.into();
        }
        let response = FakeResponse::from(self.status);
        response.body("application/json;charset=utf-8", self.body.to_string())
    }

    /// The records of the answer.
    pub(super) fn results(&mut self) -> &mut Vec<Value> {
        self.body["results"].as_array_mut().unwrap()
    }

    /// Without this record, and without a word about it.
    pub(super) fn without(mut self, id: u64) -> Self {
        self.results()
            .retain(|record| record["id"] != json!(id.to_string()));
        self
    }
}
