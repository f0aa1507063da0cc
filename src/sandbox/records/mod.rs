//! The records of the account. An object type that the file of records lists has only those; of
//! every other type, every record exists, and one is invented for each key.
//!
//! Knows nothing of requests and JSON, nor of the ids that a record had before a merge.

mod file;
mod file_line;
mod found;
mod index;
mod invented;
pub(super) mod properties;
mod table;

use std::{collections::HashMap, path::PathBuf};

use super::{
    association_input,
    catalogue::Catalogue,
    error::SandboxError,
    invalid_association::InvalidAssociation,
    merged_ids::MergedIds,
    object::ObjectType,
    record_options::RecordOptions,
    record_set::{RecordRef, RecordSet},
};
use crate::association::RecordId;

pub(super) use found::FoundRecord;
use invented::InventedKey;
use properties::{EMAIL, OTHER_EMAILS, PropertyInfo, PropertyType};
use table::RecordTable;

/// Which records exist, and how they are found.
#[derive(Debug, Default)]
pub(super) struct AccountRecords {
    /// Records that do not exist, whatever the rest says.
    missing: RecordSet,
    tables: HashMap<ObjectType, RecordTable>,
    /// The file that lists them, for errors.
    file: PathBuf,
    /// Properties with unique values, from the options.
    unique: Vec<(ObjectType, String)>,
}

/// Why a property does not identify records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyRefusal {
    Unknown,
    NotUnique,
}

impl AccountRecords {
    /// An id that ends in these digits is missing in every object type that is not listed, so that
    /// a file can provoke an error without any option.
    const MISSING_END: u64 = 404;

    /// Reads the file of records. Its old ids become merges.
    pub(super) fn new(
        missing: RecordSet,
        options: &RecordOptions,
        catalogue: &Catalogue,
        merged: &mut MergedIds,
    ) -> Result<Self, SandboxError> {
        let unique = options.unique_properties.iter().map(|property| {
            let object_type = catalogue.object_type(&property.object_type);
            let unknown = || SandboxError::ObjectType(property.object_type.clone());
            let object_type = object_type.ok_or_else(unknown)?;
            Ok::<_, SandboxError>((object_type, property.name.clone()))
        });
        let unique = unique.collect::<Result<_, _>>()?;
        let tables = options.records.as_deref();
        let tables = tables.map(|path| file::read(path, catalogue, merged));
        let records = Self {
            missing,
            tables: tables.transpose()?.unwrap_or_default(),
            file: options.records.clone().unwrap_or_default(),
            unique,
        };
        records.check_unique()?;
        Ok(records)
    }

    /// Makes the values of a property unique. An account has the values of HubSpot's own properties
    /// as they are, and an object type that is listed has no others than its file.
    pub(super) fn add_unique(&mut self, object_type: ObjectType, name: &str) {
        let may_exist = match self.property(object_type, name) {
            Some(known) => !known.built_in,
            None => !self.tables.contains_key(&object_type),
        };
        if may_exist {
            self.unique.push((object_type, name.to_owned()));
        }
    }

    /// Refuses two records with one value of a property whose values are unique.
    pub(super) fn check_unique(&self) -> Result<(), SandboxError> {
        for (object_type, table) in &self.tables {
            let unique = self.unique.iter().filter(|(of, _)| of == object_type);
            let emails = properties::is_email_of_contacts(*object_type, EMAIL);
            let emails = emails.then(|| vec![EMAIL, OTHER_EMAILS]);
            for names in unique.map(|(_, name)| vec![&**name]).chain(emails) {
                if let Some([first, again]) = table.repeated(&names) {
                    return Err(SandboxError::RecordLine {
                        path: self.file.clone(),
                        line: again,
                        problem: format!(
                            "this {} has the same {} as the one in line {first}, and these values \
                             are unique; change one of them, or set archived to true",
                            object_type.singular(),
                            names.join(" or ")
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether a record does not exist for associations, which archived records do not have.
    fn is_missing(&self, record: RecordRef) -> bool {
        let found = self.by_id(record);
        found.is_none_or(|found| found.is_archived())
    }

    /// The side of a link whose record does not exist. If both are missing, only the from side is
    /// named, as recorded.
    pub(super) fn missing_side(&self, sides: [RecordRef; 2]) -> Option<InvalidAssociation> {
        let mut sides = sides.into_iter();
        let (object_type, id) = sides.find(|record| self.is_missing(*record))?;
        Some(InvalidAssociation::MissingRecord {
            object_type: object_type.upper(),
            id,
        })
    }

    /// The record with this current id, archived or not. A number that is not a valid id has none.
    pub(super) fn by_id(&self, (object_type, number): RecordRef) -> Option<FoundRecord<'_>> {
        let id = association_input::record_id(number)?;
        if self.missing.contains((object_type, number)) {
            return None;
        }
        match self.tables.get(&object_type) {
            Some(table) => {
                let stored = table.by_id(id)?;
                Some(FoundRecord::listed(object_type, table, stored))
            }
            None if id.get() % 1000 == Self::MISSING_END => None,
            None => Some(FoundRecord::invented(object_type, id, None)),
        }
    }

    /// Whether records are identified by a property.
    pub(super) fn key(&self, object_type: ObjectType, name: &str) -> Result<(), KeyRefusal> {
        let property = self.property(object_type, name);
        let property = property.ok_or(KeyRefusal::Unknown)?;
        if property.unique || properties::is_email_of_contacts(object_type, name) {
            Ok(())
        } else {
            Err(KeyRefusal::NotUnique)
        }
    }

    /// The record with this key, which is compared without case and blanks.
    pub(super) fn by_key(
        &self,
        object_type: ObjectType,
        name: &str,
        key: &str,
        archived: bool,
    ) -> Option<FoundRecord<'_>> {
        let key = key.trim().to_lowercase();
        let mut found = self.with_value(object_type, name, &key);
        if properties::is_email_of_contacts(object_type, name) {
            found.extend(self.with_value(object_type, OTHER_EMAILS, &key));
        }
        found
            .into_iter()
            .find(|record| record.is_archived() == archived)
    }

    /// The records with exactly this value, which is in lower case.
    pub(super) fn with_value(
        &self,
        object_type: ObjectType,
        name: &str,
        value: &str,
    ) -> Vec<FoundRecord<'_>> {
        let found: Vec<_> = if name == properties::ID {
            let number = value.parse().ok();
            let found = number.and_then(|number| self.by_id((object_type, number)));
            found.into_iter().collect()
        } else if let Some(table) = self.tables.get(&object_type) {
            let stored = table.with_value(name, value);
            stored
                .map(|stored| FoundRecord::listed(object_type, table, stored))
                .collect()
        } else {
            self.invent(object_type, name, value).into_iter().collect()
        };
        let exists = |record: &FoundRecord<'_>| !self.missing.contains(record.reference());
        found.into_iter().filter(exists).collect()
    }

    /// The record that is invented for a value. Only what identifies a record has one.
    fn invent(
        &self,
        object_type: ObjectType,
        name: &str,
        value: &str,
    ) -> Option<FoundRecord<'static>> {
        let is_domain = object_type == ObjectType::COMPANIES && name == properties::DOMAIN;
        if value != value.to_lowercase() || !(is_domain || self.key(object_type, name).is_ok()) {
            return None;
        }
        let key = InventedKey::new(name, value)?;
        let id: RecordId = key.id(object_type)?;
        Some(FoundRecord::invented(object_type, id, Some(key)))
    }

    /// All listed records of a type.
    pub(super) fn all(&self, object_type: ObjectType) -> impl Iterator<Item = FoundRecord<'_>> {
        let table = self.tables.get(&object_type);
        let listed = table.into_iter().flat_map(move |table| {
            let records = table.records();
            records.map(move |stored| FoundRecord::listed(object_type, table, stored))
        });
        listed.filter(|record| !self.missing.contains(record.reference()))
    }

    pub(super) fn property<'a>(
        &'a self,
        object_type: ObjectType,
        name: &str,
    ) -> Option<PropertyInfo<'a>> {
        self.properties(object_type)
            .into_iter()
            .find(|known| known.name == name)
    }

    /// The properties of an object type: HubSpot's, then those that the options and the file name.
    pub(super) fn properties(&self, object_type: ObjectType) -> Vec<PropertyInfo<'_>> {
        let is_unique = |name: &str| {
            let mut unique = self.unique.iter();
            unique.any(|(of, known)| *of == object_type && known == name)
        };
        let built_in = properties::built_in(object_type).map(|property| PropertyInfo {
            unique: is_unique(property.name),
            ..property
        });
        let mut all: Vec<PropertyInfo<'_>> = built_in.collect();
        let unique = self.unique.iter().filter(|(of, _)| *of == object_type);
        let listed = self.tables.get(&object_type).into_iter();
        let named = unique.map(|(_, name)| &**name);
        for name in named.chain(listed.flat_map(RecordTable::names)) {
            if all.iter().all(|known| known.name != name) {
                all.push(PropertyInfo {
                    name,
                    value_type: PropertyType::Text,
                    unique: is_unique(name),
                    built_in: false,
                });
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::v1;

    fn side(from: i64, to: i64, definition: u32) -> Option<String> {
        let info = v1::table().definition(definition).unwrap().info().unwrap();
        let (one, other) = (ObjectType::named(info.from), ObjectType::named(info.to));
        let reason = AccountRecords::default().missing_side([(one, from), (other, to)]);
        reason.map(|reason| reason.to_string())
    }

    #[test]
    fn ids_that_end_in_404_are_missing() {
        assert_eq!(side(1, 2, 1), None);
        assert_eq!(side(4040, 2, 1), None);
        assert_eq!(side(0, 2, 1).unwrap(), "CONTACT=0 is not valid");
        assert_eq!(side(1, 7404, 19).unwrap(), "LINE_ITEM=7404 is not valid");
    }

    #[test]
    fn if_both_sides_are_missing_only_the_from_side_is_named() {
        assert_eq!(side(1404, 2404, 2).unwrap(), "COMPANY=1404 is not valid");
    }
}
