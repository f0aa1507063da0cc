//! Limits that administrators have set on association types: the question, and what an answer tells.

use serde::Deserialize;
use serde_json::Value;

use super::{body::Type, paths};
use crate::{
    api::{ResponsePayload, Verdict},
    association::AdminLimit,
    code::Code,
    http_status::HttpStatus,
    hubspot::{
        asked::Asked,
        parse::parse,
        verdict::{Judged, failure, judge},
    },
};

/// All limits of the account, whatever they are between.
pub(super) fn request() -> Asked {
    Asked::get(paths::limits())
}

#[derive(Debug, Deserialize)]
struct Limits {
    results: Vec<Limit>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Limit {
    #[serde(flatten)]
    named: Type,
    /// A number, or a text.
    #[serde(default)]
    user_enforced_max_to_object_ids: Value,
}

impl Limit {
    fn most(&self) -> Option<u64> {
        let most = &self.user_enforced_max_to_object_ids;
        let text = || most.as_str()?.parse().ok();
        most.as_u64().or_else(text)
    }
}

/// What an answer tells. A token that may write may lack the right to read them: that is no reason to
/// stop.
pub(super) fn payload(answer: &Judged, body: &[u8]) -> (Verdict, Option<ResponsePayload>) {
    let http_status = answer.status;
    match http_status {
        HttpStatus::OK => {}
        HttpStatus::FORBIDDEN if answer.body.is_json() => return (refused(answer), None),
        HttpStatus::NOT_FOUND => return (refused(answer), None),
        _ => return (judge(answer), None),
    }
    // What cannot be read is not known; the run goes on without it.
    let Ok(Limits { results }) = parse::<Limits>(answer, body) else {
        return (refused(answer), None);
    };
    let limits = results.into_iter().filter_map(|limit| {
        Some(AdminLimit {
            // What this version does not know cannot be in a row.
            association_type: limit.named.association_type().ok()?,
            most: limit.most(),
            label: limit.named.label,
        })
    });
    let payload = ResponsePayload::Limits(limits.collect());
    (Verdict::Done { http_status }, Some(payload))
}

fn refused(answer: &Judged) -> Verdict {
    Verdict::Refused(failure(answer, Code::NotRead))
}
