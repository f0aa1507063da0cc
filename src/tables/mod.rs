//! The tables of association definitions, one for each of HubSpot's APIs: data, parsed once.
//!
//! This is only the list of tables; `association` knows what a table is.

pub mod v1;
pub mod v2026_09;

use crate::association::DefinitionTable;
#[cfg(test)]
use crate::association::{Association, CanonicalLink, RecordId};

/// All tables, the oldest API first.
pub const ALL: [fn() -> &'static DefinitionTable; 2] = [v1::table, v2026_09::table];

/// The table of the default API.
#[must_use]
pub fn oldest() -> &'static DefinitionTable {
    ALL[0]()
}

/// The table of the API that HubSpot supports longest.
#[must_use]
pub fn latest() -> &'static DefinitionTable {
    ALL[ALL.len() - 1]()
}

/// A link with a definition of the newer API.
#[cfg(test)]
pub(crate) fn link_of_table(from: u64, to: u64, definition: u32) -> Association {
    let id = |id| RecordId::new(id).unwrap();
    Association {
        from: id(from),
        to: id(to),
        definition: v2026_09::table().definition(definition).unwrap(),
    }
}

/// A link of the newer API in its canonical direction.
#[cfg(test)]
pub(crate) fn canonical_of_table(from: u64, to: u64, definition: u32) -> CanonicalLink {
    CanonicalLink::new(&link_of_table(from, to, definition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_lead_to_the_same_definition() {
        for table in ALL.map(|table| table()) {
            for info in table.all() {
                for text in [
                    info.names.name.as_str(),
                    &info.association_type.id.to_string(),
                ] {
                    let found = table.parse(text).unwrap();
                    assert_eq!(found.get(), info.association_type.id, "{text}");
                }
            }
        }
        for info in v1::table().all() {
            let found = v1::table().parse(info.names.description).unwrap();
            assert_eq!(
                found.get(),
                info.association_type.id,
                "{}",
                info.names.description
            );
        }
    }

    #[test]
    fn names_of_v1_keep_their_meaning_in_the_newer_api() {
        for older in v1::table().all() {
            if let Ok(newer) = v2026_09::table().parse(&older.names.name) {
                assert_eq!(
                    newer.get(),
                    older.association_type.id,
                    "{}",
                    older.names.name
                );
            }
        }
        let plain = v2026_09::table().parse("contact_to_company_unlabeled");
        assert_eq!(plain.unwrap().get(), 279);
    }

    #[test]
    fn company_to_contact_is_the_default_definition_and_not_the_one_for_all_labels() {
        for table in ALL.map(|table| table()) {
            assert_eq!(table.parse("Company-to_Contact").unwrap().get(), 2);
            let all_labels = table.parse("company_to_contact_all_labels");
            assert_eq!(all_labels.unwrap().get(), 280);
        }
    }

    #[test]
    fn inverse_definitions_point_at_each_other() {
        for table in ALL.map(|table| table()) {
            for info in table.all() {
                if let Some(inverse) = info.inverse.and_then(|id| table.info(id)) {
                    assert_eq!(inverse.inverse, Some(info.association_type.id));
                    assert_eq!((inverse.from, inverse.to), (info.to, info.from));
                }
            }
        }
    }

    #[test]
    fn exactly_the_documented_ids_set_the_primary_company() {
        let primary = |table: &DefinitionTable| {
            let infos = table.all().iter().filter(|info| info.sets_primary());
            infos
                .map(|info| info.association_type.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(primary(v1::table()), [1, 2, 5, 6, 25, 26]);
        assert_eq!(
            primary(v2026_09::table()),
            [1, 2, 5, 6, 25, 26, 509, 510, 578, 580, 582, 583, 1299]
        );
    }

    #[test]
    fn v1_accepts_unknown_ids_but_not_unknown_names() {
        let table = v1::table();
        assert_eq!(table.parse("4711").unwrap().to_string(), "4711");
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
            assert!(table.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_definition_that_the_newer_api_divides_is_refused_with_its_replacements() {
        let table = v2026_09::table();
        for text in ["9", "contact_to_engagement"] {
            let unknown = table.parse(text).unwrap_err();
            let names = [
                "contact_to_call",
                "contact_to_email",
                "contact_to_meeting",
                "contact_to_note",
                "contact_to_task",
            ];
            assert_eq!(unknown.instead, names, "{text}");
        }
        let older = table.parse("33").unwrap_err().older.unwrap();
        assert_eq!(
            (older.name.as_str(), older.api),
            ("advisor_to_company", "v1")
        );
        assert!(table.parse("4711").is_err());
    }
}
