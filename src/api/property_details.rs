//! A query for the properties of an object type, and what an account says about one. Plain data.

/// A query for the properties of an object type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PropertyQuery<'a> {
    /// The object type.
    pub object_type: &'a str,
    /// Whether to read those that were archived, instead of all others.
    pub archived: bool,
}

impl<'a> PropertyQuery<'a> {
    /// For those that are not archived.
    #[must_use]
    pub fn existing(object_type: &'a str) -> Self {
        Self {
            object_type,
            archived: false,
        }
    }

    /// For those that were archived.
    #[must_use]
    pub fn archived(object_type: &'a str) -> Self {
        Self {
            object_type,
            archived: true,
        }
    }
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyDetails {
    /// Its name in the API.
    pub name: String,
    /// Its name for people, shortened and ready to be shown.
    pub label: String,
    /// Whether no two records have the same value.
    pub is_unique: bool,
    /// Whether it was archived.
    pub is_archived: bool,
    /// The type of its values: `string`, `number`, `enumeration`, …
    pub data_type: String,
    /// Whether its values are sensitive data, which needs further permissions.
    pub is_sensitive: bool,
}
