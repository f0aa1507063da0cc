//! A question for links, and what an answer tells. Plain data.

use crate::{
    association::{Association, RecordId, Spec},
    row::Failure,
};

/// A question for links, as far as it is answered: HubSpot tells all links of a
/// record, page by page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The links that are wanted, as [`Api::as_read`](super::Api::as_read) has them.
    pub links: Vec<Association>,
    /// Records whose links are still to be told, each with the page to begin at.
    pub pages: Vec<(RecordId, Option<String>)>,
}

/// What an answer told of links: those that were wanted, and primary ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Pairs of records, and the types that stand between them.
    pub found: Vec<Found>,
    /// Records that have more, and the page where that begins.
    pub next: Vec<(RecordId, String)>,
    /// Records of which the answer tells nothing, and why.
    pub unread: Vec<(RecordId, Failure)>,
}

/// What stands between two records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record that was asked about.
    pub from: RecordId,
    /// The other one.
    pub to: RecordId,
    /// The types, in this direction.
    pub specs: Vec<Spec>,
}
