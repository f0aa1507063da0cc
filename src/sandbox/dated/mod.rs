//! The API of September 2026, whose paths name their version: its paths, its
//! bodies, and what it does to the links.
//!
//! It shares the records, the types and the links with v1, and knows nothing of
//! quotas, tokens or faults.

mod batch;
mod body;
mod perform;
mod read;
mod route;
mod write;

pub(super) use body::{ParsedBody, parse_body};
pub(super) use route::DatedRoute;
