//! Creates and removes links: the requests, and what the responses mean.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    paths,
    request_body::{self, PairTypes},
};
use crate::{
    api::{ItemResult, Verdict},
    association::{
        AssociationType, CanonicalLink, Category, Definition, DefinitionKind, LinkRequest, RecordId,
    },
    code::Code,
    http_status::HttpStatus,
    hubspot::{
        api_error::refusal_per_link,
        batch_body::{BatchBody, BatchStatus},
        parse::{FlexibleId, parse},
        request::ApiRequest,
        verdict::{NO_CONTENT, ParsedResponse, classify, failure},
    },
};

/// If a response has errors without a record, up to this number of unmentioned rows are sent alone.
/// If there are more, the existing links are read first.
const MAX_SENT_ALONE: usize = 16;

fn pair(write: &LinkRequest) -> (RecordId, RecordId) {
    (write.link.from(), write.link.to())
}

/// A link with its own type and the other types of the pair.
fn with_types<'a>(
    write: &LinkRequest,
    other_types: &'a [AssociationType],
) -> (CanonicalLink, PairTypes<'a>) {
    let link_type = write.link.definition().association_type();
    (
        write.link,
        PairTypes {
            link_type,
            other_types,
        },
    )
}

/// The request to create links. It replaces all types of a pair, so it includes the types to keep.
pub(super) fn create(writes: &[LinkRequest]) -> Option<ApiRequest> {
    match writes {
        [write] => {
            let (link, types) = with_types(write, &write.other_types);
            Some(ApiRequest::put(
                paths::pair(&link)?,
                request_body::types(&types),
            ))
        }
        writes => {
            let path = paths::batch(&writes.first()?.link, "create")?;
            let pairs = writes
                .iter()
                .map(|write| with_types(write, &write.other_types));
            Some(ApiRequest::post(path, request_body::typed_pairs(pairs)))
        }
    }
}

/// The request to remove links: by type if other types of the pair are kept, or else the whole
/// pair.
pub(super) fn remove(writes: &[LinkRequest]) -> Option<ApiRequest> {
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
            let pairs = writes.iter().map(|write| with_types(write, &[]));
            Some(ApiRequest::post(path, request_body::typed_pairs(pairs)))
        }
    }
}

/// A result of a create, in the form of the typed endpoints or of the default endpoint.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CreatedPair {
    from_object_id: Option<FlexibleId>,
    to_object_id: Option<FlexibleId>,
    from: Option<PairEnd>,
    to: Option<PairEnd>,
    /// The names of the labels that the pair has now. The specification requires them.
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

    /// Whether the result confirms the label of a write request. Responses list labels, not types.
    /// An unlabeled link needs no label, and the names of HubSpot's own labels are in no table.
    fn has_label(&self, write: &LinkRequest) -> bool {
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
            // Its own name is unknown, so count: the pair needs one more label than those that are
            // kept.
            Category::HubSpotDefined => {
                let unlabeled = info.unlabeled().map(Definition::association_type);
                let other_types = write
                    .other_types
                    .iter()
                    .filter(|association_type| Some(**association_type) != unlabeled);
                names.count() > other_types.count()
            }
            Category::UserDefined | Category::IntegratorDefined | Category::Work => {
                let wanted = info.names.description.to_lowercase();
                names.any(|name| name.to_lowercase() == wanted)
            }
        }
    }
}

/// Whether a status means success. The documented status differs between versions, so the body
/// decides.
pub(super) fn is_success(status: HttpStatus) -> bool {
    matches!(status.get(), 200 | 201 | 202 | 204 | 207)
}

/// HubSpot has accepted the request, but may not have executed it yet.
pub(super) const ACCEPTED: HttpStatus = HttpStatus::ACCEPTED;

/// The result for a success that does not confirm the link.
fn unconfirmed(response: &ParsedResponse, batch_status: BatchStatus) -> ItemResult {
    ItemResult::Unconfirmed {
        http_status: response.status,
        is_pending: response.status == ACCEPTED || batch_status == BatchStatus::Pending,
    }
}

/// The verdict of a create. Only links that the response lists count as done.
pub(super) fn created(writes: &[LinkRequest], response: &ParsedResponse, body: &[u8]) -> Verdict {
    let http_status = response.status;
    if !is_success(http_status) {
        return refusal_per_link(classify(response), response, writes);
    }
    if !body.is_empty() && !response.body.is_json() {
        return Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer));
    }
    let unmentioned = unconfirmed(response, BatchStatus::Missing);
    if let ([write], Ok(listed)) = (writes, serde_json::from_slice::<CreatedPair>(body))
        && listed.pair() == Some(pair(write))
    {
        return if http_status != ACCEPTED && listed.has_label(write) {
            Verdict::Done { http_status }
        } else {
            Verdict::PerLink(vec![unmentioned])
        };
    }
    let Ok(batch) = serde_json::from_slice::<BatchBody<CreatedPair>>(body) else {
        return Verdict::PerLink(vec![unmentioned; writes.len()]);
    };
    let results = item_results(&batch, writes, response);
    // The listed errors. If some are not listed, they could be about any row.
    let unattributed = if batch.has_unlisted_errors() {
        0
    } else {
        batch.errors.len()
    };
    resolve_unmentioned(results, unattributed, response, writes)
}

/// The result of each link of a batch.
fn item_results(
    batch: &BatchBody<CreatedPair>,
    writes: &[LinkRequest],
    response: &ParsedResponse,
) -> Vec<ItemResult> {
    let http_status = response.status;
    let batch_status = batch.batch_status();
    let is_finished = match batch_status {
        BatchStatus::Complete | BatchStatus::Missing => http_status != ACCEPTED,
        BatchStatus::Pending | BatchStatus::Other => false,
    };
    // Errors that are counted but not listed may be about any link.
    let is_believed = is_finished && !batch.has_unlisted_errors();
    let results = batch.results.iter().flatten();
    let listed: HashMap<_, _> = results
        .filter_map(|listed| Some((listed.pair()?, listed)))
        .collect();
    let item_result = |write: &LinkRequest| {
        let listed = listed.get(&pair(write));
        let is_confirmed = is_believed && listed.is_some_and(|listed| listed.has_label(write));
        let is_named = is_finished && batch.errors.iter().any(|error| error.names(&write.link));
        match (is_confirmed, is_named) {
            (true, false) => ItemResult::Done { http_status },
            (false, true) if listed.is_none() => ItemResult::NamedAsCause,
            (true, true) | (false, true | false) => unconfirmed(response, batch_status),
        }
    };
    writes.iter().map(item_result).collect()
}

/// Decides about links that the response does not mention, from the response as a whole.
fn resolve_unmentioned(
    mut results: Vec<ItemResult>,
    errors: usize,
    response: &ParsedResponse,
    writes: &[LinkRequest],
) -> Verdict {
    let count = |results: &[ItemResult], is: fn(&ItemResult) -> bool| {
        results.iter().filter(|result| is(result)).count()
    };
    let is_unmentioned = |result: &ItemResult| matches!(result, ItemResult::Unconfirmed { .. });
    let unmentioned = count(&results, is_unmentioned);
    let named_as_cause = count(&results, |result| *result == ItemResult::NamedAsCause);
    if unmentioned == 0 && named_as_cause == 0 {
        let http_status = response.status;
        return Verdict::Done { http_status };
    }
    if let ([write], [ItemResult::NamedAsCause]) = (writes, results.as_slice()) {
        let refused = Verdict::Refused(failure(response, Code::RecordNotFound));
        return refusal_per_link(refused, response, std::slice::from_ref(write));
    }
    // If errors name no record, they must be about the unmentioned links. Sent alone, each gets its
    // own error.
    let unattributed = errors.saturating_sub(named_as_cause);
    let is_pending = |result: &ItemResult| {
        matches!(
            result,
            ItemResult::Unconfirmed {
                is_pending: true,
                ..
            }
        )
    };
    if writes.len() > 1
        && unmentioned <= MAX_SENT_ALONE
        && unattributed > 0
        && !results.iter().any(is_pending)
    {
        for result in &mut results {
            if is_unmentioned(result) {
                *result = ItemResult::NamedAsCause;
            }
        }
    }
    Verdict::PerLink(results)
}

/// The verdict of a removal. A link that does not exist counts as removed. The response names no
/// pairs, so only its status and errors count, and an error may be about any link of the batch.
pub(super) fn removed(writes: &[LinkRequest], response: &ParsedResponse, body: &[u8]) -> Verdict {
    let http_status = response.status;
    if !is_success(http_status) {
        return refusal_per_link(classify(response), response, writes);
    }
    if http_status == NO_CONTENT && body.is_empty() {
        return Verdict::Done { http_status };
    }
    // A body that cannot be parsed may say that nothing was removed.
    if !response.body.is_json() {
        return Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer));
    }
    let batch = match parse::<BatchBody<serde_json::Value>>(response, body) {
        Ok(batch) => batch,
        Err(failure) => return Verdict::NotFromApi(failure),
    };
    let batch_status = batch.batch_status();
    let is_finished = match batch_status {
        BatchStatus::Complete => http_status != ACCEPTED,
        BatchStatus::Missing => !batch.errors.is_empty(),
        BatchStatus::Pending | BatchStatus::Other => false,
    };
    if !is_finished || batch.has_unlisted_errors() {
        return Verdict::PerLink(vec![unconfirmed(response, batch_status); writes.len()]);
    }
    let item_result = |write: &LinkRequest| {
        if batch.errors.iter().any(|error| error.names(&write.link)) {
            ItemResult::NamedAsCause
        } else {
            ItemResult::NotNamed
        }
    };
    match writes {
        _ if batch.error_count() == 0 => Verdict::Done { http_status },
        [_] => Verdict::Refused(failure(response, Code::Rejected)),
        writes => Verdict::PerLink(writes.iter().map(item_result).collect()),
    }
}
