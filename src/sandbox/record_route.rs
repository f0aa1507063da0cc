//! The paths for records and their properties, in both versions that have them.
//!
//! Pure. Does not know whether the object type exists.

use axum::http::{Method, Uri};

use super::{quota::WindowClass, request_kind::RequestKind};

/// The API versions that read records and properties.
const DATED: [&str; 2] = ["/crm/objects/2026-09/", "/crm/properties/2026-09/"];
const V3: [&str; 2] = ["/crm/v3/objects/", "/crm/v3/properties/"];

/// A request for records or properties.
#[derive(Debug, PartialEq)]
pub(super) struct RecordRoute {
    pub(super) object_type: String,
    pub(super) action: RecordAction,
    /// Whether by the dated API.
    pub(super) dated: bool,
    pub(super) query: RecordQuery,
}

/// What a request for records or properties does.
#[derive(Debug, PartialEq)]
pub(super) enum RecordAction {
    /// Reads one record by its id.
    Single(i64),
    /// Reads many records by their ids, or by another key.
    Batch,
    /// Searches records by the values of their properties.
    Search,
    /// Lists the properties of the object type.
    Properties,
    /// Reads one property.
    Property(String),
}

/// The query of such a request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RecordQuery {
    /// Whether only what is archived is asked for.
    pub(super) archived: bool,
    /// The properties that the answer should have.
    pub(super) properties: Vec<String>,
}

impl RecordRoute {
    /// `…/contacts/101`, `…/contacts/batch/read` and the like.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let path = uri.path();
        let below = |versions: [&str; 2]| {
            let [records, properties] = versions.map(|begin| path.strip_prefix(begin));
            let records = records.and_then(of_records);
            records.or_else(|| properties.and_then(of_properties))
        };
        let dated = below(DATED);
        let is_dated = dated.is_some();
        let (object_type, action) = dated.or_else(|| below(V3))?;
        Some(Self {
            object_type: object_type.to_owned(),
            action,
            dated: is_dated,
            query: RecordQuery::of(uri),
        })
    }

    /// The expected method.
    pub(super) fn method(&self) -> Method {
        match self.action {
            RecordAction::Batch | RecordAction::Search => Method::POST,
            RecordAction::Single(_) | RecordAction::Properties | RecordAction::Property(_) => {
                Method::GET
            }
        }
    }

    /// The window in which the request counts.
    pub(super) fn class(&self) -> WindowClass {
        match self.action {
            RecordAction::Search => WindowClass::Search,
            RecordAction::Single(_)
            | RecordAction::Batch
            | RecordAction::Properties
            | RecordAction::Property(_) => WindowClass::Single,
        }
    }

    pub(super) fn kind(&self) -> RequestKind {
        match self.action {
            RecordAction::Single(_) | RecordAction::Batch => RequestKind::ReadRecords,
            RecordAction::Search => RequestKind::Search,
            RecordAction::Properties | RecordAction::Property(_) => RequestKind::Properties,
        }
    }
}

/// `{type}/101`, `{type}/batch/read` or `{type}/search`.
fn of_records(below: &str) -> Option<(&str, RecordAction)> {
    let (object_type, what) = below.split_once('/')?;
    let action = match what {
        "batch/read" => RecordAction::Batch,
        "search" => RecordAction::Search,
        id => RecordAction::Single(id.parse().ok()?),
    };
    Some((object_type, action))
}

/// `{type}` or `{type}/email`.
fn of_properties(below: &str) -> Option<(&str, RecordAction)> {
    match below.split_once('/') {
        None => Some((below, RecordAction::Properties)),
        Some((object_type, name)) if !name.contains('/') => {
            Some((object_type, RecordAction::Property(name.to_owned())))
        }
        Some(_) => None,
    }
}

impl RecordQuery {
    fn of(uri: &Uri) -> Self {
        let mut query = Self::default();
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        for (name, value) in pairs {
            match &*name {
                "archived" => query.archived = value == "true",
                "properties" => query
                    .properties
                    .extend(value.split(',').map(|name| name.trim().to_owned())),
                _ => {}
            }
        }
        query
    }
}
