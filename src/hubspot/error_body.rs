//! The body of an error response. Every field is optional, and the body may be an HTML page, text,
//! or empty.

use serde_json::Value;

use crate::{cell::clean, failure::ResponseBody};

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 500;

/// The most single errors that are kept: one for each link of a batch, and some more.
const MAX_ERRORS_KEPT: usize = 256;

/// The useful parts of an error body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ErrorBody {
    /// The kind of body; for JSON, message and details in one line.
    pub(super) body: ResponseBody,
    /// Whether it was cut off.
    pub(super) is_cut: bool,
    /// The single errors, such as `CONTACT=1234 is not valid`.
    pub(super) details: Vec<String>,
    pub(super) correlation_id: Option<String>,
    /// The error name of the token endpoint: `BAD_REFRESH_TOKEN`, or `invalid_grant` as in the
    /// OAuth standard.
    pub(super) error_name: Option<String>,
    /// `TEN_SECONDLY_ROLLING`, `SECONDLY`, `DAILY`, …
    pub(super) policy: Option<String>,
    /// `OBJECT_NOT_FOUND`, `MISSING_SCOPES`, …
    pub(super) category: Option<String>,
}

impl ErrorBody {
    /// For a response that is too long to be an error.
    pub(super) fn for_data() -> Self {
        Self {
            body: ResponseBody::Json(String::new()),
            ..Self::default()
        }
    }

    /// Parses a body; `mask` hides secrets that it may echo.
    pub(super) fn read(body: &[u8], mask: &dyn Fn(&str) -> String) -> Self {
        let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
            return Self {
                body: if is_text(body) {
                    page_or_text(&mask(&String::from_utf8_lossy(body)))
                } else {
                    ResponseBody::NoText
                },
                ..Self::default()
            };
        };
        let exact = |name: &str| fields.get(name).and_then(Value::as_str);
        let text = |name: &str| exact(name).map(mask);
        let details: Vec<_> = details(&fields).iter().map(|text| mask(text)).collect();
        let mut message = text("message").unwrap_or_default();
        if !details.is_empty() {
            let all = details.join("; ");
            message = if message.is_empty() {
                all
            } else {
                format!("{message}: {all}")
            };
        }
        Self {
            body: ResponseBody::Json(clean(message.trim(), MAX_MESSAGE)),
            is_cut: false,
            details,
            correlation_id: text("correlationId").map(|id| clean(&id, 64)),
            error_name: text("status")
                .filter(|name| name != "error")
                .or_else(|| text("error")),
            // Compared, but never shown.
            policy: exact("policyName").map(str::to_owned),
            category: exact("category").map(str::to_owned),
        }
    }

    /// Whether the body is JSON.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.body, ResponseBody::Json(_))
    }

    /// Its message, or its first words.
    pub(super) fn text(&self) -> &str {
        match &self.body {
            ResponseBody::Json(text) | ResponseBody::Text(text) | ResponseBody::Titled(text) => {
                text
            }
            ResponseBody::Page | ResponseBody::NoText => "",
        }
    }
}

/// The single errors, from `errors` (texts or objects) or from `context`.
fn details(fields: &serde_json::Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(Value::Array(errors)) = fields.get("errors") {
        for error in errors {
            match error {
                Value::String(text) => found.push(text.clone()),
                Value::Object(error) => {
                    found.extend(
                        error
                            .get("message")
                            .and_then(Value::as_str)
                            .map(str::to_owned),
                    );
                    context(
                        error,
                        &["requiredGranularScopes", "requiredScopes"],
                        &mut found,
                    );
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
            }
        }
    }
    context(
        fields,
        &[
            "INVALID_OBJECT_IDS",
            "INVALID_ASSOCIATION_TYPE_ID",
            "requiredGranularScopes",
            "missingScopes",
        ],
        &mut found,
    );
    found.truncate(MAX_ERRORS_KEPT);
    found
}

fn context(fields: &serde_json::Map<String, Value>, names: &[&str], found: &mut Vec<String>) {
    for name in names {
        let values = fields.get("context").and_then(|context| context.get(name));
        let values = values.and_then(Value::as_array).into_iter().flatten();
        found.extend(values.filter_map(Value::as_str).map(str::to_owned));
    }
}

/// Whether the bytes are text and not compressed data or an image. Text in another encoding than
/// UTF-8 has few bytes that are not ASCII.
fn is_text(body: &[u8]) -> bool {
    let is_control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b);
    let strange = body.iter().filter(|b| !b.is_ascii()).count();
    !body.iter().any(is_control) && (str::from_utf8(body).is_ok() || strange * 4 < body.len())
}

/// The title of an HTML page, or the first words of a text.
fn page_or_text(text: &str) -> ResponseBody {
    let lower = text.to_ascii_lowercase();
    let title = lower
        .find("<title>")
        .map(|at| at + "<title>".len())
        .and_then(|from| {
            let to = lower[from..].find("</title>")? + from;
            text.get(from..to)
        });
    match title {
        Some(title) => ResponseBody::Titled(clean(title.trim(), 80)),
        None if lower.trim_start().starts_with('<') => ResponseBody::Page,
        None => ResponseBody::Text(clean(text.trim(), 80)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> ErrorBody {
        ErrorBody::read(body.as_bytes(), &|text| text.replace("tok", "***"))
    }

    #[test]
    fn details_are_found_as_texts_as_objects_and_in_the_context() {
        for body in [
            r#"{"message":"m","errors":["CONTACT=1 is not valid"]}"#,
            r#"{"message":"m","errors":[{"message":"CONTACT=1 is not valid"}]}"#,
            r#"{"message":"m","context":{"INVALID_OBJECT_IDS":["CONTACT=1 is not valid"]}}"#,
        ] {
            assert_eq!(read(body).text(), "m: CONTACT=1 is not valid", "{body}");
        }
    }

    #[test]
    fn pages_and_texts_are_summarized() {
        assert_eq!(
            read("<html><title>Log in</title>").body,
            ResponseBody::Titled("Log in".to_owned())
        );
        assert_eq!(read("<html>").body, ResponseBody::Page);
        assert_eq!(read("error code: 1015").text(), "error code: 1015");
        assert_eq!(read("").body, ResponseBody::default());
    }

    #[test]
    fn compressed_bytes_are_not_shown() {
        let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03K\xcb\xcf\x07\0";
        let brotli = b"\x8b\xcf\xe1\xf4A\xbb\xd0K";
        for body in [&packed[..], brotli] {
            let read = ErrorBody::read(body, &str::to_owned);
            assert_eq!(read.body, ResponseBody::NoText);
        }
        let windows_1252 = b"Zugriff verweigert f\xfcr";
        let read = ErrorBody::read(windows_1252, &str::to_owned);
        assert!(read.text().starts_with("Zugriff verweigert f"), "{read:?}");
    }

    #[test]
    fn echoed_secrets_and_control_characters_are_hidden() {
        let body = read("{\"message\":\"you sent tok \\u001b[31m\"}");
        assert!(body.text().starts_with("you sent ***"));
        assert!(!body.text().contains('\u{1b}'));
    }
}
