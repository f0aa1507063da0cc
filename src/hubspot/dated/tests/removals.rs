//! Responses to removals.

use super::*;

const COMPLETE: &str = r#"{"status":"COMPLETE","results":[]}"#;

const NAMED: &str = r#"{"results":[],"errors":[{"message":"CONTACT=2 is not valid"}]}"#;

#[test]
fn links_are_removed_if_there_are_no_errors() {
    for count in [1, 3] {
        let writes = writes(count);
        for (status, body, expected) in [
            (204, "", "done 204"),
            (200, COMPLETE, "done 200"),
            (207, COMPLETE, "done 207"),
            (
                200,
                r#"{"status":"COMPLETE","numErrors":null,"errors":null}"#,
                "done 200",
            ),
            // It names no pair, so without a status it confirms nothing.
            (200, "{}", "?"),
            (200, r#"{"results":[],"numErrors":0}"#, "?"),
            (200, r#"{"status":"CANCELED","results":[]}"#, "?"),
            (200, r#"{"status":"PENDING","results":[]}"#, "?"),
            (202, COMPLETE, "?"),
            (200, r#"{"status":"COMPLETE","numErrors":1}"#, "?"),
            // It may mean anything.
            (200, "", "no verdict"),
            (207, "", "no verdict"),
            (200, "[]", "no verdict"),
            (200, "\"done\"", "no verdict"),
            (200, "<html>", "no verdict"),
            (
                207,
                r#"{"errors":["CONTACT=2 is not valid"]}"#,
                "no verdict",
            ),
            (302, "", "no verdict"),
            (503, "", "again"),
            (429, "{}", "later"),
        ] {
            let word = verdict_text(Operation::Remove(&writes), status, body);
            let expected = if expected == "?" {
                "?".repeat(writes.len())
            } else {
                expected.to_owned()
            };
            assert_eq!(word, expected, "{count}: {status} {body}");
        }
    }
}

#[test]
fn links_with_errors_are_sent_alone_and_the_others_again() {
    let three = writes(3);
    for (body, expected) in [
        (NAMED, ".n."),
        (r#"{"errors":[{"message":"no"}]}"#, "..."),
        (r#"{"numErrors":2}"#, "???"),
    ] {
        assert_eq!(
            verdict_text(Operation::Remove(&three), 207, body),
            expected,
            "{body}"
        );
    }
}

#[test]
fn a_single_link_with_an_error_is_refused() {
    let one = [write(2, 7, 279)];
    assert_eq!(
        verdict_text(Operation::Remove(&one), 207, NAMED),
        "refused rejected"
    );
    assert_eq!(
        verdict_text(Operation::Remove(&one), 404, "{}"),
        "refused not_found"
    );
}
