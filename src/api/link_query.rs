//! A question for links, and what an answer tells. Plain data.

use crate::{
    association::{AssociationType, CanonicalLink, RecordId},
    row::Failure,
};

/// A question for links, as far as it is answered: HubSpot tells all links of a
/// record, page by page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkQuery {
    /// The links that are wanted.
    pub links: Vec<CanonicalLink>,
    /// Records whose links are still to be told, each with the page to begin at.
    pub pages: Vec<(RecordId, Option<String>)>,
}

/// What an answer told of links: those that were wanted, and primary ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkPage {
    /// Pairs of records, and the types that stand between them.
    pub found: Vec<PairAssociations>,
    /// Records that the answer speaks of by the id that was asked for. Where
    /// another one stands there, the record was merged.
    pub named: Vec<RecordId>,
    /// Records that have associations, each with one of those that they are with.
    pub linked: Vec<(RecordId, RecordId)>,
    /// Records that have more, and the page where that begins.
    pub next: Vec<(RecordId, String)>,
    /// Records of which the answer tells nothing, and why.
    pub unread: Vec<(RecordId, Failure)>,
}

impl LinkPage {
    /// Shows every text that may quote the answer.
    pub fn visit_quoted_texts(&mut self, mut see: impl FnMut(&mut String)) {
        for (_, failure) in &mut self.unread {
            failure.detail.visit_quoted_texts(&mut see);
        }
        let unknown = self
            .found
            .iter_mut()
            .filter_map(|found| found.unknown.as_mut());
        unknown.for_each(&mut see);
    }
}

/// What stands between two records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairAssociations {
    /// The record that was asked about.
    pub from: RecordId,
    /// The other one.
    pub to: RecordId,
    /// The types, in this direction.
    pub association_types: Vec<AssociationType>,
    /// The name of a type that this program does not know, if there is one: it could
    /// not be sent back as it was read.
    pub unknown: Option<String>,
}
