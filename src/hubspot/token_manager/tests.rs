//! Renewal with a paused clock and a scripted token endpoint.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::{Instant, advance, sleep};

use super::*;
use crate::{
    code::Code,
    failure::{AccessDenied, Failure, ResponseFault},
    hubspot::oauth::{self, TokenGrant},
};

const MS: Duration = Duration::from_millis(1);

fn secret(text: &str) -> Secret {
    Secret::new(text, "test").unwrap()
}

fn oauth() -> TokenManager {
    let app = OAuthCredentials {
        client_id: secret("the-id"),
        client_secret: secret("the-secret"),
        refresh_token: secret("the-refresh"),
    };
    TokenManager::new(Credentials::OAuth(app), |_| {}).unwrap()
}

/// Grants `access-1`, `access-2`, … with this lifetime after 200 ms, unless it is set to fail.
#[derive(Default)]
struct Endpoint {
    lifetime: Duration,
    requests: Cell<u64>,
    rotates: bool,
    seen: RefCell<Vec<String>>,
    down: Cell<bool>,
}

impl Endpoint {
    fn of_lifetime(lifetime: Duration) -> Self {
        Self {
            lifetime,
            ..Self::default()
        }
    }

    async fn fetch(&self, _: &OAuthCredentials, refresh: &Secret) -> Result<TokenGrant, Verdict> {
        self.requests.update(|n| n + 1);
        self.seen.borrow_mut().push(refresh.expose().to_owned());
        let n = self.requests.get();
        sleep(200 * MS).await;
        if self.down.get() {
            return Err(oauth::about_token(Verdict::Transient {
                failure: Failure::new(Code::ServerError, ResponseFault::Quoted("down".to_owned())),
                wait: Duration::ZERO,
            }));
        }
        Ok(TokenGrant {
            access_token: secret(&format!("access-{n}")),
            lifetime: Some(self.lifetime),
            refresh_token: self.rotates.then(|| secret(&format!("refresh-{n}"))),
        })
    }

    async fn prepare(&self, access: &TokenManager) -> Result<(), Verdict> {
        access
            .prepare(async |app, refresh| self.fetch(app, refresh).await)
            .await
    }
}

fn refusal() -> Verdict {
    Verdict::Fatal(StopReason::Credentials(AccessDenied::Expired.into()))
}

fn is_outdated(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::TokenExpired(_) | Verdict::TokenReplaced(_)
    )
}

/// Runs sixteen workers with a request every 50 ms each. Returns how often a token was used after
/// it had expired.
async fn work(access: &TokenManager, endpoint: &Endpoint, how_long: Duration) -> u64 {
    let (end, late) = (Instant::now() + how_long, Cell::new(0));
    let worker = async || {
        while Instant::now() < end {
            endpoint.prepare(access).await.unwrap();
            match access.current_auth() {
                Some(auth) => access.mark_accepted(&auth),
                None => late.update(|n| n + 1),
            }
            sleep(50 * MS).await;
        }
    };
    join_all((0..16).map(|_| worker())).await;
    late.get()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_once_per_lifetime_for_all_workers() {
    let endpoint = Endpoint::of_lifetime(5000 * MS);
    let access = oauth();
    assert_eq!(work(&access, &endpoint, 30_000 * MS).await, 0);
    // At 0 s, and then 4.5 s after each grant.
    assert_eq!(endpoint.requests.get(), 7);
}

#[tokio::test(start_paused = true)]
async fn other_tasks_use_the_old_token_during_a_renewal() {
    let endpoint = Endpoint::of_lifetime(1_800_000 * MS);
    let access = oauth();
    endpoint.prepare(&access).await.unwrap();
    // Less than a minute of the lifetime is left.
    advance(1_745_000 * MS).await;
    let from = Instant::now();
    let (renewing, other) = (endpoint.prepare(&access), async {
        endpoint.prepare(&access).await.unwrap();
        (from.elapsed(), access.current_auth().unwrap().number)
    });
    let (renewed, other) = tokio::join!(renewing, other);
    renewed.unwrap();
    assert_eq!(other, (Duration::ZERO, 1));
    assert_eq!(
        (
            access.current_auth().unwrap().number,
            endpoint.requests.get()
        ),
        (2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_of_the_token_endpoint_is_hidden_while_the_token_is_valid() {
    let endpoint = Endpoint::of_lifetime(1_800_000 * MS);
    let access = oauth();
    endpoint.prepare(&access).await.unwrap();
    endpoint.down.set(true);
    advance(1_740_000 * MS).await;
    for _ in 0..40 {
        endpoint.prepare(&access).await.unwrap();
        sleep(1000 * MS).await;
    }
    assert!(endpoint.requests.get() <= 41, "{}", endpoint.requests.get());
    sleep(20_000 * MS).await;
    assert!(endpoint.prepare(&access).await.is_err(), "it has expired");
    assert!(access.current_auth().is_none());
}

#[tokio::test(start_paused = true)]
async fn waiting_tasks_share_a_failure_and_retries_are_one_second_apart() {
    let endpoint = Endpoint::of_lifetime(5000 * MS);
    endpoint.down.set(true);
    let access = oauth();
    let waiting = (0..16).map(|_| endpoint.prepare(&access));
    assert!(join_all(waiting).await.iter().all(Result::is_err));
    assert_eq!(endpoint.requests.get(), 1);
    let from = Instant::now();
    for _ in 0..5 {
        assert!(endpoint.prepare(&access).await.is_err());
    }
    assert!(from.elapsed() >= 5000 * MS, "{:?}", from.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_before_its_expiry_is_renewed_once_for_all_requests_in_flight() {
    let endpoint = Endpoint::of_lifetime(1_800_000 * MS);
    let access = oauth();
    endpoint.prepare(&access).await.unwrap();
    let old = access.current_auth().unwrap();
    access.mark_accepted(&old);
    for _ in 0..16 {
        assert!(is_outdated(&access.refused(&old, refusal())));
    }
    join_all((0..16).map(|_| endpoint.prepare(&access))).await;
    assert!(is_outdated(&access.refused(&old, refusal())), "a late one");
    assert_eq!((endpoint.requests.get(), access.is_ready()), (2, true));
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_stops_the_run() {
    let endpoint = Endpoint::of_lifetime(1_800_000 * MS);
    let access = oauth();
    endpoint.prepare(&access).await.unwrap();
    let first = access.current_auth().unwrap();
    assert_eq!(
        access.refused(&first, refusal()),
        refusal(),
        "the first one"
    );
    access.mark_accepted(&first);
    assert!(is_outdated(&access.refused(&first, refusal())));
    endpoint.prepare(&access).await.unwrap();
    let second = access.current_auth().unwrap();
    assert_eq!(access.refused(&second, refusal()), refusal());
}

#[tokio::test(start_paused = true)]
async fn a_replaced_refresh_token_is_used_and_masked() {
    let endpoint = Endpoint {
        rotates: true,
        ..Endpoint::of_lifetime(5000 * MS)
    };
    let access = oauth();
    work(&access, &endpoint, 10_000 * MS).await;
    assert_eq!(
        *endpoint.seen.borrow(),
        ["the-refresh", "refresh-1", "refresh-2"]
    );
    let all = "the-id the-secret the-refresh refresh-1 refresh-3 access-1 access-2 access-3";
    let hidden = access.mask(all);
    assert!(!hidden.contains(|c: char| c.is_alphanumeric()), "{hidden}");
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_of_zero_does_not_cause_endless_renewals() {
    let endpoint = Endpoint::of_lifetime(Duration::ZERO);
    let access = oauth();
    work(&access, &endpoint, 10_000 * MS).await;
    assert!(endpoint.requests.get() <= 13, "{}", endpoint.requests.get());
}

#[test]
fn a_token_file_is_read_again_once_for_all_refused_requests() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "old").unwrap();
    let token = Secret::from_file(&path).unwrap();
    let credentials = Credentials::TokenFile {
        token,
        path: path.clone(),
    };
    let access = TokenManager::new(credentials, |_| {}).unwrap();
    let old = access.current_auth().unwrap();
    access.mark_accepted(&old);
    assert!(is_outdated(&access.refused(&old, refusal())), "once more");
    let old = access.current_auth().unwrap();
    assert_eq!(access.refused(&old, refusal()), refusal(), "unchanged");
    std::fs::write(&path, "new\n").unwrap();
    for _ in 0..16 {
        assert!(is_outdated(&access.refused(&old, refusal())));
    }
    let new = access.current_auth().unwrap();
    assert_eq!(new.header().unwrap(), "Bearer new");
    assert_eq!(new.number, 3);
    assert!(is_outdated(&access.refused(&new, refusal())), "once more");
    let new = access.current_auth().unwrap();
    assert_eq!(access.refused(&new, refusal()), refusal());
}

#[test]
fn one_refusal_is_ignored_and_two_in_a_row_count() {
    let token = Secret::new("the-token", "test").unwrap();
    let access = TokenManager::new(Credentials::Token(token), |_| {}).unwrap();
    for _ in 0..3 {
        let auth = access.current_auth().unwrap();
        access.mark_accepted(&auth);
        // All requests in flight count as one refusal.
        for _ in 0..16 {
            assert!(is_outdated(&access.refused(&auth, refusal())));
        }
    }
    let again = access.current_auth().unwrap();
    assert_eq!(again.header().unwrap(), "Bearer the-token");
    assert_eq!(access.refused(&again, refusal()), refusal());
}
