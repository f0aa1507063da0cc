//! The API version of the dated API of September 2026: what calls look like as
//! requests, and what answers to them mean. Pure.

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
    association::WriteRequest,
    tables::v2026_09,
};

/// Associations in a batch at most (HubSpot's guide).
const MOST_LINKS: usize = 2_000;

/// Records in a batch of questions at most (HubSpot's guide).
const MOST_ASKED: usize = 1_000;

/// Links in a batch that is removed at most (HubSpot's guide, by others' account).
const MOST_REMOVED: usize = 100;

/// The API of `/crm/associations/2026-09`.
pub(super) static PROFILE: ApiProfile = ApiProfile {
    name: v2026_09::API,
    support_ends: None,
    definitions: v2026_09::table,
    writes: WriteMode::Replace,
    success: SuccessProof::ByBody,
    names_records: true,
    limits: BatchLimits {
        created: MOST_LINKS,
        removed: MOST_REMOVED,
        read_rows: MOST_ASKED,
        read_records: MOST_ASKED,
    },
    paths: ApiPaths {
        objects: "/crm/objects/2026-09/",
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

/// A call is about one pair of object types; what leaves other links of a pair
/// has an endpoint of its own.
fn group(operation: LinkOperation, write: &WriteRequest) -> BatchGroup {
    let info = write.link.definition().info();
    BatchGroup {
        types: info.map(|info| (info.from, info.to)),
        query: None,
        keeps_other_types: operation == LinkOperation::Remove && !write.other_types.is_empty(),
    }
}

/// Batches, labels and limits count in another window than single calls.
fn class(operation: Operation<'_>) -> RateClass {
    match operation {
        Operation::Create([] | [_])
        | Operation::Records(..)
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

/// The request for a call about links or labels.
fn request(operation: Operation<'_>) -> Option<ApiRequest> {
    match operation {
        Operation::Create(writes) => writes::create(writes),
        Operation::Remove(writes) => writes::remove(writes),
        Operation::Read(query) => reads::read(query),
        Operation::Labels(from, to) => Some(reads::labels(from, to)),
        Operation::Limits => Some(limits::request()),
        Operation::Records(..) | Operation::Account | Operation::Day | Operation::Scopes => None,
    }
}

/// What an answer to such a call means, and what it tells.
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
        Operation::Records(..) | Operation::Account | Operation::Day | Operation::Scopes => {
            (classify(response), None)
        }
    }
}
