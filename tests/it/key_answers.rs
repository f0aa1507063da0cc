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
