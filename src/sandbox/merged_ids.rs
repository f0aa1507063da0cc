//! Merged records: their old ids still work, and answers contain the current id.
//!
//! Knows nothing of requests and of links.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    path::Path,
};

use super::{
    association_input::{self, AssociationInput},
    catalogue::{Catalogue, TypePair},
    error::SandboxError,
    object::ObjectType,
    record_set,
};
use crate::association::RecordId;

/// An optional first line, for a file from a spreadsheet.
const HEADER: &str = "object_type,old_id,new_id";

/// The new id of each old id.
#[derive(Debug, Default)]
pub(super) struct MergedIds {
    new_ids: HashMap<(ObjectType, RecordId), RecordId>,
    /// The old ids that lead directly to an id.
    previous: HashMap<(ObjectType, RecordId), Vec<RecordId>>,
}

impl MergedIds {
    /// Reads lines of `type,old id,new id`; `#` begins a comment. A record that was merged twice
    /// has a line for each merge.
    pub(super) fn read(path: &Path, catalogue: &Catalogue) -> Result<Self, SandboxError> {
        let mut merged = Self::default();
        for (line, text) in record_set::lines(path)? {
            if text.replace(' ', "").eq_ignore_ascii_case(HEADER) {
                continue;
            }
            if merged.add_line(&text, catalogue).is_none() {
                return Err(SandboxError::MergedLine {
                    path: path.to_owned(),
                    line,
                    text,
                });
            }
        }
        Ok(merged)
    }

    /// `None` if the line is not a merge, repeats an old id, or forms a cycle.
    fn add_line(&mut self, text: &str, catalogue: &Catalogue) -> Option<()> {
        let mut parts = text.split(',').map(str::trim);
        let object_type = catalogue.object_type(parts.next()?)?;
        let mut id = || parts.next()?.parse().ok().and_then(RecordId::new);
        let (old, new) = (id()?, id()?);
        let added = parts.next().is_none() && self.add(object_type, old, new);
        added.then_some(())
    }

    /// Adds a merge. Returns whether it was added: it must not repeat an old id or form a cycle.
    pub(super) fn add(&mut self, object_type: ObjectType, old: RecordId, new: RecordId) -> bool {
        if self.last(object_type, new) == old || self.new_ids.contains_key(&(object_type, old)) {
            return false;
        }
        self.new_ids.insert((object_type, old), new);
        let previous = self.previous.entry((object_type, new));
        previous.or_default().push(old);
        true
    }

    /// The current id of a record, for an old or current id.
    pub(super) fn current_id(&self, object_type: ObjectType, number: i64) -> i64 {
        let known = association_input::record_id(number).map(|id| self.last(object_type, id));
        known
            .and_then(|id| i64::try_from(id.get()).ok())
            .unwrap_or(number)
    }

    /// The old ids of a record, in order.
    pub(super) fn old_ids(&self, object_type: ObjectType, number: i64) -> Vec<RecordId> {
        let mut old = Vec::new();
        let mut next = association_input::record_id(number);
        let mut followed = 0;
        while let Some(id) = next {
            old.extend(self.previous.get(&(object_type, id)).into_iter().flatten());
            next = old.get(followed).copied();
            followed += 1;
        }
        old.sort_unstable();
        old
    }

    /// The last id of the chain that starts at this id. No chain is a cycle.
    fn last(&self, object_type: ObjectType, id: RecordId) -> RecordId {
        let mut last = id;
        while let Some(next) = self.new_ids.get(&(object_type, last)) {
            last = *next;
        }
        last
    }

    /// The associations with current record ids.
    pub(super) fn all_with_current_ids<'a>(
        &self,
        ends: TypePair,
        items: &'a [AssociationInput],
    ) -> Cow<'a, [AssociationInput]> {
        if self.new_ids.is_empty() {
            return Cow::Borrowed(items);
        }
        let current = items.iter().map(|item| self.with_current_ids(ends, item));
        Cow::Owned(current.collect())
    }

    /// One association with current record ids.
    pub(super) fn with_current_ids(
        &self,
        ends: TypePair,
        item: &AssociationInput,
    ) -> AssociationInput {
        AssociationInput {
            from: self.current_id(ends.0, item.from),
            to: self.current_id(ends.1, item.to),
            types: item.types.clone(),
        }
    }

    /// The current records without duplicates: a record that is asked for by two ids is answered
    /// once.
    pub(super) fn distinct<T: Clone + Eq + std::hash::Hash>(
        &self,
        all: &[T],
        current: impl Fn(&T) -> T,
    ) -> Vec<T> {
        if self.new_ids.is_empty() {
            return all.to_vec();
        }
        let mut seen = HashSet::new();
        let current = all.iter().map(current);
        current.filter(|one| seen.insert(one.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::defined_label;

    fn read(text: &str) -> Result<MergedIds, SandboxError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("merged.csv");
        std::fs::write(&path, text).unwrap();
        MergedIds::read(&path, &Catalogue::new(&defined_label::defaults()))
    }

    #[test]
    fn an_old_id_leads_to_the_current_record_of_its_type() {
        let text = "Object_type, old_id, new_id\ncontact,101,1001 # once\n0-1,1001,2001\n";
        let merged = read(text).unwrap();
        let contacts = ObjectType::standard("contacts").unwrap();
        let current = |id| merged.current_id(contacts, id);
        assert_eq!(
            [101, 1001, 2001, 7, -1].map(current),
            [2001, 2001, 2001, 7, -1]
        );
        assert_eq!(merged.current_id(ObjectType::COMPANIES, 101), 101);
    }

    #[test]
    fn an_invalid_merge_is_refused_with_its_line() {
        for line in [
            "101,1001",
            "contact,1",
            "contact,1,1",
            "contact,x,1",
            "boat,1,2",
            "contact,1,2,3",
            "contact,7,9",
            "contact,8,7",
        ] {
            let error = read(&format!("contact,7,8\n{line}\n")).unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains("line 2") && error.contains("type,old id,new id"),
                "{error}"
            );
        }
    }
}
