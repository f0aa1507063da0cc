//! Limits that administrators have set on association types: the request, and what the response
//! means.

use serde::Deserialize;
use serde_json::Value;

use super::{paths, response_body::TypeField};
use crate::{
    api::{ResponsePayload, Verdict},
    association::AdminLimit,
    code::Code,
    http_status::HttpStatus,
    hubspot::{
        parse::parse,
        request::ApiRequest,
        verdict::{ParsedResponse, classify, failure},
    },
};

/// The request for all limits of the account, for all object types.
pub(super) fn request() -> ApiRequest {
    ApiRequest::get(paths::limits())
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "struct Limits")]
struct LimitsBody {
    results: Vec<LimitBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(expecting = "struct Limit")]
struct LimitBody {
    #[serde(flatten)]
    named: TypeField,
    /// A number or a text.
    #[serde(default)]
    user_enforced_max_to_object_ids: Value,
}

impl LimitBody {
    fn most(&self) -> Option<u64> {
        let most = &self.user_enforced_max_to_object_ids;
        let text = || most.as_str()?.parse().ok();
        most.as_u64().or_else(text)
    }
}

/// The verdict and payload. A token that can write may lack the permission to read limits. That is
/// no reason to stop the run.
pub(super) fn payload(
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let http_status = response.status;
    match http_status {
        HttpStatus::OK => {}
        HttpStatus::FORBIDDEN if response.body.is_json() => return (refused(response), None),
        HttpStatus::NOT_FOUND => return (refused(response), None),
        _ => return (classify(response), None),
    }
    // If the limits cannot be parsed, the run continues without them.
    let Ok(LimitsBody { results }) = parse::<LimitsBody>(response, body) else {
        return (refused(response), None);
    };
    let limits = results.into_iter().filter_map(|limit| {
        Some(AdminLimit {
            // Rows cannot use types that this program does not know.
            association_type: limit.named.association_type().ok()?,
            max_records: limit.most(),
            label: limit.named.label,
        })
    });
    let payload = ResponsePayload::Limits(limits.collect());
    (Verdict::Done { http_status }, Some(payload))
}

fn refused(response: &ParsedResponse) -> Verdict {
    Verdict::Refused(failure(response, Code::NotRead))
}
