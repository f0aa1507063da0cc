//! Links are made and taken away: requests, and what answers to them mean.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    paths,
    request_body::{self, PairTypes},
    response_body::{BatchBody, BatchStatus},
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
        api_error::refusal_per_link,
        parse::{FlexibleId, parse},
        request::ApiRequest,
        verdict::{NO_CONTENT, ParsedResponse, classify, failure},
    },
};

/// So many rows that an answer tells nothing of are sent alone where it has
/// errors that name nobody; of more it is found out first which of them stand.
const FEW: usize = 16;

fn pair(write: &WriteRequest) -> (RecordId, RecordId) {
    (write.link.from(), write.link.to())
}

/// A link, and its types: its own, and these beside it.
fn typed<'a>(
    write: &WriteRequest,
    other_types: &'a [AssociationType],
) -> (CanonicalLink, PairTypes<'a>) {
    let own = write.link.definition().association_type();
    (write.link, PairTypes { own, other_types })
}

/// All types of a pair are replaced by those that are given: what is to stay
/// goes along.
pub(super) fn create(writes: &[WriteRequest]) -> Option<ApiRequest> {
    match writes {
        [write] => {
            let (link, types) = typed(write, &write.other_types);
            Some(ApiRequest::put(
                paths::pair(&link)?,
                request_body::types(&types),
            ))
        }
        writes => {
            let path = paths::batch(&writes.first()?.link, "create")?;
            let pairs = writes.iter().map(|write| typed(write, &write.other_types));
            Some(ApiRequest::post(path, request_body::typed_pairs(pairs)))
        }
    }
}

/// By type where others of the pair are to stay, else the pair as a whole.
pub(super) fn remove(writes: &[WriteRequest]) -> Option<ApiRequest> {
    let first = writes.first()?.link;
    match writes {
        [write] if write.other_types.is_empty() => {
            let path = paths::pair(&first)?;
            Some(ApiRequest::new(reqwest::Method::DELETE, path, Vec::new()))
        }
        writes if writes.iter().all(|write| write.other_types.is_empty()) => {
            let path = paths::batch(&first, "archive")?;
            Some(ApiRequest::post(
                path,
                request_body::pairs(writes.iter().map(|write| write.link)),
            ))
        }
        writes => {
            let path = paths::batch(&first, "labels/archive")?;
            let pairs = writes.iter().map(|write| typed(write, &[]));
            Some(ApiRequest::post(path, request_body::typed_pairs(pairs)))
        }
    }
}

/// What a result of a create tells of, in the form of the typed endpoints or in
/// that of the default one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CreatedPair {
    from_object_id: Option<FlexibleId>,
    to_object_id: Option<FlexibleId>,
    from: Option<PairEnd>,
    to: Option<PairEnd>,
    /// The names of the labels that the pair has now; required by the specification.
    labels: Option<Vec<Option<String>>>,
}

#[derive(Debug, Deserialize)]
struct PairEnd {
    id: FlexibleId,
}

impl CreatedPair {
    fn pair(&self) -> Option<(RecordId, RecordId)> {
        let end = |flat: Option<FlexibleId>, nested: &Option<PairEnd>| {
            flat.or(nested.as_ref().map(|end| end.id))
                .map(|FlexibleId(id)| id)
        };
        let from = end(self.from_object_id, &self.from)?;
        Some((from, end(self.to_object_id, &self.to)?))
    }

    /// Whether it says that the pair has the label of an order. Answers name labels and
    /// no types: one without a label needs none, one of HubSpot's own has a name that
    /// no table tells.
    fn has_label(&self, write: &WriteRequest) -> bool {
        let Some(labels) = &self.labels else {
            return false;
        };
        let definition = write.link.definition();
        let Some(info) = definition.info() else {
            return false;
        };
        let mut names = labels.iter().flatten();
        match definition.association_type().category {
            _ if info.kind == DefinitionKind::Unlabeled => true,
            // One more than the labels that go along with it.
            Category::HubSpotDefined => {
                let plain = info.unlabeled().map(Definition::association_type);
                let other_types = write
                    .other_types
                    .iter()
                    .filter(|association_type| Some(**association_type) != plain);
                names.count() > other_types.count()
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
fn unconfirmed(response: &ParsedResponse, batch_status: BatchStatus) -> ItemResult {
    ItemResult::Unconfirmed {
        http_status: response.status,
        is_pending: response.status == ACCEPTED || batch_status == BatchStatus::Pending,
    }
}

/// Success is believed only for what the answer speaks of.
pub(super) fn created(writes: &[WriteRequest], response: &ParsedResponse, body: &[u8]) -> Verdict {
    let http_status = response.status;
    if !is_success(http_status) {
        return refusal_per_link(classify(response), response, writes);
    }
    if !body.is_empty() && !response.body.is_json() {
        return Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer));
    }
    let untold = unconfirmed(response, BatchStatus::Untold);
    if let ([write], Ok(made)) = (writes, serde_json::from_slice::<CreatedPair>(body))
        && made.pair() == Some(pair(write))
    {
        return if http_status != ACCEPTED && made.has_label(write) {
            Verdict::Done { http_status }
        } else {
            Verdict::PerLink(vec![untold])
        };
    }
    let Ok(batch) = serde_json::from_slice::<BatchBody<CreatedPair>>(body) else {
        return Verdict::PerLink(vec![untold; writes.len()]);
    };
    let parts = item_results(&batch, writes, response);
    // Errors that are told and name nobody; of others nobody knows which rows they
    // are about.
    let nameless = if batch.hides_errors() {
        0
    } else {
        batch.errors.len()
    };
    settle(parts, nameless, response, writes)
}

/// What a batch tells of each of its links.
fn item_results(
    batch: &BatchBody<CreatedPair>,
    writes: &[WriteRequest],
    response: &ParsedResponse,
) -> Vec<ItemResult> {
    let http_status = response.status;
    let batch_status = batch.batch_status();
    let is_over = match batch_status {
        BatchStatus::Complete | BatchStatus::Untold => http_status != ACCEPTED,
        BatchStatus::Pending | BatchStatus::Other => false,
    };
    // Errors that are counted and not told may be about any of them.
    let is_believed = is_over && !batch.hides_errors();
    let results = batch.results.iter().flatten();
    let made: HashMap<_, _> = results
        .filter_map(|made| Some((made.pair()?, made)))
        .collect();
    let part = |write: &WriteRequest| {
        let made = made.get(&pair(write));
        let is_made = is_believed && made.is_some_and(|made| made.has_label(write));
        let is_named = is_over && batch.errors.iter().any(|error| error.names(&write.link));
        match (is_made, is_named) {
            (true, false) => ItemResult::Done { http_status },
            (false, true) if made.is_none() => ItemResult::NamedAsCause,
            (true, true) | (false, true | false) => unconfirmed(response, batch_status),
        }
    };
    writes.iter().map(part).collect()
}

/// What the whole of the answer tells of those that it does not speak of.
fn settle(
    mut parts: Vec<ItemResult>,
    errors: usize,
    response: &ParsedResponse,
    writes: &[WriteRequest],
) -> Verdict {
    let count = |parts: &[ItemResult], is: fn(&ItemResult) -> bool| {
        parts.iter().filter(|part| is(part)).count()
    };
    let is_untold = |part: &ItemResult| matches!(part, ItemResult::Unconfirmed { .. });
    let untold = count(&parts, is_untold);
    let named = count(&parts, |part| *part == ItemResult::NamedAsCause);
    if untold == 0 && named == 0 {
        let http_status = response.status;
        return Verdict::Done { http_status };
    }
    if let ([write], [ItemResult::NamedAsCause]) = (writes, parts.as_slice()) {
        let refused = Verdict::Refused(failure(response, Code::RecordNotFound));
        return refusal_per_link(refused, response, std::slice::from_ref(write));
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
    if writes.len() > 1 && untold <= FEW && nameless > 0 && !parts.iter().any(is_pending) {
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
pub(super) fn removed(writes: &[WriteRequest], response: &ParsedResponse, body: &[u8]) -> Verdict {
    let http_status = response.status;
    if !is_success(http_status) {
        return refusal_per_link(classify(response), response, writes);
    }
    if http_status == NO_CONTENT && body.is_empty() {
        return Verdict::Done { http_status };
    }
    // What cannot be read may say that nothing was removed.
    if !response.body.is_json() {
        return Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer));
    }
    let batch = match parse::<BatchBody<serde_json::Value>>(response, body) {
        Ok(batch) => batch,
        Err(failure) => return Verdict::NotFromApi(failure),
    };
    let batch_status = batch.batch_status();
    let is_over = match batch_status {
        BatchStatus::Complete => http_status != ACCEPTED,
        BatchStatus::Untold => !batch.errors.is_empty(),
        BatchStatus::Pending | BatchStatus::Other => false,
    };
    if !is_over || batch.hides_errors() {
        return Verdict::PerLink(vec![unconfirmed(response, batch_status); writes.len()]);
    }
    let part = |write: &WriteRequest| {
        if batch.errors.iter().any(|error| error.names(&write.link)) {
            ItemResult::NamedAsCause
        } else {
            ItemResult::NotNamed
        }
    };
    match writes {
        _ if batch.error_count() == 0 => Verdict::Done { http_status },
        [_] => Verdict::Refused(failure(response, Code::Rejected)),
        writes => Verdict::PerLink(writes.iter().map(part).collect()),
    }
}
