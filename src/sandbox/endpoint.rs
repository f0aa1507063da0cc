//! What a request asks for, as its method and path say it.
//!
//! Pure; whether it may be carried out is not known here.

use axum::http::{Method, Uri};

use super::{
    answer::{LOGIN_PATH, Refusal},
    call::TypeNamed,
    dated::Route,
    quota::Class,
    record::Asked as RecordAsked,
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

/// What a request comes to, whatever API it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Remove,
    Read,
    Record,
    Labels,
    Limits,
    Other,
}

/// A path or method that is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unrouted {
    NoSuchPath,
    WrongMethod,
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Create,
    Delete,
}

/// A read as its path and query say it.
#[derive(Debug, PartialEq)]
pub(super) struct Read {
    pub(super) object: i64,
    pub(super) named: TypeNamed,
    pub(super) query: String,
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
                _ => (read(below, uri).ok_or(Unrouted::NoSuchPath)?, Method::GET),
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

/// `/{objectId}/{category}/{definitionId}`.
fn read(below: &str, uri: &Uri) -> Option<Endpoint> {
    let mut parts = below.strip_prefix('/')?.split('/');
    let (object, category, definition) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(())?;
    Some(Endpoint::Read(Read {
        object: object.parse().ok()?,
        named: TypeNamed {
            category: category.to_owned(),
            number: definition.parse().ok()?,
        },
        query: uri.query().unwrap_or_default().to_owned(),
    }))
}

impl Read {
    /// Ids in a page, by default and at most; likely, from the same client.
    const LIMIT: u64 = 100;

    /// The page asked for: ids at most, and the id that it follows.
    pub(super) fn page(&self) -> Result<(usize, u64), Refusal> {
        let limit = self.number("limit")?.unwrap_or(Self::LIMIT);
        let offset = self.number("offset")?.unwrap_or(0);
        let limit = usize::try_from(limit.clamp(1, Self::LIMIT)).unwrap_or(usize::MAX);
        Ok((limit, offset))
    }

    /// An empty parameter (`offset=`) counts as none, as recorded.
    fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let value = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty());
        value
            .map(|(_, value)| value.parse().map_err(|_| Refusal::parameter(name)))
            .transpose()
    }
}
