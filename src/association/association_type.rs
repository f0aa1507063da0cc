//! How HubSpot names what a link means: a category and a number in it.

use std::{fmt, str::FromStr};

/// Whose numbers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// The same in every account.
    HubSpotDefined,
    /// Labels of one account.
    UserDefined,
    /// Labels that an app has brought.
    IntegratorDefined,
    /// HubSpot's own, of another kind.
    Work,
}

impl Category {
    const ALL: [Self; 4] = [
        Self::HubSpotDefined,
        Self::UserDefined,
        Self::IntegratorDefined,
        Self::Work,
    ];

    /// The API's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::HubSpotDefined => "HUBSPOT_DEFINED",
            Self::UserDefined => "USER_DEFINED",
            Self::IntegratorDefined => "INTEGRATOR_DEFINED",
            Self::Work => "WORK",
        }
    }
}

/// Text that is none of them.
#[derive(Debug, thiserror::Error)]
#[error("no such association type")]
pub struct UnknownAssociationType;

impl FromStr for Category {
    type Err = UnknownAssociationType;

    fn from_str(word: &str) -> Result<Self, UnknownAssociationType> {
        let mut all = Self::ALL.into_iter();
        all.find(|category| category.word() == word)
            .ok_or(UnknownAssociationType)
    }
}

/// An association type: the number alone may be another's in another category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssociationType {
    /// Whose number it is.
    pub category: Category,
    /// The number.
    pub id: u32,
}

impl fmt::Display for AssociationType {
    /// `USER_DEFINED=37`, as HubSpot writes it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.category.word(), self.id)
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
    fn specs_are_read_as_they_are_written() {
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
