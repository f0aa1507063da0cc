//! The API `/crm-associations/v1`: how operations become requests, and what responses mean. Pure.

#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::{
    api_error::refusal_per_link,
    profile::{ApiPaths, ApiProfile, BatchLimits, SuccessProof, WireFormat, WriteMode},
    request::ApiRequest,
    verdict::{NO_CONTENT, ParsedResponse, classify, failure},
};
use crate::{
    api::{
        BatchGroup, LinkOperation, LinkPage, LinkQuery, Operation, PairAssociations,
        ResponsePayload, Verdict,
    },
    association::{Association, LinkRequest, RecordId},
    code::Code,
    http_status::HttpStatus,
    tables::v1,
};

/// The path that creates one association by `PUT`.
const CREATE_PATH: &str = "/crm-associations/v1/associations";

/// The path that creates many by `PUT`: all or none.
const CREATE_BATCH_PATH: &str = "/crm-associations/v1/associations/create-batch";

/// The path that removes one by `PUT`.
const DELETE_PATH: &str = "/crm-associations/v1/associations/delete";

/// The path that removes many by `PUT`.
const DELETE_BATCH_PATH: &str = "/crm-associations/v1/associations/delete-batch";

/// The most associations in a batch. HubSpot does not document the number; other clients refuse
/// more (`keghub/hubspot-dotnet-sdk`).
const MAX_LINKS: usize = 100;

/// The most records on a page, according to the same client.
const PAGE: usize = 100;

/// The status of a response with links.
const SUCCESS: HttpStatus = HttpStatus::OK;

/// The most rows of one read. This is our choice, because a read is about one record.
const MAX_ASKED: usize = 1_000;

/// The API of `/crm-associations/v1`.
pub(super) static PROFILE: ApiProfile = ApiProfile {
    name: v1::API,
    // HubSpot's changelog of 15 September 2026.
    support_ends: Some("September 2027"),
    definitions: v1::table,
    writes: WriteMode::Add,
    success: SuccessProof::ByStatus,
    names_records: false,
    limits: BatchLimits {
        created: MAX_LINKS,
        removed: MAX_LINKS,
        read_rows: MAX_ASKED,
        read_records: 1,
    },
    paths: ApiPaths {
        objects: "/crm/v3/objects/",
        properties: "/crm/v3/properties/",
        account: "/account-info/v3/details",
        day: "/account-info/v3/api-usage/daily/private-apps",
        token: "/oauth/v1/token",
        fixed: &[
            CREATE_PATH,
            CREATE_BATCH_PATH,
            DELETE_PATH,
            DELETE_BATCH_PATH,
        ],
    },
    wire_format: WireFormat {
        class: |operation| operation.class_by_size(),
        group,
        request,
        verdict,
    },
};

/// A read is about one record and one definition. All writes can share a call.
fn group(operation: LinkOperation, request: &LinkRequest) -> BatchGroup {
    let query = || {
        let link = &request.link;
        (link.from(), link.definition())
    };
    BatchGroup {
        query: (operation == LinkOperation::Read).then(query),
        ..BatchGroup::default()
    }
}

/// The request for an operation on links.
fn request(operation: Operation<'_>) -> Option<ApiRequest> {
    match operation {
        Operation::Create(writes) => Some(write([CREATE_PATH, CREATE_BATCH_PATH], writes)),
        Operation::Remove(writes) => Some(write([DELETE_PATH, DELETE_BATCH_PATH], writes)),
        Operation::Read(query) => read(query),
        Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::SearchByKey(_)
        | Operation::Properties(_)
        | Operation::Labels(..)
        | Operation::Limits
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => None,
    }
}

fn write(paths: [&'static str; 2], writes: &[LinkRequest]) -> ApiRequest {
    ApiRequest::put(paths[usize::from(writes.len() > 1)], body(writes))
}

/// The body for these links: an object, or an array for several. Each link has the form of its row.
/// There are only integers and constants, so nothing needs to be escaped.
fn body(writes: &[LinkRequest]) -> Vec<u8> {
    /// The length of an object with the longest ids, and a comma.
    const LONGEST: usize = 128;
    let mut body = Vec::with_capacity(LONGEST * writes.len());
    if let [write] = writes {
        append(&mut body, &write.link.in_row_direction());
        return body;
    }
    let mut before = b'[';
    for write in writes {
        body.push(before);
        append(&mut body, &write.link.in_row_direction());
        before = b',';
    }
    body.push(b']');
    body
}

fn append(body: &mut Vec<u8>, link: &Association) {
    let mut digits = itoa::Buffer::new();
    body.extend_from_slice(br#"{"fromObjectId":"#);
    body.extend_from_slice(digits.format(link.from.get()).as_bytes());
    body.extend_from_slice(br#","toObjectId":"#);
    body.extend_from_slice(digits.format(link.to.get()).as_bytes());
    body.extend_from_slice(br#","category":"HUBSPOT_DEFINED","definitionId":"#);
    body.extend_from_slice(digits.format(link.definition.get()).as_bytes());
    body.push(b'}');
}

/// The request for the links of one record with one definition.
fn read(query: &LinkQuery) -> Option<ApiRequest> {
    let (link, (record, page)) = (query.links.first()?, query.pages.first()?);
    let definition = link.definition().get();
    let after = page.as_deref().unwrap_or_default();
    Some(ApiRequest {
        query: Some(format!("limit={PAGE}&offset={after}")),
        ..ApiRequest::get(format!(
            "{CREATE_PATH}/{record}/HUBSPOT_DEFINED/{definition}"
        ))
    })
}

/// The verdict and payload of a response. A refused batch has written nothing, so its links have no
/// final verdict yet.
fn verdict(
    operation: Operation<'_>,
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    match operation {
        Operation::Create(writes) | Operation::Remove(writes) => {
            (refusal_per_link(classify(response), response, writes), None)
        }
        Operation::Read(query) => links(query, response, body),
        Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::SearchByKey(_)
        | Operation::Properties(_)
        | Operation::Labels(..)
        | Operation::Limits
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => (classify(response), None),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinksBody {
    results: Vec<u64>,
    has_more: bool,
    offset: u64,
}

fn links(
    query: &LinkQuery,
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let judged = match response.status {
        // This is the response to a write.
        NO_CONTENT => Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer)),
        _ => classify(response),
    };
    if response.status != SUCCESS {
        return (judged, None);
    }
    let links = serde_json::from_slice::<LinksBody>(body).ok();
    let (Some(links), Some((record, _)), Some(link)) =
        (links, query.pages.first(), query.links.first())
    else {
        return (judged, None);
    };
    let definition = link.definition();
    let is_exclusive = definition.is_exclusive();
    let first = links.results.iter().find_map(|id| RecordId::new(*id));
    let found = links.results.into_iter().filter_map(RecordId::new);
    let wanted = |to: &RecordId| is_exclusive || query.links.iter().any(|link| link.to() == *to);
    let found = found.filter(wanted).map(|to| PairAssociations {
        from: *record,
        to,
        association_types: vec![definition.association_type()],
        unknown: None,
    });
    let page = LinkPage {
        found: found.collect(),
        // The response does not name the record.
        named: Vec::new(),
        linked: first.map(|first| (*record, first)).into_iter().collect(),
        next: if links.has_more {
            vec![(*record, links.offset.to_string())]
        } else {
            Vec::new()
        },
        unread: Vec::new(),
    };
    (
        Verdict::Done {
            http_status: SUCCESS,
        },
        Some(ResponsePayload::Links(page)),
    )
}
