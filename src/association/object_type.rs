//! Object types by their names: singular, plural, or HubSpot's id. Names of custom objects belong
//! to the account and are kept unchanged.

use std::{collections::HashMap, sync::LazyLock};

use super::kept_names::KeptNames;
use crate::{cell::fold, lookalike::show_distinct};

/// HubSpot's ids of its own types, and other names that people use.
const PUBLISHED: [(&str, &str, &[&str]); 32] = [
    ("0-1", "contacts", &[]),
    ("0-2", "companies", &[]),
    ("0-3", "deals", &[]),
    ("0-5", "tickets", &[]),
    ("0-7", "products", &[]),
    ("0-8", "line_items", &[]),
    ("0-14", "quotes", &[]),
    ("0-18", "communications", &[]),
    ("0-19", "feedback_submissions", &[]),
    ("0-27", "tasks", &[]),
    ("0-46", "notes", &[]),
    ("0-47", "meetings", &[]),
    ("0-48", "calls", &[]),
    ("0-49", "emails", &[]),
    ("0-53", "invoices", &[]),
    ("0-54", "marketing_events", &[]),
    ("0-69", "subscriptions", &[]),
    ("0-74", "goal_targets", &["goals", "goal"]),
    ("0-84", "discounts", &[]),
    ("0-85", "fees", &[]),
    ("0-86", "taxes", &["tax"]),
    ("0-101", "commerce_payments", &["payments", "payment"]),
    ("0-115", "users", &[]),
    ("0-116", "postal_mail", &[]),
    ("0-123", "orders", &[]),
    ("0-136", "leads", &[]),
    ("0-142", "carts", &[]),
    ("0-162", "services", &[]),
    ("0-410", "courses", &[]),
    ("0-420", "listings", &[]),
    ("0-421", "appointments", &[]),
    ("0-970", "projects", &[]),
];

/// Types for which HubSpot publishes associations but no ids.
const UNPUBLISHED: [&str; 13] = [
    "abandoned_carts",
    "campaigns",
    "conversation_sessions",
    "conversations",
    "data_sync_states",
    "deal_splits",
    "discount_codes",
    "engagements",
    "goal_target_groups",
    "payment_links",
    "payment_schedule_installments",
    "quote_template",
    "threads",
];

/// The most custom types that are kept; a run sees only a few.
const MAX_CUSTOM_TYPES: usize = 1_000;

/// All names in HubSpot are shorter.
const MAX_NAME_BYTES: usize = 100;

/// HubSpot's own types by their folded names.
static BY_FOLDED_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (name, singular) in SINGULARS.iter() {
        known.insert(fold(name), *name);
        known.insert(fold(singular), *name);
    }
    for (_, name, others) in PUBLISHED {
        known.extend(others.iter().map(|other| (fold(other), name)));
    }
    known
});

/// The singular of each of HubSpot's own types, by the type's name.
static SINGULARS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let published = PUBLISHED.iter().map(|(_, name, _)| *name);
    let names = published.chain(UNPUBLISHED);
    let with_singular = |name| (name, &*published_singular(name).leak());
    names.map(with_singular).collect()
});

/// `line item` for `line_items`; correct only for HubSpot's own types.
fn published_singular(plural: &str) -> String {
    let singular = match plural {
        "companies" => "company",
        "taxes" => "tax",
        _ => plural.strip_suffix('s').unwrap_or(plural),
    };
    singular.replace('_', " ")
}

static CUSTOM_TYPES: KeptNames = KeptNames::with_limit(MAX_CUSTOM_TYPES);

/// Parses an object type: `contacts` for `Contact` or `0-1`. Names of custom objects are kept
/// unchanged. `None` if the text cannot be the name of a type.
#[must_use]
pub fn object_type(text: &str) -> Option<&'static str> {
    let text = text.trim_matches([' ', '\t']);
    let published = PUBLISHED.iter().find(|(id, ..)| *id == text);
    published
        .map(|(_, name, _)| *name)
        .or_else(|| own_object_type(&fold(text)))
        .or_else(|| keep_custom_name(text.to_ascii_lowercase()))
}

/// One of HubSpot's own types by its folded name: `lineitems` for `line_items`.
#[must_use]
pub fn own_object_type(folded: &str) -> Option<&'static str> {
    BY_FOLDED_NAME.get(folded).copied()
}

/// Types whose names HubSpot's documentation allows in paths.
const NAMED_IN_PATHS: [&str; 5] = ["contacts", "companies", "deals", "tickets", "notes"];

/// The object type as it is written in a path: the published id (`0-421`), or the name if HubSpot
/// documents that or publishes no id.
#[must_use]
pub fn in_path(object_type: &str) -> &str {
    if NAMED_IN_PATHS.contains(&object_type) {
        return object_type;
    }
    let published = PUBLISHED.iter().find(|(_, name, _)| *name == object_type);
    published.map_or(object_type, |(id, ..)| id)
}

/// HubSpot's id of a type, if it is known without the account: published, or the id by which a custom
/// object is named.
#[must_use]
pub fn type_id(object_type: &'static str) -> Option<&'static str> {
    let published = PUBLISHED.iter().find(|(_, name, _)| *name == object_type);
    let published = published.map(|(id, ..)| *id);
    published.or_else(|| is_id(object_type).then_some(object_type))
}

/// Whether a type is a custom object, by its name or its id (`2-123456`).
#[must_use]
pub fn is_custom(object_type: &str) -> bool {
    !SINGULARS.contains_key(object_type)
}

/// Whether an account can have a type of this name. HubSpot accepts the names of its own types. For
/// a custom object it accepts only the full name (`p123_cars`) or the id, and for other types only
/// the id.
#[must_use]
pub fn may_exist(object_type: &str) -> bool {
    let is_full_name = |text: &str| {
        let account = text.strip_prefix('p').and_then(|text| text.split_once('_'));
        account.is_some_and(|(account, name)| {
            !name.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    !is_custom(object_type) || is_id(object_type) || is_full_name(object_type)
}

/// The singular of a type: `company` for `companies`. The name of a custom object belongs to the
/// account and is kept unchanged, even if it ends with `s`.
#[must_use]
pub fn singular(object_type: &'static str) -> &'static str {
    SINGULARS.get(object_type).copied().unwrap_or(object_type)
}

/// Shows a text that is not an object type so that it looks different from all known names.
#[must_use]
pub fn show_unknown_object_type(text: &str, max_chars: usize) -> String {
    let names = SINGULARS.iter().flat_map(|(name, one)| [*name, *one]);
    show_distinct(text, names, max_chars)
}

/// The name or id of a custom object. It is kept until the program ends.
fn keep_custom_name(name: String) -> Option<&'static str> {
    if name.len() > MAX_NAME_BYTES || !(is_name(&name) || is_id(&name)) {
        return None;
    }
    CUSTOM_TYPES.keep(name)
}

/// `cars`, `p123_cars`
fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_part)
}

/// `2-123456`
fn is_id(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-')
        .is_some_and(|(kind, number)| kind.len() == 1 && digits(kind) && digits(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::DefinitionTable,
        tables::{v1, v2026_09},
    };

    #[test]
    fn a_type_is_known_by_any_of_its_names() {
        for (name, texts) in [
            (
                "contacts",
                &["contact", "Contacts", "0-1", " CONTACT\t"][..],
            ),
            ("companies", &["company", "COMPANIES", "0-2"]),
            (
                "line_items",
                &["Line item", "line-items", "lineitem", "0-8"],
            ),
            ("taxes", &["tax", "Taxes", "0-86"]),
            ("postal_mail", &["Postal mail", "0-116"]),
            ("goal_targets", &["Goals", "goal", "goal target", "0-74"]),
            (
                "commerce_payments",
                &["payment", "Commerce-Payments", "0-101"],
            ),
            ("feedback_submissions", &["feedback submission", "0-19"]),
            ("engagements", &["engagement", "Engagements"]),
        ] {
            for text in texts {
                assert_eq!(object_type(text), Some(name), "{text}");
            }
        }
    }

    #[test]
    fn every_type_of_the_tables_is_known_by_its_own_name_and_as_hubspots() {
        for info in [v1::table(), v2026_09::table()]
            .map(DefinitionTable::all)
            .concat()
        {
            for name in [info.from, info.to] {
                assert_eq!(object_type(name), Some(name));
                assert!(!is_custom(name), "{name}");
            }
        }
    }

    #[test]
    fn the_name_or_id_of_a_custom_object_is_kept_unchanged() {
        for (text, name) in [
            ("2-123456", "2-123456"),
            ("p123_cars", "p123_cars"),
            ("My-Cars ", "my-cars"),
        ] {
            assert_eq!(object_type(text), Some(name));
        }
    }

    #[test]
    fn only_hubspots_own_types_have_a_singular() {
        for (name, one) in [
            ("companies", "company"),
            ("taxes", "tax"),
            ("line_items", "line item"),
            ("feedback_submissions", "feedback submission"),
            ("engagements", "engagement"),
            ("courses", "course"),
            ("postal_mail", "postal mail"),
            ("p62515_status", "p62515_status"),
            ("p62515_cars", "p62515_cars"),
            ("buses", "buses"),
            ("2-123456", "2-123456"),
        ] {
            assert_eq!(singular(object_type(name).unwrap()), one);
        }
    }

    #[test]
    fn the_short_name_of_a_custom_object_names_no_type() {
        for name in [
            "contacts",
            "engagements",
            "2-1",
            "0-999",
            "p1_cars",
            "p_cars",
        ] {
            assert!(may_exist(object_type(name).unwrap()), "{name}");
        }
        for name in ["cars", "contcts", "my_cars", "p1_", "parts_x"] {
            assert!(!may_exist(object_type(name).unwrap()), "{name}");
        }
    }

    #[test]
    fn a_path_has_the_published_id_or_a_documented_name() {
        for (name, path) in [
            ("contacts", "contacts"),
            ("notes", "notes"),
            ("appointments", "0-421"),
            ("line_items", "0-8"),
            ("2-123456", "2-123456"),
            ("p123_cars", "p123_cars"),
        ] {
            assert_eq!(in_path(name), path);
        }
    }

    #[test]
    fn equal_names_share_one_string() {
        let twice = [object_type("boats"), object_type("Boats")];
        let places = twice.map(|name| name.map(str::as_ptr));
        assert_eq!(places[0], places[1]);
    }

    #[test]
    fn texts_that_cannot_be_type_names_are_refused() {
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        for text in [
            "",
            " ",
            "12345",
            "2024-01",
            "2-",
            "-1",
            "my cars",
            "köpfe",
            "a/b",
            "tic\u{212a}ets",
            &long,
        ] {
            assert_eq!(object_type(text), None, "{text}");
        }
    }
}
