//! The API of September 2026, whose paths contain its version: its paths, its bodies, and how it
//! changes the links.
//!
//! It shares records, types and links with v1. It knows nothing of quotas, tokens or faults.

mod batch;
mod body;
mod perform;
mod read;
mod route;
mod write;

pub(super) use body::{ParsedBody, parse_body};
pub(super) use route::DatedRoute;
