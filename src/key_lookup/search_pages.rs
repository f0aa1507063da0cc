//! The pages of one search: whether there are more, and whether all its records are there. Pure.
//!
//! Every page but the last has to bring a record that was not there before, and no more records are
//! expected than a search shows. So the pages end, whatever the responses say.

use std::collections::HashSet;

use crate::{
    api::{KeyPage, KeyedRecord},
    association::RecordId,
};

/// The most records that a search shows, over all its pages (HubSpot's documentation).
const MAX_RESULTS: u64 = 10_000;

/// What has come of a search so far.
#[derive(Debug, Default)]
pub(super) struct SearchPages {
    records: Vec<KeyedRecord>,
    ids: HashSet<RecordId>,
    /// How many records the last page counts in all.
    total: u64,
    is_begun: bool,
    has_changed: bool,
    /// Where the last page began.
    after: u64,
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AfterPage {
    /// The next page begins here.
    More(String),
    /// There is no more.
    Ended(SearchEnd),
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchEnd {
    /// All records are there.
    Complete,
    /// As many records are there as the last page counts, but an earlier page counted others.
    Changed,
    /// Records are missing.
    Incomplete,
    /// There are more records than a search shows.
    TooLarge,
}

impl SearchPages {
    /// Adds a page.
    pub(super) fn add(&mut self, page: KeyPage) -> AfterPage {
        let count = self.found();
        for record in page.records {
            if self.ids.insert(record.id) {
                self.records.push(record);
            }
        }
        let Some(total) = page.total else {
            return AfterPage::Ended(SearchEnd::Incomplete);
        };
        self.has_changed |= self.is_begun && total != self.total;
        (self.is_begun, self.total) = (true, total);
        if total > MAX_RESULTS {
            return AfterPage::Ended(SearchEnd::TooLarge);
        }
        if self.found() >= total {
            return AfterPage::Ended(if self.has_changed {
                SearchEnd::Changed
            } else {
                SearchEnd::Complete
            });
        }
        let is_new = self.found() > count;
        match page.next {
            Some(after) if is_new && self.moves_on(&after) => AfterPage::More(after),
            Some(_) | None => AfterPage::Ended(SearchEnd::Incomplete),
        }
    }

    /// Whether the next page begins after the last one, and where a search still shows records.
    fn moves_on(&mut self, after: &str) -> bool {
        let Ok(after) = after.parse() else {
            return false;
        };
        let moves_on = after > self.after && after < MAX_RESULTS;
        self.after = after;
        moves_on
    }

    /// How many different records are there.
    pub(super) fn found(&self) -> u64 {
        self.ids.len() as u64
    }

    /// How many there are in all, as the last page says.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The records, each once.
    pub(super) fn into_records(self) -> Vec<KeyedRecord> {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: impl IntoIterator<Item = u64>, next: Option<&str>, total: u64) -> KeyPage {
        let records = ids.into_iter().map(|id| KeyedRecord {
            id: RecordId::new(id).unwrap(),
            values: Vec::new(),
            name: None,
            created_at: None,
            is_archived: false,
        });
        KeyPage {
            records: records.collect(),
            next: next.map(str::to_owned),
            total: Some(total),
            ..KeyPage::default()
        }
    }

    /// What follows the last of these pages, each of which has another one after it.
    fn after(pages: impl IntoIterator<Item = KeyPage>) -> AfterPage {
        let mut search = SearchPages::default();
        let mut pages = pages.into_iter().peekable();
        while let Some(page) = pages.next() {
            let after = search.add(page);
            if pages.peek().is_none() {
                return after;
            }
            assert!(matches!(after, AfterPage::More(_)), "{after:?}");
        }
        panic!("no page")
    }

    fn ended(end: SearchEnd) -> AfterPage {
        AfterPage::Ended(end)
    }

    #[test]
    fn a_search_is_complete_when_all_its_records_are_there() {
        let more = AfterPage::More("2".to_owned());
        assert_eq!(after([page([1, 2], Some("2"), 3)]), more);
        let two = [page([1, 2], Some("2"), 3), page([3], None, 3)];
        assert_eq!(after(two), ended(SearchEnd::Complete));
        // No further page is needed, whatever the response says.
        let offers_more = page([1, 2], Some("2"), 2);
        assert_eq!(after([offers_more]), ended(SearchEnd::Complete));
        assert_eq!(after([page([], None, 0)]), ended(SearchEnd::Complete));
    }

    #[test]
    fn a_record_on_two_pages_counts_once() {
        let pages = [page([1, 2], Some("2"), 4), page([2, 3], None, 4)];
        assert_eq!(after(pages), ended(SearchEnd::Incomplete));
    }

    #[test]
    fn pages_that_count_differently_may_lack_a_record() {
        let pages = [page([1, 2], Some("2"), 4), page([3], None, 3)];
        assert_eq!(after(pages), ended(SearchEnd::Changed));
    }

    #[test]
    fn pages_that_do_not_move_on_end() {
        for second in [
            page([], Some("4"), 9),
            page([1, 2], Some("4"), 9),
            page([3], Some("2"), 9),
            page([3], Some("1"), 9),
            page([3], Some("end"), 9),
            page([3], Some("10000"), 9),
            page([3], None, 9),
        ] {
            let pages = [page([1, 2], Some("2"), 9), second.clone()];
            assert_eq!(after(pages), ended(SearchEnd::Incomplete), "{second:?}");
        }
    }

    #[test]
    fn a_search_shows_no_more_than_ten_thousand_records() {
        let more = AfterPage::More("1".to_owned());
        assert_eq!(after([page([1], Some("1"), 10_000)]), more);
        let large = page([1], Some("1"), 10_001);
        assert_eq!(after([large]), ended(SearchEnd::TooLarge));
    }
}
