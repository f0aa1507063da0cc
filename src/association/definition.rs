//! The association definitions of API v1: their ids, names and object types.
//!
//! The table is data (`definitions.tsv`); ids it does not list are allowed,
//! because the account's server has the last word.

use std::{fmt, str::FromStr, sync::LazyLock};

use crate::cell::fold;

const TABLE: &str = include_str!("definitions.tsv");

/// The id of an association definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Definition(u32);

/// One line of the table of definitions.
#[derive(Debug)]
pub struct DefinitionInfo {
    /// The id, as the API takes it.
    pub definition: Definition,
    /// Object type of the from side, plural (`contacts`).
    pub from: &'static str,
    /// Object type of the to side, plural.
    pub to: &'static str,
    /// HubSpot's description (`Contact to company`).
    pub description: &'static str,
    /// The name that this program prints (`contact_to_company`).
    pub name: String,
    /// Whether writing it makes the company the record's primary one.
    pub sets_primary: bool,
    /// The definition of the other direction.
    pub inverse: Option<Definition>,
    /// Whether HubSpot's present documentation lists it.
    pub documented: bool,
}

/// Text that is neither an id nor the name of a definition.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is neither an id nor the name of a definition; `hubassoc types` lists them all")]
pub struct UnknownDefinition(pub String);

static DEFINITIONS: LazyLock<Vec<DefinitionInfo>> = LazyLock::new(|| {
    TABLE
        .lines()
        .skip(1)
        .filter_map(DefinitionInfo::from_line)
        .collect()
});

/// Every definition of the table, in order of id.
#[must_use]
pub fn all_definitions() -> &'static [DefinitionInfo] {
    &DEFINITIONS
}

impl Definition {
    /// `None` for 0, which no definition has.
    #[must_use]
    pub fn new(id: u32) -> Option<Self> {
        (id > 0).then_some(Self(id))
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// What the table says of it; `None` for ids that it does not know.
    #[must_use]
    pub fn info(self) -> Option<&'static DefinitionInfo> {
        DEFINITIONS
            .binary_search_by_key(&self, |info| info.definition)
            .ok()
            .map(|i| &DEFINITIONS[i])
    }
}

impl fmt::Display for Definition {
    /// `1 (contact_to_company)`, or the bare id where the table has no name.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info() {
            Some(info) => write!(out, "{} ({})", self.0, info.name),
            None => self.0.fmt(out),
        }
    }
}

impl FromStr for Definition {
    type Err = UnknownDefinition;

    /// An id (`1`) or a name, in which case, blanks, `_` and `-` do not matter
    /// (`contact_to_company`, `Deal to contact`).
    fn from_str(text: &str) -> Result<Self, UnknownDefinition> {
        let text = text.trim_matches([' ', '\t']);
        let unknown = || UnknownDefinition(text.to_owned());
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let plain = !text.starts_with('0');
            return text
                .parse()
                .ok()
                .filter(|_| plain)
                .and_then(Self::new)
                .ok_or_else(unknown);
        }
        let wanted = fold(text);
        DEFINITIONS
            .iter()
            .find(|info| fold(&info.name) == wanted || fold(info.description) == wanted)
            .map(|info| info.definition)
            .ok_or_else(unknown)
    }
}

impl DefinitionInfo {
    fn from_line(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let mut next = || cells.next();
        let (id, from, to, description) = (next()?, next()?, next()?, next()?);
        let (_api, kind, inverse, confidence) = (next()?, next()?, next()?, next()?);
        Some(Self {
            definition: Definition(id.parse().ok()?),
            from,
            to,
            description,
            name: name_of(description),
            sets_primary: kind == "primary",
            inverse: inverse.parse().ok().map(Definition),
            documented: confidence == "confirmed",
        })
    }

    /// `contact` for a definition that starts from contacts.
    #[must_use]
    pub fn from_singular(&self) -> &'static str {
        singular(self.from)
    }

    /// `company` for a definition that leads to companies.
    #[must_use]
    pub fn to_singular(&self) -> &'static str {
        singular(self.to)
    }
}

/// `Company to contact (all labels)` becomes `company_to_contact_all_labels`.
fn name_of(description: &str) -> String {
    let plain = description
        .to_lowercase()
        .replace("(default)", "")
        .replace(['(', ')'], "");
    plain.split_whitespace().collect::<Vec<_>>().join("_")
}

fn singular(object_type: &'static str) -> &'static str {
    match object_type {
        "companies" => "company",
        "line_items" => "line item",
        plural => plural.strip_suffix('s').unwrap_or(plural),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_lead_to_the_same_definition() {
        for info in all_definitions() {
            for text in [
                info.name.as_str(),
                info.description,
                &info.definition.get().to_string(),
            ] {
                assert_eq!(
                    text.parse::<Definition>().unwrap(),
                    info.definition,
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn company_to_contact_is_the_default_of_v1_and_not_the_one_of_all_labels() {
        assert_eq!("Company-to_Contact".parse::<Definition>().unwrap().get(), 2);
        assert_eq!(
            "company_to_contact_all_labels"
                .parse::<Definition>()
                .unwrap()
                .get(),
            280
        );
    }

    #[test]
    fn inverse_definitions_point_at_each_other() {
        for info in all_definitions() {
            if let Some(inverse) = info.inverse.and_then(Definition::info) {
                assert_eq!(inverse.inverse, Some(info.definition));
                assert_eq!((inverse.from, inverse.to), (info.to, info.from));
            }
        }
    }

    #[test]
    fn exactly_the_documented_ids_set_the_primary_company() {
        let primary: Vec<_> = all_definitions()
            .iter()
            .filter(|i| i.sets_primary)
            .map(|i| i.definition.get())
            .collect();
        assert_eq!(primary, [1, 2, 5, 6, 25, 26]);
    }

    #[test]
    fn an_unknown_id_is_kept_and_an_unknown_name_is_refused() {
        assert_eq!("4711".parse::<Definition>().unwrap().to_string(), "4711");
        for text in [
            "",
            "0",
            "01",
            "+1",
            "1.0",
            "contact_to_contact",
            "tic\u{212a}et_to_contact",
            "4294967296",
        ] {
            assert!(text.parse::<Definition>().is_err(), "{text}");
        }
    }
}
