//! Why an association is invalid, and the forms in which an error response says so.
//!
//! Pure. Does not know which records exist, nor the rest of the error response.

use std::{collections::HashSet, fmt};

use super::{
    forms::{ErrorForm, ResponseForm},
    response::json_text,
};
use crate::association::RecordId;

/// The message for all invalid associations.
pub(super) const INVALID_MESSAGE: &str = "One or more associations are invalid";

/// Why an association is invalid. `Display` uses HubSpot's text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum InvalidAssociation {
    /// A record does not exist; its type is written as `LINE_ITEM`.
    MissingRecord { object_type: String, id: i64 },
    /// A record already has as many associations of a type as an administrator allows. The text is
    /// not recorded; the key in a context is that of HubSpot's importer.
    LimitReached {
        object_type: String,
        id: RecordId,
        maximum: u32,
    },
    /// A type that the account does not have, or not between these object types. The text is
    /// recorded from v4; v1's own is not known.
    UnknownType { category: String, number: i64 },
}

impl fmt::Display for InvalidAssociation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRecord { object_type, id } => {
                write!(out, "{object_type}={id} is not valid")
            }
            Self::LimitReached {
                object_type,
                id,
                maximum,
            } => write!(
                out,
                "{object_type}={id} is at the limit of {maximum} associations of this type"
            ),
            Self::UnknownType { category, number } => write!(
                out,
                "{category}={number} is not a valid association definition id"
            ),
        }
    }
}

impl ErrorForm {
    /// The JSON after the correlation id. Each reason appears once; there is at least one.
    pub(super) fn after_id(self, reasons: impl Iterator<Item = InvalidAssociation>) -> String {
        let mut seen = HashSet::new();
        let mut reasons: Vec<_> = reasons
            .filter(|reason| seen.insert(reason.clone()))
            .collect();
        match self {
            Self::First => reasons.truncate(1),
            Self::Strings | Self::Context | Self::Bare => {}
        }
        match self {
            Self::Strings | Self::First => {
                format!(
                    r#","errors":{}"#,
                    list(reasons.iter().map(InvalidAssociation::to_string))
                )
            }
            Self::Context => context(&reasons),
            Self::Bare => String::new(),
        }
    }
}

/// The entry for one invalid association in a batch of the dated API. An entry that names no record
/// is not recorded, but a client must cope with it.
pub(super) fn error_entry(
    form: ErrorForm,
    answers: ResponseForm,
    reason: InvalidAssociation,
) -> String {
    let message = match form {
        ErrorForm::Strings | ErrorForm::First | ErrorForm::Context => reason.to_string(),
        ErrorForm::Bare => INVALID_MESSAGE.to_owned(),
    };
    let context = match form {
        ErrorForm::Context => format!(r#","context":{}"#, lists(&[reason])),
        ErrorForm::Strings | ErrorForm::First | ErrorForm::Bare => match answers {
            ResponseForm::Specified => r#","context":{}"#.to_owned(),
            ResponseForm::Recorded => String::new(),
        },
    };
    let (message, end) = (json_text(&message), answers.end_of_entry());
    format!(
        r#"{{"status":"error","category":"VALIDATION_ERROR","message":{message}{context}{end}}}"#
    )
}

fn context(reasons: &[InvalidAssociation]) -> String {
    let lists = lists(reasons);
    format!(r#","context":{lists},"category":"VALIDATION_ERROR""#)
}

/// The recordings have one reason each. We assume that more reasons make the lists longer.
fn lists(reasons: &[InvalidAssociation]) -> String {
    let (mut messages, mut ids, mut types) = (Vec::new(), Vec::new(), Vec::new());
    let (mut told_definitions, mut definitions) = (Vec::new(), Vec::new());
    let mut limits = Vec::new();
    for reason in reasons {
        match reason {
            InvalidAssociation::MissingRecord { object_type, id } => {
                messages.push(reason.to_string());
                ids.push(id.to_string());
                types.push(object_type.clone());
            }
            InvalidAssociation::LimitReached { .. } => limits.push(reason.to_string()),
            InvalidAssociation::UnknownType { category, number } => {
                told_definitions.push(reason.to_string());
                definitions.push(format!("{category}={number}"));
            }
        }
    }
    let entries: Vec<_> = [
        ("INVALID_OBJECT_IDS", messages),
        ("objectId", ids),
        ("objectType", types),
        ("associationSpec", definitions),
        ("INVALID_ASSOCIATION_TYPE_ID", told_definitions),
        ("ASSOCIATION_LIMIT_EXCEEDED", limits),
    ]
    .into_iter()
    .filter(|(_, texts)| !texts.is_empty())
    .map(|(key, texts)| format!(r#""{key}":{}"#, list(texts.into_iter())))
    .collect();
    format!("{{{}}}", entries.join(","))
}

/// The texts as a JSON array.
fn list(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<_> = texts.map(|text| json_text(&text)).collect();
    format!("[{}]", texts.join(","))
}
