//! Events about tokens that the user should see, as data.
//!
//! Has no texts; the caller passes in a function that reports the events.

use std::time::Duration;

use super::token::TokenError;

/// An event to report.
#[derive(Debug)]
pub enum TokenEvent {
    /// HubSpot granted an access token with this lifetime, or zero if it did not say.
    Granted(Duration),
    /// HubSpot replaced the refresh token, so the one in the configuration is outdated.
    RefreshTokenReplaced,
    /// HubSpot refused an access token before it expired; a new one is requested.
    RefusedEarly,
    /// HubSpot refused the token; the token is tried once more, because one refusal may be a
    /// mistake.
    RetriedSameToken,
    /// The token was refused, and its file cannot provide a new one for this reason.
    NoNewToken(TokenError),
    /// The token was refused, and the file has a new one, which is used now.
    FileReloaded,
}
