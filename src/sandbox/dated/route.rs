//! Which paths there are, and what each is for.
//!
//! Pure; whether there are such object types is not known here.

use axum::http::Method;

use super::super::{
    quota::WindowClass,
    request_kind::{RequestKind, RouteError},
};

const PAIRS: &str = "/crm/objects/2026-09/";
const BATCHES: &str = "/crm/associations/2026-09/";
/// Below the path of batches.
const LIMITS: &str = "definitions/configurations/";

/// A path and a method.
#[derive(Debug, PartialEq)]
pub(crate) struct DatedRoute {
    /// The object types as the path has them: they may be none.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) action: DatedAction,
}

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatedAction {
    /// One pair is to have types.
    Put { from: i64, to: i64 },
    /// One pair is to be associated without a label.
    PutDefault { from: i64, to: i64 },
    /// One pair is to go.
    Delete { from: i64, to: i64 },
    /// Many pairs are to have types.
    Create,
    /// Many pairs are to be associated without a label.
    CreateDefault,
    /// What many records are linked to.
    Read,
    /// Many pairs are to go.
    Archive,
    /// Many pairs are to lose types.
    ArchiveLabels,
    /// Which types there are.
    Labels,
    /// Which limits administrators have set between two object types, …
    Limits,
    /// … or between any.
    AllLimits,
}

impl DatedRoute {
    /// The route of a request, if its path is below those of this API.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Result<Self, RouteError>> {
        let routed = if let Some(below) = path.strip_prefix(PAIRS) {
            pair(method, below)
        } else {
            batch(method, path.strip_prefix(BATCHES)?)
        };
        Some(routed)
    }

    /// The window that it counts in.
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

    /// What it comes to.
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

/// `{from}/{id}/associations/{to}/{toId}`, or with `default/` before the other end.
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
