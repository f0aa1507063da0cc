//! Tests of the dated API over real sockets: its rules, and its answers as specified and as
//! recorded.

mod batches;
mod defaults;
mod faults;
mod limits;
mod options;
mod reads;
mod removes;
mod single;

use super::*;
use crate::sandbox::ResponseForm;

const CREATE: &str = "/crm/associations/2026-09/contacts/companies/batch/create";
const READ: &str = "/crm/associations/2026-09/contacts/companies/batch/read";

fn sandbox() -> Sandbox {
    start(SandboxOptions::default())
}

/// A sandbox that answers as recorded from v4.
fn recorded() -> Sandbox {
    start(SandboxOptions {
        answers: ResponseForm::Recorded,
        ..SandboxOptions::default()
    })
}

fn post(sandbox: &Sandbox, path: &str, body: &str) -> RawResponse {
    send(sandbox, "POST", path, TOKEN, body).unwrap()
}

fn types(types: &[(&str, u32)]) -> String {
    let types: Vec<_> = types
        .iter()
        .map(|(category, id)| {
            format!(r#"{{"associationCategory":"{category}","associationTypeId":{id}}}"#)
        })
        .collect();
    format!("[{}]", types.join(","))
}

const HUBSPOT: &str = "HUBSPOT_DEFINED";
const USER: &str = "USER_DEFINED";

/// One input of a create.
fn input(from: u64, to: u64, given: &[(&str, u32)]) -> String {
    let types = types(given);
    format!(r#"{{"from":{{"id":"{from}"}},"to":{{"id":"{to}"}},"types":{types}}}"#)
}

fn inputs(inputs: &[String]) -> String {
    format!(r#"{{"inputs":[{}]}}"#, inputs.join(","))
}

/// Contacts to companies, unlabeled.
fn plain(pairs: &[(u64, u64)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(from, to)| input(*from, *to, &[(HUBSPOT, 279)]));
    inputs(&pairs.collect::<Vec<_>>())
}

fn put_pair(sandbox: &Sandbox, path: &str, given: &[(&str, u32)]) -> RawResponse {
    put(
        sandbox,
        &format!("/crm/objects/2026-09/{path}"),
        &types(given),
    )
}

/// A body with its times replaced by `T`.
fn without_times(body: &str) -> String {
    let Some((begin, end)) = body.split_once(r#""startedAt":""#) else {
        panic!("{body}");
    };
    let (started, end) = end.split_once('"').unwrap();
    assert!(started.ends_with('Z') && started.len() == 24, "{started}");
    assert_eq!(end, format!(r#","completedAt":"{started}"}}"#));
    format!(r#"{begin}"startedAt":T}}"#)
}

fn json(body: &str) -> serde_json::Value {
    serde_json::from_str(body).unwrap()
}

/// The existing types from a contact to a company.
fn types_between(sandbox: &Sandbox, contact: u64, company: u64) -> Vec<String> {
    let begin = format!("contacts {contact} -> companies {company} ");
    let links = sandbox.links();
    let types = links.iter().filter_map(|link| link.strip_prefix(&begin));
    types.map(str::to_owned).collect()
}
