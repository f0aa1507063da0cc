//! The dialect of the dated API of September 2026: what calls look like as
//! requests, and what answers to them mean. Pure.

mod asking;
mod body;
mod inputs;
mod limits;
mod paths;
#[cfg(test)]
mod tests;
mod writing;

use super::{
    asked::Asked,
    profile::{Most, Paths, Profile, Speech, Success, Writes},
    verdict::{Judged, judge},
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
pub(super) static PROFILE: Profile = Profile {
    name: v2026_09::API,
    support_ends: None,
    definitions: v2026_09::table,
    writes: Writes::Replace,
    success: Success::ByBody,
    names_records: true,
    most: Most {
        created: MOST_LINKS,
        removed: MOST_REMOVED,
        asked: MOST_ASKED,
        records_asked: MOST_ASKED,
    },
    paths: Paths {
        objects: "/crm/objects/2026-09/",
        account: "/account-info/2026-09/details",
        day: "/account-info/2026-09/api-usage/daily/private-apps",
        token: "/oauth/2026-09/token",
        fixed: &[],
    },
    speech: Speech {
        class,
        group,
        request,
        verdict,
    },
};

/// A call is about one pair of object types; what leaves other links of a pair
/// has an endpoint of its own.
fn group(act: LinkOperation, order: &WriteRequest) -> BatchGroup {
    let info = order.link.definition().info();
    BatchGroup {
        types: info.map(|info| (info.from, info.to)),
        query: None,
        keeps_other_types: act == LinkOperation::Remove && !order.other_types.is_empty(),
    }
}

/// Batches, labels and limits count in another window than single calls.
fn class(call: Operation<'_>) -> RateClass {
    match call {
        Operation::Create([] | [_])
        | Operation::Records(..)
        | Operation::Account
        | Operation::Day
        | Operation::Scopes => RateClass::Single,
        Operation::Remove([order]) if order.other_types.is_empty() => RateClass::Single,
        Operation::Create(_)
        | Operation::Remove(_)
        | Operation::Read(_)
        | Operation::Labels(..)
        | Operation::Limits => RateClass::Batch,
    }
}

/// The request for a call about links or labels.
fn request(call: Operation<'_>) -> Option<Asked> {
    match call {
        Operation::Create(orders) => writing::create(orders),
        Operation::Remove(orders) => writing::remove(orders),
        Operation::Read(reading) => asking::read(reading),
        Operation::Labels(from, to) => Some(asking::labels(from, to)),
        Operation::Limits => Some(limits::request()),
        Operation::Records(..) | Operation::Account | Operation::Day | Operation::Scopes => None,
    }
}

/// What an answer to such a call means, and what it tells.
fn verdict(
    call: Operation<'_>,
    answer: &Judged,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    match call {
        Operation::Create(orders) => (writing::created(orders, answer, body), None),
        Operation::Remove(orders) => (writing::removed(orders, answer, body), None),
        Operation::Read(reading) => asking::standing(reading, answer, body),
        Operation::Labels(..) => asking::told_labels(answer, body),
        Operation::Limits => limits::payload(answer, body),
        Operation::Records(..) | Operation::Account | Operation::Day | Operation::Scopes => {
            (judge(answer), None)
        }
    }
}
