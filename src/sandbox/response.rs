//! HubSpot's responses, byte for byte as recorded.
//!
//! Does not decide which response is given. Header names are HubSpot's, but in lower case, which
//! HTTP allows.

use std::{borrow::Cow, fmt::Write};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;

use super::rolling_window::WindowState;
use crate::association::RecordId;

/// The response to one request.
#[derive(Debug, PartialEq)]
pub(super) enum SandboxResponse {
    /// 204: done.
    NoContent,
    /// 200: a page of associated records.
    Page { results: Vec<RecordId>, more: bool },
    /// 200 with this JSON, and without a correlation id.
    Json(String),
    /// This JSON, with a correlation id in its headers.
    JsonWithId { status: StatusCode, body: String },
    /// An error with a JSON body.
    Error(ErrorResponse),
    /// 404: no such path.
    NotFound,
    /// 405: the path has another method.
    MethodNotAllowed,
    /// The edge in front of HubSpot failed (52x and 530).
    Edge(StatusCode),
    /// 200, but from a network's login page.
    LoginPage,
    /// 302 to that login page.
    RedirectToLogin,
}

/// An error with a JSON body: `status`, `message` and `correlationId`, and the JSON that each error
/// has before and after the `correlationId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ErrorResponse {
    pub(super) status: StatusCode,
    /// `error`; the token endpoint has the name of the error here.
    pub(super) word: &'static str,
    pub(super) message: Cow<'static, str>,
    pub(super) before_id: &'static str,
    pub(super) after_id: Cow<'static, str>,
}

/// The quota status in the headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaStatus {
    pub(super) window: Option<WindowState>,
    pub(super) daily: Option<DailyUsage>,
}

/// Usage of the daily quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DailyUsage {
    pub(super) max: u64,
    pub(super) used: u64,
    pub(super) resets_at: Timestamp,
}

/// The target of the redirect: on this server, so that no client is sent to the Internet.
pub(super) const LOGIN_PATH: &str = "/login";

const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html;charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain;charset=utf-8");

const NOT_FOUND_PAGE: &str = "<html>\n<head>\n\
    <meta http-equiv=\"Content-Type\" content=\"text/html;charset=utf-8\"/>\n\
    <title>Error 404 Not Found</title>\n</head>\n\
    <body><h2>HTTP ERROR 404 Not Found</h2></body>\n</html>\n";
const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n\
    <body><form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\">\
    </form></body></html>\n";

impl SandboxResponse {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoContent => StatusCode::NO_CONTENT,
            Self::Page { .. } | Self::Json(_) | Self::LoginPage => StatusCode::OK,
            Self::Error(error) => error.status,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::JsonWithId { status, .. } | Self::Edge(status) => *status,
            Self::RedirectToLogin => StatusCode::FOUND,
        }
    }

    /// The HTTP response, with `id` as its correlation id.
    pub(super) fn into_response(self, id: u128) -> Response {
        let status = self.status();
        let (kind, body) = match self {
            Self::NoContent => return identified(empty(status), &uuid(id)),
            Self::Page { results, more } => {
                return identified(with_body(status, JSON, page(&results, more)), &uuid(id));
            }
            Self::JsonWithId { body, .. } => {
                return identified(with_body(status, JSON, body), &uuid(id));
            }
            Self::Error(error) => {
                let id = uuid(id);
                return identified(with_body(status, JSON, error.body(&id)), &id);
            }
            Self::MethodNotAllowed => return empty(status),
            Self::RedirectToLogin => {
                let mut response = empty(status);
                let path = HeaderValue::from_static(LOGIN_PATH);
                response.headers_mut().insert(header::LOCATION, path);
                return response;
            }
            Self::Json(body) => (JSON, body),
            Self::NotFound => (HTML, NOT_FOUND_PAGE.to_owned()),
            Self::LoginPage => (HTML, LOGIN_PAGE.to_owned()),
            Self::Edge(code) => (TEXT, format!("error code: {}", code.as_str())),
        };
        with_body(status, kind, body)
    }
}

impl ErrorResponse {
    fn body(&self, id: &str) -> String {
        let Self {
            word,
            message,
            before_id,
            after_id,
            ..
        } = self;
        let message = json_text(message);
        format!(
            r#"{{"status":"{word}","message":{message}{before_id},"correlationId":"{id}"{after_id}}}"#
        )
    }
}

/// Text as a JSON string.
pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Adds HubSpot's quota headers.
pub(super) fn add_quota_headers(headers: &mut HeaderMap, status: QuotaStatus) {
    if let Some(window) = status.window {
        let interval = u64::try_from(window.interval.as_millis()).unwrap_or(u64::MAX);
        headers.insert("x-hubspot-ratelimit-interval-milliseconds", interval.into());
        headers.insert("x-hubspot-ratelimit-max", window.max.into());
        headers.insert("x-hubspot-ratelimit-remaining", window.remaining.into());
        headers.insert("x-hubspot-ratelimit-secondly", window.secondly.into());
        let remaining = window.secondly_remaining.into();
        headers.insert("x-hubspot-ratelimit-secondly-remaining", remaining);
    }
    if let Some(DailyUsage { max, used, .. }) = status.daily {
        let remaining = max.saturating_sub(used);
        headers.insert("x-hubspot-ratelimit-daily", max.into());
        headers.insert("x-hubspot-ratelimit-daily-remaining", remaining.into());
    }
}

/// `{"results":[74501,74551],"hasMore":false,"offset":74551}`: the offset is the last id, even on
/// the last page, and 0 without results.
fn page(results: &[RecordId], more: bool) -> String {
    let mut ids = String::new();
    for (index, id) in results.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(ids, "{comma}{id}");
    }
    let offset = results.last().map_or(0, |id| id.get());
    format!(r#"{{"results":[{ids}],"hasMore":{more},"offset":{offset}}}"#)
}

/// Random bits as a UUID of version 4.
pub(super) fn uuid(bits: u128) -> String {
    const VERSION: u128 = 0xF << 76;
    const VARIANT: u128 = 0x3 << 62;
    let bits = bits & !VERSION & !VARIANT | 0x4 << 76 | 0x2 << 62;
    let mut text = format!("{bits:032x}");
    // From the back, so that the positions stay valid.
    for hyphen in [20, 16, 12, 8] {
        text.insert(hyphen, '-');
    }
    text
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_body(status: StatusCode, kind: HeaderValue, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn identified(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response
            .headers_mut()
            .insert("x-hubspot-correlation-id", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_its_last_id_as_the_offset() {
        let ids = [74501, 74551].map(|id| RecordId::new(id).unwrap());
        assert_eq!(
            page(&ids, false),
            r#"{"results":[74501,74551],"hasMore":false,"offset":74551}"#
        );
        assert_eq!(
            page(&[], false),
            r#"{"results":[],"hasMore":false,"offset":0}"#
        );
    }

    #[test]
    fn ids_are_uuids_of_version_4() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn text_in_a_message_is_escaped() {
        let error = ErrorResponse {
            status: StatusCode::BAD_REQUEST,
            word: "error",
            message: "a \"b\"\n".into(),
            before_id: "",
            after_id: "".into(),
        };
        assert_eq!(
            error.body("x"),
            r#"{"status":"error","message":"a \"b\"\n","correlationId":"x"}"#
        );
    }
}
