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
    events::Event,
    http::ClientError,
    mask::Masks,
    token::{Credentials, OAuthApp, Secret, TokenError},
};
use crate::{api::Verdict, stop::StopReason};

/// What stands before a token in its header.
const BEARER: &str = "Bearer ";

/// The right to call, shared by all requests of a run.
#[derive(Debug)]
pub(super) struct Access {
    source: Source,
    token: RefCell<Option<Token>>,
    masks: Masks,
    tokens_so_far: Cell<u64>,
    /// Whether the API has answered a call with any token of the run.
    is_proven: Cell<bool>,
    /// Whether the next token follows one that was refused, or none.
    next_on_trial: Cell<bool>,
    renewals: Renewals,
    tell: fn(&Event),
}

/// Where another token comes from.
#[derive(Debug)]
enum Source {
    Nowhere,
    File {
        path: PathBuf,
        held: RefCell<Secret>,
    },
    OAuth {
        app: OAuthApp,
        refresh_token: RefCell<Secret>,
    },
}

/// The questions for another token.
#[derive(Debug, Default)]
struct Renewals {
    /// Whoever holds it asks for a token; the others wait for what comes of it.
    asking: Mutex<()>,
    questions: Cell<u64>,
    /// What the last question came to, if it failed; not to be repeated before.
    failed: RefCell<Option<(Verdict, Instant)>>,
}

#[derive(Debug)]
struct Token {
    pass: Pass,
    /// When the next one is asked for, and when this one is of no use any more.
    times: Option<(Instant, Instant)>,
    /// Follows a refusal, also of the same token, and has met nothing but
    /// refusals itself.
    on_trial: bool,
}

/// What one request carries.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    number: u64,
    /// `None` if the proof is in the URL.
    proof: Option<Rc<Proof>>,
}

/// What proves the right to call.
#[derive(Debug)]
struct Proof {
    token: Secret,
    /// The same as a header, which no text shows.
    header: HeaderValue,
}

impl Pass {
    /// The header that proves the right to call, if it is not in the URL.
    pub(super) fn header(&self) -> Option<&HeaderValue> {
        self.proof.as_ref().map(|proof| &proof.header)
    }

    /// The token itself, for the one question that carries it in its body.
    pub(super) fn token(&self) -> Option<&str> {
        self.proof.as_ref().map(|proof| proof.token.expose())
    }
}

impl Access {
    pub(super) fn new(credentials: Credentials, tell: fn(&Event)) -> Result<Self, ClientError> {
        let mut access = Self {
            source: Source::Nowhere,
            token: RefCell::default(),
            masks: Masks::default(),
            tokens_so_far: Cell::new(0),
            is_proven: Cell::new(false),
            next_on_trial: Cell::new(matches!(credentials, Credentials::OAuth(_))),
            renewals: Renewals::default(),
            tell,
        };
        match credentials {
            Credentials::Token(token) => access.begin(&token)?,
            Credentials::TokenFile { token, path } => {
                access.begin(&token)?;
                let held = RefCell::new(token);
                access.source = Source::File { path, held };
            }
            Credentials::OAuth(app) => {
                for secret in [&app.client_id, &app.client_secret, &app.refresh_token] {
                    access.masks.add(secret);
                }
                let refresh_token = RefCell::new(app.refresh_token.clone());
                access.source = Source::OAuth { app, refresh_token };
            }
            Credentials::ApiKey(key) => {
                access.masks.add(&key);
                access.carry(None, None);
            }
        }
        Ok(access)
    }

    fn begin(&self, token: &Secret) -> Result<(), ClientError> {
        let proof = self.proof(token).ok_or(ClientError::Token)?;
        self.carry(Some(proof), None);
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
    pub(super) fn pass(&self) -> Option<Pass> {
        let token = self.token.borrow();
        let token = token.as_ref().filter(|token| token.is_good())?;
        Some(token.pass.clone())
    }

    /// Whether a request can leave now.
    pub(super) fn is_ready(&self) -> bool {
        self.token.borrow().as_ref().is_some_and(Token::is_good)
    }

    /// Whether there is no token, or it is time for the next.
    fn is_due(&self) -> bool {
        self.token.borrow().as_ref().is_none_or(Token::is_due)
    }

    /// An answer said more than that the token is refused.
    pub(super) fn accepted(&self, pass: &Pass) {
        if let Some(token) = &mut *self.token.borrow_mut()
            && token.pass.number == pass.number
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

    /// What it means that a pass was refused, which `verdict` says.
    pub(super) fn refused(&self, pass: &Pass, verdict: Verdict) -> Verdict {
        let Verdict::Fatal(reason) = verdict else {
            return verdict;
        };
        match (&self.source, self.on_trial(pass)) {
            // It was replaced, or given up, while the request was under way.
            (Source::Nowhere | Source::File { .. } | Source::OAuth { .. }, None) => {
                Verdict::TokenExpired(reason)
            }
            (Source::Nowhere, Some(on_trial)) => self.once_more(pass, on_trial, reason),
            (Source::OAuth { .. }, Some(true)) => Verdict::Fatal(reason),
            (Source::OAuth { .. }, Some(false)) => {
                (self.tell)(&Event::RefusedEarly);
                *self.token.borrow_mut() = None;
                self.next_on_trial.set(true);
                Verdict::TokenExpired(reason)
            }
            // A pipe gives its token only once, and might be waited for without end.
            (Source::File { path, .. }, Some(on_trial)) if is_pipe(path) => {
                self.once_more(pass, on_trial, reason)
            }
            (Source::File { path, held }, Some(on_trial)) => {
                match self.read_again(held, Secret::from_file(path)) {
                    Some(()) => Verdict::TokenReplaced(reason),
                    None => self.once_more(pass, on_trial, reason),
                }
            }
        }
    }

    /// One refusal may be a slip of HubSpot's: with a supervisor that takes it for
    /// the last word, it would end a night. Only a second one in a row is believed.
    fn once_more(&self, pass: &Pass, on_trial: bool, reason: StopReason) -> Verdict {
        if on_trial {
            return Verdict::Fatal(reason);
        }
        (self.tell)(&Event::AskedOnceMore);
        self.next_on_trial.set(true);
        self.carry(pass.proof.clone(), None);
        Verdict::TokenExpired(reason)
    }

    /// Whether a pass is the current token's, and that one on trial.
    fn on_trial(&self, pass: &Pass) -> Option<bool> {
        let token = self.token.borrow();
        let token = token
            .as_ref()
            .filter(|token| token.pass.number == pass.number)?;
        Some(token.on_trial)
    }

    /// Goes on with the token that the file holds now, if it is another one.
    fn read_again(&self, held: &RefCell<Secret>, found: Result<Secret, TokenError>) -> Option<()> {
        let new = match found {
            Ok(new) if new.expose() != held.borrow().expose() => new,
            Ok(_) => return None,
            Err(error) => {
                (self.tell)(&Event::NoOtherToken(error));
                return None;
            }
        };
        let proof = self.proof(&new)?;
        (self.tell)(&Event::ReadAgain);
        *held.borrow_mut() = new;
        self.carry(Some(proof), None);
        Some(())
    }

    /// What proves the right by this token, which no text shows from now on.
    fn proof(&self, token: &Secret) -> Option<Rc<Proof>> {
        self.masks.add(token);
        let mut header = HeaderValue::try_from(format!("{BEARER}{}", token.expose())).ok()?;
        header.set_sensitive(true);
        let token = token.clone();
        Some(Rc::new(Proof { token, header }))
    }

    fn carry(&self, proof: Option<Rc<Proof>>, times: Option<(Instant, Instant)>) {
        let number = self.tokens_so_far.get() + 1;
        self.tokens_so_far.set(number);
        *self.token.borrow_mut() = Some(Token {
            pass: Pass { number, proof },
            times,
            on_trial: self.next_on_trial.replace(false),
        });
    }
}

fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file())
}

impl Token {
    fn is_due(&self) -> bool {
        self.times.is_some_and(|(due, _)| due <= Instant::now())
    }

    fn is_good(&self) -> bool {
        self.times.is_none_or(|(_, end)| Instant::now() < end)
    }
}
