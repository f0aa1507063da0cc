//! The errors of the API with their statuses and texts, as recorded. Comments say where no
//! recording exists.
//!
//! Does not know when an error occurs.

use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;

use super::{
    forms::ErrorForm,
    invalid_association::{INVALID_MESSAGE, InvalidAssociation},
    object::ObjectType,
    response::{ErrorResponse, SandboxResponse},
};

const VALIDATION: &str = r#","category":"VALIDATION_ERROR""#;

impl ErrorResponse {
    fn new(
        status: StatusCode,
        message: impl Into<std::borrow::Cow<'static, str>>,
        after_id: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            word: "error",
            message: message.into(),
            before_id: "",
            after_id: after_id.into(),
        }
    }

    /// Adds a category, because by specification every error of the dated API has one.
    pub(super) fn with_category(mut self) -> Self {
        if !self.after_id.contains(r#""category":"#) {
            self.after_id.to_mut().push_str(VALIDATION);
        }
        self
    }

    /// No token, or an unknown one.
    pub(super) fn credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Authentication credentials not found. This API supports OAuth 2.0 authentication \
             and you can find more details at \
             https://developers.hubspot.com/docs/methods/auth/oauth-overview",
            r#","category":"INVALID_AUTHENTICATION""#,
        )
    }

    /// A token that expired some time ago. HubSpot's unit grows with the age; the sandbox uses only
    /// seconds and minutes.
    pub(super) fn expired(ago: Duration, at: Timestamp) -> Self {
        const MINUTE: u64 = 60;
        let (count, unit) = match ago.as_secs() {
            seconds if seconds < 2 * MINUTE => (seconds, "second"),
            seconds => (seconds / MINUTE, "minute"),
        };
        Self::new(
            StatusCode::UNAUTHORIZED,
            format!("The OAuth token used to make this call expired {count} {unit}(s) ago."),
            format!(
                r#","category":"EXPIRED_AUTHENTICATION","context":{{"expire time":["{at:.3}"]}}"#
            ),
        )
    }

    /// Part of an app's credentials that HubSpot does not know. The text is recorded for refresh
    /// tokens, and used for the other parts too.
    pub(super) fn app(word: &'static str, part: &str) -> Self {
        Self {
            word,
            ..Self::new(
                StatusCode::BAD_REQUEST,
                format!("missing or unknown {part}"),
                "",
            )
        }
    }

    /// API keys, which HubSpot retired in 2022.
    pub(super) fn api_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "The API key provided is invalid. View or manage your API key here: \
             https://app.hubspot.com/l/api-key/",
            r#","category":"INVALID_AUTHENTICATION","links":{"api key":"https://app.hubspot.com/l/api-key/"}"#,
        )
    }

    /// The app lacks this scope.
    pub(super) fn scopes(scope: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This app hasn't been granted all required scopes to make this call. \
             Read more about required scopes here: https://developers.hubspot.com/scopes.",
            format!(
                r#","errors":[{{"message":"One or more of the following scopes are required.","context":{{"requiredGranularScopes":["{scope}"]}}}}],"links":{{"scopes":"https://developers.hubspot.com/scopes"}},"category":"MISSING_SCOPES""#
            ),
        )
    }

    /// The rolling window is full. The text does not change with the window's length. The numbers
    /// in `groupName` (app and account) are made up.
    pub(super) fn over_window() -> Self {
        Self {
            before_id: r#","errorType":"RATE_LIMIT""#,
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "You have reached your ten_secondly_rolling limit.",
                r#","policyName":"TEN_SECONDLY_ROLLING","groupName":"publicapi:private_app-api-calls-ten-secondly:1:1""#,
            )
        }
    }

    /// Too many searches. The message and the category are as recorded; the name of the policy is
    /// from older recordings of this message.
    pub(super) fn over_searches() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "You have reached your secondly limit.",
            r#","policyName":"SECONDLY","category":"RATE_LIMITS""#,
        )
    }

    /// The day's quota is used up.
    pub(super) fn over_day(request_id: &str) -> Self {
        Self {
            before_id: r#","errorType":"RATE_LIMIT""#,
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "You have reached your daily limit.",
                format!(r#","policyName":"DAILY","requestId":"{request_id}""#),
            )
        }
    }

    /// Invalid associations, without the `requestId` that HubSpot dropped in 2020.
    pub(super) fn associations(
        form: ErrorForm,
        reasons: impl Iterator<Item = InvalidAssociation>,
    ) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            INVALID_MESSAGE,
            form.after_id(reasons),
        )
    }

    /// A body that is not the expected JSON.
    pub(super) fn json(error: &serde_json::Error) -> Self {
        let (line, column, text) = (error.line(), error.column(), error.to_string());
        let what = text
            .rsplit_once(" at line ")
            .map_or(&*text, |(what, _)| what);
        let what = match error.classify() {
            serde_json::error::Category::Data => format!("Cannot deserialize value: {what}"),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => what.to_owned(),
        };
        let message = format!("Invalid input JSON on line {line}, column {column}: {what}");
        Self::new(StatusCode::BAD_REQUEST, message, "")
    }

    /// An association lacks some of its four fields.
    pub(super) fn fields(line: usize, column: usize, missing: &[&str]) -> Self {
        let missing = missing.join(", ");
        let message = format!(
            "Invalid input JSON on line {line}, column {column}. \
             Some required fields were not set: [{missing}]"
        );
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// No body at all.
    pub(super) fn no_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Invalid JSON input: a request body was expected, but none found",
            VALIDATION,
        )
    }

    /// Too many associations in a batch. For v1 the text is not recorded.
    pub(super) fn batch(maximum: usize, found: usize) -> Self {
        let message = format!(
            "The maximum number of inputs supported in a batch is {maximum}, \
             but this one has {found}"
        );
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// A record that does not exist. The category is probable, not recorded.
    pub(super) fn no_record() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "resource not found",
            r#","category":"OBJECT_NOT_FOUND""#,
        )
    }

    /// Text in a path that is not an object type. The text is known from users' reports.
    pub(super) fn object_type(text: &str) -> Self {
        let message = format!("Unable to infer object type from: {text}");
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// Two object types without an unlabeled association type; not recorded.
    pub(super) fn no_default(from: &str, to: &str) -> Self {
        let message = format!("There is no default association type from {from} to {to}");
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// A property that does not identify records. The text is recorded of updates.
    pub(super) fn not_unique(object_type: ObjectType, property: &str) -> Self {
        let id = object_type.id();
        let message = format!("Unable to perform read by non-unique {id} property {property}");
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// A property that does not exist, in a request that needs it; not recorded.
    pub(super) fn unknown_property(object_type: ObjectType, property: &str) -> Self {
        let message = property_text(object_type, property);
        Self::new(StatusCode::BAD_REQUEST, message, VALIDATION)
    }

    /// A property that does not exist, in the path; not recorded.
    pub(super) fn no_property(object_type: ObjectType, property: &str) -> Self {
        let message = property_text(object_type, property);
        let category = r#","category":"OBJECT_NOT_FOUND""#;
        Self::new(StatusCode::NOT_FOUND, message, category)
    }

    /// A search that HubSpot, or only the sandbox, does not carry out; not recorded.
    pub(super) fn search(what: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what, VALIDATION)
    }

    /// A parameter that is not a number; not recorded.
    pub(super) fn parameter(name: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            format!("{name} has to be a whole number"),
            "",
        )
    }

    /// A body above the size limit; not recorded.
    pub(super) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request body is too large",
            "",
        )
    }
}

impl SandboxResponse {
    /// The error that a fault of this status answers with.
    pub(super) fn of_fault(status: StatusCode) -> Self {
        Self::Error(match status.as_u16() {
            401 => ErrorResponse::credentials(),
            403 => ErrorResponse::scopes("crm.objects.companies.write"),
            404 => return Self::NotFound,
            405 => return Self::MethodNotAllowed,
            429 => ErrorResponse::over_window(),
            500 => ErrorResponse::new(status, "internal error", ""),
            520..=530 => return Self::Edge(status),
            // Not recorded. Uses HubSpot's oldest form, which gives a client the least to rely on.
            _ => ErrorResponse::new(status, reason(status), ""),
        })
    }
}

fn property_text(object_type: ObjectType, property: &str) -> String {
    let id = object_type.id();
    format!("Property \"{property}\" does not exist for object type {id}")
}

fn reason(status: StatusCode) -> &'static str {
    match status.as_u16() {
        // HubSpot's own code, from its documentation.
        477 => "Migration in progress",
        _ => status.canonical_reason().unwrap_or("error"),
    }
}
