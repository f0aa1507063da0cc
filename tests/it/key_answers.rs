//! What HubSpot answers about keys instead of records, as a person sees it.

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    workdir::Workdir,
};

fn json(status: u16, body: impl Into<Vec<u8>>) -> FakeResponse {
    FakeResponse::from(status).body("application/json", body)
}

/// The refusal of a token without a scope, as recorded.
fn missing_scope(errors: &str) -> String {
    format!(
        r#"{{"status":"error","message":"This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.","correlationId":"c-1","errors":[{errors}],"category":"MISSING_SCOPES"}}"#
    )
}

fn needing(scope: &str) -> String {
    format!(
        r#"{{"message":"One or more of the following scopes are required.","context":{{"requiredGranularScopes":["{scope}"]}}}}"#
    )
}

#[test]
fn the_scope_that_a_lookup_lacks_is_named_once() {
    let contact = "from_email,to_object_id,definition_id\nann@x.com,7,1\n";
    let ticket = "from_record_url,to_object_id,definition_id\n\
                  https://app.hubspot.com/contacts/62515/record/0-5/12,7,16\n";
    let of_contacts = "crm.objects.contacts.read";
    let in_a_sentence = r#"{"message":"It may not read tickets."}"#.to_owned();
    for (input, errors, said) in [
        (
            contact,
            needing(of_contacts),
            "scopes are required.; crm.objects.contacts.read; give it this scope",
        ),
        (
            contact,
            String::new(),
            "developers.hubspot.com/scopes.; give it the scope crm.objects.contacts.read",
        ),
        (
            ticket,
            needing("tickets"),
            "scopes are required.; tickets; give it this scope",
        ),
        (
            ticket,
            in_a_sentence,
            "It may not read tickets.; give it the scope tickets",
        ),
    ] {
        let workdir = Workdir::with(input);
        let fake = FakeHubSpot::with_handler(move |_, _| json(403, missing_scope(&errors)));
        let run = workdir.import(&fake.base_url(), "").exits(3);
        run.says(&[said]);
        assert!(run.stderr.matches(of_contacts).count() <= 1);
    }
}

#[test]
fn a_key_that_hubspot_fails_to_look_up_is_sent_again_and_not_corrected() {
    let workdir =
        Workdir::with("from_email,to_object_id,definition_id\nann@x.com,7,1\nbob@x.com,7,1\n");
    let fake = FakeHubSpot::with_handler(|n, request| {
        if !request.uri.contains("/batch/read") {
            return 204.into();
        }
        let found = |id, email| format!(r#"{{"id":"{id}","properties":{{"email":"{email}"}}}}"#);
        let ann = found(1, "ann@x.com");
        let failed = r#"{"status":"error","category":"INTERNAL_ERROR","message":"internal error","context":{"ids":["bob@x.com"]}}"#;
        if n == 0 {
            let body = format!(
                r#"{{"status":"COMPLETE","results":[{ann}],"numErrors":1,"errors":[{failed}]}}"#
            );
            return json(207, body);
        }
        let bob = found(2, "bob@x.com");
        json(200, format!(r#"{{"status":"COMPLETE","results":[{bob}]}}"#))
    });
    let url = fake.base_url();
    let run = workdir.import(&url, "").exits(1);
    run.says(&["--resume --retry-failed"]);
    let lines = workdir.results();
    let bob = lines.iter().find(|line| line["assoc_row"] == "2").unwrap();
    assert_eq!(
        [&*bob["assoc_code"], &*bob["assoc_message"]],
        [
            "server_error",
            "the contact with email bob@x.com could not be looked up: HubSpot failed (internal \
             error); send the failed rows again later (--resume --retry-failed)"
        ]
    );
    workdir.import(&url, "--resume --retry-failed").exits(0);
}

#[test]
fn an_archived_property_is_said_to_be_archived() {
    let property = |name: &str| format!(r#"{{"name":"{name}","hasUniqueValue":true}}"#);
    let list = move |name: &str| format!(r#"{{"results":[{}]}}"#, property(name));
    let no_property = "HubSpot has no property case_number of deals; use one of: code";
    for (archived, said) in [
        (
            json(200, list("case_number")),
            "the property case_number was archived; use one of: code",
        ),
        (json(200, list("other")), no_property),
        (json(403, missing_scope("")), no_property),
    ] {
        let workdir = Workdir::with("from_case_number,to_object_id,definition_id\nK-1,12,3\n");
        let fake = FakeHubSpot::with_handler(move |_, request| {
            if request.uri.ends_with("/properties/deals?archived=true") {
                archived.clone()
            } else if request.uri.ends_with("/properties/deals?archived=false") {
                json(200, list("code"))
            } else {
                404.into()
            }
        });
        let run = workdir.import(&fake.base_url(), "").exits(2);
        run.says(&[said]);
        assert_eq!(fake.requests().len(), 2, "{:?}", fake.requests());
    }
}
