//! What happens below the commands and is worth telling, in words, as log events.
//!
//! Each is logged as of where it happened: that is what filters go by, and what a log in
//! JSON shows.

use tracing::{info, warn};

use crate::hubspot;

/// The right to call.
const ACCESS: &str = "hubassoc::hubspot::access";

/// Access tokens that do not last.
const RENEWAL: &str = "hubassoc::hubspot::access::renewal";

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
            "the token was refused, and there is no other: {error}"
        ),
        hubspot::Event::ReadAgain => info!(
            target: ACCESS,
            "the token was refused; the token file has changed, and its new token is used"
        ),
    }
}
