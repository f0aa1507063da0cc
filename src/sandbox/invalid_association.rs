//! What keeps an association from standing, and the forms in which a refusal
//! tells it.
//!
//! Pure; which records exist, and the rest of the refusal, are not known here.

use std::{collections::HashSet, fmt};

use super::{
    forms::{ErrorForm, ResponseForm},
    response::json_text,
};
use crate::association::RecordId;

/// What is said of associations that cannot stand, whoever they are.
pub(super) const INVALID_MESSAGE: &str = "One or more associations are invalid";

/// What is wrong with an association. Written, it is in HubSpot's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum InvalidAssociation {
    /// A record that does not exist, its type as in `LINE_ITEM`.
    MissingRecord { object_type: String, id: i64 },
    /// A record that has as many associations of a type as an administrator allows. The words are not
    /// recorded; the key in a context is that of HubSpot's importer.
    LimitReached {
        object_type: String,
        id: RecordId,
        most: u32,
    },
    /// A type that the account does not have, or not between these. The words are recorded of
    /// v4; v1's own are not known.
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
                most,
            } => write!(
                out,
                "{object_type}={id} is at the limit of {most} associations of this type"
            ),
            Self::UnknownType { category, number } => write!(
                out,
                "{category}={number} is not a valid association definition id"
            ),
        }
    }
}

impl ErrorForm {
    /// What follows the correlation id. Each wrong is told once; there is one
    /// at least.
    pub(super) fn after_id(self, wrongs: impl Iterator<Item = InvalidAssociation>) -> String {
        let mut seen = HashSet::new();
        let mut wrongs: Vec<_> = wrongs.filter(|wrong| seen.insert(wrong.clone())).collect();
        match self {
            Self::First => wrongs.truncate(1),
            Self::Strings | Self::Context | Self::Bare => {}
        }
        match self {
            Self::Strings | Self::First => {
                format!(
                    r#","errors":{}"#,
                    list(wrongs.iter().map(InvalidAssociation::to_string))
                )
            }
            Self::Context => context(&wrongs),
            Self::Bare => String::new(),
        }
    }
}

/// What a batch of the dated API says of one association that cannot stand. That
/// an entry names nobody is not recorded: a client has to get along with it.
pub(super) fn error_entry(
    form: ErrorForm,
    answers: ResponseForm,
    wrong: InvalidAssociation,
) -> String {
    let message = match form {
        ErrorForm::Strings | ErrorForm::First | ErrorForm::Context => wrong.to_string(),
        ErrorForm::Bare => INVALID_MESSAGE.to_owned(),
    };
    let context = match form {
        ErrorForm::Context => format!(r#","context":{}"#, lists(&[wrong])),
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

fn context(wrongs: &[InvalidAssociation]) -> String {
    let lists = lists(wrongs);
    format!(r#","context":{lists},"category":"VALIDATION_ERROR""#)
}

/// The recordings have one wrong each; that more of them make the lists longer
/// is our reading.
fn lists(wrongs: &[InvalidAssociation]) -> String {
    let (mut told, mut ids, mut types) = (Vec::new(), Vec::new(), Vec::new());
    let (mut told_definitions, mut definitions) = (Vec::new(), Vec::new());
    let mut limits = Vec::new();
    for wrong in wrongs {
        match wrong {
            InvalidAssociation::MissingRecord { object_type, id } => {
                told.push(wrong.to_string());
                ids.push(id.to_string());
                types.push(object_type.clone());
            }
            InvalidAssociation::LimitReached { .. } => limits.push(wrong.to_string()),
            InvalidAssociation::UnknownType { category, number } => {
                told_definitions.push(wrong.to_string());
                definitions.push(format!("{category}={number}"));
            }
        }
    }
    let entries: Vec<_> = [
        ("INVALID_OBJECT_IDS", told),
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

/// Texts as a JSON array.
fn list(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<_> = texts.map(|text| json_text(&text)).collect();
    format!("[{}]", texts.join(","))
}
