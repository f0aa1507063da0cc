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
    api::{Act, Call, Class, Group, Told, Verdict},
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
fn group(act: Act, order: &WriteRequest) -> Group {
    let info = order.link.definition().info();
    Group {
        types: info.map(|info| (info.from, info.to)),
        question: None,
        leaves: act == Act::Remove && !order.other_types.is_empty(),
    }
}

/// Batches, labels and limits count in another window than single calls.
fn class(call: Call<'_>) -> Class {
    match call {
        Call::Create([] | [_]) | Call::Records(..) | Call::Account | Call::Day | Call::Scopes => {
            Class::Single
        }
        Call::Remove([order]) if order.other_types.is_empty() => Class::Single,
        Call::Create(_) | Call::Remove(_) | Call::Read(_) | Call::Labels(..) | Call::Limits => {
            Class::Batch
        }
    }
}

/// The request for a call about links or labels.
fn request(call: Call<'_>) -> Option<Asked> {
    match call {
        Call::Create(orders) => writing::create(orders),
        Call::Remove(orders) => writing::remove(orders),
        Call::Read(reading) => asking::read(reading),
        Call::Labels(from, to) => Some(asking::labels(from, to)),
        Call::Limits => Some(limits::request()),
        Call::Records(..) | Call::Account | Call::Day | Call::Scopes => None,
    }
}

/// What an answer to such a call means, and what it tells.
fn verdict(call: Call<'_>, answer: &Judged, body: &[u8]) -> (Verdict, Option<Told>) {
    match call {
        Call::Create(orders) => (writing::created(orders, answer, body), None),
        Call::Remove(orders) => (writing::removed(orders, answer, body), None),
        Call::Read(reading) => asking::standing(reading, answer, body),
        Call::Labels(..) => asking::told_labels(answer, body),
        Call::Limits => limits::told(answer, body),
        Call::Records(..) | Call::Account | Call::Day | Call::Scopes => (judge(answer), None),
    }
}
