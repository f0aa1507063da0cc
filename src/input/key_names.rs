//! The names of columns that say by which property their cells name records: `from_email`,
//! `To Domain`.
//!
//! Pure: names in, properties out. Does not know which columns are used.

use crate::{
    association::{own_object_type, property_name},
    cell::fold,
};

use super::{
    link_columns::SideColumn,
    usual_names::{UsualName, is_untyped},
};

/// What the names of the columns of from begin with.
pub(super) const FROM: &str = "from";

/// What the names of the columns of to begin with.
pub(super) const TO: &str = "to";

/// Properties that say the object type of their records.
const TYPED_PROPERTIES: [(&str, &str); 2] = [("email", "contacts"), ("domain", "companies")];

/// What separates the words of a name.
const SEPARATORS: [char; 3] = [' ', '_', '-'];

/// The object type of sent e-mails.
const EMAILS: &str = "emails";

/// Last words of names that say what a record or a link is like, but not which record it is.
const DESCRIPTIONS: [&str; 20] = [
    "at",
    "comment",
    "comments",
    "date",
    "definition",
    "description",
    "id",
    "label",
    "labels",
    "name",
    "names",
    "note",
    "notes",
    "owner",
    "role",
    "stage",
    "status",
    "time",
    "timestamp",
    "type",
];

/// The name of the column of this property: `from_email`.
pub(super) fn column_name(prefix: &str, property: &str) -> String {
    format!("{prefix}_{property}")
}

/// The columns whose names say that they have keys of this side.
pub(super) fn key_columns(header: &[String], prefix: &str) -> Vec<SideColumn> {
    let column = |(index, name): (usize, &String)| {
        Some(SideColumn {
            index,
            property: Some(property(name, prefix)?),
        })
    };
    header.iter().enumerate().filter_map(column).collect()
}

/// The object type of the records that usually have this property.
pub(super) fn type_of_property(property: Option<&str>) -> Option<&'static str> {
    let mut known = TYPED_PROPERTIES.iter();
    let found = known.find(|(name, _)| Some(*name) == property);
    found.map(|(_, object_type)| *object_type)
}

/// Whether the name of a column says that it has HubSpot ids of this side: `from_id`, `To record ID`.
pub(super) fn is_id_of_side(name: &str, prefix: &str) -> bool {
    without_prefix(name, prefix).is_some_and(is_of_ids)
}

/// The property that the name of a column says.
fn property(name: &str, prefix: &str) -> Option<&'static str> {
    let rest = without_prefix(name, prefix)?;
    is_key(rest).then(|| property_name(rest)).flatten()
}

/// What follows this word in the name of a column.
fn without_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let name = name.trim_matches([' ', '\t']);
    let (start, rest) = name.split_at_checked(prefix.len())?;
    // `total` and `fromage` do not begin with the word.
    let is_word = start.eq_ignore_ascii_case(prefix) && rest.starts_with(SEPARATORS);
    is_word.then(|| rest.trim_matches(SEPARATORS))
}

/// Whether a property of this name may say which record is meant.
fn is_key(name: &str) -> bool {
    let last = name.rsplit(SEPARATORS).next().unwrap_or_default();
    let is_described = DESCRIPTIONS.contains(&last.to_ascii_lowercase().as_str());
    let is_id_of_another_system = last.eq_ignore_ascii_case("id") && last.len() < name.len();
    // An `email` is an address, and not the record of a sent one.
    let is_object = own_object_type(&fold(name)).is_some_and(|name| name != EMAILS);
    (!is_described || is_id_of_another_system) && !is_of_ids(name) && !is_object
}

/// Whether it is a name of HubSpot ids, which may also say the object type.
fn is_of_ids(name: &str) -> bool {
    is_untyped(name) || is_object_id(name) || UsualName::parse(name).is_some()
}

/// Whether it is the name of HubSpot's ids, possibly with a misspelling.
fn is_object_id(name: &str) -> bool {
    strsim::osa_distance(&fold(name), "objectid") <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_say_the_property() {
        for (name, expected) in [
            ("from_email", "email"),
            ("From Email", "email"),
            (" FROM-EMAIL ", "email"),
            ("from_external_id", "external_id"),
            ("From ERP-ID", "erp_id"),
            ("from_record_url", "record_url"),
            ("from_domain", "domain"),
            ("from_hs_additional_emails", "hs_additional_emails"),
        ] {
            assert_eq!(property(name, FROM), Some(expected), "{name}");
        }
        assert_eq!(property("to_email", TO), Some("email"));
    }

    #[test]
    fn other_names_are_no_keys() {
        for name in [
            "",
            "from",
            "from_",
            "from - ",
            "email",
            "fromemail",
            "fromage",
            "from_object_id",
            "from_object_ids",
            "from_objekt_id",
            "from_obejct_id",
            "from_object_type",
            "From Type",
            "from_id",
            "from_record_id",
            "from_hs_object_id",
            "from_contact_id",
            "from_associated_company_ids",
            "from_contact",
            "from_companies",
            "from_label",
            "from_date",
            "from_close_date",
            "from_created_at",
            "from_time",
            "from_name",
            "from_first_name",
            "from_größe",
            "from\u{a0}email",
            "to_email",
        ] {
            assert_eq!(property(name, FROM), None, "{name}");
        }
        for name in ["total", "tool", "token", "topic", "to"] {
            assert_eq!(property(name, TO), None, "{name}");
        }
    }
}
