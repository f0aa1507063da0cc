//! Logs the events of the layers below the commands.
//!
//! Each event keeps the log target of the place where it happened, because filters use it and
//! JSON logs show it.

use tracing::{info, warn};

use super::access;
use crate::{
    hubspot, journal,
    rate_state::{self, UnusableReason},
};

/// Target of events about the token.
const ACCESS: &str = "hubassoc::hubspot::access";

/// Target of events about OAuth.
const RENEWAL: &str = "hubassoc::hubspot::access::renewal";

/// Target of events about the shared rate-limit state.
const RATE_STATE: &str = "hubassoc::ledger";

/// Target of events about locks.
const LOCK: &str = "hubassoc::journal::lock";

/// Target of events about recorded runs.
const PAST: &str = "hubassoc::journal::past";

/// Logs what happened to the token.
pub fn log_token_event(event: &hubspot::TokenEvent) {
    match event {
        hubspot::TokenEvent::Granted(lifetime) => info!(
            target: RENEWAL,
            "HubSpot granted an access token, valid for {} s",
            lifetime.as_secs()
        ),
        hubspot::TokenEvent::RefreshTokenReplaced => warn!(
            target: RENEWAL,
            "HubSpot replaced the refresh token: this run uses the new one, but \
             HUBSPOT_REFRESH_TOKEN still has the old one; if the next run is refused, authorise \
             the app again"
        ),
        hubspot::TokenEvent::RefusedEarly => info!(
            target: ACCESS,
            "HubSpot refused the access token before it expired; requesting a new one"
        ),
        hubspot::TokenEvent::RetriedSameToken => info!(
            target: ACCESS,
            "HubSpot refused the token; trying once more before stopping"
        ),
        hubspot::TokenEvent::NoNewToken(error) => warn!(
            target: ACCESS,
            "the token was refused, and there is no new one: {}",
            access::token(error)
        ),
        hubspot::TokenEvent::FileReloaded => info!(
            target: ACCESS,
            "the token was refused; the token file has changed, using the new token"
        ),
    }
}

/// Logs what happened to the shared rate-limit state.
pub fn log_rate_state_event(event: &rate_state::RateStateEvent) {
    match event {
        rate_state::RateStateEvent::Reset => warn!(
            target: RATE_STATE,
            "the rate-limit state that runs share was damaged, or the clock was set back: it \
             starts again, as if the limit had just been used up"
        ),
        rate_state::RateStateEvent::Abandoned(why) => warn!(
            target: RATE_STATE,
            "the rate-limit state that runs share cannot be used any more ({}): this run and other \
             runs with the same token no longer share the limit, so HubSpot may answer with 429",
            unusable_reason(why)
        ),
    }
}

fn unusable_reason(why: &UnusableReason) -> String {
    match why {
        UnusableReason::LockHeld => "another process keeps it locked".to_owned(),
        UnusableReason::Io(error) => error.to_string(),
    }
}

/// Logs what happened to the files of a run.
pub fn log_journal_event(event: &journal::JournalEvent) {
    match event {
        journal::JournalEvent::NotLocked(path, error) => warn!(
            target: LOCK,
            "{} cannot be locked ({error}): make sure that no other run writes there",
            path.display()
        ),
        journal::JournalEvent::ResultsGone(path, begun) => warn!(
            target: PAST,
            "{} no longer exists: starting the run of {begun:.0} that it recorded from the \
             beginning",
            path.display()
        ),
    }
}
