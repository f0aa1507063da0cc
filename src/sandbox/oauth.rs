//! OAuth's token refresh: access tokens of limited life for an app.
//!
//! Pure: the time is an argument. Does not know what a token allows.

use std::{collections::VecDeque, str::FromStr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    error::SandboxError,
    response::{ErrorResponse, json_text, uuid},
};

/// Maximum number of remembered tokens; our choice. Older tokens become unknown.
const MAX_REMEMBERED: usize = 1000;

/// How long an access token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife(pub Duration);

impl Default for TokenLife {
    /// The life of HubSpot's tokens today.
    fn default() -> Self {
        Self(Duration::from_secs(30 * 60))
    }
}

impl FromStr for TokenLife {
    type Err = SandboxError;

    /// At least a second, because HubSpot reports it in whole seconds.
    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let span = text.parse::<SignedDuration>().ok();
        span.and_then(|span| Duration::try_from(span).ok())
            .filter(|life| *life >= Duration::from_secs(1))
            .map(Self)
            .ok_or_else(|| SandboxError::TokenLife(text.to_owned()))
    }
}

/// An app and its refresh token for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthApp(Box<AppCredentials>);

/// The credentials of an app; boxed to keep the options small.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AppCredentials {
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

impl FromStr for OauthApp {
    type Err = SandboxError;

    fn from_str(text: &str) -> Result<Self, SandboxError> {
        let parts: Vec<_> = text.split(':').map(str::to_owned).collect();
        match <[String; 3]>::try_from(parts) {
            Ok(parts) if parts.iter().all(|part| !part.is_empty()) => {
                let [client_id, client_secret, refresh_token] = parts;
                Ok(Self(Box::new(AppCredentials {
                    client_id,
                    client_secret,
                    refresh_token,
                })))
            }
            Ok(_) | Err(_) => Err(SandboxError::App),
        }
    }
}

/// A token that was granted.
#[derive(Debug)]
pub(super) struct GrantedToken {
    token: String,
    refresh_token: String,
    life: Duration,
}

impl GrantedToken {
    /// The body of the answer. The dated API adds the use of the token.
    pub(super) fn body(&self, dated: bool) -> String {
        let Self {
            token,
            refresh_token,
            life,
        } = self;
        let token_use = if dated {
            r#""token_use":"access_token","#
        } else {
            ""
        };
        let (refresh_token, life) = (json_text(refresh_token), life.as_secs());
        format!(
            r#"{{{token_use}"token_type":"bearer","refresh_token":{refresh_token},"access_token":"{token}","expires_in":{life}}}"#
        )
    }
}

/// Grants tokens and recognises them.
#[derive(Debug)]
pub(super) struct TokenIssuer {
    life: Duration,
    app: Option<OauthApp>,
    /// Tokens with their expiry, the oldest first.
    granted: VecDeque<(String, Instant)>,
}

impl TokenIssuer {
    pub(super) fn new(TokenLife(life): TokenLife, app: Option<OauthApp>) -> Self {
        Self {
            life,
            app,
            granted: VecDeque::new(),
        }
    }

    /// Grants a token, made from random `bits`.
    pub(super) fn grant(
        &mut self,
        form: &[u8],
        now: Instant,
        bits: u128,
    ) -> Result<GrantedToken, ErrorResponse> {
        let field = |name: &str| {
            form_urlencoded::parse(form)
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        if field("grant_type") != "refresh_token" {
            return Err(ErrorResponse::app("BAD_GRANT_TYPE", "grant type"));
        }
        let is_known = |part: fn(&AppCredentials) -> &String, given: &String| match &self.app {
            Some(OauthApp(parts)) => part(parts) == given,
            None => !given.is_empty(),
        };
        if !is_known(|parts| &parts.client_id, &field("client_id")) {
            return Err(ErrorResponse::app("BAD_CLIENT_ID", "client id"));
        }
        if !is_known(|parts| &parts.client_secret, &field("client_secret")) {
            return Err(ErrorResponse::app("BAD_CLIENT_SECRET", "client secret"));
        }
        let refresh_token = field("refresh_token");
        if !is_known(|parts| &parts.refresh_token, &refresh_token) {
            return Err(ErrorResponse::app("BAD_REFRESH_TOKEN", "refresh token"));
        }
        let token = format!("sandbox-{}", uuid(bits));
        if self.granted.len() == MAX_REMEMBERED {
            self.granted.pop_front();
        }
        self.granted.push_back((token.clone(), now + self.life));
        Ok(GrantedToken {
            token,
            refresh_token,
            life: self.life,
        })
    }

    /// Checks a token: valid are granted tokens that have not expired, and the `static_token`.
    /// Without one, any other token is valid.
    pub(super) fn check(
        &self,
        token: &str,
        static_token: Option<&str>,
        now: Instant,
    ) -> Result<(), ErrorResponse> {
        let granted = self.granted.iter().find(|(granted, _)| granted == token);
        match granted {
            Some((_, end)) if now < *end => Ok(()),
            Some((_, end)) => {
                let ago = now - *end;
                // An age beyond the calendar cannot really occur.
                let at = Timestamp::now().checked_sub(ago).unwrap_or_default();
                Err(ErrorResponse::expired(ago, at))
            }
            None if static_token.map_or(!token.is_empty(), |valid| token == valid) => Ok(()),
            None => Err(ErrorResponse::credentials()),
        }
    }
}
