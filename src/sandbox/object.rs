//! HubSpot's object types: their names in paths and errors, and their ids.
//!
//! Knows nothing of records and links.

use std::fmt;

/// An object type: its plural name as in the definition tables, or the id of a custom type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ObjectType(&'static str);

/// Names and documented ids. HubSpot documents no id for object types that are not listed here.
const KNOWN: &[(&str, &str)] = &[
    ("appointments", "0-421"),
    ("calls", "0-48"),
    ("carts", "0-142"),
    ("commerce_payments", "0-101"),
    ("communications", "0-18"),
    ("companies", "0-2"),
    ("contacts", "0-1"),
    ("courses", "0-410"),
    ("deals", "0-3"),
    ("discounts", "0-84"),
    ("emails", "0-49"),
    ("feedback_submissions", "0-19"),
    ("fees", "0-85"),
    ("goal_targets", "0-74"),
    ("invoices", "0-53"),
    ("leads", "0-136"),
    ("line_items", "0-8"),
    ("listings", "0-420"),
    ("marketing_events", "0-54"),
    ("meetings", "0-47"),
    ("notes", "0-46"),
    ("orders", "0-123"),
    ("postal_mail", "0-116"),
    ("products", "0-7"),
    ("projects", "0-970"),
    ("quotes", "0-14"),
    ("services", "0-162"),
    ("subscriptions", "0-69"),
    ("tasks", "0-27"),
    ("taxes", "0-86"),
    ("tickets", "0-5"),
    ("users", "0-115"),
];

impl ObjectType {
    pub(super) const COMPANIES: Self = Self("companies");

    /// From a name in the definition tables, or the id of a custom type.
    pub(super) fn named(name: &'static str) -> Self {
        Self(name)
    }

    /// Parses one of HubSpot's own types: singular or plural in any case, or its id. A blank counts
    /// as `_`.
    pub(super) fn standard(text: &str) -> Option<Self> {
        let name = text.to_ascii_lowercase().replace(' ', "_");
        let known = KNOWN.iter().map(|(name, _)| Self(name));
        let mut all = known.chain([Self("engagements")]);
        all.find(|known| known.name() == name || known.singular() == name || known.id() == name)
    }

    /// Whether a text is the id of a custom type, like `2-123456`.
    pub(super) fn is_custom(text: &str) -> bool {
        text.strip_prefix("2-").is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    }

    /// `contacts`; `2-123456`.
    pub(super) fn name(self) -> &'static str {
        self.0
    }

    /// `contact`, `line_item`.
    pub(super) fn singular(self) -> &'static str {
        match self.0 {
            "companies" => "company",
            "taxes" => "tax",
            plural => plural.strip_suffix('s').unwrap_or(plural),
        }
    }

    /// The scope for an action on its records, like `crm.objects.contacts.read`.
    pub(super) fn scope(self, what: &str) -> String {
        let name = match self.0 {
            "commerce_payments" => "commercepayments",
            "goal_targets" => "goals",
            "fees" | "taxes" | "discounts" => "line_items",
            "tickets" => return "tickets".to_owned(),
            custom if Self::is_custom(custom) => "custom",
            name => name,
        };
        format!("crm.objects.{name}.{what}")
    }

    /// `LINE_ITEM`, as in errors.
    pub(super) fn upper(self) -> String {
        self.singular().to_ascii_uppercase()
    }

    /// `0-1`; the name if there is no id.
    pub(super) fn id(self) -> &'static str {
        let mut known = KNOWN.iter();
        let found = known.find(|(name, _)| *name == self.0);
        found.map_or(self.0, |(_, id)| id)
    }
}

impl fmt::Display for ObjectType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_names_in_any_case_and_by_its_id() {
        for text in ["Company", "companies", "COMPANIES", "0-2"] {
            let found = ObjectType::standard(text);
            assert_eq!(found, Some(ObjectType::COMPANIES), "{text}");
        }
        for text in ["line item", "LINE_ITEM", "line_items", "0-8"] {
            let found = ObjectType::standard(text).unwrap();
            assert_eq!((found.name(), found.id()), ("line_items", "0-8"));
            assert_eq!(found.upper(), "LINE_ITEM");
        }
        for text in ["", "contract", "0-", "0-9999", "2-1"] {
            assert_eq!(ObjectType::standard(text), None, "{text}");
        }
    }

    #[test]
    fn custom_types_are_ids_of_their_own() {
        assert!(ObjectType::is_custom("2-123456"));
        for text in ["2-", "0-1", "2-1x", "p1_owner"] {
            assert!(!ObjectType::is_custom(text), "{text}");
        }
    }
}
