//! The endpoint that the method and path of a request select.
//!
//! Pure. Does not know whether the request is allowed.

use axum::http::{Method, Uri};

use super::{
    dated::DatedRoute,
    quota::WindowClass,
    record_route::RecordRoute,
    request_kind::{RequestKind, RouteError},
    response::LOGIN_PATH,
    v1::{V1Read, V1WriteKind},
};

const ASSOCIATIONS: &str = "/crm-associations/v1/associations";
/// The versions of the account API, which answer alike.
const ACCOUNTS: [&str; 2] = ["/account-info/v3", "/account-info/2026-09"];
const DETAILS: &str = "/details";
const USAGE: &str = "/api-usage/daily/private-apps";
const TOKEN: &str = "/oauth/v1/token";
const DATED_TOKEN: &str = "/oauth/2026-09/token";
const TOKEN_INFO: &str = "/oauth/v2/private-apps/get/access-token-info";

/// What a method and a path select.
#[derive(Debug, PartialEq)]
pub(super) enum SandboxEndpoint {
    /// Creates or removes associations by v1.
    V1Write {
        kind: V1WriteKind,
        class: WindowClass,
    },
    /// Reads the records that a record is associated with under a v1 definition.
    V1Read(V1Read),
    /// A call of the dated API for associations.
    Dated(DatedRoute),
    /// Reads or searches records, or reads their properties.
    Record(RecordRoute),
    /// The details of the account.
    Account,
    /// The usage of the daily quota.
    Usage,
    /// Grants an access token to an app with its refresh token, by the dated API or by v1.
    Token { dated: bool },
    /// Describes an access token.
    TokenInfo,
    /// The login page, the target of the redirect.
    Login,
}

impl SandboxEndpoint {
    /// The endpoint of a request.
    pub(super) fn of(method: &Method, uri: &Uri) -> Result<Self, RouteError> {
        let path = uri.path();
        if let Some(record) = RecordRoute::of(uri) {
            return if *method == record.method() {
                Ok(Self::Record(record))
            } else {
                Err(RouteError::MethodNotAllowed)
            };
        }
        if let Some(routed) = DatedRoute::of(method, path) {
            return routed.map(Self::Dated);
        }
        let of_account = |below: &str| {
            let mut versions = ACCOUNTS.iter();
            versions.any(|version| path.strip_prefix(version) == Some(below))
        };
        let (endpoint, expected) = if path == LOGIN_PATH {
            (Self::Login, Method::GET)
        } else if of_account(DETAILS) {
            (Self::Account, Method::GET)
        } else if of_account(USAGE) {
            (Self::Usage, Method::GET)
        } else if path == TOKEN || path == DATED_TOKEN {
            let dated = path == DATED_TOKEN;
            (Self::Token { dated }, Method::POST)
        } else if path == TOKEN_INFO {
            (Self::TokenInfo, Method::POST)
        } else {
            let below = path
                .strip_prefix(ASSOCIATIONS)
                .ok_or(RouteError::NotFound)?;
            let write = |kind, class| (Self::V1Write { kind, class }, Method::PUT);
            match below {
                "" => write(V1WriteKind::Create, WindowClass::Single),
                "/create-batch" => write(V1WriteKind::Create, WindowClass::Batch),
                "/delete" => write(V1WriteKind::Delete, WindowClass::Single),
                "/delete-batch" => write(V1WriteKind::Delete, WindowClass::Batch),
                _ => {
                    let read = V1Read::of(below, uri).ok_or(RouteError::NotFound)?;
                    (Self::V1Read(read), Method::GET)
                }
            }
        };
        if *method == expected {
            Ok(endpoint)
        } else {
            Err(RouteError::MethodNotAllowed)
        }
    }

    /// The window in which the request counts.
    pub(super) fn class(&self) -> WindowClass {
        match self {
            Self::V1Write { class, .. } => *class,
            Self::Dated(route) => route.class(),
            Self::Record(route) => route.class(),
            Self::V1Read(_)
            | Self::Account
            | Self::Usage
            | Self::Token { .. }
            | Self::TokenInfo
            | Self::Login => WindowClass::Single,
        }
    }

    /// The kind of the request, independent of the API.
    pub(super) fn kind(&self) -> RequestKind {
        match self {
            Self::V1Write {
                kind: V1WriteKind::Create,
                ..
            } => RequestKind::Create,
            Self::V1Write {
                kind: V1WriteKind::Delete,
                ..
            } => RequestKind::Remove,
            Self::V1Read(_) => RequestKind::ReadLinks,
            Self::Record(route) => route.kind(),
            Self::Dated(route) => route.kind(),
            Self::Account | Self::Usage | Self::Token { .. } | Self::TokenInfo | Self::Login => {
                RequestKind::Other
            }
        }
    }
}
