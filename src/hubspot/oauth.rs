//! The OAuth token refresh as pure functions: the form that requests an access token, and what the
//! response grants or means.
//!
//! Does not know when a token is requested.

use std::time::Duration;

use serde::Deserialize;

use super::{
    token::{OAuthCredentials, Secret},
    verdict::{self, ParsedResponse, classify, summarize},
};
use crate::{
    api::Verdict,
    cell::clean,
    code::Code,
    failure::{AccessDenied, Failure, ResponseFault},
    http_status::HttpStatus,
    stop::StopReason,
};

/// The content type of the form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The status of a response that grants a token.
pub(super) const GRANTED: HttpStatus = HttpStatus::OK;

/// The longest error name that is kept.
const MAX_ERROR_NAME: usize = 40;

/// Longer lifetimes are reduced to this. It is practically forever and safe in calculations.
const MAX_LIFETIME: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A granted access token, and what came with it.
#[derive(Debug)]
pub(super) struct TokenGrant {
    pub(super) access_token: Secret,
    /// The lifetime, counted from the request.
    pub(super) lifetime: Option<Duration>,
    /// The refresh token to use from now on.
    pub(super) refresh_token: Option<Secret>,
}

/// The form that requests an access token.
pub(super) fn form(app: &OAuthCredentials, refresh_token: &Secret) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("client_id", app.client_id.expose())
        .append_pair("client_secret", app.client_secret.expose())
        .append_pair("refresh_token", refresh_token.expose())
        .finish()
}

#[derive(Deserialize)]
struct GrantBody {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

/// The grant in a response with the status [`GRANTED`]. If it has none, the body is not quoted,
/// because it may contain tokens that are not masked yet.
pub(super) fn grant(body: &[u8]) -> Result<TokenGrant, Verdict> {
    const PLACE: &str = "the answer";
    let parsed = serde_json::from_slice::<GrantBody>(body).ok();
    let granted = parsed.and_then(|body| {
        let lifetime = body.expires_in.map(Duration::from_secs);
        Some(TokenGrant {
            access_token: Secret::new(&body.access_token, PLACE).ok()?,
            lifetime: lifetime.map(|lifetime| lifetime.min(MAX_LIFETIME)),
            refresh_token: body
                .refresh_token
                .and_then(|token| Secret::new(&token, PLACE).ok()),
        })
    });
    granted.ok_or_else(|| {
        let nothing = ResponseFault::GrantWithoutToken { status: GRANTED };
        let failure = Failure::new(Code::UnexpectedAnswer, nothing);
        Verdict::NotFromApi(wrap(Failure {
            http_status: Some(GRANTED),
            ..failure
        }))
    })
}

/// The verdict for an incomplete response with the status [`GRANTED`].
pub(super) fn incomplete_response() -> Verdict {
    Verdict::ConnectionLost(wrap(verdict::incomplete_response()))
}

/// What any other response means for the rows that wait for a token. It is never a verdict on the
/// rows.
pub(super) fn refusal(response: &ParsedResponse) -> Verdict {
    match classify(response) {
        Verdict::Refused(_) if response.status == HttpStatus::BAD_REQUEST => {
            Verdict::Fatal(stop(response))
        }
        Verdict::Fatal(StopReason::Credentials(_)) => Verdict::Fatal(stop(response)),
        // This is another path or another server, but not the token endpoint.
        Verdict::Refused(failure) => Verdict::NotFromApi(wrap(Failure {
            code: Code::UnexpectedAnswer,
            ..failure
        })),
        Verdict::Done { .. } | Verdict::PerLink(_) => {
            let failure = Failure::new(
                Code::UnexpectedAnswer,
                ResponseFault::Summary(summarize(response)),
            );
            Verdict::NotFromApi(wrap(failure))
        }
        verdict @ (Verdict::Transient { .. }
        | Verdict::Throttled { .. }
        | Verdict::DayUsedUp(_)
        | Verdict::NotSent(_)
        | Verdict::ConnectionLost(_)
        | Verdict::NotFromApi(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_)) => about_token(verdict),
    }
}

/// Adds to the failure that no token was granted.
pub(super) fn about_token(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refused(failure) => Verdict::Refused(wrap(failure)),
        Verdict::Transient { failure, wait } => Verdict::Transient {
            failure: wrap(failure),
            wait,
        },
        Verdict::Throttled {
            failure,
            limit,
            wait,
        } => Verdict::Throttled {
            failure: wrap(failure),
            limit,
            wait,
        },
        Verdict::DayUsedUp(failure) => Verdict::DayUsedUp(wrap(failure)),
        Verdict::NotSent(failure) => Verdict::NotSent(wrap(failure)),
        Verdict::ConnectionLost(failure) => Verdict::ConnectionLost(wrap(failure)),
        Verdict::NotFromApi(failure) => Verdict::NotFromApi(wrap(failure)),
        Verdict::Done { .. }
        | Verdict::PerLink(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_) => verdict,
    }
}

fn wrap(failure: Failure) -> Failure {
    failure.wrap_detail(ResponseFault::NoToken)
}

fn stop(response: &ParsedResponse) -> StopReason {
    let error_name = response.body.error_name.as_deref();
    let denied = AccessDenied::NotGranted {
        summary: summarize(response),
        error_name: error_name.map(|name| clean(name, MAX_ERROR_NAME)),
    };
    StopReason::Credentials(denied.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages;

    #[test]
    fn the_form_encodes_every_character() {
        let secret = |text: &str| Secret::new(text, "test").unwrap();
        let app = OAuthCredentials {
            client_id: secret("a&b"),
            client_secret: secret("c=d"),
            refresh_token: secret("unused"),
        };
        assert_eq!(
            form(&app, &secret("e+/f")),
            "grant_type=refresh_token&client_id=a%26b&client_secret=c%3Dd&refresh_token=e%2B%2Ff"
        );
    }

    #[test]
    fn a_refusal_keeps_the_error_name_of_the_response() {
        let body = r#"{"status":"BAD_CLIENT_ID","message":"m"}"#;
        let Verdict::Fatal(StopReason::Credentials(denied)) =
            refusal(&ParsedResponse::for_test(400, body))
        else {
            panic!("no reason to stop")
        };
        let AccessDenied::NotGranted { error_name, .. } = *denied else {
            panic!("{denied:?}")
        };
        assert_eq!(error_name.as_deref(), Some("BAD_CLIENT_ID"));
    }

    #[test]
    fn no_token_response_is_a_verdict_on_rows() {
        for status in 100..1000 {
            let verdict = refusal(&ParsedResponse::for_test(status, ""));
            let on_rows = matches!(verdict, Verdict::Done { .. } | Verdict::Refused(_));
            assert!(!on_rows, "{status}: {verdict:?}");
        }
    }

    #[test]
    fn errors_of_the_token_endpoint_are_retried_like_those_of_a_row() {
        for (status, expected) in [(429, "Throttled"), (503, "Transient"), (404, "NotFromApi")] {
            let verdict = refusal(&ParsedResponse::for_test(status, ""));
            let message = messages::failure(verdict.failure().unwrap());
            assert!(
                message.starts_with("no access token was granted: HTTP"),
                "{message}"
            );
            let verdict = format!("{verdict:?}");
            assert!(verdict.starts_with(expected), "{status}: {verdict}");
        }
    }

    #[test]
    fn a_response_without_a_token_is_not_quoted() {
        for body in ["", "<html>", "{}", r#"{"access_token":"t0ken with blank"}"#] {
            let verdict = grant(body.as_bytes()).unwrap_err();
            assert!(matches!(verdict, Verdict::NotFromApi(_)), "{verdict:?}");
            assert!(!format!("{verdict:?}").contains("t0ken"), "{verdict:?}");
        }
    }
}
