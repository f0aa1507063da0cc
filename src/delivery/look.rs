//! What a look at links has found so far: HubSpot tells all links of a record,
//! page by page, and only those that are wanted are kept.
//!
//! Sends nothing; whose turn a page is is not known here.

use std::collections::{HashMap, HashSet};

use crate::{
    api::{Page, Reading},
    association::{Association, RecordId, Spec},
    row::{Failure, Row},
};

/// A row, and what was found to stand.
#[derive(Debug)]
pub struct Looked {
    /// The row.
    pub row: Row,
    /// Its link in the direction in which it was asked for.
    pub link: Association,
    /// What stands, or why that could not be found out.
    pub found: Result<Standing, Failure>,
}

/// What stands where a link is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The types between its two records, in the direction of the question.
    pub specs: Vec<Spec>,
    /// For a link that sets the primary company: the one that is it, and all
    /// types between that one and the record.
    pub primary: Option<(RecordId, Vec<Spec>)>,
}

impl Looked {
    /// Whether the link stands.
    #[must_use]
    pub fn stands(&self) -> bool {
        let spec = self.link.definition.spec();
        let found = self.found.as_ref();
        found.is_ok_and(|standing| standing.specs.contains(&spec))
    }
}

/// A look under way.
#[derive(Debug, Default)]
pub(super) struct Look {
    reading: Reading,
    /// The types of the pairs that are wanted.
    pairs: HashMap<(RecordId, RecordId), Vec<Spec>>,
    /// The primary ones of records whose link sets one, by its type.
    primaries: HashMap<(RecordId, Spec), (RecordId, Vec<Spec>)>,
    unread: HashMap<RecordId, Failure>,
}

impl Look {
    /// Begins to look for these links.
    pub(super) fn at(links: Vec<Association>) -> Self {
        let mut seen = HashSet::new();
        let records = links.iter().map(|link| link.from);
        let records = records.filter(|record| seen.insert(*record));
        Self {
            reading: Reading {
                pages: records.map(|record| (record, None)).collect(),
                links,
            },
            ..Self::default()
        }
    }

    /// What is to be asked next.
    pub(super) fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Takes what was told; whether there is more to ask.
    pub(super) fn take(&mut self, page: Page) -> bool {
        for found in page.found {
            let wanted = self.primary_specs(found.from);
            for spec in wanted
                .filter(|spec| found.specs.contains(spec))
                .collect::<Vec<_>>()
            {
                let primary = (found.to, found.specs.clone());
                self.primaries.insert((found.from, spec), primary);
            }
            self.pairs.insert((found.from, found.to), found.specs);
        }
        self.unread.extend(page.unread);
        let mut next = Vec::new();
        for (record, page) in page.next {
            let next_page = (record, Some(page));
            // A page that leads to itself would be asked for without end.
            if self.misses(record) && !self.reading.pages.contains(&next_page) {
                next.push(next_page);
            }
        }
        self.reading.pages = next;
        !self.reading.pages.is_empty()
    }

    fn links_of(&self, record: RecordId) -> impl Iterator<Item = &Association> {
        let links = self.reading.links.iter();
        links.filter(move |link| link.from == record)
    }

    /// The types of its links that only one of its links can have.
    fn primary_specs(&self, record: RecordId) -> impl Iterator<Item = Spec> {
        let links = self.links_of(record).filter(|link| sets_primary(link));
        links.map(|link| link.definition.spec())
    }

    /// Whether anything that is wanted of a record may be on its next page.
    fn misses(&self, record: RecordId) -> bool {
        self.links_of(record).any(|link| {
            let pair = (link.from, link.to);
            let primary = (link.from, link.definition.spec());
            !self.pairs.contains_key(&pair)
                || sets_primary(link) && !self.primaries.contains_key(&primary)
        })
    }

    /// What was found of a link, once all is told.
    pub(super) fn found(&self, link: &Association) -> Result<Standing, Failure> {
        let pair = self.pairs.get(&(link.from, link.to));
        if let (Some(failure), None) = (self.unread.get(&link.from), pair) {
            return Err(failure.clone());
        }
        let primary = (link.from, link.definition.spec());
        Ok(Standing {
            specs: pair.cloned().unwrap_or_default(),
            primary: self.primaries.get(&primary).cloned(),
        })
    }
}

fn sets_primary(link: &Association) -> bool {
    link.definition.info().is_some_and(|info| info.sets_primary)
}
