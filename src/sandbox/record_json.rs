//! A record as JSON.
//!
//! Only the wording. Other modules find the record.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    merged_ids::MergedIds,
    records::{
        AccountRecords, FoundRecord,
        properties::{self, CREATED, ID, MERGED},
    },
    response::json_text,
};

/// Turns records into JSON with the properties that a request asks for.
pub(super) struct RecordWriter<'a> {
    pub(super) records: &'a AccountRecords,
    pub(super) merged: &'a MergedIds,
    /// The names as the request has them. Those that do not exist are ignored.
    pub(super) asked: &'a [String],
    /// Those of which the earlier values are asked for too. The sandbox has only the last one.
    pub(super) with_history: &'a [String],
}

impl RecordWriter<'_> {
    /// The record with the properties that are always there and those that are asked for.
    pub(super) fn json(&self, record: &FoundRecord<'_>) -> String {
        let mut values = BTreeMap::new();
        let always = [CREATED, ID, properties::changed(record.object_type)];
        let asked = self.asked.iter().chain(self.with_history);
        for name in always.into_iter().chain(asked.map(String::as_str)) {
            if self.records.property(record.object_type, name).is_some() {
                values.insert(name, self.value_json(record, name));
            }
        }
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| format!("{}:{value}", json_text(name)))
            .collect();
        let (id, created, values) = (record.id, record.created_at(), values.join(","));
        let created = format!("{created:.3}");
        let history = self.history_json(record, &created);
        let archived = if record.is_archived() {
            format!(r#""archived":true,"archivedAt":"{created}""#)
        } else {
            r#""archived":false"#.to_owned()
        };
        format!(
            r#"{{"id":"{id}","properties":{{{values}}}{history},"createdAt":"{created}","updatedAt":"{created}",{archived}}}"#
        )
    }

    fn value_json(&self, record: &FoundRecord<'_>, name: &str) -> String {
        let value = if name == MERGED {
            self.old_ids(record).map(Cow::from)
        } else {
            record.value(name)
        };
        value.map_or_else(|| "null".to_owned(), |value| json_text(&value))
    }

    /// The ids that lead to the record since a merge.
    fn old_ids(&self, record: &FoundRecord<'_>) -> Option<String> {
        let (object_type, id) = record.reference();
        let old = self.merged.old_ids(object_type, id);
        let old: Vec<_> = old.iter().map(ToString::to_string).collect();
        (!old.is_empty()).then(|| old.join(";"))
    }

    fn history_json(&self, record: &FoundRecord<'_>, created: &str) -> String {
        let entries = self.with_history.iter().filter_map(|name| {
            let value = json_text(&record.value(name)?);
            let name = json_text(name);
            Some(format!(
                r#"{name}:[{{"value":{value},"timestamp":"{created}","sourceType":"API"}}]"#
            ))
        });
        let entries: Vec<_> = entries.collect();
        if self.with_history.is_empty() {
            return String::new();
        }
        format!(r#","propertiesWithHistory":{{{}}}"#, entries.join(","))
    }
}
