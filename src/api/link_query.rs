//! A query for links, and a page of its result. Plain data.

use crate::{
    association::{AssociationType, CanonicalLink, RecordId},
    row::Failure,
};

/// A query for links, and how far it has been answered. HubSpot returns all links of a record, page
/// by page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkQuery {
    /// The links to look for.
    pub links: Vec<CanonicalLink>,
    /// Records that still have to be read, each with the page to start from.
    pub pages: Vec<(RecordId, Option<String>)>,
}

/// The links in one response: those that the query looks for, and primary ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkPage {
    /// Pairs of records, and the association types between them.
    pub found: Vec<PairAssociations>,
    /// Records that the response names by the requested id. If it names another id instead, the
    /// record was merged.
    pub named: Vec<RecordId>,
    /// Records that have associations, each with one record at the other end.
    pub linked: Vec<(RecordId, RecordId)>,
    /// Records with more links, each with the page to continue from.
    pub next: Vec<(RecordId, String)>,
    /// Records that could not be read, and why.
    pub unread: Vec<(RecordId, Failure)>,
}

impl LinkPage {
    /// Calls `see` with every text of a failure that may quote the response.
    pub fn visit_failures(&mut self, mut see: impl FnMut(&mut String)) {
        for (_, failure) in &mut self.unread {
            failure.detail.visit_quoted_texts(&mut see);
        }
    }

    /// Calls `see` with every name of an association type that is not known.
    pub fn visit_names(&mut self, see: impl FnMut(&mut String)) {
        let unknown = self
            .found
            .iter_mut()
            .filter_map(|found| found.unknown.as_mut());
        unknown.for_each(see);
    }
}

/// The associations between two records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairAssociations {
    /// The record in the query.
    pub from: RecordId,
    /// The other record.
    pub to: RecordId,
    /// The association types, in this direction.
    pub association_types: Vec<AssociationType>,
    /// The name of a type that this program does not know, if there is one. Such a type cannot be
    /// sent back.
    pub unknown: Option<String>,
}
