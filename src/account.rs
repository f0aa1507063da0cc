//! The account that a run writes to, by the number that HubSpot gives it.

use std::fmt;

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

impl fmt::Display for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}
