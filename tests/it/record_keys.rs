//! Records by natural keys, as the client asks for them: what the local HubSpot answers, what is
//! counted, and what faulty answers mean.

use std::{fs, time::Duration};

use hubassoc::{
    api::{Api as _, KeyPage, KeyQuery, Operation, PropertyQuery, ResponsePayload, Verdict},
    association::KeyProperty,
    caller::{
        Caller, Completion, LoggedRows, OperationState, Pace, Pacer, PriorAttempts, RetryPolicy,
    },
    hubspot::{ApiVersion, ClientOptions, Credentials, HubSpot, Secret},
    messages,
    rate_state::RateState,
    sandbox::{RecordOptions, Sandbox, SandboxOptions},
    stop::StopSwitch,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    raw_server::{RawServer, SocketAction},
    sandbox::start_with,
    verdicts::ms,
};

/// Four contacts, one of them deleted, and companies of which two have one domain.
const RECORDS: &str = "object_type,id,archived,created,email,hs_additional_emails,firstname,domain,hs_additional_domains,name\n\
    contacts,101,,,Ann@Example.com,ann@old.example;a.b@x.org,Ann,,,\n\
    contacts,102,,,bob@example.com,,,,,\n\
    contacts,103,true,,gone@example.com,,,,,\n\
    companies,202,,2026-03-02T10:00:00Z,,,,x.com,,Young\n\
    companies,201,,2026-03-01T10:00:00Z,,,,www.x.com,y.com,Old\n\
    companies,203,,,,,,z.com,,\n";

const TOKEN: &str = "pat-na1-m4rk3r-secret-of-records";

fn sandbox() -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    fs::write(&path, RECORDS).unwrap();
    let unique = "contacts:code".parse().unwrap();
    start_with(SandboxOptions {
        record_options: RecordOptions {
            records: Some(path),
            unique_properties: vec![unique],
            ..RecordOptions::default()
        },
        ..SandboxOptions::default()
    })
}

fn client(base_url: &str, api_version: ApiVersion) -> HubSpot {
    let options = ClientOptions {
        api_version,
        agent: "hubassoc-tests",
        base_url: base_url.parse().unwrap(),
        credentials: Credentials::Token(Secret::new(TOKEN, "the test").unwrap()),
        timeout: Duration::from_secs(30),
        connect_timeout: Duration::from_secs(30),
        extra_roots: None,
        report_event: |_| {},
    };
    HubSpot::new(options).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn query(object_type: &'static str, name: &'static str, values: &[&str]) -> KeyQuery {
    KeyQuery {
        property: KeyProperty { object_type, name },
        values: values.iter().map(|value| (*value).into()).collect(),
        archived: false,
        after: None,
    }
}

/// Asks with this version of the API.
fn ask(
    server: &str,
    api_version: ApiVersion,
    operation: Operation<'_>,
) -> (Verdict, Option<ResponsePayload>) {
    let answer = runtime().block_on(client(server, api_version).execute(operation));
    (answer.verdict, answer.payload)
}

fn page(server: &str, api_version: ApiVersion, operation: Operation<'_>) -> KeyPage {
    let (verdict, payload) = ask(server, api_version, operation);
    let page = payload.and_then(ResponsePayload::into_key_page);
    page.unwrap_or_else(|| panic!("{verdict:?}"))
}

/// `101 Ann: a@x.com b@x.com` for each record, by id, and `x@x.com not found` for each error.
fn words(page: &KeyPage) -> Vec<String> {
    let records = page.records.iter().map(|record| {
        let name = record.name.as_deref().unwrap_or("-");
        format!("{} {name}: {}", record.id, record.values.join(" "))
    });
    let mut words: Vec<_> = records.collect();
    words.sort();
    words.extend(page.faults.iter().map(|fault| {
        assert!(fault.not_found, "{fault:?}");
        format!("{} not found", fault.values.join(" "))
    }));
    assert_eq!(page.unattributed, None);
    words
}

#[test]
fn contacts_are_read_by_each_e_mail_and_deleted_ones_apart() {
    let sandbox = sandbox();
    let base_url = sandbox.base_url();
    let living = query(
        "contacts",
        "email",
        &["ann@old.example", "bob@example.com", "gone@example.com"],
    );
    let deleted = KeyQuery {
        archived: true,
        ..query(
            "contacts",
            "email",
            &["gone@example.com", "eve@example.com"],
        )
    };
    for api_version in ApiVersion::ALL {
        let read = |query| words(&page(&base_url, api_version, Operation::ReadByKey(query)));
        assert_eq!(
            read(&living),
            [
                "101 Ann: Ann@Example.com ann@old.example a.b@x.org",
                "102 -: bob@example.com",
                "gone@example.com not found"
            ]
        );
        assert_eq!(
            read(&deleted),
            ["103 -: gone@example.com", "eve@example.com not found"]
        );
    }
}

#[test]
fn records_are_read_by_the_ids_of_their_addresses() {
    let sandbox = sandbox();
    let ids = query("companies", "record_url", &["203", "999"]);
    for api_version in ApiVersion::ALL {
        let page = page(&sandbox.base_url(), api_version, Operation::ReadByKey(&ids));
        assert_eq!(words(&page), ["203 -: 203", "999 not found"]);
    }
}

#[test]
fn all_companies_of_a_domain_are_found_the_oldest_first() {
    let sandbox = sandbox();
    let asked = query("companies", "domain", &["x.com", "www.x.com", "none.com"]);
    let other = query("companies", "domain", &["y.com"]);
    for api_version in ApiVersion::ALL {
        let search = |query| {
            page(
                &sandbox.base_url(),
                api_version,
                Operation::SearchByKey(query),
            )
        };
        let found = search(&asked);
        let ids: Vec<_> = found.records.iter().map(|record| record.id.get()).collect();
        assert_eq!((ids, found.total), (vec![201, 202], Some(2)));
        assert_eq!(
            words(&found),
            ["201 Old: www.x.com y.com", "202 Young: x.com"]
        );
        assert_eq!(words(&search(&other)), ["201 Old: www.x.com y.com"]);
    }
}

#[test]
fn the_properties_of_a_type_are_read() {
    let sandbox = sandbox();
    for api_version in ApiVersion::ALL {
        let operation = Operation::Properties(PropertyQuery::existing("contacts"));
        let (_, payload) = ask(&sandbox.base_url(), api_version, operation);
        let properties = payload.and_then(ResponsePayload::into_properties).unwrap();
        let unique = |name: &str| {
            let mut named = properties.iter().filter(|property| property.name == name);
            named.next().map(|property| property.is_unique)
        };
        let found = ["code", "email", "domain"].map(unique);
        assert_eq!(found, [Some(true), Some(false), None]);
    }
}

#[test]
fn calls_for_keys_are_made_for_rows_and_counted_by_kind() {
    let sandbox = sandbox();
    let emails = query("contacts", "email", &["bob@example.com"]);
    let domains = query("companies", "domain", &["y.com"]);
    let api = client(&sandbox.base_url(), ApiVersion::LATEST);
    let pacer = Pacer::new(Pace::Unlimited, ms(900_000), RateState::in_memory());
    let retry = RetryPolicy { max_attempts: 8 };
    let caller = Caller::new(api, pacer, retry, StopSwitch::default());
    runtime().block_on(async {
        for operation in [
            Operation::ReadByKey(&emails),
            Operation::ReadByKey(&emails),
            Operation::SearchByKey(&domains),
        ] {
            let rows = LoggedRows {
                first_row: Some(1),
                count: 1,
            };
            let mut state = OperationState::for_rows(None, rows, PriorAttempts::default(), 8);
            caller.operation_started();
            let completion = caller.execute(&mut state, None, operation).await;
            caller.operation_finished(&state);
            let Completion::Done { payload, .. } = completion else {
                panic!("{completion:?}")
            };
            let page = payload.and_then(ResponsePayload::into_key_page).unwrap();
            assert_eq!(page.records.len(), 1, "{page:?}");
        }
        let asked = caller.ask_for(
            Operation::Properties(PropertyQuery::existing("contacts")),
            ResponsePayload::into_properties,
        );
        assert!(!asked.await.unwrap().unwrap().is_empty());
    });
    let counted = caller.metrics().calls_by_kind();
    let counted: Vec<_> = counted
        .iter()
        .map(|counted| (counted.kind.as_str(), counted.calls))
        .collect();
    assert_eq!(counted, [("keys", 2), ("search", 1), ("question", 2)]);
}

#[test]
fn a_secret_that_an_answer_echoes_is_hidden() {
    // The escape hides it in the bytes of the body.
    let echo = TOKEN.replacen('p', "\\u0070", 1);
    let body = format!(
        r#"{{"results":[{{"id":"1","properties":{{"email":"a@x.com","firstname":"{echo}"}}}}],"errors":[{{"category":"VALIDATION_ERROR","message":"{echo}","context":{{"ids":["b@x.com"]}}}},{{"message":"{echo}"}}],"total":1}}"#
    );
    let properties = format!(r#"{{"results":[{{"name":"code","label":"{echo}"}}]}}"#);
    let server = FakeHubSpot::with_handler(move |_, request| {
        let body = if request.uri.contains("/properties/") {
            &properties
        } else {
            &body
        };
        FakeResponse::from(200).body("application/json", body.clone())
    });
    let emails = query("contacts", "email", &["a@x.com", "b@x.com"]);
    for operation in [
        Operation::ReadByKey(&emails),
        Operation::SearchByKey(&emails),
        Operation::Properties(PropertyQuery::existing("contacts")),
    ] {
        let (verdict, payload) = ask(&server.base_url(), ApiVersion::LATEST, operation);
        assert!(matches!(verdict, Verdict::Done { .. }), "{verdict:?}");
        let payload = format!("{payload:?}");
        assert!(payload.contains("***"), "{operation:?}: {payload}");
        assert!(!payload.contains("m4rk3r"), "{operation:?}: {payload}");
    }
}

#[test]
fn an_answer_that_ends_early_is_not_taken_for_a_complete_one() {
    let emails = query("contacts", "email", &["a@x.com", "b@x.com"]);
    for operation in [
        Operation::ReadByKey(&emails),
        Operation::SearchByKey(&emails),
        Operation::Properties(PropertyQuery::existing("contacts")),
    ] {
        let cut = r#"{"total":0,"results":[]}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{cut}"
        );
        let server = RawServer::start([SocketAction::close_after(&answer)]);
        let (verdict, payload) = ask(&server.base_url(), ApiVersion::LATEST, operation);
        let Verdict::ConnectionLost(failure) = verdict else {
            panic!("{operation:?}: {verdict:?}")
        };
        assert_eq!(messages::failure(&failure), "the answer ended early");
        assert_eq!(payload, None);
    }
}
