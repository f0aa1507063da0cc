//! Sets of records, and which records exist: all except those of a rule and those of a list.
//!
//! Knows nothing of links and stores no records.

use std::{collections::HashSet, fs, path::Path};

use super::{
    association_input, catalogue::Catalogue, error::SandboxError,
    invalid_association::InvalidAssociation, object::ObjectType,
};
use crate::association::RecordId;

/// A set of records, by id or by type and id.
#[derive(Debug, Default)]
pub(super) struct RecordSet {
    /// Ids of any type.
    any: HashSet<RecordId>,
    typed: HashSet<(ObjectType, RecordId)>,
}

/// A record as a request names it. Its number need not be a valid id.
pub(super) type RecordRef = (ObjectType, i64);

impl RecordSet {
    /// Reads a list with an id or `type,id` on each line; `#` begins a comment.
    pub(super) fn read(path: &Path, catalogue: &Catalogue) -> Result<Self, SandboxError> {
        let mut records = Self::default();
        for (line, text) in lines(path)? {
            if records.add(&text, catalogue).is_none() {
                return Err(SandboxError::RecordsLine {
                    path: path.to_owned(),
                    line,
                    text,
                });
            }
        }
        Ok(records)
    }

    fn add(&mut self, record: &str, catalogue: &Catalogue) -> Option<()> {
        let id = |text: &str| text.trim().parse().ok().and_then(RecordId::new);
        match record.split_once(',') {
            None => self.any.insert(id(record)?),
            Some((name, text)) => {
                let object_type = catalogue.object_type(name.trim())?;
                self.typed.insert((object_type, id(text)?))
            }
        };
        Some(())
    }

    /// Whether the set contains a record.
    pub(super) fn contains(&self, (object_type, number): RecordRef) -> bool {
        association_input::record_id(number)
            .is_some_and(|id| self.any.contains(&id) || self.typed.contains(&(object_type, id)))
    }
}

/// The non-empty lines of a list, without comments, each with its line number.
pub(super) fn lines(path: &Path) -> Result<Vec<(usize, String)>, SandboxError> {
    let text = fs::read_to_string(path).map_err(|source| SandboxError::RecordsFile {
        path: path.to_owned(),
        source,
    })?;
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let text = lines.map(|(index, line)| {
        let (text, _comment) = line.split_once('#').unwrap_or((line, ""));
        (index + 1, text.trim().to_owned())
    });
    Ok(text.filter(|(_, text)| !text.is_empty()).collect())
}

/// The records that do not exist in the account.
#[derive(Debug, Default)]
pub(super) struct MissingRecords {
    pub(super) listed: RecordSet,
}

impl MissingRecords {
    /// An id that ends in these digits is missing, whatever its type, so that a file can provoke an
    /// error without any option.
    const RULE: u64 = 404;

    /// Whether a record does not exist. A number that is not a valid id has no record either.
    pub(super) fn contains(&self, record: RecordRef) -> bool {
        association_input::record_id(record.1).is_none_or(|id| id.get() % 1000 == Self::RULE)
            || self.listed.contains(record)
    }

    /// The side of a link whose record does not exist. If both are missing, only the from side is
    /// named, as recorded.
    pub(super) fn missing_side(&self, sides: [RecordRef; 2]) -> Option<InvalidAssociation> {
        let mut sides = sides.into_iter();
        let (object_type, id) = sides.find(|record| self.contains(*record))?;
        Some(InvalidAssociation::MissingRecord {
            object_type: object_type.upper(),
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sandbox::defined_label, tables::v1};

    fn read(text: &str) -> Result<MissingRecords, SandboxError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing.txt");
        fs::write(&path, text).unwrap();
        let catalogue = Catalogue::new(&defined_label::defaults());
        let listed = RecordSet::read(&path, &catalogue)?;
        Ok(MissingRecords { listed })
    }

    fn side(missing: &MissingRecords, from: i64, to: i64, definition: u32) -> Option<String> {
        let info = v1::table().definition(definition).unwrap().info().unwrap();
        let (one, other) = (ObjectType::named(info.from), ObjectType::named(info.to));
        let reason = missing.missing_side([(one, from), (other, to)]);
        reason.map(|reason| reason.to_string())
    }

    #[test]
    fn ids_that_end_in_404_are_missing() {
        let missing = MissingRecords::default();
        assert_eq!(side(&missing, 1, 2, 1), None);
        assert_eq!(side(&missing, 4040, 2, 1), None);
        assert_eq!(side(&missing, 0, 2, 1).unwrap(), "CONTACT=0 is not valid");
        assert_eq!(
            side(&missing, 1, 7404, 19).unwrap(),
            "LINE_ITEM=7404 is not valid"
        );
    }

    #[test]
    fn if_both_sides_are_missing_only_the_from_side_is_named() {
        let side = side(&MissingRecords::default(), 1404, 2404, 2).unwrap();
        assert_eq!(side, "COMPANY=1404 is not valid");
    }

    #[test]
    fn a_list_names_ids_of_any_type_or_of_one() {
        let missing = read("# gone\n12 # everywhere\n\ncontact, 34\r\nLINE_ITEM,5\n").unwrap();
        assert!(side(&missing, 12, 1, 1).is_some());
        assert!(side(&missing, 1, 12, 1).is_some());
        assert!(side(&missing, 34, 1, 1).is_some());
        assert_eq!(side(&missing, 1, 34, 1), None, "company 34 exists");
        assert!(side(&missing, 1, 5, 19).is_some());
    }

    #[test]
    fn an_invalid_line_is_refused_with_its_number() {
        for line in ["x", "0", "contact", "contract,1", "contact,1,2"] {
            let error = read(&format!("1\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
