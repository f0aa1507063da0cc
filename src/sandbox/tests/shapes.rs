//! The recorded answers, byte for byte.

use super::*;

fn sandbox() -> Sandbox {
    start(SandboxOptions::default())
}

/// Sends a body that is refused with 400.
fn refused(path: &str, body: &str) -> String {
    let answer = put(&sandbox(), path, body);
    assert_eq!(answer.status, 400);
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "application/json;charset=utf-8");
    answer.masked()
}

#[test]
fn success_is_204_with_no_body_and_no_content_type() {
    let sandbox = sandbox();
    for (path, body) in [
        (PUT_ONE, link(1, 2, 1)),
        (PUT_BATCH, batch(&[link(1, 2, 1)])),
        (&format!("{PUT_ONE}/delete"), link(1, 2, 1)),
        (&format!("{PUT_ONE}/delete-batch"), batch(&[link(1, 2, 1)])),
    ] {
        let answer = put(&sandbox, path, &body);
        assert_eq!((answer.status, &*answer.body), (204, ""), "{path}");
        assert_eq!(answer.header("content-type"), None);
        assert_eq!(answer.header("content-length"), None);
        assert!(answer.header("x-hubspot-correlation-id").is_some());
    }
}

#[test]
fn a_missing_record_is_named_with_the_type_that_the_definition_expects() {
    let expected = r#"{"status":"error","message":"One or more associations are invalid","correlationId":"ID","errors":["CONTACT=1404 is not valid"]}"#;
    assert_eq!(refused(PUT_ONE, &link(1404, 2, 1)), expected);
    assert_eq!(refused(PUT_ONE, &link(2, 1404, 2)), expected);
    assert_eq!(refused(PUT_ONE, &link(1404, 2404, 1)), expected);
}

#[test]
fn an_unknown_definition_or_category_is_refused() {
    let expected = r#"{"status":"error","message":"One or more associations are invalid","correlationId":"ID","errors":["HUBSPOT_DEFINED=999 is not a valid association definition id"]}"#;
    assert_eq!(refused(PUT_ONE, &link(1, 2, 999)), expected);
    let other = link(1, 2, 1).replace("HUBSPOT_DEFINED", "USER_DEFINED");
    assert!(refused(PUT_ONE, &other).contains(r#"["USER_DEFINED=1 is not a valid"#));
    let answer = get(&sandbox(), &format!("{PUT_ONE}/1/HUBSPOT_DEFINED/999"));
    assert_eq!((answer.status, &*answer.masked()), (400, expected));
}

#[test]
fn bad_json_is_refused_with_its_position_and_no_category() {
    let expected = r#"{"status":"error","message":"Invalid input JSON on line 1, column 2: expected ident","correlationId":"ID"}"#;
    assert_eq!(refused(PUT_ONE, "nope"), expected);
    let array = refused(PUT_BATCH, &link(1, 2, 1));
    let begin = r#"{"status":"error","message":"Invalid input JSON on line 1, column 0: Cannot deserialize value: "#;
    assert!(array.starts_with(begin), "{array}");
    assert!(!array.contains("category"));
}

#[test]
fn missing_fields_are_listed() {
    assert_eq!(
        refused(PUT_ONE, "{\"fromObjectId\":1,\n\"category\":null}"),
        r#"{"status":"error","message":"Invalid input JSON on line 2, column 16. Some required fields were not set: [toObjectId, category, definitionId]","correlationId":"ID","category":"VALIDATION_ERROR"}"#
    );
    assert_eq!(
        refused(PUT_ONE, ""),
        r#"{"status":"error","message":"Invalid JSON input: a request body was expected, but none found","correlationId":"ID","category":"VALIDATION_ERROR"}"#
    );
}

#[test]
fn ids_may_be_quoted_but_not_anything_else() {
    let quoted = r#"{"fromObjectId":"289651","toObjectId":7945038518,"category":"HUBSPOT_DEFINED","definitionId":"1"}"#;
    let sandbox = sandbox();
    assert_eq!(put(&sandbox, PUT_ONE, quoted).status, 204);
    assert!(read(&sandbox, 289_651, "1").contains("[7945038518]"));
    for id in ["1.5", "\"x\"", "true", "9223372036854775808"] {
        refused(PUT_ONE, &quoted.replace("7945038518", id));
    }
}

#[test]
fn a_batch_has_at_most_a_hundred_associations() {
    let links: Vec<_> = (1..=101).map(|to| link(1000, to, 15)).collect();
    assert_eq!(
        put(&sandbox(), PUT_BATCH, &batch(&links[..100])).status,
        204
    );
    assert!(refused(PUT_BATCH, &batch(&links)).contains("in a batch is 100"));
    assert_eq!(put(&sandbox(), PUT_BATCH, "[]").status, 204);
}

#[test]
fn reads_page_by_id() {
    let sandbox = sandbox();
    assert_eq!(
        read(&sandbox, 7, "3"),
        r#"{"results":[],"hasMore":false,"offset":0}"#
    );
    let links: Vec<_> = [3, 1, 2].map(|to| link(7, to, 3)).into();
    put(&sandbox, PUT_BATCH, &batch(&links));
    for (query, expected) in [
        (
            "3?limit=2&offset=",
            r#"{"results":[1,2],"hasMore":true,"offset":2}"#,
        ),
        (
            "3?limit=2&offset=2",
            r#"{"results":[3],"hasMore":false,"offset":3}"#,
        ),
        (
            "3?limit=3",
            r#"{"results":[1,2,3],"hasMore":false,"offset":3}"#,
        ),
    ] {
        assert_eq!(read(&sandbox, 7, query), expected, "{query}");
    }
}

#[test]
fn an_unknown_path_is_html_and_a_wrong_method_is_empty() {
    let sandbox = sandbox();
    for path in [
        "/",
        "/crm/v4/objects",
        &format!("{PUT_ONE}/x"),
        &format!("{PUT_ONE}/1/HUBSPOT_DEFINED/x"),
    ] {
        let answer = get(&sandbox, path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("<title>Error 404 Not Found</title>"));
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
    }
    let answer = get(&sandbox, PUT_ONE);
    assert_eq!((answer.status, &*answer.body), (405, ""));
    assert_eq!(answer.header("content-type"), None);
}

#[test]
fn a_too_large_body_is_refused() {
    let sandbox = sandbox();
    let mut stream = open(&sandbox);
    let head = format!("PUT {PUT_ONE} HTTP/1.1\r\nContent-Length: 9000000\r\n{TOKEN}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b' '; 1024 * 1024 + 1]).unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 413");
}

#[test]
fn without_a_known_token_nothing_is_written() {
    let expected = r#"{"status":"error","message":"Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview","correlationId":"ID","category":"INVALID_AUTHENTICATION"}"#;
    let sandbox = start(SandboxOptions {
        token: Some("secret".to_owned()),
        ..SandboxOptions::default()
    });
    for extra in [
        "",
        "Authorization: Bearer \r\n",
        "Authorization: Basic secret\r\n",
        TOKEN,
    ] {
        let answer = send(&sandbox, "PUT", PUT_ONE, extra, &link(1, 2, 1)).unwrap();
        assert_eq!((answer.status, &*answer.masked()), (401, expected));
    }
    let known = "authorization: bearer secret\r\n";
    let answer = send(&sandbox, "PUT", PUT_ONE, known, &link(1, 2, 1)).unwrap();
    assert_eq!(answer.status, 204);
    assert_eq!(sandbox.request_log().applied, 1);
}

#[test]
fn an_api_key_is_refused() {
    let answer = put(
        &sandbox(),
        &format!("{PUT_ONE}?hapikey=demo"),
        &link(1, 2, 1),
    );
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.masked(),
        r#"{"status":"error","message":"The API key provided is invalid. View or manage your API key here: https://app.hubspot.com/l/api-key/","correlationId":"ID","category":"INVALID_AUTHENTICATION","links":{"api key":"https://app.hubspot.com/l/api-key/"}}"#
    );
}
