//! Exact bytes of requests.

use super::*;
use crate::api::LinkQuery;

fn sent(operation: Operation<'_>) -> String {
    let request = request(operation).unwrap();
    let body = String::from_utf8(request.body).unwrap();
    format!("{} {} {body}", request.method, request.path)
}

fn with_other_types(write: LinkRequest, other_types: &[AssociationType]) -> LinkRequest {
    let other_types = other_types.to_vec();
    LinkRequest {
        other_types,
        ..write
    }
}

#[test]
fn one_link_is_put_with_the_types_of_its_pair() {
    let one = |write| sent(Operation::Create(&[write]));
    assert_eq!(
        one(write(1, 7, 279)),
        "PUT /crm/objects/2026-09/contacts/1/associations/companies/7 \
         [{\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":279}]"
    );
    let own = write(1, 7, 279).link.definition().association_type();
    assert_eq!(
        one(with_other_types(write(1, 7, 279), &[label(37), own])),
        "PUT /crm/objects/2026-09/contacts/1/associations/companies/7 \
         [{\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":279},\
         {\"associationCategory\":\"USER_DEFINED\",\"associationTypeId\":37}]"
    );
}

#[test]
fn several_links_are_posted_with_exact_ids_as_text() {
    let most = RecordId::MAX;
    let writes = [write(most, (1 << 53) + 1, 3), write(2, 7, 3)];
    assert_eq!(
        sent(Operation::Create(&writes)),
        "POST /crm/associations/2026-09/deals/contacts/batch/create {\"inputs\":[\
         {\"from\":{\"id\":\"9223372036854775807\"},\"to\":{\"id\":\"9007199254740993\"},\"types\":[\
         {\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":3}]},\
         {\"from\":{\"id\":\"2\"},\"to\":{\"id\":\"7\"},\"types\":[\
         {\"associationCategory\":\"HUBSPOT_DEFINED\",\"associationTypeId\":3}]}]}"
    );
}

#[test]
fn a_pair_is_removed_as_a_whole_unless_other_types_are_kept() {
    let (one, two) = (write(1, 7, 279), write(2, 7, 279));
    let stays = |write| with_other_types(write, &[label(37)]);
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
fn each_record_is_read_from_its_own_page_on() {
    let id = |id| RecordId::new(id).unwrap();
    let query = LinkQuery {
        links: vec![link(1, 7, 279), link(2, 7, 279)],
        pages: vec![(id(1), None), (id(2), Some("a\"b".into()))],
    };
    assert_eq!(
        sent(Operation::Read(&query)),
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
fn single_calls_and_batches_count_in_separate_windows() {
    let one = [write(1, 7, 279)];
    let stays = [with_other_types(write(1, 7, 279), &[label(37)])];
    let two = writes(2);
    let query = LinkQuery::default();
    for (operation, expected) in [
        (Operation::Create(&one), RateClass::Single),
        (Operation::Create(&two), RateClass::Batch),
        (Operation::Remove(&one), RateClass::Single),
        (Operation::Remove(&stays), RateClass::Batch),
        (Operation::Remove(&two), RateClass::Batch),
        (Operation::Read(&query), RateClass::Batch),
        (Operation::Labels("deals", "companies"), RateClass::Batch),
        (Operation::Limits, RateClass::Batch),
        (Operation::Account, RateClass::Single),
    ] {
        assert_eq!(class(operation), expected, "{operation:?}");
    }
}

#[test]
fn a_call_has_as_many_links_as_its_endpoint_allows() {
    for (operation, rows, expected) in [
        (LinkOperation::Create, 1, 1),
        (LinkOperation::Create, 5_000, 2_000),
        (LinkOperation::Remove, 1, 1),
        (LinkOperation::Remove, 5_000, 100),
        (LinkOperation::Read, 1, 1_000),
        (LinkOperation::Read, 5_000, 1_000),
    ] {
        assert_eq!(
            PROFILE.max_links(operation, rows),
            expected,
            "{operation:?} {rows}"
        );
    }
}

#[test]
fn links_with_the_same_object_types_share_a_call_and_removals_that_keep_types_are_separate() {
    let stays = with_other_types(write(1, 7, 279), &[label(37)]);
    let (labelled, plain, primary, deal) =
        (&stays, write(2, 8, 279), write(2, 8, 1), write(2, 8, 3));
    for operation in [LinkOperation::Create, LinkOperation::Read] {
        assert_eq!(
            group(operation, labelled),
            group(operation, &plain),
            "{operation:?}"
        );
        assert_eq!(
            group(operation, &primary),
            group(operation, &plain),
            "{operation:?}"
        );
        assert_ne!(
            group(operation, &deal),
            group(operation, &plain),
            "{operation:?}"
        );
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
