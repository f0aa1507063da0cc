//! HubSpot's API over HTTP: one attempt, and what its response means.
//!
//! An API version (`v1`, `dated`) is a set of pure functions: associations → request, response →
//! verdicts. No other module knows the paths of the API. Knows nothing about retries, rate limits
//! or concurrency.

mod account;
mod api_error;
mod api_version;
mod batch_body;
mod client;
mod connections;
mod dated;
mod error_body;
mod events;
mod headers;
mod http;
mod mask;
mod oauth;
mod paging;
mod parse;
mod profile;
mod properties;
mod record_keys;
mod records;
mod request;
mod response_body;
mod scopes;
mod token;
mod token_manager;
mod transport;
mod v1;
mod verdict;

pub use api_version::{ApiVersion, UnknownApiVersion};
pub use client::HubSpot;
pub use events::TokenEvent;
pub use http::{ClientError, ClientOptions, is_loopback};
pub use profile::ApiProfile;
pub use scopes::{scopes_to_import, scopes_to_read};
pub use token::{Credentials, OAuthCredentials, Secret, TokenError, TokenFlaw, looks_like_secret};
