//! What proves the run's right at the moment: the token that requests carry,
//! when it is of no use any more, and what a refusal of it means.
//!
//! Knows nothing of HTTP, of pace or of rows.

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

/// What stands before a token in its header.
const BEARER: &str = "Bearer ";

/// The right to call, shared by all requests of a run.
#[derive(Debug)]
pub(super) struct TokenManager {
    source: TokenSource,
    token: RefCell<Option<CurrentToken>>,
    masks: SecretMasks,
    tokens_so_far: Cell<u64>,
    /// Whether the API has answered a call with any token of the run.
    is_proven: Cell<bool>,
    /// Whether the next token follows one that was refused, or none.
    next_on_trial: Cell<bool>,
    renewals: TokenRenewals,
    tell: fn(&TokenEvent),
}

/// Where another token comes from.
#[derive(Debug)]
enum TokenSource {
    Nowhere,
    File {
        path: PathBuf,
        held: RefCell<Secret>,
    },
    OAuth {
        app: OAuthCredentials,
        refresh_token: RefCell<Secret>,
    },
}

/// The questions for another token.
#[derive(Debug, Default)]
struct TokenRenewals {
    /// Whoever holds it asks for a token; the others wait for what comes of it.
    asking: Mutex<()>,
    questions: Cell<u64>,
    /// What the last question came to, if it failed; not to be repeated before.
    failed: RefCell<Option<(Verdict, Instant)>>,
}

#[derive(Debug)]
struct CurrentToken {
    auth: RequestAuth,
    /// When the next one is asked for, and when this one is of no use any more.
    times: Option<(Instant, Instant)>,
    /// Follows a refusal, also of the same token, and has met nothing but
    /// refusals itself.
    on_trial: bool,
}

/// What one request carries.
#[derive(Clone, Debug)]
pub(super) struct RequestAuth {
    number: u64,
    /// `None` if the header is in the URL.
    header: Option<Rc<AuthHeader>>,
}

/// What proves the right to call.
#[derive(Debug)]
struct AuthHeader {
    token: Secret,
    /// The same as a header, which no text shows.
    header: HeaderValue,
}

impl RequestAuth {
    /// The header that proves the right to call, if it is not in the URL.
    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref().map(|header| &header.header)
    }

    /// The token itself, for the one question that carries it in its body.
    pub(super) fn token(&self) -> Option<&str> {
        self.header.as_ref().map(|header| header.token.expose())
    }
}

impl TokenManager {
    pub(super) fn new(
        credentials: Credentials,
        tell: fn(&TokenEvent),
    ) -> Result<Self, ClientError> {
        let mut access = Self {
            source: TokenSource::Nowhere,
            token: RefCell::default(),
            masks: SecretMasks::default(),
            tokens_so_far: Cell::new(0),
            is_proven: Cell::new(false),
            next_on_trial: Cell::new(matches!(credentials, Credentials::OAuth(_))),
            renewals: TokenRenewals::default(),
            tell,
        };
        match credentials {
            Credentials::Token(token) => access.begin(&token)?,
            Credentials::TokenFile { token, path } => {
                access.begin(&token)?;
                let held = RefCell::new(token);
                access.source = TokenSource::File { path, held };
            }
            Credentials::OAuth(app) => {
                for secret in [&app.client_id, &app.client_secret, &app.refresh_token] {
                    access.masks.add(secret);
                }
                let refresh_token = RefCell::new(app.refresh_token.clone());
                access.source = TokenSource::OAuth { app, refresh_token };
            }
            Credentials::ApiKey(key) => {
                access.masks.add(&key);
                access.set_token(None, None);
            }
        }
        Ok(access)
    }

    fn begin(&self, token: &Secret) -> Result<(), ClientError> {
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

    /// What a request carries that leaves now.
    pub(super) fn current_auth(&self) -> Option<RequestAuth> {
        let token = self.token.borrow();
        let token = token.as_ref().filter(|token| token.is_good())?;
        Some(token.auth.clone())
    }

    /// Whether a request can leave now.
    pub(super) fn is_ready(&self) -> bool {
        self.token
            .borrow()
            .as_ref()
            .is_some_and(CurrentToken::is_good)
    }

    /// Whether there is no token, or it is time for the next.
    fn is_due(&self) -> bool {
        self.token
            .borrow()
            .as_ref()
            .is_none_or(CurrentToken::is_due)
    }

    /// An answer said more than that the token is refused.
    pub(super) fn accepted(&self, auth: &RequestAuth) {
        if let Some(token) = &mut *self.token.borrow_mut()
            && token.auth.number == auth.number
        {
            token.on_trial = false;
        }
    }

    /// The API itself answered, so that its edge knows where the token belongs.
    pub(super) fn prove(&self) {
        self.is_proven.set(true);
    }

    /// Whether it ever did.
    pub(super) fn is_proven(&self) -> bool {
        self.is_proven.get()
    }

    /// What it means that a auth was refused, which `verdict` says.
    pub(super) fn refused(&self, auth: &RequestAuth, verdict: Verdict) -> Verdict {
        let Verdict::Fatal(reason) = verdict else {
            return verdict;
        };
        match (&self.source, self.on_trial(auth)) {
            // It was replaced, or given up, while the request was under way.
            (TokenSource::Nowhere | TokenSource::File { .. } | TokenSource::OAuth { .. }, None) => {
                Verdict::TokenExpired(reason)
            }
            (TokenSource::Nowhere, Some(on_trial)) => self.retry_same_token(auth, on_trial, reason),
            (TokenSource::OAuth { .. }, Some(true)) => Verdict::Fatal(reason),
            (TokenSource::OAuth { .. }, Some(false)) => {
                (self.tell)(&TokenEvent::RefusedEarly);
                *self.token.borrow_mut() = None;
                self.next_on_trial.set(true);
                Verdict::TokenExpired(reason)
            }
            // A pipe gives its token only once, and might be waited for without end.
            (TokenSource::File { path, .. }, Some(on_trial)) if is_pipe(path) => {
                self.retry_same_token(auth, on_trial, reason)
            }
            (TokenSource::File { path, held }, Some(on_trial)) => {
                match self.use_token_of_file(held, Secret::from_file(path)) {
                    Some(()) => Verdict::TokenReplaced(reason),
                    None => self.retry_same_token(auth, on_trial, reason),
                }
            }
        }
    }

    /// One refusal may be a slip of HubSpot's: with a supervisor that takes it for
    /// the last word, it would end a night. Only a second one in a row is believed.
    fn retry_same_token(&self, auth: &RequestAuth, on_trial: bool, reason: StopReason) -> Verdict {
        if on_trial {
            return Verdict::Fatal(reason);
        }
        (self.tell)(&TokenEvent::RetriedSameToken);
        self.next_on_trial.set(true);
        self.set_token(auth.header.clone(), None);
        Verdict::TokenExpired(reason)
    }

    /// Whether a auth is the current token's, and that one on trial.
    fn on_trial(&self, auth: &RequestAuth) -> Option<bool> {
        let token = self.token.borrow();
        let token = token
            .as_ref()
            .filter(|token| token.auth.number == auth.number)?;
        Some(token.on_trial)
    }

    /// Goes on with the token that the file holds now, if it is another one.
    fn use_token_of_file(
        &self,
        held: &RefCell<Secret>,
        found: Result<Secret, TokenError>,
    ) -> Option<()> {
        let new = match found {
            Ok(new) if new.expose() != held.borrow().expose() => new,
            Ok(_) => return None,
            Err(error) => {
                (self.tell)(&TokenEvent::NoNewToken(error));
                return None;
            }
        };
        let header = self.auth_header(&new)?;
        (self.tell)(&TokenEvent::FileReloaded);
        *held.borrow_mut() = new;
        self.set_token(Some(header), None);
        Some(())
    }

    /// What proves the right by this token, which no text shows from now on.
    fn auth_header(&self, token: &Secret) -> Option<Rc<AuthHeader>> {
        self.masks.add(token);
        let mut header = HeaderValue::try_from(format!("{BEARER}{}", token.expose())).ok()?;
        header.set_sensitive(true);
        let token = token.clone();
        Some(Rc::new(AuthHeader { token, header }))
    }

    fn set_token(&self, header: Option<Rc<AuthHeader>>, times: Option<(Instant, Instant)>) {
        let number = self.tokens_so_far.get() + 1;
        self.tokens_so_far.set(number);
        *self.token.borrow_mut() = Some(CurrentToken {
            auth: RequestAuth { number, header },
            times,
            on_trial: self.next_on_trial.replace(false),
        });
    }
}

fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file())
}

impl CurrentToken {
    fn is_due(&self) -> bool {
        self.times.is_some_and(|(due, _)| due <= Instant::now())
    }

    fn is_good(&self) -> bool {
        self.times.is_none_or(|(_, end)| Instant::now() < end)
    }
}
