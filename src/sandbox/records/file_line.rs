//! One line of a file of records: its parts, and what is wrong with them.
//!
//! Knows nothing of files, object types and tables.

use std::{borrow::Cow, collections::BTreeMap, io};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::association::RecordId;

/// The parts of a line as text. Those that are left out are empty.
#[derive(Debug, Default)]
pub(super) struct RecordLine<'a> {
    pub(super) object_type: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    /// With `;` between them.
    pub(super) merged_ids: Cow<'a, str>,
    pub(super) archived: Cow<'a, str>,
    pub(super) created: Cow<'a, str>,
    pub(super) properties: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// A record as a JSON object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRecord {
    object_type: String,
    id: Value,
    #[serde(default)]
    merged_ids: Vec<Value>,
    #[serde(default)]
    archived: Value,
    #[serde(default)]
    created: Value,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
}

impl<'a> RecordLine<'a> {
    /// From the cells of a line. Each column that is not one of the others is a property.
    pub(super) fn of_cells(header: &'a csv::StringRecord, cells: &'a csv::StringRecord) -> Self {
        let mut record = Self::default();
        for (name, cell) in header.iter().zip(cells) {
            let cell = Cow::Borrowed(cell);
            match name {
                "object_type" => record.object_type = cell,
                "id" => record.id = cell,
                "merged_ids" => record.merged_ids = cell,
                "archived" => record.archived = cell,
                "created" => record.created = cell,
                _ => record.properties.push((Cow::Borrowed(name), cell)),
            }
        }
        record
    }
}

impl RecordLine<'static> {
    /// From a JSON object.
    pub(super) fn of_json(text: &str) -> Result<Self, String> {
        let record: JsonRecord = serde_json::from_str(text).map_err(|error| {
            let error = error.to_string();
            let what = error.rsplit_once(" at line ");
            let what = what.map_or(&*error, |(what, _)| what);
            format!(
                "this is not a record as JSON ({what}); write one object, like \
                 {{\"object_type\":\"contacts\",\"id\":\"101\",\"properties\":{{\"email\":\"ann@example.com\"}}}}"
            )
        })?;
        let JsonRecord {
            object_type,
            id,
            merged_ids,
            archived,
            created,
            properties,
        } = record;
        let merged: Vec<_> = merged_ids
            .into_iter()
            .map(|id| text_of("merged_ids", id))
            .collect::<Result<_, _>>()?;
        let properties = properties.into_iter().map(|(name, value)| {
            let value = text_of(&name, value)?;
            Ok::<_, String>((Cow::Owned(name), Cow::Owned(value)))
        });
        Ok(Self {
            object_type: Cow::Owned(object_type),
            id: Cow::Owned(text_of("id", id)?),
            merged_ids: Cow::Owned(merged.join(";")),
            archived: Cow::Owned(text_of("archived", archived)?),
            created: Cow::Owned(text_of("created", created)?),
            properties: properties.collect::<Result<_, _>>()?,
        })
    }
}

fn text_of(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "the value of '{name}' is a list or an object; write a text"
        )),
    }
}

pub(super) fn record_id(text: &str) -> Result<RecordId, String> {
    let id = text.parse().ok().and_then(RecordId::new);
    id.ok_or_else(|| format!("'{text}' is not an id; write a whole number from 1 on"))
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match &*text.to_ascii_lowercase() {
        "true" => Ok(true),
        "" | "false" => Ok(false),
        _ => Err(format!(
            "'{text}' in archived is neither true nor false; write one of them"
        )),
    }
}

/// A time, a date (its midnight in UTC), or milliseconds since 1970; `None` if it is left out.
pub(super) fn time(text: &str) -> Result<Option<Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let milliseconds = || Timestamp::from_millisecond(text.parse().ok()?).ok();
    let midnight = || {
        let date: Date = text.parse().ok()?;
        let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
        midnight.ok()
    };
    let time = text.parse().ok().or_else(milliseconds).or_else(midnight);
    let time = time.ok_or_else(|| {
        format!("'{text}' in created is not a time; write it like 2026-11-23T10:00:00Z")
    });
    time.map(Some)
}

pub(super) const NOT_UTF_8: &str = "the text is not UTF-8; save the file as UTF-8";

/// What is wrong with a line of CSV, or why the file cannot be read.
pub(super) fn csv_problem(error: csv::Error) -> Result<String, io::Error> {
    if error.is_io_error() {
        return Err(error.into());
    }
    let problem = if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        NOT_UTF_8.to_owned()
    } else if let csv::ErrorKind::UnequalLengths {
        expected_len, len, ..
    } = error.kind()
    {
        format!(
            "it has {len} cells, and the first line has {expected_len}; correct its commas and \
             quotes"
        )
    } else {
        format!("it cannot be read as CSV ({error}); correct it")
    };
    Ok(problem)
}
