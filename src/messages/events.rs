//! What happens below the commands and is worth telling, in words, as log events.
//!
//! Each is logged as of where it happened: that is what filters go by, and what a log in
//! JSON shows.

use tracing::{info, warn};

use super::access;
use crate::{
    hubspot, journal,
    ledger::{self, Unusable},
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
pub fn of_token(event: &hubspot::Event) {
    match event {
        hubspot::Event::Granted(life) => info!(
            target: RENEWAL,
            "HubSpot granted an access token, good for {} s",
            life.as_secs()
        ),
        hubspot::Event::RefreshTokenReplaced => warn!(
            target: RENEWAL,
            "HubSpot replaced the refresh token: this run goes on with the new one, but \
             HUBSPOT_REFRESH_TOKEN still holds the old one; if the next run is refused, \
             authorise the app anew"
        ),
        hubspot::Event::RefusedEarly => info!(
            target: ACCESS,
            "HubSpot refused the access token before its time; another is asked for"
        ),
        hubspot::Event::AskedOnceMore => info!(
            target: ACCESS,
            "HubSpot refused the token; it is asked once more before that is believed"
        ),
        hubspot::Event::NoOtherToken(error) => warn!(
            target: ACCESS,
            "the token was refused, and there is no other: {}",
            access::token(error)
        ),
        hubspot::Event::ReadAgain => info!(
            target: ACCESS,
            "the token was refused; the token file has changed, and its new token is used"
        ),
    }
}

/// Tells what happened to the ledger of calls.
pub fn of_ledger(event: &ledger::Event) {
    match event {
        ledger::Event::BegunAnew => warn!(
            target: LEDGER,
            "the ledger of calls was damaged, or the clock was set back: it begins anew, as \
             if the limit had just been used up"
        ),
        ledger::Event::GivenUp(why) => warn!(
            target: LEDGER,
            "the ledger of calls cannot be used any more ({}): this run keeps to its pace alone, \
             and other runs with the same token do not know of it",
            unusable(why)
        ),
    }
}

fn unusable(why: &Unusable) -> String {
    match why {
        Unusable::Held => "another process has held its lock for seconds".to_owned(),
        Unusable::Failed(error) => error.to_string(),
    }
}

/// Tells what happened to the files of a run.
pub fn of_files(event: &journal::JournalEvent) {
    match event {
        journal::JournalEvent::NotLocked(path, error) => warn!(
            target: LOCK,
            "{} cannot be locked ({error}): see to it that no other run writes there",
            path.display()
        ),
        journal::JournalEvent::ResultsGone(path, begun) => warn!(
            target: PAST,
            "{} is not there any more: the run of {begun:.0} that it recorded is begun anew",
            path.display()
        ),
    }
}
