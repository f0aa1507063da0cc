//! Requests, to the byte.

use super::*;
use crate::api::LinkQuery;

fn sent(call: Operation<'_>) -> String {
    let asked = request(call).unwrap();
    let body = String::from_utf8(asked.body).unwrap();
    format!("{} {} {body}", asked.method, asked.path)
}

fn beside(order: WriteRequest, beside: &[AssociationType]) -> WriteRequest {
    let beside = beside.to_vec();
    WriteRequest {
        other_types: beside,
        ..order
    }
}

#[test]
fn one_link_is_put_with_the_types_of_its_pair() {
    let one = |order| sent(Operation::Create(&[order]));
    assert_eq!(
        one(order(1, 7, 279)),
        "PUT /crm/objects/2026-09/contacts/1/associations/companies/7 \
         [{\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":279}]"
    );
    let own = order(1, 7, 279).link.definition().association_type();
    assert_eq!(
        one(beside(order(1, 7, 279), &[label(37), own])),
        "PUT /crm/objects/2026-09/contacts/1/associations/companies/7 \
         [{\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":279},\
         {\"associationCategory\":\"USER_DEFINED\",\"associationTypeId\":37}]"
    );
}

#[test]
fn several_links_are_posted_with_exact_ids_as_text() {
    let most = RecordId::MAX;
    let orders = [order(most, (1 << 53) + 1, 3), order(2, 7, 3)];
    assert_eq!(
        sent(Operation::Create(&orders)),
        "POST /crm/associations/2026-09/deals/contacts/batch/create {\"inputs\":[\
         {\"from\":{\"id\":\"9223372036854775807\"},\"to\":{\"id\":\"9007199254740993\"},\"types\":[\
         {\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":3}]},\
         {\"from\":{\"id\":\"2\"},\"to\":{\"id\":\"7\"},\"types\":[\
         {\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":3}]}]}"
    );
}

#[test]
fn a_pair_is_removed_as_a_whole_unless_something_is_to_stay() {
    let (one, two) = (order(1, 7, 279), order(2, 7, 279));
    let stays = |order| beside(order, &[label(37)]);
    assert_eq!(
        sent(Operation::Remove(std::slice::from_ref(&one))),
        "DELETE /crm/objects/2026-09/contacts/1/associations/companies/7 "
    );
    assert_eq!(
        sent(Operation::Remove(&[one.clone(), two])),
        "POST /crm/associations/2026-09/contacts/companies/batch/archive {\"inputs\":[\
         {\"from\":{\"id\":\"1\"},\"to\":[{\"id\":\"7\"}]},\
         {\"from\":{\"id\":\"2\"},\"to\":[{\"id\":\"7\"}]}]}"
    );
    assert_eq!(
        sent(Operation::Remove(&[stays(one)])),
        "POST /crm/associations/2026-09/contacts/companies/batch/labels/archive {\"inputs\":[\
         {\"from\":{\"id\":\"1\"},\"to\":{\"id\":\"7\"},\"types\":[\
         {\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":279}]}]}"
    );
}

#[test]
fn records_are_asked_about_each_from_its_page_on() {
    let id = |id| RecordId::new(id).unwrap();
    let reading = LinkQuery {
        links: vec![link(1, 7, 279), link(2, 7, 279)],
        pages: vec![(id(1), None), (id(2), Some("a\"b".into()))],
    };
    assert_eq!(
        sent(Operation::Read(&reading)),
        "POST /crm/associations/2026-09/contacts/companies/batch/read \
         {\"inputs\":[{\"id\":\"1\"},{\"id\":\"2\",\"after\":\"a\\\"b\"}]}"
    );
    assert_eq!(
        sent(Operation::Labels("deals", "companies")),
        "GET /crm/associations/2026-09/deals/companies/labels "
    );
    assert_eq!(
        sent(Operation::Labels("appointments", "2-123456")),
        "GET /crm/associations/2026-09/0-421/2-123456/labels ",
        "a name only where it is promised"
    );
    assert_eq!(
        sent(Operation::Limits),
        "GET /crm/associations/2026-09/definitions/configurations/all "
    );
}

#[test]
fn single_calls_and_batches_count_in_windows_of_their_own() {
    let one = [order(1, 7, 279)];
    let stays = [beside(order(1, 7, 279), &[label(37)])];
    let two = orders(2);
    let reading = LinkQuery::default();
    for (call, expected) in [
        (Operation::Create(&one), RateClass::Single),
        (Operation::Create(&two), RateClass::Batch),
        (Operation::Remove(&one), RateClass::Single),
        (Operation::Remove(&stays), RateClass::Batch),
        (Operation::Remove(&two), RateClass::Batch),
        (Operation::Read(&reading), RateClass::Batch),
        (Operation::Labels("deals", "companies"), RateClass::Batch),
        (Operation::Limits, RateClass::Batch),
        (Operation::Account, RateClass::Single),
    ] {
        assert_eq!(class(call), expected, "{call:?}");
    }
}

#[test]
fn a_call_takes_as_many_links_as_its_endpoint() {
    for (act, rows, expected) in [
        (LinkOperation::Create, 1, 1),
        (LinkOperation::Create, 5_000, 2_000),
        (LinkOperation::Remove, 1, 1),
        (LinkOperation::Remove, 5_000, 100),
        (LinkOperation::Read, 1, 1_000),
        (LinkOperation::Read, 5_000, 1_000),
    ] {
        assert_eq!(PROFILE.max_links(act, rows), expected, "{act:?} {rows}");
    }
}

#[test]
fn links_of_the_same_types_go_together_and_of_removals_those_that_leave_others() {
    let stays = beside(order(1, 7, 279), &[label(37)]);
    let (labelled, plain, primary, deal) =
        (&stays, order(2, 8, 279), order(2, 8, 1), order(2, 8, 3));
    for act in [LinkOperation::Create, LinkOperation::Read] {
        assert_eq!(group(act, labelled), group(act, &plain), "{act:?}");
        assert_eq!(group(act, &primary), group(act, &plain), "{act:?}");
        assert_ne!(group(act, &deal), group(act, &plain), "{act:?}");
    }
    assert_ne!(
        group(LinkOperation::Remove, labelled),
        group(LinkOperation::Remove, &plain)
    );
    assert_eq!(
        group(LinkOperation::Remove, &primary),
        group(LinkOperation::Remove, &plain)
    );
}
