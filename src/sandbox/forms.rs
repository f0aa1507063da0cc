//! The forms in which the API answers, where more than one is known.
//!
//! Only values and their JSON.

use std::fmt::Display;

use axum::http::StatusCode;

use super::{record_options::OldIdForm, response::ErrorResponse};

/// How the dated API answers, where its specification is not what was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ResponseForm {
    /// As its specification says: batches are 200, ids are strings, and every error has its category,
    /// each of a batch also `context`, `errors` and `links`
    #[default]
    Specified,
    /// As recorded, most of it of v4: 201 and 207, ids as numbers, errors with less in them
    Recorded,
}

/// How ids are written in answers of the dated API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum IdForm {
    /// As JSON numbers, as recorded
    Numbers,
    /// As strings, as specified
    Strings,
}

/// The status of a batch of which some inputs could not be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PartialStatus {
    /// As recorded
    #[value(name = "207")]
    MultiStatus,
    /// As specified since September 2026
    #[value(name = "200")]
    Ok,
}

/// How an error response says why associations are invalid.
///
/// The form that v1 uses today is not known. All forms except `First` are recorded from one API or
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ErrorForm {
    /// `errors` names what is wrong in strings, as recorded of v1
    Strings,
    /// Like `Strings`, but only the first invalid association of a batch is named.
    #[value(help = "The same, but of a batch only the first wrong association is named")]
    First,
    /// `context` names it in lists, as recorded of the newer APIs
    Context,
    /// Nothing is named
    Bare,
}

/// All forms of the answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseForms {
    pub(super) answers: ResponseForm,
    /// Errors of v1.
    pub(super) refusals: ErrorForm,
    /// Errors in batches of the dated API.
    pub(super) entries: ErrorForm,
    pub(super) ids: IdForm,
    pub(super) partial: PartialStatus,
    /// The status of a batch of records of which some were not found. The specification has only
    /// 200, but 207 is recorded.
    pub(super) missed: PartialStatus,
    pub(super) old_ids: OldIdForm,
}

impl ResponseForms {
    /// An error response of the dated API.
    pub(super) fn error(self, error: ErrorResponse) -> ErrorResponse {
        match self.answers {
            ResponseForm::Specified => error.with_category(),
            ResponseForm::Recorded => error,
        }
    }
}

impl ResponseForm {
    /// The status of a batch of creates that all succeeded.
    pub(super) fn created(self) -> StatusCode {
        match self {
            Self::Specified => StatusCode::OK,
            Self::Recorded => StatusCode::CREATED,
        }
    }

    /// The JSON at the end of an error in a batch. The specification has an optional object
    /// `subCategory` without defined contents; the recordings have a string.
    pub(super) fn end_of_entry(self) -> &'static str {
        match self {
            Self::Specified => r#","errors":[],"links":{}"#,
            Self::Recorded => "",
        }
    }
}

impl IdForm {
    /// The id as JSON.
    pub(super) fn json(self, id: impl Display) -> String {
        match self {
            Self::Numbers => id.to_string(),
            Self::Strings => format!("\"{id}\""),
        }
    }
}

impl PartialStatus {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::MultiStatus => StatusCode::MULTI_STATUS,
            Self::Ok => StatusCode::OK,
        }
    }
}
