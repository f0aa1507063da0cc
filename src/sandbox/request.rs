//! A request as it arrived, and its parsed contents.
//!
//! Does not know how a request is processed.

use axum::http::{HeaderMap, Method, Uri, header};
use tokio::time::Instant;

use super::{
    association_input::{self, AssociationInput},
    catalogue::Catalogue,
    dated::{self, ParsedBody},
    endpoint::SandboxEndpoint,
    quota::WindowClass,
    record_reads,
    record_route::RecordAction,
    record_search,
    request_kind::{RequestKind, RouteError},
    response::ErrorResponse,
};
use crate::association::Association;

/// A request as it arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct IncomingRequest<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    /// `None` for a body above the size limit.
    pub(super) body: Option<&'a [u8]>,
    pub(super) at: Instant,
}

/// A request with its endpoint and body, as far as they can be parsed.
#[derive(Debug)]
pub(super) struct ParsedRequest<'a> {
    pub(super) incoming: IncomingRequest<'a>,
    pub(super) endpoint: Result<SandboxEndpoint, RouteError>,
    pub(super) parsed_body: Result<ParsedBody, ErrorResponse>,
}

impl<'a> ParsedRequest<'a> {
    /// Parses the body even if a fault will replace the answer, because the log says what the
    /// request asked for.
    pub(super) fn read(incoming: IncomingRequest<'a>) -> Self {
        let endpoint = SandboxEndpoint::of(incoming.method, incoming.uri);
        let parsed_body = match (&endpoint, incoming.body) {
            (Ok(SandboxEndpoint::V1Write { class, .. }), Some(body)) => {
                association_input::parse_associations(*class, body).map(|items| ParsedBody {
                    items,
                    queries: Vec::new(),
                })
            }
            (Ok(SandboxEndpoint::Dated(route)), Some(body)) => {
                dated::parse_body(route.action, body)
            }
            (Ok(SandboxEndpoint::V1Write { .. } | SandboxEndpoint::Dated(_)), None) => {
                Err(ErrorResponse::too_large())
            }
            (
                Ok(
                    SandboxEndpoint::V1Read(_)
                    | SandboxEndpoint::Record(_)
                    | SandboxEndpoint::Account
                    | SandboxEndpoint::Usage
                    | SandboxEndpoint::Token { .. }
                    | SandboxEndpoint::TokenInfo
                    | SandboxEndpoint::Login,
                )
                | Err(_),
                _,
            ) => Ok(ParsedBody::default()),
        };
        Self {
            incoming,
            endpoint,
            parsed_body,
        }
    }

    /// The window in which it counts.
    pub(super) fn class(&self) -> WindowClass {
        self.endpoint
            .as_ref()
            .map_or(WindowClass::Single, SandboxEndpoint::class)
    }

    /// Whether it is a request to this endpoint.
    pub(super) fn is_for(&self, endpoint: &SandboxEndpoint) -> bool {
        self.endpoint.as_ref() == Ok(endpoint)
    }

    /// The kind of the request, independent of the API.
    pub(super) fn kind(&self) -> RequestKind {
        self.endpoint
            .as_ref()
            .map_or(RequestKind::Other, SandboxEndpoint::kind)
    }

    /// Its associations, as far as they can be parsed.
    pub(super) fn items(&self) -> &[AssociationInput] {
        self.parsed_body.as_ref().map_or(&[], |body| &body.items)
    }

    /// The ids or keys of the records that it asks for, if it asks for several.
    pub(super) fn keys(&self) -> Vec<String> {
        let body = self.incoming.body.unwrap_or_default();
        match &self.endpoint {
            Ok(SandboxEndpoint::Record(route)) => match route.action {
                RecordAction::Batch => record_reads::keys(body),
                RecordAction::Search => record_search::keys(body),
                RecordAction::Single(_) | RecordAction::Properties | RecordAction::Property(_) => {
                    Vec::new()
                }
            },
            Ok(
                SandboxEndpoint::V1Write { .. }
                | SandboxEndpoint::V1Read(_)
                | SandboxEndpoint::Dated(_)
                | SandboxEndpoint::Account
                | SandboxEndpoint::Usage
                | SandboxEndpoint::Token { .. }
                | SandboxEndpoint::TokenInfo
                | SandboxEndpoint::Login,
            )
            | Err(_) => Vec::new(),
        }
    }

    /// One of its associations, if the numbers are valid ids.
    pub(super) fn association(
        &self,
        item: &AssociationInput,
        catalogue: &Catalogue,
    ) -> Option<Association> {
        match &self.endpoint {
            Ok(SandboxEndpoint::Dated(_)) => item.dated_association(catalogue),
            Ok(
                SandboxEndpoint::V1Write { .. }
                | SandboxEndpoint::V1Read(_)
                | SandboxEndpoint::Record(_)
                | SandboxEndpoint::Account
                | SandboxEndpoint::Usage
                | SandboxEndpoint::Token { .. }
                | SandboxEndpoint::TokenInfo
                | SandboxEndpoint::Login,
            )
            | Err(_) => item.v1_association(),
        }
    }
}

impl IncomingRequest<'_> {
    /// The bearer token; empty if there is none.
    pub(super) fn token(&self) -> Result<&str, ErrorResponse> {
        let query = self.uri.query().unwrap_or_default();
        if query.split('&').any(|pair| pair.starts_with("hapikey=")) {
            return Err(ErrorResponse::api_key());
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
