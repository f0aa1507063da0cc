//! The dialect of `/crm-associations/v1`: what calls look like as requests, and
//! what answers to them mean. Pure.

#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::{
    asked::Asked,
    complaint::divided,
    profile::{Most, Paths, Profile, Speech, Success, Writes},
    verdict::{Judged, NO_CONTENT, failure, judge},
};
use crate::{
    api::{
        BatchGroup, LinkOperation, LinkPage, LinkQuery, Operation, PairAssociations,
        ResponsePayload, Verdict,
    },
    association::{Association, RecordId, WriteRequest},
    code::Code,
    http_status::HttpStatus,
    tables::v1,
};

/// The path that creates one association by `PUT`.
const CREATE_PATH: &str = "/crm-associations/v1/associations";

/// The path that creates many by `PUT`: all, or none.
const CREATE_BATCH_PATH: &str = "/crm-associations/v1/associations/create-batch";

/// The path that removes one by `PUT`.
const DELETE_PATH: &str = "/crm-associations/v1/associations/delete";

/// The path that removes many by `PUT`.
const DELETE_BATCH_PATH: &str = "/crm-associations/v1/associations/delete-batch";

/// Associations in a batch at most. HubSpot's own text with the number is not
/// known; other clients refuse more (`keghub/hubspot-dotnet-sdk`).
const MOST_LINKS: usize = 100;

/// Records on a page at most, by the same client.
const PAGE: usize = 100;

/// The status of an answer that tells of links.
const TOLD: HttpStatus = HttpStatus::OK;

/// Rows that a question may be asked for; our choice, for it is one record's.
const MOST_ASKED: usize = 1_000;

/// The API of `/crm-associations/v1`.
pub(super) static PROFILE: Profile = Profile {
    name: v1::API,
    // HubSpot's changelog of 15 September 2026.
    support_ends: Some("September 2027"),
    definitions: v1::table,
    writes: Writes::Add,
    success: Success::ByStatus,
    names_records: false,
    most: Most {
        created: MOST_LINKS,
        removed: MOST_LINKS,
        asked: MOST_ASKED,
        records_asked: 1,
    },
    paths: Paths {
        objects: "/crm/v3/objects/",
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
    speech: Speech {
        class: |call| call.class_by_size(),
        group,
        request,
        verdict,
    },
};

/// A question is about one record and one definition; anything else goes
/// together.
fn group(act: LinkOperation, order: &WriteRequest) -> BatchGroup {
    let query = || {
        let link = &order.link;
        (link.from(), link.definition())
    };
    BatchGroup {
        query: (act == LinkOperation::Read).then(query),
        ..BatchGroup::default()
    }
}

/// The request for a call about links.
fn request(call: Operation<'_>) -> Option<Asked> {
    match call {
        Operation::Create(orders) => Some(write([CREATE_PATH, CREATE_BATCH_PATH], orders)),
        Operation::Remove(orders) => Some(write([DELETE_PATH, DELETE_BATCH_PATH], orders)),
        Operation::Read(reading) => read(reading),
        Operation::Records(..)
        | Operation::Labels(..)
        | Operation::Limits
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => None,
    }
}

fn write(paths: [&'static str; 2], orders: &[WriteRequest]) -> Asked {
    Asked::put(paths[usize::from(orders.len() > 1)], body(orders))
}

/// The body that names these: an object, or an array of several, each link as its row says it.
/// Integers and constants alone: there is nothing to be escaped.
fn body(orders: &[WriteRequest]) -> Vec<u8> {
    /// An object of the longest ids, and a comma.
    const LONGEST: usize = 128;
    let mut body = Vec::with_capacity(LONGEST * orders.len());
    if let [order] = orders {
        append(&mut body, &order.link.as_written());
        return body;
    }
    let mut before = b'[';
    for order in orders {
        body.push(before);
        append(&mut body, &order.link.as_written());
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

/// One record's links of one definition.
fn read(reading: &LinkQuery) -> Option<Asked> {
    let (link, (record, page)) = (reading.links.first()?, reading.pages.first()?);
    let definition = link.definition().get();
    let after = page.as_deref().unwrap_or_default();
    Some(Asked {
        query: Some(format!("limit={PAGE}&offset={after}")),
        ..Asked::get(format!(
            "{CREATE_PATH}/{record}/HUBSPOT_DEFINED/{definition}"
        ))
    })
}

/// What an answer means for the links of its call. A batch that is refused has
/// written nothing; its links have no verdict yet.
fn verdict(
    call: Operation<'_>,
    answer: &Judged,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    match call {
        Operation::Create(orders) | Operation::Remove(orders) => {
            (divided(judge(answer), answer, orders), None)
        }
        Operation::Read(reading) => standing(reading, answer, body),
        Operation::Records(..)
        | Operation::Labels(..)
        | Operation::Limits
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => (judge(answer), None),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Links {
    results: Vec<u64>,
    has_more: bool,
    offset: u64,
}

fn standing(
    reading: &LinkQuery,
    answer: &Judged,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let judged = match answer.status {
        // What it answers to a call that writes.
        NO_CONTENT => Verdict::NotFromApi(failure(answer, Code::UnexpectedAnswer)),
        _ => judge(answer),
    };
    if answer.status != TOLD {
        return (judged, None);
    }
    let links = serde_json::from_slice::<Links>(body).ok();
    let (Some(links), Some((record, _)), Some(link)) =
        (links, reading.pages.first(), reading.links.first())
    else {
        return (judged, None);
    };
    let definition = link.definition();
    let is_exclusive = definition.is_exclusive();
    let first = links.results.iter().find_map(|id| RecordId::new(*id));
    let found = links.results.into_iter().filter_map(RecordId::new);
    let wanted = |to: &RecordId| is_exclusive || reading.links.iter().any(|link| link.to() == *to);
    let found = found.filter(wanted).map(|to| PairAssociations {
        from: *record,
        to,
        association_types: vec![definition.association_type()],
        unknown: None,
    });
    let page = LinkPage {
        found: found.collect(),
        // The answer does not say whose associations these are.
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
        Verdict::Done { http_status: TOLD },
        Some(ResponsePayload::Links(page)),
    )
}
