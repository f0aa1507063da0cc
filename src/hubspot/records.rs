//! What ids records have today: a merge gives the surviving record a new id, and
//! the old ids lead to it. The requests, and what answers to them mean. Pure.

use serde::Deserialize;

use super::{
    asked::Asked,
    parse::Id,
    verdict::{Judged, failure, judge},
};
use crate::{
    api::{ResponsePayload, Verdict},
    association::RecordId,
    code::Code,
    http_status::HttpStatus,
};

/// Records in a call at most (HubSpot's documentation of `batch/read`).
pub(super) const MOST: usize = 100;

/// The statuses of answers that tell of records; several records may be told of in
/// part.
const TOLD: [HttpStatus; 2] = [HttpStatus::OK, HttpStatus::MULTI_STATUS];

/// The request, below the path of an API's objects of one type. No properties are
/// needed: the id is what is asked for.
pub(super) fn request(path: &str, ids: &[RecordId]) -> Asked {
    if let [id] = ids {
        return Asked::get(format!("{path}/{id}"));
    }
    let inputs: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let inputs = inputs.join(",");
    let body = format!(r#"{{"inputs":[{inputs}],"properties":[],"propertiesWithHistory":[]}}"#);
    Asked::post(format!("{path}/batch/read"), body.into_bytes())
}

#[derive(Deserialize)]
struct Record {
    id: Id,
}

#[derive(Deserialize)]
struct Records {
    results: Vec<Record>,
}

/// What an answer means, and the ids of today of those records that it tells of.
/// Only an answer about one record tells of another id: of several nobody knows
/// which of them it belongs to.
pub(super) fn verdict(
    ids: &[RecordId],
    answer: &Judged,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    if !TOLD.contains(&answer.status) {
        return (refused(answer), None);
    }
    let payload = if let [id] = ids {
        let record = serde_json::from_slice::<Record>(body);
        record.map(|Record { id: Id(today) }| vec![(*id, today)])
    } else {
        let records = serde_json::from_slice::<Records>(body);
        records.map(|records| {
            let payload = records.results.into_iter().map(|Record { id: Id(id) }| id);
            payload
                .filter(|id| ids.contains(id))
                .map(|id| (id, id))
                .collect()
        })
    };
    let http_status = answer.status;
    match payload {
        Ok(payload) => (
            Verdict::Done { http_status },
            Some(ResponsePayload::Records(payload)),
        ),
        Err(_) => (Verdict::Refused(failure(answer, Code::NotRead)), None),
    }
}

/// A token that may write may lack the right to read: that is no reason to stop.
fn refused(answer: &Judged) -> Verdict {
    match answer.status {
        HttpStatus::FORBIDDEN if answer.body.is_json() => {
            Verdict::Refused(failure(answer, Code::NotRead))
        }
        HttpStatus::NOT_FOUND if answer.body.category.as_deref() == Some("OBJECT_NOT_FOUND") => {
            Verdict::Refused(failure(answer, Code::RecordNotFound))
        }
        HttpStatus::NOT_FOUND => Verdict::Refused(failure(answer, Code::NotRead)),
        _ => judge(answer),
    }
}
