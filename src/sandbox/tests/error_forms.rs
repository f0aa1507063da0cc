//! What an error response says about invalid associations.

use super::*;
use crate::sandbox::ErrorForm;

/// The body after the correlation id when these links are created.
fn body_after_id(form: ErrorForm, links: &[String]) -> String {
    let sandbox = start(SandboxOptions {
        refusals: Some(form),
        ..SandboxOptions::default()
    });
    let answer = put(&sandbox, PUT_BATCH, &batch(links));
    assert_eq!(answer.status, 400);
    let body = answer.masked();
    let begin = r#"{"status":"error","message":"One or more associations are invalid","correlationId":"ID""#;
    body.strip_prefix(begin).expect(&body).to_owned()
}

/// One valid association, three invalid ones, and one of these repeated.
fn mixed() -> Vec<String> {
    vec![
        link(7, 1, 3),
        link(7, 2404, 3),
        link(3404, 1, 19),
        link(7, 1, 999),
        link(8, 2404, 3),
    ]
}

#[test]
fn strings_name_every_bad_record_and_definition_once() {
    assert_eq!(
        body_after_id(ErrorForm::Strings, &mixed()),
        r#","errors":["CONTACT=2404 is not valid","DEAL=3404 is not valid","HUBSPOT_DEFINED=999 is not a valid association definition id"]}"#
    );
}

#[test]
fn the_first_form_names_only_the_first_invalid_association() {
    assert_eq!(
        body_after_id(ErrorForm::First, &mixed()),
        r#","errors":["CONTACT=2404 is not valid"]}"#
    );
}

#[test]
fn the_context_of_one_bad_record_or_definition_is_as_recorded() {
    assert_eq!(
        body_after_id(ErrorForm::Context, &[link(1404, 2, 1)]),
        r#","context":{"INVALID_OBJECT_IDS":["CONTACT=1404 is not valid"],"objectId":["1404"],"objectType":["CONTACT"]},"category":"VALIDATION_ERROR"}"#
    );
    assert_eq!(
        body_after_id(ErrorForm::Context, &[link(1, 2, 999)]),
        r#","context":{"associationSpec":["HUBSPOT_DEFINED=999"],"INVALID_ASSOCIATION_TYPE_ID":["HUBSPOT_DEFINED=999 is not a valid association definition id"]},"category":"VALIDATION_ERROR"}"#
    );
}

#[test]
fn the_context_of_several_lists_them_all() {
    assert_eq!(
        body_after_id(ErrorForm::Context, &mixed()),
        r#","context":{"INVALID_OBJECT_IDS":["CONTACT=2404 is not valid","DEAL=3404 is not valid"],"objectId":["2404","3404"],"objectType":["CONTACT","DEAL"],"associationSpec":["HUBSPOT_DEFINED=999"],"INVALID_ASSOCIATION_TYPE_ID":["HUBSPOT_DEFINED=999 is not a valid association definition id"]},"category":"VALIDATION_ERROR"}"#
    );
}

#[test]
fn a_bare_error_names_no_record() {
    assert_eq!(body_after_id(ErrorForm::Bare, &mixed()), "}");
}
