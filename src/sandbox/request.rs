//! A request: as it arrived, and what can be read of it.
//!
//! Knows nothing of what is done about it.

use axum::http::{HeaderMap, Method, Uri, header};
use tokio::time::Instant;

use super::{
    answer::Refusal,
    call::{self, Item},
    catalogue::Catalogue,
    dated::{self, Asked},
    deed::{Deed, Unrouted},
    endpoint::Endpoint,
    quota::Class,
};
use crate::association::Association;

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    /// `None` for a body beyond all measure.
    pub(super) body: Option<&'a [u8]>,
    pub(super) at: Instant,
}

/// A request that was read, so far as it can be.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) arrived: Arrived<'a>,
    pub(super) endpoint: Result<Endpoint, Unrouted>,
    pub(super) asked: Result<Asked, Refusal>,
}

impl<'a> Request<'a> {
    /// Reads the body even of a request that a fault will strike: the ledger
    /// tells what it asked for.
    pub(super) fn read(arrived: Arrived<'a>) -> Self {
        let endpoint = Endpoint::of(arrived.method, arrived.uri);
        let asked = match (&endpoint, arrived.body) {
            (Ok(Endpoint::Write { class, .. }), Some(body)) => {
                call::items(*class, body).map(|items| Asked {
                    items,
                    questions: Vec::new(),
                })
            }
            (Ok(Endpoint::Dated(route)), Some(body)) => dated::asked(route.what, body),
            (Ok(Endpoint::Write { .. } | Endpoint::Dated(_)), None) => Err(Refusal::too_large()),
            (
                Ok(
                    Endpoint::Read(_)
                    | Endpoint::Record(_)
                    | Endpoint::Account
                    | Endpoint::Usage
                    | Endpoint::Token { .. }
                    | Endpoint::TokenInfo
                    | Endpoint::Login,
                )
                | Err(_),
                _,
            ) => Ok(Asked::default()),
        };
        Self {
            arrived,
            endpoint,
            asked,
        }
    }

    /// The window that it counts in.
    pub(super) fn class(&self) -> Class {
        self.endpoint
            .as_ref()
            .map_or(Class::Single, Endpoint::class)
    }

    /// Whether it asks for this.
    pub(super) fn asks_for(&self, endpoint: &Endpoint) -> bool {
        self.endpoint.as_ref() == Ok(endpoint)
    }

    /// What it comes to.
    pub(super) fn deed(&self) -> Deed {
        self.endpoint.as_ref().map_or(Deed::Other, Endpoint::deed)
    }

    /// Its associations, so far as they can be read.
    pub(super) fn items(&self) -> &[Item] {
        self.asked.as_ref().map_or(&[], |asked| &asked.items)
    }

    /// One of them, if its numbers are ids.
    pub(super) fn association(&self, item: &Item, catalogue: &Catalogue) -> Option<Association> {
        match &self.endpoint {
            Ok(Endpoint::Dated(_)) => item.of_dated(catalogue),
            Ok(
                Endpoint::Write { .. }
                | Endpoint::Read(_)
                | Endpoint::Record(_)
                | Endpoint::Account
                | Endpoint::Usage
                | Endpoint::Token { .. }
                | Endpoint::TokenInfo
                | Endpoint::Login,
            )
            | Err(_) => item.of_v1(),
        }
    }
}

impl Arrived<'_> {
    /// Its token; empty if it has none.
    pub(super) fn token(&self) -> Result<&str, Refusal> {
        let query = self.uri.query().unwrap_or_default();
        if query.split('&').any(|pair| pair.starts_with("hapikey=")) {
            return Err(Refusal::api_key());
        }
        let token = self
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        Ok(token.map_or("", |(_, token)| token.trim()))
    }
}
