//! Which paths there are, and what each is for.
//!
//! Pure; whether there are such object types is not known here.

use axum::http::Method;

use super::super::{
    deed::{Deed, Unrouted},
    quota::Class,
};

const PAIRS: &str = "/crm/objects/2026-09/";
const BATCHES: &str = "/crm/associations/2026-09/";
/// Below the path of batches.
const LIMITS: &str = "definitions/configurations/";

/// A path and a method.
#[derive(Debug, PartialEq)]
pub(crate) struct Route {
    /// The object types as the path has them: they may be none.
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) what: What,
}

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
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

impl Route {
    /// The route of a request, if its path is below those of this API.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Result<Self, Unrouted>> {
        let routed = if let Some(below) = path.strip_prefix(PAIRS) {
            pair(method, below)
        } else {
            batch(method, path.strip_prefix(BATCHES)?)
        };
        Some(routed)
    }

    /// The window that it counts in.
    pub(crate) fn class(&self) -> Class {
        match self.what {
            What::Put { .. } | What::PutDefault { .. } | What::Delete { .. } => Class::Single,
            What::Create
            | What::CreateDefault
            | What::Read
            | What::Archive
            | What::ArchiveLabels
            | What::Labels
            | What::Limits
            | What::AllLimits => Class::Batch,
        }
    }

    /// What it comes to.
    pub(crate) fn deed(&self) -> Deed {
        match self.what {
            What::Put { .. } | What::PutDefault { .. } | What::Create | What::CreateDefault => {
                Deed::Create
            }
            What::Delete { .. } | What::Archive | What::ArchiveLabels => Deed::Remove,
            What::Read => Deed::Read,
            What::Labels => Deed::Labels,
            What::Limits | What::AllLimits => Deed::Limits,
        }
    }
}

/// `{from}/{id}/associations/{to}/{toId}`, or with `default/` before the other end.
fn pair(method: &Method, below: &str) -> Result<Route, Unrouted> {
    let parts: Vec<_> = below.split('/').collect();
    let (from, one, to, other, is_default) = match parts[..] {
        [from, one, "associations", to, other] => (from, one, to, other, false),
        [from, one, "associations", "default", to, other] => (from, one, to, other, true),
        _ => return Err(Unrouted::NoSuchPath),
    };
    let id = |text: &str| text.parse().map_err(|_| Unrouted::NoSuchPath);
    let (one, other) = (id(one)?, id(other)?);
    let what = match (method.as_str(), is_default) {
        ("PUT", false) => What::Put {
            from: one,
            to: other,
        },
        ("PUT", true) => What::PutDefault {
            from: one,
            to: other,
        },
        ("DELETE", false) => What::Delete {
            from: one,
            to: other,
        },
        _ => return Err(Unrouted::WrongMethod),
    };
    Ok(route(from, to, what))
}

/// `{from}/{to}/batch/create` and the like.
fn batch(method: &Method, below: &str) -> Result<Route, Unrouted> {
    if let Some(of) = below.strip_prefix(LIMITS) {
        return limits(method, of);
    }
    let mut parts = below.splitn(3, '/');
    let (Some(from), Some(to), Some(what)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unrouted::NoSuchPath);
    };
    let (what, expected) = match what {
        "batch/create" => (What::Create, Method::POST),
        "batch/associate/default" => (What::CreateDefault, Method::POST),
        "batch/read" => (What::Read, Method::POST),
        "batch/archive" => (What::Archive, Method::POST),
        "batch/labels/archive" => (What::ArchiveLabels, Method::POST),
        "labels" => (What::Labels, Method::GET),
        _ => return Err(Unrouted::NoSuchPath),
    };
    if *method == expected {
        Ok(route(from, to, what))
    } else {
        Err(Unrouted::WrongMethod)
    }
}

/// `all`, or `{from}/{to}`.
fn limits(method: &Method, of: &str) -> Result<Route, Unrouted> {
    let routed = if of == "all" {
        route("", "", What::AllLimits)
    } else {
        match of.split('/').collect::<Vec<_>>()[..] {
            [from, to] => route(from, to, What::Limits),
            _ => return Err(Unrouted::NoSuchPath),
        }
    };
    if *method == Method::GET {
        Ok(routed)
    } else {
        Err(Unrouted::WrongMethod)
    }
}

fn route(from: &str, to: &str, what: What) -> Route {
    Route {
        from: from.to_owned(),
        to: to.to_owned(),
        what,
    }
}
