//! What an account says about a property of an object type. Plain data.

/// A property. One that was archived is not listed.
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
