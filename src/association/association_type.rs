//! An association type: how HubSpot names what a link means, as a category and a number in it.

use std::{fmt, str::FromStr};

/// Who defines the numbers of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// HubSpot: the number means the same in every account.
    HubSpotDefined,
    /// One account: its own labels.
    UserDefined,
    /// An app that is installed in the account.
    IntegratorDefined,
    /// HubSpot too, for another kind of association.
    Work,
}

impl Category {
    const ALL: [Self; 4] = [
        Self::HubSpotDefined,
        Self::UserDefined,
        Self::IntegratorDefined,
        Self::Work,
    ];

    /// The name in the API.
    #[must_use]
    pub fn api_name(self) -> &'static str {
        match self {
            Self::HubSpotDefined => "HUBSPOT_DEFINED",
            Self::UserDefined => "USER_DEFINED",
            Self::IntegratorDefined => "INTEGRATOR_DEFINED",
            Self::Work => "WORK",
        }
    }
}

/// The text is not an association type.
#[derive(Debug, thiserror::Error)]
#[error("no such association type")]
pub struct UnknownAssociationType;

impl FromStr for Category {
    type Err = UnknownAssociationType;

    fn from_str(name: &str) -> Result<Self, UnknownAssociationType> {
        let mut all = Self::ALL.into_iter();
        all.find(|category| category.api_name() == name)
            .ok_or(UnknownAssociationType)
    }
}

/// An association type. The number alone is not enough, because another category may use it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssociationType {
    /// The category that the number belongs to.
    pub category: Category,
    /// The number.
    pub id: u32,
}

impl fmt::Display for AssociationType {
    /// `USER_DEFINED=37`, as HubSpot writes it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.category.api_name(), self.id)
    }
}

impl FromStr for AssociationType {
    type Err = UnknownAssociationType;

    fn from_str(text: &str) -> Result<Self, UnknownAssociationType> {
        let (category, id) = text.split_once('=').ok_or(UnknownAssociationType)?;
        Ok(Self {
            category: category.parse()?,
            id: id.parse().map_err(|_| UnknownAssociationType)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn association_types_parse_what_they_display() {
        for category in Category::ALL {
            let association_type = AssociationType { category, id: 37 };
            assert_eq!(
                association_type.to_string().parse::<AssociationType>().ok(),
                Some(association_type)
            );
        }
        for text in ["", "37", "USER_DEFINED", "USER_DEFINED=", "X=1"] {
            assert!(text.parse::<AssociationType>().is_err(), "{text}");
        }
    }
}
