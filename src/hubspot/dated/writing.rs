//! Links are made and taken away: requests, and what answers to them mean.

use std::{collections::HashSet, fmt::Write as _};

use serde::Deserialize;

use super::{
    VERSION,
    body::{Batch, Id},
};
use crate::{
    api::{Part, Verdict},
    association::{Association, Order, RecordId, Spec, in_path},
    code::Code,
    hubspot::{
        asked::Asked,
        complaint::divided,
        verdict::{CREATED, Judged, failure, judge},
    },
};

/// So many rows that an answer tells nothing of are sent alone where it has
/// errors that name nobody; of more it is found out first which of them stand.
const FEW: usize = 16;

/// The object types of a link, as paths name them; a definition without them is never sent.
fn types(link: &Association) -> (&'static str, &'static str) {
    let info = link.definition.info();
    info.map_or(("", ""), |info| (in_path(info.from), in_path(info.to)))
}

/// A link as it is written: in the direction in which it was read, for the types
/// beside it are those of that direction.
fn written(order: &Order) -> Association {
    order.link.as_read()
}

fn pair(order: &Order) -> (RecordId, RecordId) {
    let Association { from, to, .. } = written(order);
    (from, to)
}

fn pair_path(link: &Association) -> String {
    let (from, to) = types(link);
    let (one, other) = (link.from, link.to);
    format!("/crm/objects/{VERSION}/{from}/{one}/associations/{to}/{other}")
}

fn batch_path(orders: &[Order], what: &str) -> String {
    let first = orders.first();
    let (from, to) = first.map_or(("", ""), |order| types(&written(order)));
    format!("/crm/associations/{VERSION}/{from}/{to}/batch/{what}")
}

/// All types of a pair are replaced by those that are given: what is to stay
/// goes along.
pub(super) fn create(orders: &[Order]) -> Asked {
    let specs = |order: &Order| {
        let own = written(order).definition.spec();
        let beside = order.beside.iter().copied().filter(|spec| *spec != own);
        specs(std::iter::once(own).chain(beside))
    };
    match orders {
        [order] => Asked::put(pair_path(&written(order)), specs(order).into()),
        orders => Asked::post(batch_path(orders, "create"), inputs(orders, specs)),
    }
}

/// By type where others of the pair are to stay, else the pair as a whole.
pub(super) fn remove(orders: &[Order]) -> Asked {
    match orders {
        [order] if order.beside.is_empty() => Asked::with(
            reqwest::Method::DELETE,
            pair_path(&written(order)),
            Vec::new(),
        ),
        orders if orders.iter().all(|order| order.beside.is_empty()) => {
            Asked::post(batch_path(orders, "archive"), pairs(orders))
        }
        orders => {
            let own = |order: &Order| specs([written(order).definition.spec()]);
            Asked::post(batch_path(orders, "labels/archive"), inputs(orders, own))
        }
    }
}

/// `[{"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]`
fn specs(specs: impl IntoIterator<Item = Spec>) -> String {
    let mut text = String::from("[");
    for Spec { category, id } in specs {
        let comma = if text.len() > 1 { "," } else { "" };
        let category = category.word();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            r#"{comma}{{"associationCategory":"{category}","associationTypeId":{id}}}"#
        );
    }
    text + "]"
}

fn inputs(orders: &[Order], types: impl Fn(&Order) -> String) -> Vec<u8> {
    let input = |order: &Order| {
        let Association { from, to, .. } = written(order);
        let types = types(order);
        format!(r#"{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}},"types":{types}}}"#)
    };
    list(orders.iter().map(input))
}

fn pairs(orders: &[Order]) -> Vec<u8> {
    let input = |order: &Order| {
        let Association { from, to, .. } = written(order);
        format!(r#"{{"from":{{"id":"{from}"}},"to":[{{"id":"{to}"}}]}}"#)
    };
    list(orders.iter().map(input))
}

/// Inputs as the body of a batch.
pub(super) fn list(inputs: impl Iterator<Item = String>) -> Vec<u8> {
    let inputs: Vec<_> = inputs.collect();
    format!(r#"{{"inputs":[{}]}}"#, inputs.join(",")).into_bytes()
}

/// What a result of a create tells of, in the form of the typed endpoints or in
/// that of the default one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Made {
    from_object_id: Option<Id>,
    to_object_id: Option<Id>,
    from: Option<End>,
    to: Option<End>,
}

#[derive(Debug, Deserialize)]
struct End {
    id: Id,
}

impl Made {
    fn pair(&self) -> Option<(RecordId, RecordId)> {
        let end = |flat: Option<Id>, nested: &Option<End>| {
            flat.or(nested.as_ref().map(|end| end.id)).map(|Id(id)| id)
        };
        let from = end(self.from_object_id, &self.from)?;
        Some((from, end(self.to_object_id, &self.to)?))
    }
}

/// Whether a status is one of success; which one it is differs between the
/// documentation's versions, so that the body decides.
pub(super) fn is_success(status: u16) -> bool {
    matches!(status, 200 | 201 | 204 | 207)
}

/// Success is believed only for what the answer speaks of.
pub(super) fn created(orders: &[Order], answer: &Judged, body: &[u8]) -> Verdict {
    let http_status = answer.status;
    if !is_success(http_status) {
        return divided(judge(answer), answer, orders);
    }
    if !body.is_empty() && !answer.body.is_json {
        return Verdict::NoVerdict(failure(answer, Code::UnexpectedAnswer));
    }
    if let ([order], Ok(made)) = (orders, serde_json::from_slice::<Made>(body))
        && made.pair() == Some(pair(order))
    {
        return Verdict::Done { http_status };
    }
    let Ok(batch) = serde_json::from_slice::<Batch<Made>>(body) else {
        return Verdict::Each(vec![Part::Unconfirmed { http_status }; orders.len()]);
    };
    let made: HashSet<_> = batch
        .results
        .iter()
        .flatten()
        .filter_map(Made::pair)
        .collect();
    let part = |order: &Order| {
        let is_made = made.contains(&pair(order));
        let is_named = batch.errors.iter().any(|error| error.names(&order.link));
        match (is_made, is_named) {
            (true, false) => Part::Done { http_status },
            (false, true) => Part::Named,
            (true, true) | (false, false) => Part::Unconfirmed { http_status },
        }
    };
    let parts: Vec<_> = orders.iter().map(part).collect();
    settle(parts, batch.complaints(), answer, orders)
}

/// What the whole of the answer tells of those that it does not speak of.
fn settle(mut parts: Vec<Part>, complaints: usize, answer: &Judged, orders: &[Order]) -> Verdict {
    let count =
        |parts: &[Part], is: fn(&Part) -> bool| parts.iter().filter(|part| is(part)).count();
    let untold = count(&parts, |part| matches!(part, Part::Unconfirmed { .. }));
    let named = count(&parts, |part| *part == Part::Named);
    if untold == 0 && named == 0 {
        let http_status = answer.status;
        return Verdict::Done { http_status };
    }
    if let ([order], [Part::Named]) = (orders, parts.as_slice()) {
        let refused = Verdict::Refused(failure(answer, Code::ObjectNotFound));
        return divided(refused, answer, std::slice::from_ref(order));
    }
    // As many errors that name nobody: it is these, and alone each says why.
    let nameless = complaints.saturating_sub(named);
    if orders.len() > 1 && untold <= FEW && nameless > 0 {
        for part in &mut parts {
            if matches!(part, Part::Unconfirmed { .. }) {
                *part = Part::Named;
            }
        }
    }
    Verdict::Each(parts)
}

/// What is gone already is removed as well; an error of a batch may be about any
/// of its links.
pub(super) fn removed(orders: &[Order], answer: &Judged, body: &[u8]) -> Verdict {
    let http_status = answer.status;
    if !is_success(http_status) {
        return divided(judge(answer), answer, orders);
    }
    if http_status == CREATED && body.is_empty() {
        return Verdict::Done { http_status };
    }
    let batch = serde_json::from_slice::<Batch<serde_json::Value>>(body).ok();
    // What cannot be read may say that nothing was removed.
    let Some(batch) = batch.filter(|_| answer.body.is_json) else {
        return Verdict::NoVerdict(failure(answer, Code::UnexpectedAnswer));
    };
    let part = |order: &Order| {
        if batch.errors.iter().any(|error| error.names(&order.link)) {
            Part::Named
        } else {
            Part::Unnamed
        }
    };
    match orders {
        _ if batch.complaints() == 0 => Verdict::Done { http_status },
        [_] => Verdict::Refused(failure(answer, Code::Rejected)),
        orders => Verdict::Each(orders.iter().map(part).collect()),
    }
}
