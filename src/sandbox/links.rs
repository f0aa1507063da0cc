//! The links that were created, for reads: a bounded store in memory.
//!
//! Knows nothing of requests or of which records exist.

use std::collections::BTreeMap;

use crate::association::{Association, Definition, RecordId};

/// The links that stand, the oldest forgotten when there are too many.
#[derive(Debug)]
pub(super) struct Links {
    capacity: usize,
    /// Each link in each direction that has a definition, by definition and
    /// from record, so that reads are in order; with its number.
    directions: BTreeMap<(Definition, RecordId, RecordId), u64>,
    /// One direction of each link, by number: the order of age.
    ages: BTreeMap<u64, Association>,
    created: u64,
}

impl Default for Links {
    fn default() -> Self {
        Self::with_capacity(Self::CAPACITY)
    }
}

impl Links {
    /// Links kept at most; our choice, some 40 MB at the very most.
    const CAPACITY: usize = 200_000;

    fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            directions: BTreeMap::new(),
            ages: BTreeMap::new(),
            created: 0,
        }
    }

    /// Makes a link stand, in both directions; one that stands stays as it is.
    ///
    /// A primary definition gives a record one company: the link to another
    /// one goes. (HubSpot keeps that one as an unlabeled association, which v1
    /// has no definition for.)
    pub(super) fn create(&mut self, link: Association) {
        if self.directions.contains_key(&key(link)) {
            return;
        }
        if let Some(primary) = primary_direction(link) {
            for company in self.read(primary.from, primary.definition, 0, usize::MAX) {
                self.delete(Association {
                    to: company,
                    ..primary
                });
            }
        }
        self.created += 1;
        self.directions.insert(key(link), self.created);
        if let Some(inverse) = inverse(link) {
            self.directions.insert(key(inverse), self.created);
        }
        self.ages.insert(self.created, link);
        while self.ages.len() > self.capacity
            && let Some((_, oldest)) = self.ages.first_key_value()
        {
            self.delete(*oldest);
        }
    }

    /// Removes a link in both directions; one that does not stand is fine too.
    pub(super) fn delete(&mut self, link: Association) {
        if let Some(number) = self.directions.remove(&key(link)) {
            self.ages.remove(&number);
        }
        if let Some(inverse) = inverse(link) {
            self.directions.remove(&key(inverse));
        }
    }

    /// The records that a record is linked to under a definition, in order of
    /// id, those after `after`.
    pub(super) fn read(
        &self,
        from: RecordId,
        definition: Definition,
        after: u64,
        limit: usize,
    ) -> Vec<RecordId> {
        let Some(first) = after.checked_add(1).and_then(RecordId::new) else {
            return Vec::new();
        };
        self.directions
            .range((definition, from, first)..)
            .take_while(|((under, of, _), _)| (*under, *of) == (definition, from))
            .take(limit)
            .map(|((_, _, to), _)| *to)
            .collect()
    }
}

fn key(link: Association) -> (Definition, RecordId, RecordId) {
    (link.definition, link.from, link.to)
}

/// The same link seen from its other end, where a definition says so.
fn inverse(link: Association) -> Option<Association> {
    Some(Association {
        from: link.to,
        to: link.from,
        definition: link.definition.info()?.inverse?,
    })
}

/// The direction of a primary link that leads to the company.
fn primary_direction(link: Association) -> Option<Association> {
    let info = link.definition.info().filter(|info| info.sets_primary)?;
    if info.to_singular() == "company" {
        Some(link)
    } else {
        inverse(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn link(from: u64, to: u64, definition: u32) -> Association {
        Association {
            from: id(from),
            to: id(to),
            definition: Definition::new(definition).unwrap(),
        }
    }

    fn read(links: &Links, from: u64, definition: u32) -> Vec<u64> {
        let found = links.read(id(from), Definition::new(definition).unwrap(), 0, 100);
        found.into_iter().map(RecordId::get).collect()
    }

    #[test]
    fn a_link_is_seen_from_both_ends_and_only_once() {
        let mut links = Links::default();
        links.create(link(10, 20, 3));
        links.create(link(20, 10, 4));
        assert_eq!(read(&links, 10, 3), [20]);
        assert_eq!(read(&links, 20, 4), [10]);
        assert!(read(&links, 20, 3).is_empty());
        assert_eq!(links.ages.len(), 1);
        links.delete(link(20, 10, 4));
        assert!(read(&links, 10, 3).is_empty());
        assert_eq!((links.ages.len(), links.directions.len()), (0, 0));
    }

    #[test]
    fn a_new_primary_company_replaces_the_old_one_from_either_end() {
        let mut links = Links::default();
        links.create(link(1, 100, 1));
        links.create(link(1, 200, 1));
        assert_eq!(read(&links, 1, 1), [200]);
        assert!(read(&links, 100, 2).is_empty());
        links.create(link(300, 1, 2));
        assert_eq!(read(&links, 1, 1), [300]);
        links.create(link(300, 5, 2));
        assert_eq!(read(&links, 300, 2), [1, 5], "a company has many contacts");
    }

    #[test]
    fn other_definitions_collect() {
        let mut links = Links::default();
        for to in [3, 1, 2] {
            links.create(link(7, to, 15));
        }
        assert_eq!(read(&links, 7, 15), [1, 2, 3]);
    }

    #[test]
    fn the_oldest_links_are_forgotten_and_nothing_grows() {
        let mut links = Links::with_capacity(3);
        for to in 1..=1000 {
            links.create(link(7, to, 15));
            links.create(link(7, to, 15));
        }
        assert_eq!(read(&links, 7, 15), [998, 999, 1000]);
        assert_eq!((links.ages.len(), links.directions.len()), (3, 6));
    }
}
