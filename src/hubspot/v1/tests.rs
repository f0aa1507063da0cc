//! Tests of v1: exact request bodies, and pages of links.

use super::*;
use crate::association::{Association, CanonicalLink};

fn link(from: u64, to: u64, definition: u32) -> CanonicalLink {
    CanonicalLink::new(&Association {
        from: RecordId::new(from).unwrap(),
        to: RecordId::new(to).unwrap(),
        definition: v1::table().definition(definition).unwrap(),
    })
}

fn text(links: &[CanonicalLink]) -> String {
    let writes: Vec<_> = links.iter().copied().map(LinkRequest::from).collect();
    String::from_utf8(body(&writes)).unwrap()
}

#[test]
fn ids_are_exact_integers() {
    assert_eq!(
        text(&[link(RecordId::MAX, (1 << 53) + 1, 1)]),
        r#"{"fromObjectId":9223372036854775807,"toObjectId":9007199254740993,"category":"HUBSPOT_DEFINED","definitionId":1}"#
    );
}

#[test]
fn a_link_is_written_in_the_form_of_its_row() {
    for (row, read) in [
        (link(7, 1, 2), link(1, 7, 1)),
        (link(8, 9, 13), link(9, 8, 14)),
    ] {
        assert_eq!(row, read);
        let fields_of = |link: Association| {
            let [from, to] = [link.from, link.to].map(RecordId::get);
            let definition = link.definition.get();
            format!(
                r#"{{"fromObjectId":{from},"toObjectId":{to},"category":"HUBSPOT_DEFINED","definitionId":{definition}}}"#
            )
        };
        assert_eq!(text(&[row]), fields_of(row.in_row_direction()));
        assert_eq!(text(&[read]), fields_of(row.to_association()));
        assert_ne!(text(&[row]), text(&[read]));
    }
}

#[test]
fn a_batch_is_a_bare_array() {
    let one = |from| text(&[link(from, 7, 1)]);
    let two = text(&[link(1, 7, 1), link(2, 7, 1)]);
    assert_eq!(two, format!("[{},{}]", one(1), one(2)));
}

/// A query for these links of the first link's record, from this page on.
fn query(links: &[CanonicalLink], page: Option<&str>) -> LinkQuery {
    let pages = vec![(links[0].from(), page.map(str::to_owned))];
    let links = links.to_vec();
    LinkQuery { links, pages }
}

fn answered(query: &LinkQuery, status: u16, body: &str) -> (Verdict, Option<ResponsePayload>) {
    verdict(
        Operation::Read(query),
        &ParsedResponse::for_test(status, body),
        body.as_bytes(),
    )
}

/// The other ends that were found, and the next page.
fn payload(query: &LinkQuery, body: &str) -> (Vec<u64>, Option<String>) {
    let (verdict, payload) = answered(query, 200, body);
    let Some(ResponsePayload::Links(page)) = payload else {
        panic!("{verdict:?}")
    };
    assert!(
        page.found
            .iter()
            .all(|found| found.from == query.pages[0].0)
    );
    let found = page.found.iter().map(|found| found.to.get()).collect();
    (found, page.next.first().map(|(_, page)| page.clone()))
}

#[test]
fn a_record_is_read_by_definition_from_a_page_on() {
    for (links, page, expected) in [
        (
            link(1, 7, 3),
            None,
            ("1/HUBSPOT_DEFINED/3", "limit=100&offset="),
        ),
        (
            link(1, 7, 3),
            Some("200"),
            ("1/HUBSPOT_DEFINED/3", "limit=100&offset=200"),
        ),
        // The primary company is read from the contact.
        (
            link(7, 1, 2),
            None,
            ("1/HUBSPOT_DEFINED/1", "limit=100&offset="),
        ),
    ] {
        let request = request(Operation::Read(&query(&[links], page))).unwrap();
        let path = format!("/crm-associations/v1/associations/{}", expected.0);
        assert_eq!(
            (request.path.as_ref(), request.query.as_deref()),
            (path.as_str(), Some(expected.1))
        );
        assert_eq!(
            (request.method, request.body.len()),
            (reqwest::Method::GET, 0)
        );
    }
}

#[test]
fn reads_of_one_record_and_definition_share_a_call() {
    let group_of = |from, to, definition| {
        group(
            LinkOperation::Read,
            &LinkRequest::from(link(from, to, definition)),
        )
    };
    assert_eq!(group_of(1, 7, 3), group_of(1, 8, 3));
    assert_ne!(group_of(1, 7, 3), group_of(2, 7, 3));
    assert_ne!(group_of(1, 7, 3), group_of(1, 7, 5));
    assert_eq!(group_of(1, 7, 1), group_of(7, 1, 2), "the same contact");
    let write = |from, definition| {
        group(
            LinkOperation::Create,
            &LinkRequest::from(link(from, 7, definition)),
        )
    };
    assert_eq!(write(1, 1), write(2, 3));
}

#[test]
fn wanted_links_are_found_on_a_page() {
    let two = query(&[link(1, 7, 3), link(1, 8, 3)], None);
    for (body, expected) in [
        (
            r#"{"results":[9,8,0,7],"hasMore":false,"offset":9}"#,
            (vec![8, 7], None),
        ),
        (
            r#"{"results":[],"hasMore":false,"offset":0}"#,
            (vec![], None),
        ),
        (
            r#"{"results":[9],"hasMore":true,"offset":9}"#,
            (vec![], Some("9".to_owned())),
        ),
    ] {
        assert_eq!(payload(&two, body), expected, "{body}");
    }
}

#[test]
fn the_existing_primary_company_is_returned() {
    let body = r#"{"results":[900],"hasMore":false,"offset":900}"#;
    let other_way = query(&[link(7, 1, 2)], None);
    assert_eq!(payload(&other_way, body), (vec![900], None));
}

#[test]
fn a_response_without_a_page_of_links_has_no_payload() {
    let one = query(&[link(1, 7, 3)], None);
    for (status, body) in [
        (200, "{}"),
        (200, "[]"),
        (200, ""),
        (200, "<html><title>Log in</title>"),
        (200, r#"{"results":[7]}"#),
        (200, r#"{"results":["7"],"hasMore":false,"offset":7}"#),
        (204, ""),
        (302, ""),
    ] {
        let (verdict, payload) = answered(&one, status, body);
        assert!(
            matches!(verdict, Verdict::NotFromApi(_)),
            "{status} {body}: {verdict:?}"
        );
        assert_eq!(payload, None, "{status} {body}");
    }
}

#[test]
fn a_refused_read_is_refused() {
    let one = query(&[link(1, 7, 3)], None);
    let (verdict, _) = answered(&one, 404, "{}");
    assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
}
