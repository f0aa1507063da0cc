//! Limits that administrators set on association types.

use super::*;

const ALL: &str = "/crm/associations/2026-09/definitions/configurations/all";

fn limited(limits: &[&str]) -> Sandbox {
    start(SandboxOptions {
        association_limits: limits.iter().map(|limit| limit.parse().unwrap()).collect(),
        ..SandboxOptions::default()
    })
}

#[test]
fn limits_are_listed_for_all_types_or_one_direction() {
    let sandbox = limited(&["contacts,companies,1,Decision maker", "0-2,contact,5"]);
    let decision_maker = r#"{"category":"USER_DEFINED","typeId":26,"label":"Decision maker","userEnforcedMaxToObjectIds":1}"#;
    let plain = r#"{"category":"HUBSPOT_DEFINED","typeId":280,"label":null,"userEnforcedMaxToObjectIds":5}"#;
    let read = |path: &str| {
        let answer = get(&sandbox, path);
        assert_eq!(answer.status, 200);
        answer.body
    };
    assert_eq!(
        read(ALL),
        format!(r#"{{"results":[{plain},{decision_maker}]}}"#)
    );
    let of = |pair: &str| read(&ALL.replace("all", pair));
    let one = format!(r#"{{"results":[{decision_maker}]}}"#);
    assert_eq!(of("contacts/companies"), one);
    assert_eq!(of("0-2/0-1"), format!(r#"{{"results":[{plain}]}}"#));
    assert_eq!(of("deals/contacts"), r#"{"results":[]}"#);
    assert_eq!(post(&sandbox, ALL, "{}").status, 405);
    assert_eq!(get(&sandbox, &ALL.replace("all", "contacts")).status, 404);
    assert_eq!(sandbox.request_log().counts.limits, 4);
}

#[test]
fn under_a_limit_of_one_the_last_association_stays_in_either_direction() {
    let sandbox = limited(&["contacts,companies,1,Decision maker"]);
    let pairs = [(1, 7), (1, 8), (2, 8)].map(|(from, to)| input(from, to, &[(USER, 26)]));
    assert_eq!(post(&sandbox, CREATE, &inputs(&pairs)).status, 200);
    assert_eq!(types_between(&sandbox, 1, 7), ["HUBSPOT_DEFINED=279"]);
    let both = ["HUBSPOT_DEFINED=279", "USER_DEFINED=26"];
    assert_eq!(types_between(&sandbox, 1, 8), both);
    assert_eq!(types_between(&sandbox, 2, 8), both);
    put_pair(
        &sandbox,
        "companies/9/associations/contacts/1",
        &[(USER, 27)],
    );
    assert_eq!(types_between(&sandbox, 1, 8), ["HUBSPOT_DEFINED=279"]);
    assert_eq!(types_between(&sandbox, 1, 9), both);
}

#[test]
fn a_limit_without_a_label_counts_every_association() {
    let sandbox = limited(&["contacts,companies,1"]);
    put(&sandbox, PUT_ONE, &link(1, 7, 1));
    let pair = "contacts/1/associations/companies/8";
    put_pair(&sandbox, pair, &[(USER, 26)]);
    assert!(types_between(&sandbox, 1, 7).is_empty());
    assert_eq!(types_between(&sandbox, 1, 8).len(), 2);
}

#[test]
fn above_a_larger_limit_an_association_is_refused() {
    let sandbox = limited(&["contacts,companies,2"]);
    let answer = post(&sandbox, CREATE, &plain(&[(1, 7), (1, 8), (1, 9), (2, 9)]));
    let body = json(&answer.body);
    assert_eq!(body["numErrors"], 1);
    let message = "CONTACT=1 is at the limit of 2 associations of this type";
    assert_eq!(body["errors"][0]["message"], message);
    assert!(types_between(&sandbox, 1, 9).is_empty());
    // The existing association does not count as another one.
    assert_eq!(post(&sandbox, CREATE, &plain(&[(1, 8)])).status, 200);
    let one = put_pair(
        &sandbox,
        "contacts/1/associations/companies/9",
        &[(HUBSPOT, 1)],
    );
    assert_eq!(one.status, 400);
    let v1 = put(&sandbox, PUT_ONE, &link(1, 9, 1));
    assert_eq!(v1.status, 400);
    assert!(v1.body.contains(message), "{}", v1.body);
}

#[test]
fn a_limit_on_an_unknown_type_is_refused() {
    for limit in [
        "contacts,companies,1,Nobody",
        "contacts,widgets,1",
        "companies,2-9,1",
    ] {
        let options = SandboxOptions {
            association_limits: vec![limit.parse().unwrap()],
            ..SandboxOptions::default()
        };
        let error = Sandbox::start(options).unwrap_err().to_string();
        assert!(error.contains("is no limit on associations"), "{error}");
    }
}
