//! Read-before-write: what a lookup of existing links has found so far. HubSpot returns all links
//! of a record, page by page. Only the wanted ones are kept.
//!
//! Sends nothing, and does not know when a page is requested.

use std::collections::{HashMap, HashSet, VecDeque};

use smallvec::SmallVec;

use super::identity::{Identities, Identity, ends};
use crate::{
    api::{LinkPage, LinkQuery},
    association::{AssociationType, CanonicalLink, RecordId, TypedRecordId},
    code::Code,
    failure::{Failure, FailureDetail, LinkFault, ResponseFault},
    row::Row,
};
#[cfg(test)]
use crate::{association::Association, row_cells::RowCells};

/// The most pages of one record: some hundred thousand links, more than HubSpot allows. Without
/// this limit, a response that always promises another page would be followed forever.
const MOST_PAGES: usize = 5_000;

/// A row, and what exists where its link goes.
#[derive(Debug)]
pub struct RowWithExisting {
    /// The row.
    pub row: Row,
    /// Its link.
    pub link: CanonicalLink,
    /// What exists, or why that could not be found out.
    pub existing: Result<Existing, Failure>,
}

/// What exists where a link goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// The types between its two records, in the direction of the link.
    pub association_types: Vec<AssociationType>,
    /// For a link that sets the primary company or the parent: the current one, and all types
    /// between it and the record.
    pub primary: Option<(RecordId, Vec<AssociationType>)>,
    /// The types of the other pair that was read with it, if there is one.
    pub paired_types: Vec<AssociationType>,
    /// A type of one of these pairs that this program does not know. It could not be written back
    /// as it was read.
    pub unknown_type: Option<String>,
}

impl RowWithExisting {
    /// Whether the link exists.
    #[must_use]
    pub fn link_exists(&self) -> bool {
        let association_type = self.link.definition().association_type();
        let found = self.existing.as_ref();
        found.is_ok_and(|standing| standing.association_types.contains(&association_type))
    }

    /// Row 1 with this link.
    #[cfg(test)]
    pub(crate) fn for_test(link: Association, found: Result<Existing, Failure>) -> Self {
        let row = Row {
            number: 1,
            line: 2,
            cells: RowCells::default(),
            link: Ok(link.into()),
            origin: None,
        };
        let link = CanonicalLink::new(&link);
        Self {
            row,
            link,
            existing: found,
        }
    }
}

/// A lookup in progress.
#[derive(Debug, Default)]
pub(super) struct ExistingLookup {
    query: LinkQuery,
    wanted: WantedLinks,
    pages: PageQueue,
    answers: LookupAnswers,
}

/// The wanted links.
#[derive(Debug, Default)]
struct WantedLinks {
    /// The links of each record. Mostly there is one, which needs no heap allocation.
    links: HashMap<RecordId, SmallVec<[CanonicalLink; 1]>>,
    /// Pairs whose other record keeps only one association. That record must be identified before
    /// the row is written.
    competing_pairs: HashSet<(RecordId, RecordId)>,
}

/// What is still to be requested.
#[derive(Debug, Default)]
struct PageQueue {
    /// Records that did not fit into the current call.
    pending: VecDeque<(RecordId, Option<String>)>,
    /// The most records in a call.
    max_records: usize,
    /// Pages that were requested, except first pages.
    seen_pages: HashMap<RecordId, HashSet<String>>,
}

/// What the responses have said so far.
#[derive(Debug, Default)]
struct LookupAnswers {
    /// The types of the wanted pairs.
    pairs: HashMap<(RecordId, RecordId), Vec<AssociationType>>,
    /// Pairs with an unknown type.
    unknown: HashMap<(RecordId, RecordId), String>,
    /// The current primary of records whose link sets one, by its type.
    primaries: HashMap<(RecordId, AssociationType), (RecordId, Vec<AssociationType>)>,
    unread: HashMap<RecordId, Failure>,
    /// Records that a response called by the requested id.
    named: HashSet<RecordId>,
    /// Records that have associations, each with one record that it is associated with.
    linked: HashMap<RecordId, RecordId>,
}

impl ExistingLookup {
    /// Starts a lookup of these links, with at most `most` records in a call.
    pub(super) fn new(links: Vec<CanonicalLink>, most: usize) -> Self {
        let mut lookup = Self::default();
        lookup.pages.max_records = most.max(1);
        for link in &links {
            let of_record = lookup.wanted.links.entry(link.from()).or_default();
            if of_record.is_empty() {
                lookup.pages.pending.push_back((link.from(), None));
            }
            of_record.push(*link);
        }
        lookup.query.links = links;
        lookup.next_query();
        lookup
    }

    /// The rows of these links compete for their other record.
    pub(super) fn mark_competing<'a>(&mut self, links: impl Iterator<Item = &'a CanonicalLink>) {
        self.wanted
            .competing_pairs
            .extend(links.map(|link| (link.from(), link.to())));
    }

    /// Fills the next query. Returns whether there is anything to ask.
    fn next_query(&mut self) -> bool {
        let next = self.pages.max_records.min(self.pages.pending.len());
        self.query.pages = self.pages.pending.drain(..next).collect();
        next > 0
    }

    /// What to ask next.
    pub(super) fn query(&self) -> &LinkQuery {
        &self.query
    }

    /// Takes a response. Returns whether there is more to ask.
    pub(super) fn take_page(&mut self, page: LinkPage) -> bool {
        for found in page.found {
            let wanted = self.exclusive_types(found.from);
            for association_type in wanted
                .filter(|association_type| found.association_types.contains(association_type))
                .collect::<Vec<_>>()
            {
                let primary = (found.to, found.association_types.clone());
                self.answers
                    .primaries
                    .insert((found.from, association_type), primary);
            }
            if let Some(name) = found.unknown {
                self.answers.unknown.insert((found.from, found.to), name);
            }
            // HubSpot may return a pair twice.
            let association_types = self
                .answers
                .pairs
                .entry((found.from, found.to))
                .or_default();
            for association_type in found.association_types {
                if !association_types.contains(&association_type) {
                    association_types.push(association_type);
                }
            }
        }
        for (record, failure) in page.unread {
            let mut pages = self.query.pages.iter();
            if pages.any(|(asked, page)| *asked == record && page.is_some()) {
                // The record has associations: an earlier page returned some of them.
                self.mark_unread(record, failure);
            } else {
                self.answers.unread.insert(record, failure);
            }
        }
        self.answers.named.extend(page.named);
        self.answers.linked.extend(page.linked);
        for (record, page) in page.next {
            if !self.needs_more_pages(record) {
                continue;
            }
            let seen = self.pages.seen_pages.entry(record).or_default();
            if seen.len() < MOST_PAGES && seen.insert(page.clone()) {
                self.pages.pending.push_back((record, Some(page)));
            } else {
                let endless = ResponseFault::EndlessPages(record);
                let failure = Failure::new(Code::UnexpectedAnswer, endless);
                self.answers.unread.insert(record, failure);
            }
        }
        self.next_query()
    }

    fn links_of(&self, record: RecordId) -> impl Iterator<Item = &CanonicalLink> {
        self.wanted.links.get(&record).into_iter().flatten()
    }

    /// The types of its links that only one link of the record can have.
    fn exclusive_types(&self, record: RecordId) -> impl Iterator<Item = AssociationType> {
        let links = self
            .links_of(record)
            .filter(|link| link.definition().is_exclusive());
        links.map(|link| link.definition().association_type())
    }

    /// Whether anything wanted from a record may be on its next page.
    fn needs_more_pages(&self, record: RecordId) -> bool {
        self.links_of(record).any(|link| self.is_missing(link))
    }

    /// Whether the pair of a link, or the primary that it would replace, is not found yet.
    fn is_missing(&self, link: &CanonicalLink) -> bool {
        let pair = (link.from(), link.to());
        let primary = (link.from(), link.definition().association_type());
        !self.answers.pairs.contains_key(&pair)
            || link.definition().is_exclusive() && !self.answers.primaries.contains_key(&primary)
    }

    /// Records whose current ids must be known before a link that was not found counts as missing.
    /// This includes the other end of a pair only in two cases: the record has associations, one of
    /// which may be the wanted one under another id; or rows compete for it.
    fn records_in_doubt(&self, link: &CanonicalLink) -> impl Iterator<Item = TypedRecordId> {
        let is_found = self.answers.pairs.contains_key(&(link.from(), link.to()));
        let unread = self.answers.unread.get(&link.from());
        let is_unread = unread.is_some_and(|failure| failure.code != Code::NotRead);
        let is_named = self.answers.named.contains(&link.from());
        let is_linked = self.answers.linked.contains_key(&link.from());
        let mut ends = ends(link);
        let competes = self
            .wanted
            .competing_pairs
            .contains(&(link.from(), link.to()));
        let from = ends.next().filter(|_| !is_named);
        let to = ends.next().filter(|_| is_linked || competes);
        let in_doubt = from.into_iter().chain(to);
        in_doubt.filter(move |_| !is_found && !is_unread)
    }

    /// The records in doubt of all wanted links.
    pub(super) fn all_records_in_doubt(&self) -> Vec<TypedRecordId> {
        let links = self.query.links.iter();
        links.flat_map(|link| self.records_in_doubt(link)).collect()
    }

    /// A record of this type that exists for certain, because some record is associated with it.
    pub(super) fn known_record_of_type(&self, object_type: &str) -> Option<RecordId> {
        let mut links = self.query.links.iter();
        links.find_map(|link| {
            let (of_type, _) = ends(link).nth(1)?;
            let sample = self.answers.linked.get(&link.from())?;
            (of_type == object_type).then_some(*sample)
        })
    }

    /// Records of the links that exist under these ids for certain, because a response lists
    /// associations of theirs. It may also name a record that does not exist, without associations.
    pub(super) fn existing_records(&self) -> impl Iterator<Item = TypedRecordId> {
        self.query.links.iter().flat_map(|link| {
            let mut ends = ends(link);
            let is_linked = self.answers.named.contains(&link.from())
                && self.answers.linked.contains_key(&link.from());
            let is_found = self.answers.pairs.contains_key(&(link.from(), link.to()));
            let from = ends.next().filter(|_| is_linked);
            from.into_iter().chain(ends.next().filter(|_| is_found))
        })
    }

    /// Records that a response left out although their ids are current. If one is requested alone,
    /// the response can be about no other record.
    pub(super) fn left_out_records(&self, identities: &Identities) -> Vec<RecordId> {
        let is_left_out = |(record, failure): (&RecordId, &Failure)| {
            let link = self.links_of(*record).next()?;
            let from = ends(link).next()?;
            let is_current = identities.identity_of(from) == Some(Identity::Current);
            (failure.code == Code::NotRead && is_current).then_some(*record)
        };
        let mut records: Vec<_> = self.answers.unread.iter().filter_map(is_left_out).collect();
        records.sort_unstable();
        records
    }

    /// A query for the associations of one record alone.
    pub(super) fn query_alone(&mut self, record: RecordId) -> LinkQuery {
        // Its pages start again from the first.
        self.pages.seen_pages.remove(&record);
        LinkQuery {
            links: self.links_of(record).copied().collect(),
            pages: vec![(record, None)],
        }
    }

    /// Takes the response for a record that was requested alone. Its further pages are requested
    /// with the others.
    pub(super) fn take_page_alone(&mut self, record: RecordId, page: LinkPage) -> bool {
        if page.named.contains(&record) {
            self.answers.unread.remove(&record);
        }
        let unread = page.unread.into_iter();
        let unread = unread
            .filter(|(_, failure)| failure.code != Code::NotRead)
            .collect();
        self.take_page(LinkPage { unread, ..page })
    }

    /// The associations of a record could not be read, whatever earlier responses said.
    pub(super) fn mark_unread(&mut self, record: RecordId, failure: Failure) {
        // `NotRead` is for records that a response leaves out.
        let code = if failure.code == Code::NotRead {
            Code::UnexpectedAnswer
        } else {
            failure.code
        };
        self.answers
            .unread
            .insert(record, Failure { code, ..failure });
    }

    /// Whether a record of a link has another id now.
    pub(super) fn is_merged(&self, link: &CanonicalLink, identities: &Identities) -> bool {
        let mut in_doubt = self.records_in_doubt(link);
        in_doubt.any(|record| matches!(identities.identity_of(record), Some(Identity::Merged(_))))
    }

    /// Why a link that was not found does not count as missing.
    fn doubt_about(&self, link: &CanonicalLink, identities: &Identities) -> Option<Failure> {
        let is_found = self.answers.pairs.contains_key(&(link.from(), link.to()));
        if !is_found && !self.answers.named.contains(&link.from()) && ends(link).next().is_none() {
            let unknown = LinkFault::TypesUnknown(link.definition());
            return Some(Failure::new(Code::RecordNotRead, unknown));
        }
        let mut in_doubt = self.records_in_doubt(link);
        in_doubt.find_map(|record| {
            let detail: FailureDetail = match identities.identity_of(record) {
                Some(Identity::Current) => return None,
                Some(Identity::Unknown(failure)) => return Some(failure),
                Some(Identity::Merged(today)) => LinkFault::CurrentId(record.1, today).into(),
                None => ResponseFault::RecordMissing(record.1).into(),
            };
            Some(Failure::new(Code::RecordNotRead, detail))
        })
    }

    /// What exists for a link, once everything is read.
    pub(super) fn existing(
        &self,
        link: &CanonicalLink,
        other: Option<&CanonicalLink>,
        identities: &Identities,
    ) -> Result<Existing, Failure> {
        let pair = self.answers.pairs.get(&(link.from(), link.to()));
        let mut links = [Some(link), other].into_iter().flatten();
        if let Some(failure) = self.answers.unread.get(&link.from())
            && links.any(|link| self.is_missing(link))
        {
            return Err(self
                .doubt_about(link, identities)
                .unwrap_or_else(|| failure.clone()));
        }
        let mut links = [Some(link), other].into_iter().flatten();
        let doubt = links.find_map(|link| self.doubt_about(link, identities));
        if let Some(failure) = doubt {
            return Err(failure);
        }
        let primary = (link.from(), link.definition().association_type());
        let pairs = [Some(link), other].into_iter().flatten();
        let mut unknown =
            pairs.filter_map(|link| self.answers.unknown.get(&(link.from(), link.to())));
        Ok(Existing {
            unknown_type: unknown.next().cloned(),
            association_types: pair.cloned().unwrap_or_default(),
            primary: self.answers.primaries.get(&primary).cloned(),
            paired_types: other
                .and_then(|other| self.answers.pairs.get(&(other.from(), other.to())))
                .cloned()
                .unwrap_or_default(),
        })
    }
}

/// Treats a record that a response leaves out as one without links.
///
/// # Errors
/// If it could not be found out what exists.
pub fn empty_if_left_out(found: Result<Existing, Failure>) -> Result<Existing, Failure> {
    match found {
        Err(failure) if failure.code == Code::NotRead => Ok(Existing::default()),
        found => found,
    }
}

#[cfg(test)]
mod tests;
