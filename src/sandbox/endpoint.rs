//! What a request asks for, as its method and path say it.
//!
//! Pure; whether it may be carried out is not known here.

use axum::http::{Method, Uri};

use super::{
    answer::{LOGIN_PATH, Refusal},
    quota::Class,
};

const ASSOCIATIONS: &str = "/crm-associations/v1/associations";
const ACCOUNT: &str = "/account-info/v3/details";
const USAGE: &str = "/account-info/v3/api-usage/daily/private-apps";
const TOKEN: &str = "/oauth/v1/token";

/// What a path and a method stand for.
#[derive(Debug, PartialEq)]
pub(super) enum Endpoint {
    /// Make associations stand, or remove them.
    Write { act: Act, class: Class },
    /// The records that one is linked to.
    Read(Read),
    /// Which account this is.
    Account,
    /// How much of the day's quota is used.
    Usage,
    /// An access token for an app and its refresh token.
    Token,
    /// The page that the redirect leads to.
    Login,
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
    pub(super) category: String,
    pub(super) definition: i64,
    pub(super) query: String,
}

impl Endpoint {
    /// The endpoint of a request.
    pub(super) fn of(method: &Method, uri: &Uri) -> Result<Self, Unrouted> {
        let path = uri.path();
        let (endpoint, expected) = if path == LOGIN_PATH {
            (Self::Login, Method::GET)
        } else if path == ACCOUNT {
            (Self::Account, Method::GET)
        } else if path == USAGE {
            (Self::Usage, Method::GET)
        } else if path == TOKEN {
            (Self::Token, Method::POST)
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
}

/// `/{objectId}/{category}/{definitionId}`.
fn read(below: &str, uri: &Uri) -> Option<Endpoint> {
    let mut parts = below.strip_prefix('/')?.split('/');
    let (object, category, definition) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(())?;
    Some(Endpoint::Read(Read {
        object: object.parse().ok()?,
        category: category.to_owned(),
        definition: definition.parse().ok()?,
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
