//! Imports by keys with 2026-09: definitions, labels, and records of custom objects.

use serde_json::json;

use super::{
    account::Account,
    call::CallKind,
    server::{KeyedServer, verdicts},
};
use crate::support::workdir::Workdir;

/// The number of a custom object.
const CARS: &str = "2-123456";

/// The link of a contact with its primary company, without a label, and with one of the account.
const PRIMARY: u64 = 1;
const UNLABELED: u64 = 279;
const BILLING: u64 = 37;

fn account() -> Account {
    let mut account = Account::with_contacts(3)
        .company(1_001, "c1.com")
        .company(1_002, "c2.com");
    let types = ["contacts", "companies"];
    let links = &mut account.links;
    links.label(types, "HUBSPOT_DEFINED", PRIMARY, Some("Primary"));
    links.label(types, "HUBSPOT_DEFINED", UNLABELED, None);
    links.label(types, "USER_DEFINED", BILLING, Some("Billing contact"));
    account
}

#[test]
fn definitions_of_2026_09_take_keys() {
    let server = KeyedServer::start(account());
    let workdir = Workdir::with(
        "from_email,to_domain,definition_id\n\
         p1@x.com,c1.com,1\n\
         P2@x.com,www.c2.com,contact_to_company_unlabeled\n\
         p9@x.com,c1.com,1\n",
    );
    let options = "--api 2026-09 --batch max --summary summary.json";
    workdir.import(&server.base_url(), options).exits(1);
    let expected = ["succeeded", "succeeded", "failed record_not_found"];
    assert_eq!(verdicts(&workdir), expected);
    assert_eq!(server.types(1, 1_001), [PRIMARY]);
    assert_eq!(server.types(2, 1_002), [UNLABELED]);
    assert_eq!(workdir.json("summary.json")["calls"], server.requests());
}

#[test]
fn labels_go_to_the_records_of_keys() {
    let server = KeyedServer::start(account());
    let workdir = Workdir::with(
        "from_email,to_domain,label\n\
         p1@x.com,c1.com,Billing contact\n\
         p2@x.com,c1.com,\n\
         p1@x.com,c2.com,billing contact\n",
    );
    let options = "--api 2026-09 --batch max --from-type contacts --to-type companies";
    workdir.import(&server.base_url(), options).exits(0);
    assert_eq!(verdicts(&workdir), ["succeeded"; 3]);
    assert_eq!(server.types(1, 1_001), [BILLING]);
    assert_eq!(server.types(1, 1_002), [BILLING]);
    assert_eq!(server.types(2, 1_001), [UNLABELED]);
}

#[test]
fn one_label_may_be_for_all_rows() {
    let server = KeyedServer::start(account());
    let workdir = Workdir::with("from_email,to_object_id\np1@x.com,1001\np3@x.com,1001\n");
    let options = "--api 2026-09 --batch max --from-type contacts --to-type companies";
    let run = workdir.import(&server.base_url(), options);
    run.arg("--label").arg("Billing contact").exits(0);
    for contact in [1, 3] {
        assert_eq!(server.types(contact, 1_001), [BILLING]);
    }
}

#[test]
fn records_of_a_custom_object_are_found_by_a_unique_property() {
    let mut account = account()
        .property(
            "serial",
            &json!({"hasUniqueValue": true, "archived": false}),
        )
        .record(CARS, 501, &[("serial", "A-1")])
        .record(CARS, 502, &[("serial", "A-2")]);
    account
        .links
        .label([CARS, "contacts"], "USER_DEFINED", 44, None);
    let server = KeyedServer::start(account);
    let workdir = Workdir::with("car,to_email\nA-2,p1@x.com\nA-9,p1@x.com\nA-1,p2@x.com\n");
    let options = "--api 2026-09 --batch max --from-column car --from-key serial \
                   --from-type 2-123456 --to-type contacts";
    workdir.import(&server.base_url(), options).exits(1);
    assert_eq!(
        verdicts(&workdir),
        ["succeeded", "failed record_not_found", "succeeded"]
    );
    assert_eq!(server.types(502, 1), [44]);
    assert_eq!(server.types(501, 2), [44]);
    let reads = server.calls(CallKind::Read);
    let of_cars: Vec<_> = reads
        .iter()
        .filter(|call| call.object_type() == CARS)
        .collect();
    assert_eq!(of_cars[0].body["idProperty"], "serial");
}
