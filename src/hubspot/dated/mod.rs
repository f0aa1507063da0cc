//! The dated API of September 2026: how operations become requests, and what responses mean. Pure.

mod limits;
mod paths;
mod reads;
mod request_body;
mod response_body;
#[cfg(test)]
mod tests;
mod writes;

use super::{
    profile::{ApiPaths, ApiProfile, BatchLimits, SuccessProof, WireFormat, WriteMode},
    request::ApiRequest,
    verdict::{ParsedResponse, classify},
};
use crate::{
    api::{BatchGroup, LinkOperation, Operation, RateClass, ResponsePayload, Verdict},
    association::LinkRequest,
    tables::v2026_09,
};

/// The most associations in a batch (HubSpot's guide).
const MAX_LINKS: usize = 2_000;

/// The most records in a batch read (HubSpot's guide).
const MAX_ASKED: usize = 1_000;

/// The most links in a batch removal (HubSpot's guide, as quoted by others).
const MAX_REMOVED: usize = 100;

/// The API of `/crm/associations/2026-09`.
pub(super) static PROFILE: ApiProfile = ApiProfile {
    name: v2026_09::API,
    support_ends: None,
    definitions: v2026_09::table,
    writes: WriteMode::Replace,
    success: SuccessProof::ByBody,
    names_records: true,
    limits: BatchLimits {
        created: MAX_LINKS,
        removed: MAX_REMOVED,
        read_rows: MAX_ASKED,
        read_records: MAX_ASKED,
    },
    paths: ApiPaths {
        objects: "/crm/objects/2026-09/",
        properties: "/crm/properties/2026-09/",
        account: "/account-info/2026-09/details",
        day: "/account-info/2026-09/api-usage/daily/private-apps",
        token: "/oauth/2026-09/token",
        fixed: &[],
    },
    wire_format: WireFormat {
        class,
        group,
        request,
        verdict,
    },
};

/// A call has one pair of object types. Removals that keep other types of a pair use a separate
/// endpoint.
fn group(operation: LinkOperation, request: &LinkRequest) -> BatchGroup {
    let info = request.link.definition().info();
    BatchGroup {
        types: info.map(|info| (info.from, info.to)),
        query: None,
        keeps_other_types: operation == LinkOperation::Remove && !request.other_types.is_empty(),
    }
}

/// Batches, labels and limits count in a different window than single calls.
fn class(operation: Operation<'_>) -> RateClass {
    match operation {
        Operation::SearchByKey(_) => RateClass::Search,
        Operation::Create([] | [_])
        | Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::Properties(_)
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => RateClass::Single,
        Operation::Remove([write]) if write.other_types.is_empty() => RateClass::Single,
        Operation::Create(_)
        | Operation::Remove(_)
        | Operation::Read(_)
        | Operation::Labels(..)
        | Operation::Limits => RateClass::Batch,
    }
}

/// The request for an operation on links or labels.
fn request(operation: Operation<'_>) -> Option<ApiRequest> {
    match operation {
        Operation::Create(writes) => writes::create(writes),
        Operation::Remove(writes) => writes::remove(writes),
        Operation::Read(query) => reads::read(query),
        Operation::Labels(from, to) => Some(reads::labels(from, to)),
        Operation::Limits => Some(limits::request()),
        Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::SearchByKey(_)
        | Operation::Properties(_)
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => None,
    }
}

/// The verdict and payload of a response to such an operation.
fn verdict(
    operation: Operation<'_>,
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    match operation {
        Operation::Create(writes) => (writes::created(writes, response, body), None),
        Operation::Remove(writes) => (writes::removed(writes, response, body), None),
        Operation::Read(query) => reads::links(query, response, body),
        Operation::Labels(..) => reads::labels_payload(response, body),
        Operation::Limits => limits::payload(response, body),
        Operation::Records(..)
        | Operation::ReadByKey(_)
        | Operation::SearchByKey(_)
        | Operation::Properties(_)
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => (classify(response), None),
    }
}
