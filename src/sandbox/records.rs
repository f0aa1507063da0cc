//! Which records exist: all but those of a rule, and those of a list.
//!
//! Knows nothing of links, and stores no records.

use std::{collections::HashSet, fs, path::Path};

use super::{error::SandboxError, wrong::Wrong};
use crate::association::{DefinitionInfo, RecordId, all_definitions};

/// The records that the account lacks.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// Of whatever type.
    any: HashSet<RecordId>,
    /// With the type's name as the table of definitions has it.
    typed: HashSet<(&'static str, RecordId)>,
}

impl Missing {
    /// An id whose decimal digits end in these is missing, whatever its type,
    /// so that a file can ask for a refusal without any option.
    const RULE: u64 = 404;

    /// Reads a list: an id or `type,id` a line; `#` begins a comment.
    pub(super) fn read(path: &Path) -> Result<Self, SandboxError> {
        let text = fs::read_to_string(path).map_err(|source| SandboxError::MissingFile {
            path: path.to_owned(),
            source,
        })?;
        let mut missing = Self::default();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let (record, _comment) = line.split_once('#').unwrap_or((line, ""));
            let record = record.trim();
            if !record.is_empty() && missing.add(record).is_none() {
                return Err(SandboxError::MissingLine {
                    path: path.to_owned(),
                    line: index + 1,
                    text: record.to_owned(),
                });
            }
        }
        Ok(missing)
    }

    fn add(&mut self, record: &str) -> Option<()> {
        let id = |text: &str| text.trim().parse().ok().and_then(RecordId::new);
        match record.split_once(',') {
            None => self.any.insert(id(record)?),
            Some((name, text)) => self.typed.insert((object_type(name.trim())?, id(text)?)),
        };
        Some(())
    }

    /// Numbers that can be no id lack a record too.
    fn lacks(&self, object_type: &'static str, id: i64) -> bool {
        let Some(id) = u64::try_from(id).ok().and_then(RecordId::new) else {
            return true;
        };
        id.get() % 1000 == Self::RULE
            || self.any.contains(&id)
            || self.typed.contains(&(object_type, id))
    }

    /// The side of a link that does not exist; of two only the from side, as
    /// recorded.
    pub(super) fn side_of(&self, from: i64, to: i64, info: &DefinitionInfo) -> Option<Wrong> {
        [(info.from_singular(), from), (info.to_singular(), to)]
            .into_iter()
            .find(|(object_type, id)| self.lacks(object_type, *id))
            .map(|(object_type, id)| Wrong::Record {
                object_type: upper(object_type),
                id,
            })
    }
}

/// `LINE_ITEM` for `line item`.
fn upper(object_type: &str) -> String {
    object_type.to_ascii_uppercase().replace(' ', "_")
}

/// The table's name for a type written in any case, `line item` as `line_item`.
fn object_type(text: &str) -> Option<&'static str> {
    let wanted = upper(text);
    all_definitions()
        .iter()
        .map(DefinitionInfo::from_singular)
        .find(|name| upper(name) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::association::Definition;

    fn read(text: &str) -> Result<Missing, SandboxError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing.txt");
        fs::write(&path, text).unwrap();
        Missing::read(&path)
    }

    fn side(missing: &Missing, from: i64, to: i64, definition: u32) -> Option<String> {
        let definition = Definition::new(definition).unwrap();
        let wrong = missing.side_of(from, to, definition.info().unwrap());
        wrong.map(|wrong| wrong.to_string())
    }

    #[test]
    fn ids_that_end_in_404_are_missing() {
        let missing = Missing::default();
        assert_eq!(side(&missing, 1, 2, 1), None);
        assert_eq!(side(&missing, 4040, 2, 1), None);
        assert_eq!(side(&missing, 0, 2, 1).unwrap(), "CONTACT=0 is not valid");
        assert_eq!(
            side(&missing, 1, 7404, 19).unwrap(),
            "LINE_ITEM=7404 is not valid"
        );
    }

    #[test]
    fn of_two_missing_sides_only_the_from_side_is_named() {
        let side = side(&Missing::default(), 1404, 2404, 2).unwrap();
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
    fn a_line_that_is_no_record_is_refused_with_its_number() {
        for line in ["x", "0", "contact", "contract,1", "contact,1,2"] {
            let error = read(&format!("1\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2"), "{error}");
        }
    }
}
