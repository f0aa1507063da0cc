//! What a response means: one table from status to verdict. Pure.

use std::time::Duration;

use super::error_body::ErrorBody;
use crate::{
    api::Verdict,
    association::{object_type, singular},
    code::Code,
    failure::{
        AccessDenied, Failure, ForeignOrigin, RecordNotFound, ResponseFault, ResponseSummary,
    },
    http_status::HttpStatus,
    rate::RateLimit,
    stop::StopReason,
};

/// The status of a successful write without a body.
pub(super) const NO_CONTENT: HttpStatus = HttpStatus::NO_CONTENT;

/// HubSpot's locks last two seconds, and it asks clients to wait at least this long.
const LOCK_DURATION: Duration = Duration::from_secs(2);

/// The parts of a response that the verdict needs.
#[derive(Debug)]
pub(super) struct ParsedResponse {
    pub(super) status: HttpStatus,
    pub(super) body: ErrorBody,
    pub(super) retry_after: Option<Duration>,
    /// `Location` or the content type, for responses that are not from the API.
    pub(super) origin: Option<ForeignOrigin>,
}

#[cfg(test)]
impl ParsedResponse {
    /// A response with this status and body, and no headers.
    pub(super) fn for_test(status: u16, body: &str) -> Self {
        Self {
            status: HttpStatus::new(status),
            body: ErrorBody::read(body.as_bytes(), &str::to_owned),
            retry_after: None,
            origin: None,
        }
    }
}

/// The table from status to verdict.
pub(super) fn classify(response: &ParsedResponse) -> Verdict {
    match response.status.get() {
        204 => Verdict::Done {
            http_status: NO_CONTENT,
        },
        401 | 403 if response.body.is_json() => {
            let denied = AccessDenied::Token(summarize(response));
            Verdict::Fatal(StopReason::Credentials(denied.into()))
        }
        // A page of a firewall or a proxy says nothing about the token.
        401 | 403 => Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer)),
        404 => Verdict::Refused(failure(response, Code::NotFound)),
        408 | 500 | 502..=504 | 506..=599 => transient(response, Code::ServerError, Duration::ZERO),
        409 => Verdict::Refused(failure(response, Code::Conflict)),
        423 => transient(response, Code::Locked, LOCK_DURATION),
        429 => classify_429(response),
        477 => Verdict::Throttled {
            failure: failure(response, Code::AccountMigrating),
            limit: RateLimit::Account,
            wait: response.retry_after,
        },
        // A retry does not help against 501 and 505; 407 comes from a proxy.
        400..=406 | 410..=499 | 501 | 505 => {
            Verdict::Refused(failure(response, refusal_code(response)))
        }
        _ => Verdict::NotFromApi(failure(response, Code::UnexpectedAnswer)),
    }
}

fn transient(response: &ParsedResponse, code: Code, at_least: Duration) -> Verdict {
    let wait = response.retry_after.unwrap_or_default().max(at_least);
    Verdict::Transient {
        failure: failure(response, code),
        wait,
    }
}

/// Uses the policy first, then the message, then only the status.
fn classify_429(response: &ParsedResponse) -> Verdict {
    let message = response.body.text().to_ascii_lowercase();
    let policy = response.body.policy.as_deref();
    let daily = policy == Some("DAILY") || policy.is_none() && message.contains("daily limit");
    if daily {
        return Verdict::DayUsedUp(failure(response, Code::RateLimited));
    }
    let secondly =
        policy == Some("SECONDLY") || policy.is_none() && message.contains("your secondly limit");
    Verdict::Throttled {
        failure: failure(response, Code::RateLimited),
        limit: if secondly {
            RateLimit::Second
        } else {
            RateLimit::Window
        },
        wait: response.retry_after,
    }
}

fn refusal_code(response: &ParsedResponse) -> Code {
    let api_errors = &response.body.details;
    if api_errors
        .iter()
        .any(|text| text.contains("association definition id"))
    {
        Code::DefinitionNotFound
    } else if api_errors.iter().any(|text| missing_record(text).is_some()) {
        Code::RecordNotFound
    } else {
        Code::Rejected
    }
}

/// `CONTACT=1234 is not valid` → (`contact`, `1234`).
pub(super) fn missing_record(api_error: &str) -> Option<(String, &str)> {
    let (object_type, id) = api_error.strip_suffix(" is not valid")?.split_once('=')?;
    let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| (type_in_singular(object_type), id))
}

/// `LINE_ITEM` → `line item`; a custom object keeps its name.
fn type_in_singular(text: &str) -> String {
    object_type(text).map_or_else(|| text.to_lowercase(), |name| singular(name).to_owned())
}

/// The failure for an incomplete response.
pub(super) fn incomplete_response() -> Failure {
    Failure::new(Code::ConnectionFailed, ResponseFault::BrokenOff)
}

pub(super) fn failure(response: &ParsedResponse, code: Code) -> Failure {
    let missing = response
        .body
        .details
        .iter()
        .find_map(|text| missing_record(text));
    let detail = match missing {
        Some((kind, id)) => ResponseFault::RecordNotFound(RecordNotFound {
            kind,
            id: id.to_owned(),
            used_as: None,
            summary: summarize(response),
        }),
        None => ResponseFault::Summary(summarize(response)),
    };
    Failure {
        http_status: Some(response.status),
        correlation_id: response.body.correlation_id.clone(),
        ..Failure::new(code, detail)
    }
}

/// What a response says, for people.
pub(super) fn summarize(response: &ParsedResponse) -> ResponseSummary {
    ResponseSummary {
        status: response.status,
        body: response.body.body.clone(),
        is_cut: response.body.is_cut,
        origin: response.origin.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::messages;

    fn word(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Done { .. } => "done".into(),
            Verdict::Refused(failure) => format!("refused {}", failure.code.as_str()),
            Verdict::Transient { failure, wait } => {
                format!(
                    "transient {} after {} s",
                    failure.code.as_str(),
                    wait.as_secs()
                )
            }
            Verdict::Throttled { failure, limit, .. } => {
                format!("throttled {} {limit:?}", failure.code.as_str())
            }
            Verdict::PerLink(_) => "each".into(),
            Verdict::DayUsedUp(_) => "the daily quota is used up".into(),
            Verdict::NotSent(failure) => format!("unsent {}", failure.code.as_str()),
            Verdict::ConnectionLost(failure) => format!("unreachable {}", failure.code.as_str()),
            Verdict::NotFromApi(failure) => format!("no verdict {}", failure.code.as_str()),
            Verdict::TokenExpired(_) | Verdict::TokenReplaced(_) => "outdated".into(),
            Verdict::Fatal(reason) => format!("fatal, rank {}", reason.rank()),
        }
    }

    #[test]
    fn every_status_is_a_decision() {
        let mut table = String::new();
        let (mut from, mut last) = (100, String::new());
        for status in 100..=1000 {
            let now = if status < 1000 {
                word(&classify(&ParsedResponse::for_test(status, "")))
            } else {
                String::new()
            };
            if now != last && status > 100 {
                writeln!(table, "{from}..={} {last}", status - 1).unwrap();
                from = status;
            }
            last = now;
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn only_a_refusal_of_the_api_itself_is_about_the_token() {
        for status in [401, 403] {
            for (body, expected) in [
                (r#"{"status":"error","message":"m"}"#, "fatal, rank 1"),
                (
                    "<html><title>Blocked</title>",
                    "no verdict unexpected_answer",
                ),
                ("error code: 1020", "no verdict unexpected_answer"),
                ("", "no verdict unexpected_answer"),
            ] {
                assert_eq!(
                    word(&classify(&ParsedResponse::for_test(status, body))),
                    expected,
                    "{body}"
                );
            }
        }
    }

    #[test]
    fn kinds_of_429_are_recognised_by_policy_and_then_by_message() {
        for (body, expected) in [
            (
                r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#,
                "throttled rate_limited Window",
            ),
            (
                r#"{"policyName":"SOMETHING_NEW"}"#,
                "throttled rate_limited Window",
            ),
            ("error code: 1015", "throttled rate_limited Window"),
            (
                r#"{"policyName":"SECONDLY"}"#,
                "throttled rate_limited Second",
            ),
            (
                r#"{"message":"You have reached your secondly limit."}"#,
                "throttled rate_limited Second",
            ),
            (
                r#"{"message":"You have reached your ten_secondly_rolling limit."}"#,
                "throttled rate_limited Window",
            ),
            (r#"{"policyName":"DAILY"}"#, "the daily quota is used up"),
            (
                r#"{"message":"You have reached your daily limit."}"#,
                "the daily quota is used up",
            ),
        ] {
            assert_eq!(
                word(&classify(&ParsedResponse::for_test(429, body))),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn a_missing_record_is_named_with_its_type_and_what_to_check() {
        let body = r#"{"message":"One or more associations are invalid","correlationId":"c-1","errors":["LINE_ITEM=12 is not valid"]}"#;
        let Verdict::Refused(failure) = classify(&ParsedResponse::for_test(400, body)) else {
            panic!()
        };
        assert_eq!(
            (failure.code, failure.http_status),
            (Code::RecordNotFound, Some(HttpStatus::BAD_REQUEST))
        );
        assert_eq!(failure.correlation_id.as_deref(), Some("c-1"));
        let message = messages::failure(&failure);
        assert!(
            message.starts_with("this account has no line item 12"),
            "{message}"
        );
    }
}
