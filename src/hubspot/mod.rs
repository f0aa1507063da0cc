//! HubSpot's API over HTTP: one attempt, and what its answer means.
//!
//! A dialect (`v1`) is pure functions: associations → request, answer →
//! verdicts. Nothing outside this module says a path of the API. Knows nothing
//! of retries, pace or concurrency.

mod access;
mod account;
mod asked;
mod client;
mod complaint;
mod connections;
mod dated;
mod dialect;
mod error_body;
mod events;
mod headers;
mod http;
mod mask;
mod oauth;
mod parse;
mod profile;
mod reading;
mod records;
mod scopes;
mod token;
mod transport;
mod v1;
mod verdict;

pub use client::HubSpot;
pub use dialect::{Dialect, UnknownDialect};
pub use events::Event;
pub use http::{ClientError, ClientOptions, is_loopback};
pub use profile::Profile;
pub use scopes::scopes_to_write;
pub use token::{Credentials, NotOfToken, OAuthApp, Secret, TokenError};
