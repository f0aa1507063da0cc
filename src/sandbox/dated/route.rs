//! The paths of the dated API and their actions.
//!
//! Pure. Does not know whether the object types exist.

use axum::http::Method;

use super::super::{
    quota::WindowClass,
    request_kind::{RequestKind, RouteError},
};

const PAIRS: &str = "/crm/objects/2026-09/";
const BATCHES: &str = "/crm/associations/2026-09/";
/// Relative to the path of batches.
const LIMITS: &str = "definitions/configurations/";

/// A method and a path.
#[derive(Debug, PartialEq)]
pub(crate) struct DatedRoute {
    /// The object types as the path has them. They need not exist.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) action: DatedAction,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatedAction {
    /// Gives types to one pair.
    Put { from: i64, to: i64 },
    /// Associates one pair without a label.
    PutDefault { from: i64, to: i64 },
    /// Removes one pair.
    Delete { from: i64, to: i64 },
    /// Gives types to many pairs.
    Create,
    /// Associates many pairs without a label.
    CreateDefault,
    /// Reads the associations of many records.
    Read,
    /// Removes many pairs.
    Archive,
    /// Removes types from many pairs.
    ArchiveLabels,
    /// Lists the association types.
    Labels,
    /// Lists the limits that administrators set between two object types.
    Limits,
    /// Lists the limits between any object types.
    AllLimits,
}

impl DatedRoute {
    /// The route of a request, if its path belongs to this API.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Result<Self, RouteError>> {
        let routed = if let Some(below) = path.strip_prefix(PAIRS) {
            pair(method, below)
        } else {
            batch(method, path.strip_prefix(BATCHES)?)
        };
        Some(routed)
    }

    /// The window in which the request counts.
    pub(crate) fn class(&self) -> WindowClass {
        match self.action {
            DatedAction::Put { .. }
            | DatedAction::PutDefault { .. }
            | DatedAction::Delete { .. } => WindowClass::Single,
            DatedAction::Create
            | DatedAction::CreateDefault
            | DatedAction::Read
            | DatedAction::Archive
            | DatedAction::ArchiveLabels
            | DatedAction::Labels
            | DatedAction::Limits
            | DatedAction::AllLimits => WindowClass::Batch,
        }
    }

    /// The kind of the request, independent of the API.
    pub(crate) fn kind(&self) -> RequestKind {
        match self.action {
            DatedAction::Put { .. }
            | DatedAction::PutDefault { .. }
            | DatedAction::Create
            | DatedAction::CreateDefault => RequestKind::Create,
            DatedAction::Delete { .. } | DatedAction::Archive | DatedAction::ArchiveLabels => {
                RequestKind::Remove
            }
            DatedAction::Read => RequestKind::ReadLinks,
            DatedAction::Labels => RequestKind::Labels,
            DatedAction::Limits | DatedAction::AllLimits => RequestKind::Limits,
        }
    }
}

/// `{from}/{id}/associations/{to}/{toId}`, or with `default/` before `{to}`.
fn pair(method: &Method, below: &str) -> Result<DatedRoute, RouteError> {
    let parts: Vec<_> = below.split('/').collect();
    let (from, one, to, other, is_default) = match parts[..] {
        [from, one, "associations", to, other] => (from, one, to, other, false),
        [from, one, "associations", "default", to, other] => (from, one, to, other, true),
        _ => return Err(RouteError::NotFound),
    };
    let id = |text: &str| text.parse().map_err(|_| RouteError::NotFound);
    let (one, other) = (id(one)?, id(other)?);
    let action = match (method.as_str(), is_default) {
        ("PUT", false) => DatedAction::Put {
            from: one,
            to: other,
        },
        ("PUT", true) => DatedAction::PutDefault {
            from: one,
            to: other,
        },
        ("DELETE", false) => DatedAction::Delete {
            from: one,
            to: other,
        },
        _ => return Err(RouteError::MethodNotAllowed),
    };
    Ok(route(from, to, action))
}

/// `{from}/{to}/batch/create` and the like.
fn batch(method: &Method, below: &str) -> Result<DatedRoute, RouteError> {
    if let Some(of) = below.strip_prefix(LIMITS) {
        return limits(method, of);
    }
    let mut parts = below.splitn(3, '/');
    let (Some(from), Some(to), Some(what)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(RouteError::NotFound);
    };
    let (action, expected) = match what {
        "batch/create" => (DatedAction::Create, Method::POST),
        "batch/associate/default" => (DatedAction::CreateDefault, Method::POST),
        "batch/read" => (DatedAction::Read, Method::POST),
        "batch/archive" => (DatedAction::Archive, Method::POST),
        "batch/labels/archive" => (DatedAction::ArchiveLabels, Method::POST),
        "labels" => (DatedAction::Labels, Method::GET),
        _ => return Err(RouteError::NotFound),
    };
    if *method == expected {
        Ok(route(from, to, action))
    } else {
        Err(RouteError::MethodNotAllowed)
    }
}

/// `all`, or `{from}/{to}`.
fn limits(method: &Method, of: &str) -> Result<DatedRoute, RouteError> {
    let routed = if of == "all" {
        route("", "", DatedAction::AllLimits)
    } else {
        match of.split('/').collect::<Vec<_>>()[..] {
            [from, to] => route(from, to, DatedAction::Limits),
            _ => return Err(RouteError::NotFound),
        }
    };
    if *method == Method::GET {
        Ok(routed)
    } else {
        Err(RouteError::MethodNotAllowed)
    }
}

fn route(from: &str, to: &str, action: DatedAction) -> DatedRoute {
    DatedRoute {
        from: from.to_owned(),
        to: to.to_owned(),
        action,
    }
}
