//! What a request asks for, as its method and path say it.
//!
//! Pure; whether it may be carried out is not known here.

use axum::http::{Method, Uri};

use super::{
    answer::LOGIN_PATH,
    dated::Route,
    deed::{Deed, Unrouted},
    quota::Class,
    record::Asked as RecordAsked,
    v1::{Act, Read},
};

const ASSOCIATIONS: &str = "/crm-associations/v1/associations";
/// The versions that tell of the account, in the same words.
const ACCOUNTS: [&str; 2] = ["/account-info/v3", "/account-info/2026-09"];
const DETAILS: &str = "/details";
const USAGE: &str = "/api-usage/daily/private-apps";
const TOKEN: &str = "/oauth/v1/token";
const DATED_TOKEN: &str = "/oauth/2026-09/token";
const TOKEN_INFO: &str = "/oauth/v2/private-apps/get/access-token-info";

/// What a path and a method stand for.
#[derive(Debug, PartialEq)]
pub(super) enum Endpoint {
    /// Make associations of v1 stand, or remove them.
    Write { act: Act, class: Class },
    /// The records that one is linked to under a definition of v1.
    Read(Read),
    /// A call of the dated API for associations.
    Dated(Route),
    /// Records by their ids.
    Record(RecordAsked),
    /// Which account this is.
    Account,
    /// How much of the day's quota is used.
    Usage,
    /// An access token for an app and its refresh token, by the dated API or by v1.
    Token { dated: bool },
    /// What an access token is good for.
    TokenInfo,
    /// The page that the redirect leads to.
    Login,
}

impl Endpoint {
    /// The endpoint of a request.
    pub(super) fn of(method: &Method, uri: &Uri) -> Result<Self, Unrouted> {
        let path = uri.path();
        if let Some(record) = RecordAsked::of(path) {
            return if *method == record.method() {
                Ok(Self::Record(record))
            } else {
                Err(Unrouted::WrongMethod)
            };
        }
        if let Some(routed) = Route::of(method, path) {
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
                .ok_or(Unrouted::NoSuchPath)?;
            let write = |act, class| (Self::Write { act, class }, Method::PUT);
            match below {
                "" => write(Act::Create, Class::Single),
                "/create-batch" => write(Act::Create, Class::Batch),
                "/delete" => write(Act::Delete, Class::Single),
                "/delete-batch" => write(Act::Delete, Class::Batch),
                _ => {
                    let read = Read::of(below, uri).ok_or(Unrouted::NoSuchPath)?;
                    (Self::Read(read), Method::GET)
                }
            }
        };
        if *method == expected {
            Ok(endpoint)
        } else {
            Err(Unrouted::WrongMethod)
        }
    }

    /// The window that it counts in.
    pub(super) fn class(&self) -> Class {
        match self {
            Self::Write { class, .. } => *class,
            Self::Dated(route) => route.class(),
            Self::Read(_)
            | Self::Record(_)
            | Self::Account
            | Self::Usage
            | Self::Token { .. }
            | Self::TokenInfo
            | Self::Login => Class::Single,
        }
    }

    /// What it comes to.
    pub(super) fn deed(&self) -> Deed {
        match self {
            Self::Write {
                act: Act::Create, ..
            } => Deed::Create,
            Self::Write {
                act: Act::Delete, ..
            } => Deed::Remove,
            Self::Read(_) => Deed::Read,
            Self::Record(_) => Deed::Record,
            Self::Dated(route) => route.deed(),
            Self::Account | Self::Usage | Self::Token { .. } | Self::TokenInfo | Self::Login => {
                Deed::Other
            }
        }
    }
}
