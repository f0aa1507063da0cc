//! The dialect of the dated API of September 2026: what calls look like as
//! requests, and what answers to them mean. Pure.

mod asking;
mod body;
mod limits;
#[cfg(test)]
mod tests;
mod writing;

use super::{asked::Asked, verdict::Judged};
use crate::{
    api::{Act, Call, Class, Group, Told, Verdict},
    association::Order,
};

/// The version, as in its paths.
pub(super) const VERSION: &str = "2026-09";

/// Associations in a batch at most (HubSpot's guide).
pub(super) const MOST_LINKS: usize = 2_000;

/// Records in a batch of questions at most (HubSpot's guide).
pub(super) const MOST_ASKED: usize = 1_000;

/// Links in a batch that is removed at most (HubSpot's guide, by others' account).
const MOST_REMOVED: usize = 100;

/// Links in such a call at most, where so many rows in a call are wanted.
pub(super) fn most(act: Act, rows: usize) -> usize {
    match act {
        Act::Create => rows.min(MOST_LINKS),
        Act::Remove => rows.min(MOST_REMOVED),
        Act::Read | Act::Identify => MOST_ASKED,
    }
}

/// A call is about one pair of object types; what leaves other links of a pair
/// has an endpoint of its own.
pub(super) fn group(act: Act, order: &Order) -> Group {
    let info = order.link.as_read().definition.info();
    Group {
        types: info.map(|info| (info.from, info.to)),
        question: None,
        leaves: act == Act::Remove && !order.beside.is_empty(),
    }
}

/// Batches, labels and limits count in another window than single calls.
pub(super) fn class(call: Call<'_>) -> Class {
    match call {
        Call::Create([] | [_]) | Call::Records(..) | Call::Account | Call::Day | Call::Scopes => {
            Class::Single
        }
        Call::Remove([order]) if order.beside.is_empty() => Class::Single,
        Call::Create(_) | Call::Remove(_) | Call::Read(_) | Call::Labels(..) | Call::Limits => {
            Class::Batch
        }
    }
}

/// The request for a call about links or labels.
pub(super) fn request(call: Call<'_>) -> Option<Asked> {
    match call {
        Call::Create(orders) => Some(writing::create(orders)),
        Call::Remove(orders) => Some(writing::remove(orders)),
        Call::Read(reading) => Some(asking::read(reading)),
        Call::Labels(from, to) => Some(asking::labels(from, to)),
        Call::Limits => Some(limits::request()),
        Call::Records(..) | Call::Account | Call::Day | Call::Scopes => None,
    }
}

/// What an answer to such a call means, and what it tells.
pub(super) fn verdict(call: Call<'_>, answer: &Judged, body: &[u8]) -> (Verdict, Option<Told>) {
    match call {
        Call::Create(orders) => (writing::created(orders, answer, body), None),
        Call::Remove(orders) => (writing::removed(orders, answer, body), None),
        Call::Read(reading) => asking::standing(reading, answer, body),
        Call::Labels(..) => asking::told_labels(answer, body),
        Call::Limits => limits::told(answer, body),
        Call::Records(..) | Call::Account | Call::Day | Call::Scopes => {
            (super::verdict::judge(answer), None)
        }
    }
}
