//! The versions of HubSpot's API for associations.

use std::{fmt, ops::Deref, str::FromStr};

use super::{dated, profile::ApiProfile, v1};

/// One version of the API for associations.
#[derive(Clone, Copy, Debug)]
pub struct ApiVersion(&'static ApiProfile);

/// The text is not an API version.
#[derive(Debug, thiserror::Error)]
#[error("write {}", ApiVersion::names())]
pub struct UnknownApiVersion;

impl ApiVersion {
    /// `/crm-associations/v1`
    pub const V1: Self = Self(&v1::PROFILE);

    /// `/crm/associations/2026-09`
    pub const V2026_09: Self = Self(&dated::PROFILE);

    /// All versions, the oldest first.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2026_09];

    /// The version that HubSpot supports longest.
    pub const LATEST: Self = Self::ALL[Self::ALL.len() - 1];

    /// The names of all versions, as alternatives.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(|api_version| api_version.name()).join(" or ")
    }
}

impl Default for ApiVersion {
    /// The oldest version.
    fn default() -> Self {
        Self::ALL[0]
    }
}

impl Deref for ApiVersion {
    type Target = ApiProfile;

    fn deref(&self) -> &ApiProfile {
        self.0
    }
}

impl PartialEq for ApiVersion {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for ApiVersion {}

impl fmt::Display for ApiVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for ApiVersion {
    type Err = UnknownApiVersion;

    fn from_str(text: &str) -> Result<Self, UnknownApiVersion> {
        let mut all = Self::ALL.into_iter();
        all.find(|api_version| api_version.name() == text)
            .ok_or(UnknownApiVersion)
    }
}
