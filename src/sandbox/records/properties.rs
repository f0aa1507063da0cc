//! The properties of an object type: those that HubSpot has, and those that options and files name.
//!
//! Only what is known of a property. Knows nothing of requests and JSON.

use super::super::object::ObjectType;

/// What the API says of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PropertyInfo<'a> {
    pub(crate) name: &'a str,
    pub(crate) value_type: PropertyType,
    /// Whether the API says that its values are unique.
    pub(crate) unique: bool,
    /// Whether HubSpot has it in every account.
    pub(crate) built_in: bool,
}

/// What the values of a property are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PropertyType {
    Text,
    Number,
    Time,
}

pub(crate) const ID: &str = "hs_object_id";
pub(crate) const CREATED: &str = "createdate";
pub(crate) const MERGED: &str = "hs_merged_object_ids";
pub(super) const EMAIL: &str = "email";
pub(super) const OTHER_EMAILS: &str = "hs_additional_emails";
pub(super) const DOMAIN: &str = "domain";

/// The name of the property with the time of the last change.
pub(crate) fn changed(object_type: ObjectType) -> &'static str {
    match object_type.name() {
        "contacts" => "lastmodifieddate",
        _ => "hs_lastmodifieddate",
    }
}

/// Whether the sandbox itself makes the values of a property.
pub(super) fn is_made(object_type: ObjectType, name: &str) -> bool {
    [ID, CREATED, MERGED, changed(object_type)].contains(&name)
}

/// Those of HubSpot's properties that the sandbox has.
pub(super) fn built_in(object_type: ObjectType) -> impl Iterator<Item = PropertyInfo<'static>> {
    let texts: &[_] = match object_type.name() {
        "contacts" => &[EMAIL, "firstname", "lastname", OTHER_EMAILS],
        "companies" => &[DOMAIN, "name", "hs_additional_domains"],
        "deals" => &["dealname"],
        "tickets" => &["subject"],
        _ => &[],
    };
    let property = |name, value_type| PropertyInfo {
        name,
        value_type,
        unique: false,
        built_in: true,
    };
    let texts = texts.iter().chain([&MERGED]);
    let texts = texts.map(move |name| property(*name, PropertyType::Text));
    let made = [
        property(ID, PropertyType::Number),
        property(CREATED, PropertyType::Time),
        property(changed(object_type), PropertyType::Time),
    ];
    texts.chain(made)
}

/// Whether records are identified by a property although the API does not call it unique.
pub(super) fn is_email_of_contacts(object_type: ObjectType, name: &str) -> bool {
    object_type.name() == "contacts" && name == EMAIL
}
