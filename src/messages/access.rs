//! Sentences about calls that cannot be made: tokens, certificates, the client.

use super::{answers::answer_text, details::detail};
use crate::{
    failure::{AccessDenied, CertificateFault, UntrustedCertificate},
    http_status::HttpStatus,
    hubspot::{ClientError, TokenError, TokenFlaw, scopes_to_read},
    rate_state::RateStateError,
};

/// Why a text cannot be used as a token.
#[must_use]
pub fn token(error: &TokenError) -> String {
    match error {
        TokenError::Empty(place) => {
            format!("{place} is empty; it must contain only the token or secret")
        }
        TokenError::Unclean(place, what) => format!(
            "{place} contains more than a token or secret ({}); it must contain nothing else, \
             except one line end",
            token_flaw(*what)
        ),
        TokenError::Unreadable(place, error) => {
            format!(
                "cannot read the token or secret from {place}: {error}; give the path of a file that \
                 you can read"
            )
        }
    }
}

fn token_flaw(what: TokenFlaw) -> &'static str {
    match what {
        TokenFlaw::Bom => "a byte order mark",
        TokenFlaw::Quote => "a quote",
        TokenFlaw::LineEnd => "a line end",
        TokenFlaw::Blank => "a space",
        TokenFlaw::OtherCharacter => "a character that tokens never have",
        TokenFlaw::Name => "a name and = in front of it",
        TokenFlaw::Length => "more than 4 KiB",
    }
}

/// Why runs cannot share their rate-limit state.
#[must_use]
pub fn rate_state(error: &RateStateError) -> String {
    match error {
        RateStateError::Open(path, error) => {
            format!("{} cannot be opened: {error}", path.display())
        }
        RateStateError::Foreign(path) => {
            format!(
                "{} cannot be used: it, or the folder in which it would be created, belongs to another \
                 user, or it is not a file",
                path.display()
            )
        }
    }
}

/// Why the token or the permissions were refused.
pub(super) fn access_denied(denied: &AccessDenied) -> String {
    match denied {
        AccessDenied::Token(answer) => {
            let remedy = match answer.status {
                HttpStatus::UNAUTHORIZED => {
                    "check that the token is complete, still valid, and belongs to this account"
                }
                // `verify` needs fewer scopes, but a run starts with an import.
                _ => "give the token the read and write scopes of both object types",
            };
            format!(
                "HubSpot refused the token or its permissions: {}; {remedy}",
                answer_text(answer)
            )
        }
        AccessDenied::Expired => "the access token expired before it could be used".to_owned(),
        AccessDenied::Unsendable => {
            "HubSpot granted an access token that cannot be sent as an HTTP \
                               header"
                .to_owned()
        }
        AccessDenied::NotGranted {
            summary: answer,
            error_name,
        } => format!(
            "HubSpot did not grant an access token: {} {}; {}",
            answer_text(answer),
            error_name.as_deref().unwrap_or_default(),
            variable_to_check(error_name.as_deref())
        ),
        AccessDenied::Records(object_type, why) => records_denied(object_type, &detail(why)),
        AccessDenied::ProxyAuthentication => {
            "the proxy asks for a user and password, or refused them (HTTP 407): \
                            correct the variable that names the proxy (HTTPS_PROXY, ALL_PROXY), \
                            for example http://user:password@host:port"
                .to_owned()
        }
    }
}

/// Why records cannot be looked up. HubSpot's text often names the scope that is missing.
fn records_denied(object_type: &str, why: &str) -> String {
    let scopes = scopes_to_read(object_type);
    let remedy = if scopes.iter().any(|scope| names_scope(why, scope)) {
        "give it this scope".to_owned()
    } else {
        format!("give it the scope {}", scopes.join(" or "))
    };
    format!("HubSpot does not let this token look up {object_type}: {why}; {remedy}")
}

/// Whether a text names a scope. One such as `tickets` may also be a word of a sentence, so it has to
/// stand alone.
fn names_scope(text: &str, scope: &str) -> bool {
    let mut parts = text.split([':', ';', ',', '[', ']', '(', ')']);
    scope.contains('.') && text.contains(scope) || parts.any(|part| part.trim() == scope)
}

/// Which environment variable to check.
fn variable_to_check(error_name: Option<&str>) -> &'static str {
    match error_name {
        Some("BAD_CLIENT_ID") => "check HUBSPOT_CLIENT_ID",
        Some("BAD_CLIENT_SECRET") => "check HUBSPOT_CLIENT_SECRET",
        Some("BAD_REFRESH_TOKEN" | "invalid_grant") => {
            "check HUBSPOT_REFRESH_TOKEN; if it is correct, it was revoked or the app was \
             uninstalled: authorise the app again"
        }
        Some(_) | None => {
            "check HUBSPOT_CLIENT_ID, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN"
        }
    }
}

/// What to do about a refused certificate.
pub(super) fn untrusted_certificate(untrusted: &UntrustedCertificate) -> String {
    let remedy = match untrusted.fault {
        CertificateFault::NotNow => "check the clock of this machine",
        CertificateFault::UnknownIssuer => {
            "if a proxy or a private authority signed it, give that authority's certificate with \
             --ca-file"
        }
        CertificateFault::Other => {
            "check --base-url and the proxy; if your own authority signed it, give its certificate \
             with --ca-file"
        }
    };
    let cause = &untrusted.cause;
    format!("the server's certificate was refused: {cause}; {remedy}")
}

/// Why the HTTP client could not be built.
#[must_use]
pub fn client(error: &ClientError) -> String {
    match error {
        ClientError::Certificates => "--ca-file contains no certificate in PEM form".to_owned(),
        ClientError::Setup(why) => format!("the HTTP client could not be set up: {why}"),
        ClientError::Token => {
            "the token contains characters that cannot be sent; check it".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{ResponseBody, ResponseSummary};

    #[test]
    fn a_refusal_names_the_variable_to_look_at() {
        for (error_name, variable) in [
            ("BAD_CLIENT_ID", "check HUBSPOT_CLIENT_ID"),
            ("BAD_CLIENT_SECRET", "check HUBSPOT_CLIENT_SECRET"),
            ("BAD_REFRESH_TOKEN", "check HUBSPOT_REFRESH_TOKEN;"),
            ("SOMETHING_NEW", "HUBSPOT_CLIENT_SECRET and"),
        ] {
            let text = access_denied(&AccessDenied::NotGranted {
                summary: ResponseSummary {
                    status: HttpStatus::BAD_REQUEST,
                    body: ResponseBody::Json("m".to_owned()),
                    is_cut: false,
                    origin: None,
                },
                error_name: Some(error_name.to_owned()),
            });
            assert!(
                text.contains(error_name) && text.contains(variable),
                "{error_name}: {text}"
            );
        }
    }
}
