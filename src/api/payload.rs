//! The data in a response.
//!
//! Plain data. Does not know how a response is read, or what follows.

use jiff::Timestamp;

use super::{
    identified_record::IdentifiedRecord, key_query::KeyPage, link_query::LinkPage,
    property_details::PropertyDetails,
};
use crate::{
    account::AccountDetails,
    association::{AdminLimit, AssociationType},
};

/// What an operation has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponsePayload {
    /// The account and its details.
    Account(AccountDetails),
    /// How the daily quota is used.
    Day(DayUsage),
    /// The scopes of the token, as HubSpot names them.
    Scopes(Vec<String>),
    /// Existing links.
    Links(LinkPage),
    /// The records of requested ids.
    Records(Vec<IdentifiedRecord>),
    /// Records by the values of a property.
    KeyPage(KeyPage),
    /// The properties of an object type.
    Properties(Vec<PropertyDetails>),
    /// The association types between two object types, and their labels.
    Labels(Vec<(AssociationType, Option<String>)>),
    /// The limits that administrators have set.
    Limits(Vec<AdminLimit>),
}

impl ResponsePayload {
    /// The account details, if this is what was read.
    #[must_use]
    pub fn account(&self) -> Option<&AccountDetails> {
        let Self::Account(details) = self else {
            return None;
        };
        Some(details)
    }

    /// The usage of the daily quota, if this is what was read.
    #[must_use]
    pub fn day(&self) -> Option<DayUsage> {
        let Self::Day(day) = self else {
            return None;
        };
        Some(*day)
    }

    /// The page of links, if this is what was read.
    #[must_use]
    pub fn into_links(self) -> Option<LinkPage> {
        let Self::Links(page) = self else {
            return None;
        };
        Some(page)
    }

    /// The ids of records, if this is what was read.
    #[must_use]
    pub fn into_records(self) -> Option<Vec<IdentifiedRecord>> {
        let Self::Records(records) = self else {
            return None;
        };
        Some(records)
    }

    /// The records by their values, if this is what was read.
    #[must_use]
    pub fn into_key_page(self) -> Option<KeyPage> {
        let Self::KeyPage(page) = self else {
            return None;
        };
        Some(page)
    }

    /// The properties, if this is what was read.
    #[must_use]
    pub fn into_properties(self) -> Option<Vec<PropertyDetails>> {
        let Self::Properties(properties) = self else {
            return None;
        };
        Some(properties)
    }

    /// The types and labels, if this is what was read.
    #[must_use]
    pub fn into_labels(self) -> Option<Vec<(AssociationType, Option<String>)>> {
        let Self::Labels(labels) = self else {
            return None;
        };
        Some(labels)
    }

    /// The limits, if this is what was read.
    #[must_use]
    pub fn into_limits(self) -> Option<Vec<AdminLimit>> {
        let Self::Limits(limits) = self else {
            return None;
        };
        Some(limits)
    }

    /// Calls `see` with every text of links and records that may quote an error.
    pub fn visit_failures(&mut self, see: impl FnMut(&mut String)) {
        match self {
            Self::Links(page) => page.visit_failures(see),
            Self::KeyPage(page) => page.visit_failures(see),
            Self::Properties(_)
            | Self::Account(_)
            | Self::Day(_)
            | Self::Scopes(_)
            | Self::Records(_)
            | Self::Labels(_)
            | Self::Limits(_) => {}
        }
    }

    /// Calls `see` with every name of association types, records and properties.
    pub fn visit_names(&mut self, see: impl FnMut(&mut String)) {
        match self {
            Self::Links(page) => page.visit_names(see),
            Self::KeyPage(page) => page.visit_names(see),
            Self::Properties(properties) => {
                let labels = properties.iter_mut().map(|property| &mut property.label);
                labels.for_each(see);
            }
            Self::Account(_)
            | Self::Day(_)
            | Self::Scopes(_)
            | Self::Records(_)
            | Self::Labels(_)
            | Self::Limits(_) => {}
        }
    }
}

/// How the daily quota of an account is used, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayUsage {
    /// Calls allowed per day, and calls made today.
    pub calls: Option<(u64, u64)>,
    /// When the quota resets.
    pub resets_at: Option<Timestamp>,
}
