//! The current token of the run: which one requests use, when it expires, and what a refusal means.
//!
//! Knows nothing about HTTP, rate limits or rows.

mod renewal;
#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use reqwest::header::HeaderValue;
use tokio::{sync::Mutex, time::Instant};

use super::{
    events::TokenEvent,
    http::ClientError,
    mask::SecretMasks,
    token::{Credentials, OAuthCredentials, Secret, TokenError},
};
use crate::{api::Verdict, stop::StopReason};

/// The prefix of a token in its header.
const BEARER: &str = "Bearer ";

/// The credentials, shared by all requests of a run.
#[derive(Debug)]
pub(super) struct TokenManager {
    source: TokenSource,
    token: RefCell<Option<CurrentToken>>,
    masks: SecretMasks,
    token_count: Cell<u64>,
    /// Whether any call with a token of the run reached the API itself.
    is_proven: Cell<bool>,
    /// Whether the next token is the first one or follows a refused one.
    next_on_trial: Cell<bool>,
    renewals: TokenRenewals,
    report_event: fn(&TokenEvent),
}

/// Where a new token comes from.
#[derive(Debug)]
enum TokenSource {
    /// The token cannot be replaced.
    Fixed,
    File {
        path: PathBuf,
        in_use: RefCell<Secret>,
    },
    OAuth {
        app: OAuthCredentials,
        refresh_token: RefCell<Secret>,
    },
}

/// The state of requests for a new token.
#[derive(Debug, Default)]
struct TokenRenewals {
    /// The task with this lock requests a token; the others wait for its result.
    request_lock: Mutex<()>,
    request_count: Cell<u64>,
    /// The verdict of the last request if it failed, and when the next one is allowed.
    failed: RefCell<Option<(Verdict, Instant)>>,
}

#[derive(Debug)]
struct CurrentToken {
    auth: RequestAuth,
    /// When the next one is requested, and when this one expires.
    times: Option<(Instant, Instant)>,
    /// On trial: the token follows a refusal (also of the same token), and has not been accepted
    /// yet.
    on_trial: bool,
}

/// The authentication of one request.
#[derive(Clone, Debug)]
pub(super) struct RequestAuth {
    number: u64,
    /// `None` if the credentials are in the URL.
    header: Option<Rc<AuthHeader>>,
}

/// A token, and the header for it.
#[derive(Debug)]
struct AuthHeader {
    token: Secret,
    /// The token as a header that is marked as sensitive.
    header: HeaderValue,
}

impl RequestAuth {
    /// The authorization header, unless the credentials are in the URL.
    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref().map(|header| &header.header)
    }

    /// The token itself, for the one request that has it in its body.
    pub(super) fn token(&self) -> Option<&str> {
        self.header.as_ref().map(|header| header.token.expose())
    }
}

impl TokenManager {
    pub(super) fn new(
        credentials: Credentials,
        report_event: fn(&TokenEvent),
    ) -> Result<Self, ClientError> {
        let mut manager = Self {
            source: TokenSource::Fixed,
            token: RefCell::default(),
            masks: SecretMasks::default(),
            token_count: Cell::new(0),
            is_proven: Cell::new(false),
            next_on_trial: Cell::new(matches!(credentials, Credentials::OAuth(_))),
            renewals: TokenRenewals::default(),
            report_event,
        };
        match credentials {
            Credentials::Token(token) => manager.set_first_token(&token)?,
            Credentials::TokenFile { token, path } => {
                manager.set_first_token(&token)?;
                let in_use = RefCell::new(token);
                manager.source = TokenSource::File { path, in_use };
            }
            Credentials::OAuth(app) => {
                for secret in [&app.client_id, &app.client_secret, &app.refresh_token] {
                    manager.masks.add(secret);
                }
                let refresh_token = RefCell::new(app.refresh_token.clone());
                manager.source = TokenSource::OAuth { app, refresh_token };
            }
            Credentials::ApiKey(key) => {
                manager.masks.add(&key);
                manager.set_token(None, None);
            }
        }
        Ok(manager)
    }

    fn set_first_token(&self, token: &Secret) -> Result<(), ClientError> {
        let header = self.auth_header(token).ok_or(ClientError::Token)?;
        self.set_token(Some(header), None);
        Ok(())
    }

    /// Hides every secret of the run in a text that may quote it.
    pub(super) fn mask(&self, text: &str) -> String {
        self.masks.mask(text)
    }

    /// Hides every secret of the run in a body that may echo it.
    pub(super) fn mask_body(&self, body: Vec<u8>) -> Vec<u8> {
        self.masks.mask_body(body)
    }

    /// The authentication for a request that is sent now.
    pub(super) fn current_auth(&self) -> Option<RequestAuth> {
        let token = self.token.borrow();
        let token = token.as_ref().filter(|token| token.is_valid())?;
        Some(token.auth.clone())
    }

    /// Whether a request can be sent now.
    pub(super) fn is_ready(&self) -> bool {
        self.token
            .borrow()
            .as_ref()
            .is_some_and(CurrentToken::is_valid)
    }

    /// Whether there is no token, or it is time to renew it.
    fn is_due(&self) -> bool {
        self.token
            .borrow()
            .as_ref()
            .is_none_or(CurrentToken::is_due)
    }

    /// HubSpot accepted the token.
    pub(super) fn mark_accepted(&self, auth: &RequestAuth) {
        if let Some(token) = &mut *self.token.borrow_mut()
            && token.auth.number == auth.number
        {
            token.on_trial = false;
        }
    }

    /// The response came from the API itself, so the edge can route the token.
    pub(super) fn mark_proven(&self) {
        self.is_proven.set(true);
    }

    /// Whether any response came from the API itself.
    pub(super) fn is_proven(&self) -> bool {
        self.is_proven.get()
    }

    /// What it means that this authentication was refused with `verdict`.
    pub(super) fn refused(&self, auth: &RequestAuth, verdict: Verdict) -> Verdict {
        let Verdict::Fatal(reason) = verdict else {
            return verdict;
        };
        match (&self.source, self.on_trial(auth)) {
            // The token was replaced or dropped while the request was in flight.
            (TokenSource::Fixed | TokenSource::File { .. } | TokenSource::OAuth { .. }, None) => {
                Verdict::TokenExpired(reason)
            }
            (TokenSource::Fixed, Some(on_trial)) => self.retry_same_token(auth, on_trial, reason),
            (TokenSource::OAuth { .. }, Some(true)) => Verdict::Fatal(reason),
            (TokenSource::OAuth { .. }, Some(false)) => {
                (self.report_event)(&TokenEvent::RefusedEarly);
                *self.token.borrow_mut() = None;
                self.next_on_trial.set(true);
                Verdict::TokenExpired(reason)
            }
            // A pipe gives its token only once, and reading it again might block forever.
            (TokenSource::File { path, .. }, Some(on_trial)) if is_pipe(path) => {
                self.retry_same_token(auth, on_trial, reason)
            }
            (TokenSource::File { path, in_use }, Some(on_trial)) => {
                match self.use_token_of_file(in_use, Secret::from_file(path)) {
                    Some(()) => Verdict::TokenReplaced(reason),
                    None => self.retry_same_token(auth, on_trial, reason),
                }
            }
        }
    }

    /// A single refusal may be a mistake of HubSpot's, and it would end an unattended run. So only
    /// two refusals in a row count.
    fn retry_same_token(&self, auth: &RequestAuth, on_trial: bool, reason: StopReason) -> Verdict {
        if on_trial {
            return Verdict::Fatal(reason);
        }
        (self.report_event)(&TokenEvent::RetriedSameToken);
        self.next_on_trial.set(true);
        self.set_token(auth.header.clone(), None);
        Verdict::TokenExpired(reason)
    }

    /// Whether the current token is on trial; `None` if this authentication used another token.
    fn on_trial(&self, auth: &RequestAuth) -> Option<bool> {
        let token = self.token.borrow();
        let token = token
            .as_ref()
            .filter(|token| token.auth.number == auth.number)?;
        Some(token.on_trial)
    }

    /// Uses the token that is in the file now, if it is a different one.
    fn use_token_of_file(
        &self,
        in_use: &RefCell<Secret>,
        found: Result<Secret, TokenError>,
    ) -> Option<()> {
        let new = match found {
            Ok(new) if new.expose() != in_use.borrow().expose() => new,
            Ok(_) => return None,
            Err(error) => {
                (self.report_event)(&TokenEvent::NoNewToken(error));
                return None;
            }
        };
        let header = self.auth_header(&new)?;
        (self.report_event)(&TokenEvent::FileReloaded);
        *in_use.borrow_mut() = new;
        self.set_token(Some(header), None);
        Some(())
    }

    /// The header for this token. The token is masked in all texts from now on.
    fn auth_header(&self, token: &Secret) -> Option<Rc<AuthHeader>> {
        self.masks.add(token);
        let mut header = HeaderValue::try_from(format!("{BEARER}{}", token.expose())).ok()?;
        header.set_sensitive(true);
        let token = token.clone();
        Some(Rc::new(AuthHeader { token, header }))
    }

    fn set_token(&self, header: Option<Rc<AuthHeader>>, times: Option<(Instant, Instant)>) {
        let number = self.token_count.get() + 1;
        self.token_count.set(number);
        *self.token.borrow_mut() = Some(CurrentToken {
            auth: RequestAuth { number, header },
            times,
            on_trial: self.next_on_trial.replace(false),
        });
    }
}

fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

impl CurrentToken {
    fn is_due(&self) -> bool {
        self.times.is_some_and(|(due, _)| due <= Instant::now())
    }

    fn is_valid(&self) -> bool {
        self.times.is_none_or(|(_, end)| Instant::now() < end)
    }
}
