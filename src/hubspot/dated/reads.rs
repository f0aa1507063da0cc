//! Reads: the links of records, and the labels between object types.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{paths, request_body, response_body::TypeField, writes::ACCEPTED};
use crate::{
    api::{ItemResult, LinkPage, LinkQuery, PairAssociations, ResponsePayload, Verdict},
    association::{CanonicalLink, RecordId},
    cell::clean,
    code::Code,
    failure::{Failure, ResponseFault},
    http_status::HttpStatus,
    hubspot::{
        batch_body::{BatchBody, BatchError, BatchStatus, or_default, unfinished},
        paging::Paging,
        parse::{FlexibleId, parse},
        request::ApiRequest,
        verdict::{ParsedResponse, classify, failure},
    },
};

/// The longest message of a single error that is kept.
const MAX_MESSAGE: usize = 300;

/// The request for the links of many records.
pub(super) fn read(query: &LinkQuery) -> Option<ApiRequest> {
    let path = paths::batch(query.links.first()?, "read")?;
    Some(ApiRequest::post(
        path,
        request_body::record_pages(&query.pages),
    ))
}

/// The request for the labels between two object types.
pub(super) fn labels(from: &str, to: &str) -> ApiRequest {
    ApiRequest::get(paths::labels(from, to))
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a record and its associations")]
struct RecordAssociations {
    from: RecordField,
    /// If it is missing, nothing is known. No associations means an empty list.
    #[serde(default)]
    to: Option<Vec<AssociatedRecord>>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "struct Record")]
struct RecordField {
    id: FlexibleId,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an associated record")]
struct AssociatedRecord {
    to_object_id: FlexibleId,
    #[serde(default, deserialize_with = "or_default")]
    association_types: Vec<TypeField>,
}

/// The verdict and the links of a response.
pub(super) fn links(
    query: &LinkQuery,
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let http_status = response.status;
    if !matches!(http_status.get(), 200 | 201 | 202 | 207) {
        return (failed_read(query, response), None);
    }
    let batch = match parse::<BatchBody<RecordAssociations>>(response, body) {
        Ok(batch) => batch,
        Err(failure) => return (Verdict::NotFromApi(failure), None),
    };
    match batch.batch_status() {
        BatchStatus::Missing if http_status == ACCEPTED => {
            return (unfinished(response, batch.status.as_deref()), None);
        }
        BatchStatus::Complete | BatchStatus::Missing => {}
        // The results so far may be incomplete.
        BatchStatus::Pending | BatchStatus::Other => {
            return (unfinished(response, batch.status.as_deref()), None);
        }
    }
    // Without results and errors it is not a response to the read.
    if batch.results.is_none() && batch.error_count() == 0 {
        let failure = failure(response, Code::UnexpectedAnswer);
        return (Verdict::NotFromApi(failure), None);
    }
    let page = page(query, response, batch);
    (
        Verdict::Done { http_status },
        Some(ResponsePayload::Links(page)),
    )
}

/// The verdict for a response without data. If many records were refused, one of them or their
/// number may be the reason, so they are split. If the endpoint does not exist, splitting does not
/// help.
fn failed_read(query: &LinkQuery, response: &ParsedResponse) -> Verdict {
    let verdict = classify(response);
    let has_endpoint = !matches!(response.status.get(), 404 | 405 | 501);
    if matches!(verdict, Verdict::Done { .. }) {
        Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer))
    } else if matches!(verdict, Verdict::Refused(_)) && has_endpoint && query.pages.len() > 1 {
        Verdict::PerLink(vec![ItemResult::NotNamed; query.links.len()])
    } else {
        verdict
    }
}

/// The wanted links of a response; all others are dropped. A result for a record that was not
/// requested belongs to a merged record and is ignored.
fn page(
    query: &LinkQuery,
    response: &ParsedResponse,
    batch: BatchBody<RecordAssociations>,
) -> LinkPage {
    let mut wanted: HashMap<RecordId, Vec<_>> = HashMap::new();
    for link in &query.links {
        wanted.entry(link.from()).or_default().push(link);
    }
    let requested: HashSet<_> = query.pages.iter().map(|(record, _)| *record).collect();
    let mut unmentioned = requested.clone();
    let mut page = LinkPage::default();
    for RecordAssociations { from, to, paging } in batch.results.into_iter().flatten() {
        let RecordField {
            id: FlexibleId(from),
        } = from;
        if !requested.contains(&from) {
            continue;
        }
        unmentioned.remove(&from);
        let links = wanted.get(&from).map_or(&[][..], Vec::as_slice);
        let Some(to) = to.filter(|to| !lacks_types(to, links)) else {
            let failure = failure(response, Code::UnexpectedAnswer);
            let failure = failure.with_detail(ResponseFault::AssociationsMissing(from));
            page.unread.push((from, failure));
            continue;
        };
        page.named.push(from);
        let first = to.first().map(|other| (from, other.to_object_id.0));
        page.linked.extend(first);
        page.found.extend(wanted_associations(from, to, links));
        let next = paging.and_then(Paging::next_page);
        page.next.extend(next.map(|after| (from, after)));
    }
    let unread = unread(&mut unmentioned, response, &batch.errors, batch.num_errors);
    page.named.extend(unread.without_links);
    page.unread.extend(unread.records);
    page
}

/// Whether a wanted association is listed without its types. If the definition allows only one
/// link, any association may be the wanted one.
fn lacks_types(to: &[AssociatedRecord], links: &[&CanonicalLink]) -> bool {
    let is_wanted = |other: &AssociatedRecord| {
        let FlexibleId(to) = other.to_object_id;
        let mut links = links.iter();
        links.any(|link| link.to() == to || link.definition().is_exclusive())
    };
    let mut untyped = to.iter().filter(|other| other.association_types.is_empty());
    untyped.any(is_wanted)
}

/// The wanted associations of a record, and those that it can have only one of.
fn wanted_associations(
    from: RecordId,
    to: Vec<AssociatedRecord>,
    links: &[&CanonicalLink],
) -> impl Iterator<Item = PairAssociations> {
    to.into_iter().filter_map(move |other| {
        let FlexibleId(to) = other.to_object_id;
        let (mut association_types, mut unknown) = (Vec::new(), None);
        for field in &other.association_types {
            match field.association_type() {
                Ok(association_type) => association_types.push(association_type),
                Err(name) => unknown = Some(name),
            }
        }
        let is_wanted = links.iter().any(|link| {
            let definition = link.definition();
            let is_primary = definition.is_exclusive()
                && association_types.contains(&definition.association_type());
            link.to() == to || is_primary
        });
        is_wanted.then_some(PairAssociations {
            from,
            to,
            association_types,
            unknown,
        })
    })
}

/// Records of a response without associations in the results.
#[derive(Default)]
struct UnreadRecords {
    /// Records that have no associations, as the response says.
    without_links: Vec<RecordId>,
    /// Records that were not read, and why. A record that is missing without an error may have been
    /// merged, so it counts as unknown.
    records: Vec<(RecordId, Failure)>,
}

fn unread(
    unmentioned: &mut HashSet<RecordId>,
    response: &ParsedResponse,
    errors: &[BatchError],
    error_count: usize,
) -> UnreadRecords {
    let fault = |error: &BatchError| {
        let message = clean(&error.message, MAX_MESSAGE);
        failure(response, error.code()).with_detail(ResponseFault::Quoted(message))
    };
    let mut unread = UnreadRecords::default();
    let mut unattributed = (error_count > 0 && errors.is_empty())
        .then(|| failure(response, Code::Rejected).with_detail(ResponseFault::ErrorsMissing));
    for error in errors {
        let mut records = error.records().peekable();
        if error.is_no_associations() {
            unread
                .without_links
                .extend(records.filter(|record| unmentioned.remove(record)));
        } else if records.peek().is_none() {
            // Of several records, it does not say which one does not exist.
            let is_about_them = !error.is_not_found() || unmentioned.len() == 1;
            unattributed = unattributed.or_else(|| is_about_them.then(|| fault(error)));
        } else {
            let records = records.filter(|record| unmentioned.remove(record));
            let failures = records.map(|record| (record, fault(error)));
            unread.records.extend(failures);
        }
    }
    unread.records.extend(unmentioned.drain().map(|record| {
        let record_missing =
            || failure(response, Code::NotRead).with_detail(ResponseFault::RecordMissing(record));
        (record, unattributed.clone().unwrap_or_else(record_missing))
    }));
    unread
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "struct Labels")]
struct LabelsBody {
    results: Vec<TypeField>,
}

/// The verdict and the labels of a response.
pub(super) fn labels_payload(
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let http_status = response.status;
    if http_status != HttpStatus::OK {
        return (classify(response), None);
    }
    match parse::<LabelsBody>(response, body) {
        Ok(labels) => {
            let labels = labels.results.into_iter();
            // Types that this program does not know cannot be referred to by label.
            let labels =
                labels.filter_map(|label| Some((label.association_type().ok()?, label.label)));
            let payload = ResponsePayload::Labels(labels.collect());
            (Verdict::Done { http_status }, Some(payload))
        }
        Err(failure) => (Verdict::NotFromApi(failure), None),
    }
}
