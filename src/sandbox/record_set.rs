//! Sets of records, read from lists of ids.
//!
//! Knows nothing of links, and not what a set is for.

use std::{collections::HashSet, fs, path::Path};

use super::{association_input, catalogue::Catalogue, error::SandboxError, object::ObjectType};
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::defined_label;

    fn read(text: &str) -> Result<RecordSet, SandboxError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing.txt");
        fs::write(&path, text).unwrap();
        RecordSet::read(&path, &Catalogue::new(&defined_label::defaults()))
    }

    #[test]
    fn a_list_names_ids_of_any_type_or_of_one() {
        let set = read("# gone\n12 # everywhere\n\ncontact, 34\r\nLINE_ITEM,5\n").unwrap();
        let [contacts, items] =
            ["contacts", "line_items"].map(|name| ObjectType::standard(name).unwrap());
        let records = [
            (contacts, 12),
            (ObjectType::COMPANIES, 12),
            (contacts, 34),
            (ObjectType::COMPANIES, 34),
            (items, 5),
            (contacts, -1),
        ];
        assert_eq!(
            records.map(|record| set.contains(record)),
            [true, true, true, false, true, false]
        );
    }

    #[test]
    fn an_invalid_line_is_refused_with_its_number() {
        for line in ["x", "0", "contact", "contract,1", "contact,1,2"] {
            let error = read(&format!("1\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
