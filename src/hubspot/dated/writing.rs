//! Links are made and taken away: requests, and what answers to them mean.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    body::{Batch, Progress},
    inputs::{self, Types},
    paths,
};
use crate::{
    api::{ItemResult, Verdict},
    association::{
        AssociationType, CanonicalLink, Category, Definition, DefinitionKind, RecordId,
        WriteRequest,
    },
    code::Code,
    http_status::HttpStatus,
    hubspot::{
        asked::Asked,
        complaint::divided,
        parse::{Id, parse},
        verdict::{Judged, NO_CONTENT, failure, judge},
    },
};

/// So many rows that an answer tells nothing of are sent alone where it has
/// errors that name nobody; of more it is found out first which of them stand.
const FEW: usize = 16;

fn pair(order: &WriteRequest) -> (RecordId, RecordId) {
    (order.link.from(), order.link.to())
}

/// A link, and its types: its own, and these beside it.
fn typed<'a>(order: &WriteRequest, beside: &'a [AssociationType]) -> (CanonicalLink, Types<'a>) {
    let own = order.link.definition().association_type();
    (order.link, Types { own, beside })
}

/// All types of a pair are replaced by those that are given: what is to stay
/// goes along.
pub(super) fn create(orders: &[WriteRequest]) -> Option<Asked> {
    match orders {
        [order] => {
            let (link, types) = typed(order, &order.other_types);
            Some(Asked::put(paths::pair(&link)?, inputs::types(&types)))
        }
        orders => {
            let path = paths::batch(&orders.first()?.link, "create")?;
            let pairs = orders.iter().map(|order| typed(order, &order.other_types));
            Some(Asked::post(path, inputs::typed(pairs)))
        }
    }
}

/// By type where others of the pair are to stay, else the pair as a whole.
pub(super) fn remove(orders: &[WriteRequest]) -> Option<Asked> {
    let first = orders.first()?.link;
    match orders {
        [order] if order.other_types.is_empty() => {
            let path = paths::pair(&first)?;
            Some(Asked::with(reqwest::Method::DELETE, path, Vec::new()))
        }
        orders if orders.iter().all(|order| order.other_types.is_empty()) => {
            let path = paths::batch(&first, "archive")?;
            Some(Asked::post(
                path,
                inputs::pairs(orders.iter().map(|order| order.link)),
            ))
        }
        orders => {
            let path = paths::batch(&first, "labels/archive")?;
            let pairs = orders.iter().map(|order| typed(order, &[]));
            Some(Asked::post(path, inputs::typed(pairs)))
        }
    }
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
    /// The names of the labels that the pair has now; required by the specification.
    labels: Option<Vec<Option<String>>>,
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

    /// Whether it says that the pair has the label of an order. Answers name labels and
    /// no types: one without a label needs none, one of HubSpot's own has a name that
    /// no table tells.
    fn has_label(&self, order: &WriteRequest) -> bool {
        let Some(labels) = &self.labels else {
            return false;
        };
        let definition = order.link.definition();
        let Some(info) = definition.info() else {
            return false;
        };
        let mut names = labels.iter().flatten();
        match definition.association_type().category {
            _ if info.kind == DefinitionKind::Unlabeled => true,
            // One more than the labels that go along with it.
            Category::HubSpotDefined => {
                let plain = info.unlabeled().map(Definition::association_type);
                let beside = order
                    .other_types
                    .iter()
                    .filter(|association_type| Some(**association_type) != plain);
                names.count() > beside.count()
            }
            Category::UserDefined | Category::IntegratorDefined | Category::Work => {
                let wanted = info.names.description.to_lowercase();
                names.any(|name| name.to_lowercase() == wanted)
            }
        }
    }
}

/// Whether a status is one of success; which one it is differs between the
/// documentation's versions, so that the body decides.
pub(super) fn is_success(status: HttpStatus) -> bool {
    matches!(status.get(), 200 | 201 | 202 | 204 | 207)
}

/// HubSpot has taken the request, and has perhaps still to carry it out.
pub(super) const ACCEPTED: HttpStatus = HttpStatus::ACCEPTED;

/// An answer of success that does not tell whether it is done.
fn unconfirmed(answer: &Judged, progress: Progress) -> ItemResult {
    ItemResult::Unconfirmed {
        http_status: answer.status,
        is_pending: answer.status == ACCEPTED || progress == Progress::Pending,
    }
}

/// Success is believed only for what the answer speaks of.
pub(super) fn created(orders: &[WriteRequest], answer: &Judged, body: &[u8]) -> Verdict {
    let http_status = answer.status;
    if !is_success(http_status) {
        return divided(judge(answer), answer, orders);
    }
    if !body.is_empty() && !answer.body.is_json() {
        return Verdict::NotFromApi(failure(answer, Code::UnexpectedAnswer));
    }
    let untold = unconfirmed(answer, Progress::Untold);
    if let ([order], Ok(made)) = (orders, serde_json::from_slice::<Made>(body))
        && made.pair() == Some(pair(order))
    {
        return if http_status != ACCEPTED && made.has_label(order) {
            Verdict::Done { http_status }
        } else {
            Verdict::PerLink(vec![untold])
        };
    }
    let Ok(batch) = serde_json::from_slice::<Batch<Made>>(body) else {
        return Verdict::PerLink(vec![untold; orders.len()]);
    };
    let parts = parts(&batch, orders, answer);
    // Errors that are told and name nobody; of others nobody knows which rows they
    // are about.
    let nameless = if batch.hides_errors() {
        0
    } else {
        batch.errors.len()
    };
    settle(parts, nameless, answer, orders)
}

/// What a batch tells of each of its links.
fn parts(batch: &Batch<Made>, orders: &[WriteRequest], answer: &Judged) -> Vec<ItemResult> {
    let http_status = answer.status;
    let progress = batch.progress();
    let is_over = match progress {
        Progress::Complete | Progress::Untold => http_status != ACCEPTED,
        Progress::Pending | Progress::Other => false,
    };
    // Errors that are counted and not told may be about any of them.
    let is_believed = is_over && !batch.hides_errors();
    let results = batch.results.iter().flatten();
    let made: HashMap<_, _> = results
        .filter_map(|made| Some((made.pair()?, made)))
        .collect();
    let part = |order: &WriteRequest| {
        let made = made.get(&pair(order));
        let is_made = is_believed && made.is_some_and(|made| made.has_label(order));
        let is_named = is_over && batch.errors.iter().any(|error| error.names(&order.link));
        match (is_made, is_named) {
            (true, false) => ItemResult::Done { http_status },
            (false, true) if made.is_none() => ItemResult::NamedAsCause,
            (true, true) | (false, true | false) => unconfirmed(answer, progress),
        }
    };
    orders.iter().map(part).collect()
}

/// What the whole of the answer tells of those that it does not speak of.
fn settle(
    mut parts: Vec<ItemResult>,
    errors: usize,
    answer: &Judged,
    orders: &[WriteRequest],
) -> Verdict {
    let count = |parts: &[ItemResult], is: fn(&ItemResult) -> bool| {
        parts.iter().filter(|part| is(part)).count()
    };
    let is_untold = |part: &ItemResult| matches!(part, ItemResult::Unconfirmed { .. });
    let untold = count(&parts, is_untold);
    let named = count(&parts, |part| *part == ItemResult::NamedAsCause);
    if untold == 0 && named == 0 {
        let http_status = answer.status;
        return Verdict::Done { http_status };
    }
    if let ([order], [ItemResult::NamedAsCause]) = (orders, parts.as_slice()) {
        let refused = Verdict::Refused(failure(answer, Code::RecordNotFound));
        return divided(refused, answer, std::slice::from_ref(order));
    }
    // As many errors that name nobody: it is these, and alone each says why.
    let nameless = errors.saturating_sub(named);
    let is_pending = |part: &ItemResult| {
        matches!(
            part,
            ItemResult::Unconfirmed {
                is_pending: true,
                ..
            }
        )
    };
    if orders.len() > 1 && untold <= FEW && nameless > 0 && !parts.iter().any(is_pending) {
        for part in &mut parts {
            if is_untold(part) {
                *part = ItemResult::NamedAsCause;
            }
        }
    }
    Verdict::PerLink(parts)
}

/// What is gone already is removed as well; an error of a batch may be about any
/// of its links. Such an answer names no pair: its status and its errors are all that
/// there is to be believed.
pub(super) fn removed(orders: &[WriteRequest], answer: &Judged, body: &[u8]) -> Verdict {
    let http_status = answer.status;
    if !is_success(http_status) {
        return divided(judge(answer), answer, orders);
    }
    if http_status == NO_CONTENT && body.is_empty() {
        return Verdict::Done { http_status };
    }
    // What cannot be read may say that nothing was removed.
    if !answer.body.is_json() {
        return Verdict::NotFromApi(failure(answer, Code::UnexpectedAnswer));
    }
    let batch = match parse::<Batch<serde_json::Value>>(answer, body) {
        Ok(batch) => batch,
        Err(failure) => return Verdict::NotFromApi(failure),
    };
    let progress = batch.progress();
    let is_over = match progress {
        Progress::Complete => http_status != ACCEPTED,
        Progress::Untold => !batch.errors.is_empty(),
        Progress::Pending | Progress::Other => false,
    };
    if !is_over || batch.hides_errors() {
        return Verdict::PerLink(vec![unconfirmed(answer, progress); orders.len()]);
    }
    let part = |order: &WriteRequest| {
        if batch.errors.iter().any(|error| error.names(&order.link)) {
            ItemResult::NamedAsCause
        } else {
            ItemResult::NotNamed
        }
    };
    match orders {
        _ if batch.complaints() == 0 => Verdict::Done { http_status },
        [_] => Verdict::Refused(failure(answer, Code::Rejected)),
        orders => Verdict::PerLink(orders.iter().map(part).collect()),
    }
}
