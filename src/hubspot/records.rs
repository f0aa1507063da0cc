//! The current ids of records: a merge gives the surviving record a new id, and the old ids lead to
//! it. Builds the requests and interprets the responses. Pure.

use serde::Deserialize;
use serde_json::Value;

use super::{
    parse::{FlexibleId, parse_records},
    request::ApiRequest,
    verdict::{ParsedResponse, classify, failure},
};
use crate::{
    api::{IdentifiedRecord, ResponsePayload, Verdict},
    association::RecordId,
    code::Code,
    failure::Failure,
    http_status::HttpStatus,
};

/// The most records in one call (HubSpot's documentation of `batch/read`).
pub(super) const MAX_RECORDS: usize = 100;

/// The statuses of successful responses. A response for several records may be partial.
const SUCCESS: [HttpStatus; 2] = [HttpStatus::OK, HttpStatus::MULTI_STATUS];

/// The request, below the path for objects of one type. No properties are needed, because only the
/// id matters.
pub(super) fn request(path: &str, ids: &[RecordId]) -> ApiRequest {
    if let [id] = ids {
        return ApiRequest::get(format!("{path}/{id}"));
    }
    let inputs: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let inputs = inputs.join(",");
    let body = format!(r#"{{"inputs":[{inputs}],"properties":[],"propertiesWithHistory":[]}}"#);
    ApiRequest::post(format!("{path}/batch/read"), body.into_bytes())
}

#[derive(Deserialize)]
#[serde(expecting = "a record")]
struct RecordBody {
    id: FlexibleId,
    #[serde(default)]
    archived: Value,
}

#[derive(Deserialize)]
#[serde(expecting = "records")]
struct RecordsBody {
    results: Vec<RecordBody>,
}

impl RecordBody {
    fn identified_as(&self, asked: RecordId) -> IdentifiedRecord {
        IdentifiedRecord {
            asked,
            current: self.id.0,
            is_archived: self.archived == Value::Bool(true),
        }
    }
}

/// The verdict, and the current ids of the records in the response. Only a response for a single
/// record can give another id, because in a response for several it is unknown which record the
/// other id belongs to.
pub(super) fn verdict(
    ids: &[RecordId],
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    if !SUCCESS.contains(&response.status) {
        return (refusal_verdict(response), None);
    }
    let payload = if let [id] = ids {
        let record = parse_records::<RecordBody>(response, body);
        record.map(|record| vec![record.identified_as(*id)])
    } else {
        let records = parse_records::<RecordsBody>(response, body);
        records.map(|records| {
            let named = records.results.iter();
            let named = named.filter(|record| ids.contains(&record.id.0));
            named
                .map(|record| record.identified_as(record.id.0))
                .collect()
        })
    };
    let http_status = response.status;
    match payload {
        Ok(payload) => (
            Verdict::Done { http_status },
            Some(ResponsePayload::Records(payload)),
        ),
        Err(not_understood) => {
            let failure = Failure {
                code: Code::NotRead,
                ..not_understood
            };
            (Verdict::Refused(failure), None)
        }
    }
}

fn refusal_verdict(response: &ParsedResponse) -> Verdict {
    match response.status {
        HttpStatus::NOT_FOUND if response.body.category.as_deref() == Some("OBJECT_NOT_FOUND") => {
            Verdict::Refused(failure(response, Code::RecordNotFound))
        }
        _ => not_read(response),
    }
}

/// The verdict of a response to a read without data. A token that can write may lack the permission
/// to read, and an account may lack the object type: that is no reason to stop the run.
pub(super) fn not_read(response: &ParsedResponse) -> Verdict {
    match response.status {
        HttpStatus::FORBIDDEN if response.body.is_json() => {
            Verdict::Refused(failure(response, Code::NotRead))
        }
        HttpStatus::NOT_FOUND => Verdict::Refused(failure(response, Code::NotRead)),
        _ => classify(response),
    }
}

/// The verdict of a response without data, where a success has to have a body.
pub(super) fn no_data(response: &ParsedResponse) -> Verdict {
    match response.status {
        HttpStatus::NO_CONTENT => Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer)),
        _ => not_read(response),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages;

    #[test]
    fn of_a_record_that_is_not_understood_no_value_is_said() {
        for (body, said) in [
            (
                r#"{"id":"Ann","properties":{"firstname":"Ann"}}"#,
                "id is a text (expected an id as a number or as a text)",
            ),
            (
                r#"{"id":"7","properties":{"firstname":"Ann"#,
                "properties is cut off (EOF while parsing a string)",
            ),
        ] {
            let response = ParsedResponse::for_test(200, body);
            let id = RecordId::new(7).unwrap();
            let (verdict, _) = verdict(&[id], &response, body.as_bytes());
            let Verdict::Refused(failure) = verdict else {
                panic!("{verdict:?}");
            };
            assert_eq!(failure.code, Code::NotRead);
            let message = messages::failure(&failure);
            assert!(message.ends_with(said), "{message}");
        }
    }
}
