//! Records by the values of a property, by a batch read or by a search: the requests, and what the
//! responses mean. Pure.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    batch_body::{BatchBody, BatchError, BatchStatus, or_default, unfinished},
    paging::Paging,
    parse::{FlexibleId, parse_records},
    records::no_data,
    request::ApiRequest,
    verdict::{ParsedResponse, failure},
};
use crate::{
    api::{FailedKeys, KeyPage, KeyQuery, KeyedRecord, ResponsePayload, Verdict},
    association::{KeyKind, KeyProperty},
    cell::clean,
    code::Code,
    failure::{Failure, MissingPayload, ResponseFault},
    http_status::HttpStatus,
};

/// The most records on a page of a search (HubSpot's documentation).
const SEARCH_PAGE: usize = 200;

/// The time of creation; also a field of each record, but not in every version.
const CREATED: &str = "createdate";

/// The longest name of a record that is kept.
const MAX_NAME: usize = 60;

/// The longest message of a single error that is kept.
const MAX_MESSAGE: usize = 300;

/// The verdict of a response, and its payload.
type Judged = (Verdict, Option<ResponsePayload>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadRequest<'a> {
    /// Without it, the values are ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_property: Option<&'a str>,
    inputs: Vec<KeyInput<'a>>,
    properties: Vec<&'a str>,
    /// Required, even if it is empty.
    properties_with_history: [&'a str; 0],
}

#[derive(Serialize)]
struct KeyInput<'a> {
    id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SearchRequest<'a> {
    /// A record has to match one of them.
    filter_groups: Vec<FilterBody<'a>>,
    sorts: [SortBody; 1],
    properties: Vec<&'a str>,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct FilterBody<'a> {
    filters: [ValueFilter<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ValueFilter<'a> {
    property_name: &'a str,
    operator: &'static str,
    values: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SortBody {
    property_name: &'static str,
    direction: &'static str,
}

/// The request that reads the records with these values, below the path for objects of one type.
pub(super) fn read(path: &str, query: &KeyQuery) -> ApiRequest {
    let is_by_id = query.property.kind() == KeyKind::RecordUrl;
    let inputs = query.values.iter().map(|value| KeyInput { id: value });
    let body = ReadRequest {
        id_property: (!is_by_id).then_some(query.property.name),
        inputs: inputs.collect(),
        properties: wanted_properties(query.property),
        properties_with_history: [],
    };
    ApiRequest {
        query: Some(format!("archived={}", query.archived)),
        ..ApiRequest::post(format!("{path}/batch/read"), json(&body))
    }
}

/// The request that searches for the records with these values.
pub(super) fn search(path: &str, query: &KeyQuery) -> ApiRequest {
    let searched = value_properties(query.property);
    let filter = |name: &&'static str| FilterBody {
        filters: [ValueFilter {
            property_name: name,
            operator: "IN",
            values: query.values.iter().map(|value| &**value).collect(),
        }],
    };
    let body = SearchRequest {
        filter_groups: searched.iter().map(filter).collect(),
        sorts: [SortBody {
            property_name: CREATED,
            direction: "ASCENDING",
        }],
        properties: [&*wanted_properties(query.property), &[CREATED]].concat(),
        limit: SEARCH_PAGE,
        after: query.after.as_deref(),
    };
    ApiRequest::post(format!("{path}/search"), json(&body))
}

/// Texts and numbers can always be written.
fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

/// The properties that a response has to have.
fn wanted_properties(property: KeyProperty) -> Vec<&'static str> {
    let names = name_properties(property.object_type);
    [&*value_properties(property), names].concat()
}

/// The properties in which a record may have the value.
fn value_properties(property: KeyProperty) -> Vec<&'static str> {
    match property.kind() {
        KeyKind::Email => vec![property.name, "hs_additional_emails"],
        KeyKind::Domain => vec![property.name, "hs_additional_domains"],
        KeyKind::Unique => vec![property.name],
        KeyKind::RecordUrl => Vec::new(),
    }
}

/// The properties that make up the name of a record.
fn name_properties(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "contacts" => &["firstname", "lastname"],
        "companies" => &["name"],
        "deals" => &["dealname"],
        "tickets" => &["subject"],
        _ => &[],
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a record")]
struct RecordFields {
    id: FlexibleId,
    #[serde(default, deserialize_with = "or_default")]
    properties: Map<String, Value>,
    #[serde(default)]
    created_at: Value,
    #[serde(default)]
    archived: Value,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a page of a search")]
struct SearchPage {
    total: u64,
    results: Vec<RecordFields>,
    #[serde(default)]
    paging: Option<Paging>,
}

impl RecordFields {
    fn record(&self, query: &KeyQuery) -> KeyedRecord {
        let FlexibleId(id) = self.id;
        let property = query.property;
        let values = match property.kind() {
            KeyKind::RecordUrl => vec![id.to_string()],
            KeyKind::Unique => self.texts(&[property.name]),
            KeyKind::Email | KeyKind::Domain => {
                let lists = self.texts(&value_properties(property));
                let values = lists.iter().flat_map(|list| list.split(';')).map(str::trim);
                let values = values.filter(|value| !value.is_empty());
                values.map(str::to_owned).collect()
            }
        };
        let name = self.texts(name_properties(property.object_type)).join(" ");
        let created = [Some(&self.created_at), self.properties.get(CREATED)];
        let mut created = created.into_iter().flatten().filter_map(Value::as_str);
        KeyedRecord {
            id,
            values,
            name: (!name.is_empty()).then(|| clean(&name, MAX_NAME)),
            created_at: created.find_map(|text| text.parse::<Timestamp>().ok()),
            is_archived: self.archived.as_bool().unwrap_or(query.archived),
        }
    }

    /// The values of these properties, without those that are empty.
    fn texts(&self, names: &[&str]) -> Vec<String> {
        let values = names.iter().filter_map(|name| self.properties.get(*name));
        let texts = values.filter_map(|value| match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        });
        texts.filter(|text| !text.is_empty()).collect()
    }
}

/// The verdict and payload of a response to a read. Its status says nothing about single values.
pub(super) fn read_verdict(query: &KeyQuery, response: &ParsedResponse, body: &[u8]) -> Judged {
    let http_status = response.status;
    if !matches!(http_status, HttpStatus::OK | HttpStatus::MULTI_STATUS) {
        return (no_data(response), None);
    }
    let batch = match parse_records::<BatchBody<RecordFields>>(response, body) {
        Ok(batch) => batch,
        Err(failure) => return (Verdict::NotFromApi(failure), None),
    };
    let records = match (batch.batch_status(), &batch.results) {
        (BatchStatus::Complete | BatchStatus::Missing, Some(records)) => records,
        // The results so far may be incomplete.
        (BatchStatus::Pending, _) | (BatchStatus::Other, Some(_)) => {
            return (unfinished(response, batch.status.as_deref()), None);
        }
        (BatchStatus::Complete | BatchStatus::Missing | BatchStatus::Other, None) => {
            return (without_records(response), None);
        }
    };
    let records = records.iter().map(|record| record.record(query));
    let page = KeyPage {
        records: records.collect(),
        ..failures(query, response, &batch)
    };
    (
        Verdict::Done { http_status },
        Some(ResponsePayload::KeyPage(page)),
    )
}

/// The verdict and payload of a response to a search.
pub(super) fn search_verdict(query: &KeyQuery, response: &ParsedResponse, body: &[u8]) -> Judged {
    let http_status = response.status;
    if http_status != HttpStatus::OK {
        return (no_data(response), None);
    }
    let found = match parse_records::<SearchPage>(response, body) {
        Ok(found) => found,
        Err(failure) => return (Verdict::NotFromApi(failure), None),
    };
    let records = found.results.iter();
    let page = KeyPage {
        records: records.map(|record| record.record(query)).collect(),
        next: found.paging.and_then(Paging::next_page),
        total: Some(found.total),
        ..KeyPage::default()
    };
    (
        Verdict::Done { http_status },
        Some(ResponsePayload::KeyPage(page)),
    )
}

/// Quotes nothing, because other data of people may stand in their place.
fn without_records(response: &ParsedResponse) -> Verdict {
    let missing =
        ResponseFault::MissingPayload(Some(response.status), MissingPayload::KeyedRecords);
    Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer).with_detail(missing))
}

/// What the errors of a batch say.
fn failures(
    query: &KeyQuery,
    response: &ParsedResponse,
    batch: &BatchBody<RecordFields>,
) -> KeyPage {
    let mut page = KeyPage::default();
    for error in &batch.errors {
        let values = values_named(query, error);
        let not_found = error.is_not_found();
        let failure = error_failure(response, error);
        if !values.is_empty() {
            page.faults.push(FailedKeys {
                values,
                not_found,
                failure,
            });
        } else if !not_found {
            page.unattributed.get_or_insert(failure);
        }
        // Values without a name are left out, which says the same less clearly.
    }
    // An error for many values may be counted once for each of them. That leaves only those in doubt
    // that no error names.
    if batch.has_unlisted_errors() {
        page.unattributed
            .get_or_insert_with(|| errors_missing(response));
    }
    page
}

/// What an error says of its values.
fn error_failure(response: &ParsedResponse, error: &BatchError) -> Failure {
    let message = clean(&error.message, MAX_MESSAGE);
    let fault = if error.is_temporary() {
        ResponseFault::HubSpotFailed(message)
    } else {
        ResponseFault::Quoted(message)
    };
    failure(response, error.code()).with_detail(fault)
}

fn errors_missing(response: &ParsedResponse) -> Failure {
    failure(response, Code::NotRead).with_detail(ResponseFault::ErrorsMissing)
}

/// The values of the query that an error names. It may write one in another case, if no others differ
/// only by it.
fn values_named(query: &KeyQuery, error: &BatchError) -> Vec<Arc<str>> {
    let mut values = Vec::new();
    for key in error.keys() {
        let folded = key.trim().to_lowercase();
        let is_similar = |value: &&Arc<str>| value.trim().to_lowercase() == folded;
        let similar: Vec<_> = query.values.iter().filter(is_similar).collect();
        values.extend(match &similar[..] {
            [only] => Some(Arc::clone(only)),
            _ => similar.into_iter().find(|value| ***value == *key).cloned(),
        });
    }
    values.sort_unstable();
    values.dedup();
    values
}
