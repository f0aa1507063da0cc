//! What pages return, and what is requested next.

use super::*;
use crate::{api::PairAssociations, tables::canonical_of_table as link};

fn id(id: u64) -> RecordId {
    RecordId::new(id).unwrap()
}

fn found(link: CanonicalLink) -> PairAssociations {
    PairAssociations {
        from: link.from(),
        to: link.to(),
        association_types: vec![link.definition().association_type()],
        unknown: None,
    }
}

fn next(record: u64, page: &str) -> LinkPage {
    LinkPage {
        next: vec![(id(record), page.to_owned())],
        ..LinkPage::default()
    }
}

/// The records that are requested next.
fn asked(lookup: &ExistingLookup) -> Vec<u64> {
    let pages = lookup.query().pages.iter();
    pages.map(|(record, _)| record.get()).collect()
}

#[test]
fn records_that_do_not_fit_into_a_call_follow_in_the_next_each_once() {
    let links = [1, 2, 1, 3].map(|from| link(from, 7, 279));
    let mut lookup = ExistingLookup::new(links.to_vec(), 2);
    assert_eq!(asked(&lookup), [1, 2]);
    assert!(lookup.take_page(next(2, "p")));
    assert_eq!(asked(&lookup), [3, 2]);
    assert!(!lookup.take_page(LinkPage::default()));
}

#[test]
fn a_record_is_requested_until_its_wanted_links_are_found() {
    let (wanted, other) = (link(1, 7, 279), link(1, 8, 279));
    let mut lookup = ExistingLookup::new(vec![wanted, other], 1);
    for (link, goes_on) in [(wanted, true), (other, false)] {
        let found = vec![found(link)];
        assert_eq!(
            lookup.take_page(LinkPage {
                found,
                ..next(1, &link.to().to_string())
            }),
            goes_on
        );
    }
}

#[test]
fn a_link_that_sets_the_primary_company_also_needs_the_current_one() {
    let (wanted, now) = (link(1, 7, 1), link(1, 8, 1));
    let unlabeled = PairAssociations {
        association_types: vec![link(1, 7, 279).definition().association_type()],
        ..found(wanted)
    };
    let mut lookup = ExistingLookup::new(vec![wanted], 1);
    assert!(lookup.take_page(LinkPage {
        found: vec![unlabeled],
        ..next(1, "p")
    }));
    assert!(!lookup.take_page(LinkPage {
        found: vec![found(now)],
        ..next(1, "q")
    }));
    let standing = lookup
        .existing(&wanted, None, &Identities::default())
        .unwrap();
    assert_eq!(standing.primary.map(|(to, _)| to), Some(id(8)));
}

/// The pair is on the first page. The response for the second page leaves the record out, or fails.
#[test]
fn links_that_a_later_page_should_have_returned_are_unknown() {
    for code in [Code::NotRead, Code::Rejected] {
        let (primary, absent) = (link(1, 7, 1), link(1, 9, 279));
        let plain = PairAssociations {
            association_types: vec![link(1, 7, 279).definition().association_type()],
            ..found(primary)
        };
        let mut lookup = ExistingLookup::new(vec![primary, absent], 1);
        assert!(lookup.take_page(LinkPage {
            named: vec![id(1)],
            found: vec![plain],
            ..next(1, "p")
        }));
        assert!(!lookup.take_page(LinkPage {
            unread: vec![(
                id(1),
                Failure::new(code, ResponseFault::Quoted("scripted".to_owned()))
            )],
            ..LinkPage::default()
        }));
        let identities = Identities::default();
        for link in [primary, absent] {
            let found = empty_if_left_out(lookup.existing(&link, None, &identities));
            assert!(found.is_err(), "{link:?} {code:?}: {found:?}");
        }
    }
}

#[test]
fn pages_in_a_circle_end_and_say_nothing_about_links_not_on_them() {
    let (wanted, other) = (link(1, 7, 279), link(1, 8, 279));
    let mut lookup = ExistingLookup::new(vec![wanted, other], 1);
    assert!(lookup.take_page(LinkPage {
        found: vec![found(wanted)],
        ..next(1, "p")
    }));
    assert!(lookup.take_page(next(1, "q")));
    assert!(!lookup.take_page(next(1, "p")));
    assert!(
        lookup
            .existing(&wanted, None, &Identities::default())
            .is_ok()
    );
    let failure = lookup
        .existing(&other, None, &Identities::default())
        .unwrap_err();
    assert_eq!(failure.code, Code::UnexpectedAnswer);
}

#[test]
fn endless_pages_are_not_followed_forever() {
    let mut lookup = ExistingLookup::new(vec![link(1, 7, 279)], 1);
    let pages = (0..).take_while(|n| lookup.take_page(next(1, &n.to_string())));
    assert_eq!(pages.count(), MOST_PAGES);
}
