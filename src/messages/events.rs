//! What happens below the commands and is worth telling, in words, as log events.
//!
//! Each is logged as of where it happened: that is what filters go by, and what a log in
//! JSON shows.

use tracing::{info, warn};

use super::access;
use crate::{
    hubspot, journal,
    rate_state::{self, UnusableReason},
};

/// The right to call.
const ACCESS: &str = "hubassoc::hubspot::access";

/// Access tokens that do not last.
const RENEWAL: &str = "hubassoc::hubspot::access::renewal";

/// The ledger of calls.
const LEDGER: &str = "hubassoc::ledger";

/// Taking the files of a run.
const LOCK: &str = "hubassoc::journal::lock";

/// What a run has recorded.
const PAST: &str = "hubassoc::journal::past";

/// Tells what happened to the run's token.
pub fn of_token(event: &hubspot::TokenEvent) {
    match event {
        hubspot::TokenEvent::Granted(life) => info!(
            target: RENEWAL,
            "HubSpot granted an access token, valid for {} s",
            life.as_secs()
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

/// Tells what happened to the ledger of calls.
pub fn of_ledger(event: &rate_state::RateStateEvent) {
    match event {
        rate_state::RateStateEvent::Reset => warn!(
            target: LEDGER,
            "the rate-limit state that runs share was damaged, or the clock was set back: it \
             starts again, as if the limit had just been used up"
        ),
        rate_state::RateStateEvent::Abandoned(why) => warn!(
            target: LEDGER,
            "the rate-limit state that runs share cannot be used any more ({}): this run and other \
             runs with the same token no longer share the limit, so HubSpot may answer with 429",
            unusable(why)
        ),
    }
}

fn unusable(why: &UnusableReason) -> String {
    match why {
        UnusableReason::LockHeld => "another process keeps it locked".to_owned(),
        UnusableReason::Io(error) => error.to_string(),
    }
}

/// Tells what happened to the files of a run.
pub fn of_files(event: &journal::JournalEvent) {
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
