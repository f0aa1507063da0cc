//! The account that a run writes to, by the number that HubSpot gives it.

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;

/// HubSpot's number of an account: its Hub ID, which the API calls `portalId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountId(u64);

impl AccountId {
    /// The account of this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Text that is no account's number.
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

/// What HubSpot tells of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDetails {
    /// Its number.
    pub id: AccountId,
    /// The time zone that its days go by, if this system knows it.
    pub zone: Option<TimeZone>,
    /// The same by its name.
    pub zone_name: Option<String>,
    /// What it is for, in HubSpot's word (`STANDARD`, `SANDBOX`, …).
    pub kind: Option<String>,
    /// Where people use it (`app.hubspot.com`).
    pub ui_domain: Option<String>,
}

impl AccountDetails {
    /// Of an account of which no more is told.
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
