//! The link store keeps both directions of a pair consistent.

use super::*;
use crate::{association::Category, sandbox::defined_label, tables::v1};

fn links(capacity: usize) -> LinkStore {
    let catalogue = Catalogue::new(&defined_label::defaults());
    LinkStore::new(Arc::new(catalogue), capacity)
}

fn association_type(id: u32) -> AssociationType {
    let category = Category::HubSpotDefined;
    AssociationType { category, id }
}

/// A pair between the object types of one of HubSpot's types.
fn pair(links: &LinkStore, from: u64, to: u64, id: u32) -> RecordPair {
    let ends = links.catalogue.get(association_type(id)).unwrap().ends;
    let id = |id| RecordId::new(id).unwrap();
    let (from, to) = (id(from), id(to));
    RecordPair { ends, from, to }
}

fn add(links: &mut LinkStore, from: u64, to: u64, id: u32) {
    links.add(pair(links, from, to, id), &[association_type(id)]);
}

/// The ids of the types of a pair.
fn types(links: &LinkStore, from: u64, to: u64, id: u32) -> Vec<u32> {
    let types = links.types(pair(links, from, to, id));
    types
        .iter()
        .map(|association_type| association_type.id)
        .collect()
}

#[test]
fn a_link_is_read_from_both_ends_and_has_the_unlabeled_type() {
    let mut links = links(10);
    add(&mut links, 1, 100, 1);
    add(&mut links, 100, 1, 2);
    assert_eq!(types(&links, 1, 100, 1), [1, 279]);
    assert_eq!(types(&links, 100, 1, 2), [2, 280]);
    assert_eq!(links.ages.len(), 1);
    let engaged = v1::table().info(9).unwrap().association_type.id;
    add(&mut links, 1, 5, engaged);
    assert_eq!(types(&links, 1, 5, 9), [9], "v1 has its own only");
}

#[test]
fn a_new_primary_company_leaves_the_old_one_unlabeled() {
    let mut links = links(10);
    add(&mut links, 1, 100, 1);
    add(&mut links, 1, 200, 1);
    assert_eq!(types(&links, 1, 100, 1), [279]);
    assert_eq!(types(&links, 100, 1, 2), [280]);
    add(&mut links, 300, 1, 2);
    assert_eq!(types(&links, 1, 200, 1), [279]);
    add(&mut links, 300, 5, 2);
    assert_eq!(types(&links, 1, 300, 1), [1, 279], "it has many contacts");
}

#[test]
fn a_primary_type_without_an_inverse_is_unique_too() {
    let mut links = links(10);
    add(&mut links, 1, 100, 580);
    add(&mut links, 1, 200, 580);
    assert!(!types(&links, 1, 100, 580).contains(&580));
    assert!(types(&links, 1, 200, 580).contains(&580));
}

#[test]
fn replacing_keeps_the_unlabeled_type_and_loses_the_primary_one() {
    let mut links = links(10);
    add(&mut links, 1, 100, 1);
    let pair = pair(&links, 1, 100, 931);
    links.replace(pair, &[association_type(931)]);
    assert_eq!(types(&links, 1, 100, 1), [279, 931]);
    assert_eq!(types(&links, 100, 1, 2), [280, 930]);
    add(&mut links, 1, 200, 1);
    assert_eq!(types(&links, 1, 100, 1), [279, 931]);
}

#[test]
fn a_child_has_one_parent_in_either_direction() {
    let mut links = links(10);
    add(&mut links, 100, 11, 13);
    add(&mut links, 12, 100, 14);
    add(&mut links, 11, 101, 14);
    assert_eq!(types(&links, 11, 101, 14).len(), 2);
    let left = types(&links, 11, 100, 14);
    assert!(!left.contains(&13) && !left.contains(&14), "{left:?}");
    assert!(types(&links, 12, 100, 14).contains(&14), "another child");
}

#[test]
fn removing_a_type_keeps_the_others_but_removing_the_unlabeled_type_removes_all() {
    let mut links = links(10);
    add(&mut links, 1, 100, 1);
    add(&mut links, 1, 100, 931);
    let pair = pair(&links, 1, 100, 1);
    links.remove_types(pair.reversed(), &[association_type(930)]);
    assert_eq!(types(&links, 1, 100, 1), [1, 279]);
    links.remove_types(pair, &[association_type(1)]);
    assert_eq!(types(&links, 1, 100, 1), [279], "it stays, unlabeled");
    links.remove_types(pair, &[association_type(279)]);
    assert_eq!((links.pairs.len(), links.ages.len()), (0, 0));
}

#[test]
fn for_v1_a_pair_without_a_label_is_gone() {
    let mut links = links(10);
    add(&mut links, 1, 100, 1);
    add(&mut links, 1, 100, 33);
    let pair = pair(&links, 1, 100, 1);
    links.remove_as_v1(pair, association_type(1));
    assert_eq!(types(&links, 1, 100, 1), [33, 279]);
    links.remove_as_v1(pair, association_type(1));
    assert_eq!(
        types(&links, 1, 100, 1),
        [33, 279],
        "nothing was left to do"
    );
    links.remove_as_v1(pair.reversed(), association_type(34));
    assert_eq!((links.pairs.len(), links.primaries.len()), (0, 0));
}

#[test]
fn the_oldest_pairs_are_dropped_and_memory_is_bounded() {
    let mut links = links(3);
    for to in 1..=1000 {
        add(&mut links, 7, to, 15);
        add(&mut links, to, 7, 1);
    }
    assert_eq!(types(&links, 7, 1000, 15), [15]);
    assert!(types(&links, 7, 998, 15).is_empty());
    let sizes = (links.ages.len(), links.pairs.len(), links.primaries.len());
    assert_eq!(sizes, (3, 6, 2));
}
