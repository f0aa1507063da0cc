//! Reads the bodies of responses, up to a maximum length.

use reqwest::{
    Response,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION},
};

use super::{error_body::ErrorBody, headers, verdict::ParsedResponse};
use crate::{cell::clean, failure::ForeignOrigin, http_status::HttpStatus};

/// The longest error body that is read.
pub(super) const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The longest payload that is read: a thousand records with one page each.
pub(super) const MAX_PAYLOAD_BYTES: usize = 32 * 1024 * 1024;

/// From this status on, the body describes an error.
pub(super) const ERRORS: HttpStatus = HttpStatus::new(300);

/// Reads a response that is not a success.
pub(super) async fn read(response: Response, mask: &dyn Fn(&str) -> String) -> ParsedResponse {
    read_with_body(response, MAX_ERROR_BYTES, mask).await.0
}

/// Reads a response. Returns the parsed response, the body itself without masking, and whether the
/// body is complete. `max_payload` is the limit for successes.
pub(super) async fn read_with_body(
    mut response: Response,
    max_payload: usize,
    mask: &dyn Fn(&str) -> String,
) -> (ParsedResponse, Vec<u8>, bool) {
    let status = status(&response);
    let retry_after = headers::retry_after(response.headers(), jiff::Timestamp::now());
    let origin = origin(response.headers(), mask);
    let correlation = response.headers().get("x-hubspot-correlation-id");
    let correlation = correlation
        .and_then(|id| id.to_str().ok())
        .map(|id| clean(&mask(id), 64));
    let longest = if status < ERRORS {
        max_payload
    } else {
        MAX_ERROR_BYTES
    };
    let (raw, whole) = read_bytes(&mut response, longest).await;
    // A long body is data and not an error.
    let mut body = if raw.len() > MAX_ERROR_BYTES {
        ErrorBody::for_data()
    } else {
        ErrorBody::read(&raw, mask)
    };
    body.correlation_id = body.correlation_id.or(correlation);
    if !whole {
        body.is_cut = true;
    }
    let parsed = ParsedResponse {
        status,
        body,
        retry_after,
        origin,
    };
    (parsed, raw, whole)
}

/// The status of a response.
pub(super) fn status(response: &Response) -> HttpStatus {
    HttpStatus::new(response.status().as_u16())
}

/// The body up to this length, and whether it is complete.
pub(super) async fn read_bytes(response: &mut Response, longest: usize) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    let whole = loop {
        match response.chunk().await {
            Ok(None) => break true,
            Ok(Some(chunk)) => {
                let room = longest - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break false;
                }
            }
            Err(_) => break false,
        }
    };
    (body, whole)
}

/// Where a response seems to come from that is not from the API. The target of a redirect is shown
/// without its query, which may be confidential.
fn origin(headers: &HeaderMap, mask: &dyn Fn(&str) -> String) -> Option<ForeignOrigin> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    if let Some(target) = text(LOCATION) {
        let target = target.split(['?', '#']).next().unwrap_or_default();
        return Some(ForeignOrigin::Redirect(clean(&mask(target), 120)));
    }
    let kind = text(CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    (!kind.ends_with("json")).then(|| ForeignOrigin::ContentType(clean(&mask(kind), 60)))
}
