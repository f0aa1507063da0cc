//! What happens to the right to call and is worth telling, as data.
//!
//! Knows no words: who tells is handed in.

use std::time::Duration;

use super::token::TokenError;

/// Something to be told.
#[derive(Debug)]
pub enum TokenEvent {
    /// HubSpot granted an access token, good for so long as far as it says.
    Granted(Duration),
    /// It replaced the refresh token, so that the one that was given is outdated.
    RefreshTokenReplaced,
    /// It refused an access token before its time: another is asked for.
    RefusedEarly,
    /// It refused the token: it is asked once more before that is believed.
    RetriedSameToken,
    /// The token was refused, and its file holds no other for this reason.
    NoNewToken(TokenError),
    /// The token was refused, and the file has changed: its new token is used.
    FileReloaded,
}
