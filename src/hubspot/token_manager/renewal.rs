//! Renews access tokens: one is requested at the start, and again before it expires, once for all
//! tasks that need it.
//!
//! The function that sends the request is an argument. Uses tokio's clock, so changes of the system
//! clock have no effect.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{TokenManager, TokenSource};
use crate::{
    api::Verdict,
    failure::AccessDenied,
    hubspot::{
        events::TokenEvent,
        oauth::TokenGrant,
        token::{OAuthCredentials, Secret},
    },
    stop::StopReason,
};

/// The longest time before its expiry at which a token is renewed. It is longer than a request
/// usually takes.
const MAX_MARGIN: Duration = Duration::from_secs(60);

/// A short lifetime is divided by this to get the margin before its end.
const MARGIN_DIVISOR: u32 = 10;

/// Shorter lifetimes count as this. Otherwise the program would only renew tokens.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// The shortest time between two requests after a failure.
const MIN_RETRY_INTERVAL: Duration = Duration::from_secs(1);

impl TokenManager {
    /// Gets a token if there is none or it expires soon; `fetch` sends the request. Of all callers
    /// only one requests a token. Meanwhile the others use the old token if it is still valid.
    pub(crate) async fn prepare(
        &self,
        fetch: impl AsyncFnOnce(&OAuthCredentials, &Secret) -> Result<TokenGrant, Verdict>,
    ) -> Result<(), Verdict> {
        let TokenSource::OAuth { app, refresh_token } = &self.source else {
            return Ok(());
        };
        let renewals = &self.renewals;
        let another_task_renews = self.is_ready() && renewals.request_lock.try_lock().is_err();
        if another_task_renews || !self.is_due() {
            return Ok(());
        }
        let count_before = renewals.request_count.get();
        let _requesting = renewals.request_lock.lock().await;
        if !self.is_due() {
            return Ok(());
        }
        let failed = renewals.failed.borrow().clone();
        if let Some((verdict, again_at)) = failed {
            // Tasks that waited during the failed request share its result.
            if renewals.request_count.get() != count_before {
                return Err(verdict);
            }
            sleep_until(again_at).await;
        }
        let requested_at = Instant::now();
        let refresh_token = refresh_token.borrow().clone();
        let fetched = fetch(app, &refresh_token).await;
        renewals.request_count.update(|requests| requests + 1);
        match fetched {
            Ok(grant) => self.store_grant(&grant, requested_at),
            Err(verdict) => self.keep_old_token(verdict),
        }
    }

    fn store_grant(&self, grant: &TokenGrant, requested_at: Instant) -> Result<(), Verdict> {
        let Some(header) = self.auth_header(&grant.access_token) else {
            return self.keep_old_token(Verdict::Fatal(StopReason::Credentials(
                AccessDenied::Unsendable.into(),
            )));
        };
        *self.renewals.failed.borrow_mut() = None;
        let times = grant.lifetime.map(|lifetime| {
            let lifetime = lifetime.max(MIN_LIFETIME);
            let end = requested_at + lifetime;
            (end - (lifetime / MARGIN_DIVISOR).min(MAX_MARGIN), end)
        });
        self.set_token(Some(header), times);
        (self.report_event)(&TokenEvent::Granted(grant.lifetime.unwrap_or_default()));
        if let (TokenSource::OAuth { refresh_token, .. }, Some(new)) =
            (&self.source, &grant.refresh_token)
            && new.expose() != refresh_token.borrow().expose()
        {
            self.masks.add(new);
            *refresh_token.borrow_mut() = new.clone();
            (self.report_event)(&TokenEvent::RefreshTokenReplaced);
        }
        Ok(())
    }

    /// There is no new token, so the old one is used while it is valid.
    fn keep_old_token(&self, verdict: Verdict) -> Result<(), Verdict> {
        let now = Instant::now();
        let wait = shortest_wait(&verdict).max(MIN_RETRY_INTERVAL);
        *self.renewals.failed.borrow_mut() = Some((verdict.clone(), now + MIN_RETRY_INTERVAL));
        let mut token = self.token.borrow_mut();
        let times = token.as_mut().and_then(|token| token.times.as_mut());
        if let Some((due, end)) = times.filter(|(_, end)| now < *end)
            && !matches!(verdict, Verdict::Fatal(_))
        {
            *due = (now + wait).min(*end);
            return Ok(());
        }
        Err(verdict)
    }
}

/// The shortest wait that the server asked for.
fn shortest_wait(verdict: &Verdict) -> Duration {
    match verdict {
        Verdict::Transient { wait, .. } => *wait,
        Verdict::Throttled { wait, .. } => wait.unwrap_or_default(),
        Verdict::Done { .. }
        | Verdict::Refused(_)
        | Verdict::PerLink(_)
        | Verdict::DayUsedUp(_)
        | Verdict::NotSent(_)
        | Verdict::ConnectionLost(_)
        | Verdict::NotFromApi(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_) => Duration::ZERO,
    }
}
