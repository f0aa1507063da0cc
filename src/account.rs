//! The account that a run writes to, and its number.

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;

/// The number of an account: HubSpot's Hub ID, which the API calls `portalId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountId(u64);

impl AccountId {
    /// The account with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// The text is not an account number.
#[derive(Debug, thiserror::Error)]
#[error("write the number of the account, as HubSpot shows it (Hub ID)")]
pub struct InvalidAccountId;

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        let number = text.parse().map_err(|_| InvalidAccountId)?;
        Ok(Self(number))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// What HubSpot reports about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDetails {
    /// Its number.
    pub id: AccountId,
    /// The time zone in which its days begin, if this system knows it.
    pub zone: Option<TimeZone>,
    /// The name of the time zone.
    pub zone_name: Option<String>,
    /// The type of the account, as HubSpot names it (`STANDARD`, `SANDBOX`, …).
    pub kind: Option<String>,
    /// The domain of its user interface (`app.hubspot.com`).
    pub ui_domain: Option<String>,
}

impl AccountDetails {
    /// An account of which only the number is known.
    #[must_use]
    pub fn from_id(id: AccountId) -> Self {
        Self {
            id,
            zone: None,
            zone_name: None,
            kind: None,
            ui_domain: None,
        }
    }
}
