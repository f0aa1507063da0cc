//! HubSpot's API over HTTP: one attempt, and what its answer means.
//!
//! A dialect (`v1`) is pure functions: associations → request, answer →
//! verdicts. Nothing outside this module says a path of the API. Knows nothing
//! of retries, pace or concurrency.

mod access;
mod account;
mod client;
mod error_body;
mod headers;
mod http;
mod mask;
mod oauth;
mod reading;
mod token;
mod transport;
mod v1;
mod verdict;

pub use client::HubSpot;
pub use http::{ClientError, ClientOptions, is_loopback};
pub use token::{Credentials, OAuthApp, Secret, TokenError};
pub use v1::MOST_LINKS;
