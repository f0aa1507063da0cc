//! A fake HubSpot with contacts and companies, some of them merged: it answers with current ids,
//! whichever ids are requested. It shares no code with the sandbox.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::support::fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest};

/// `(contact, company)` → types as `USER_DEFINED=37`.
pub(crate) type Links = BTreeMap<(u64, u64), BTreeSet<String>>;

/// The type without a label, from contact to company.
pub(crate) const UNLABELED: &str = "HUBSPOT_DEFINED=279";
/// The type of the primary company.
pub(crate) const PRIMARY: &str = "HUBSPOT_DEFINED=1";

#[derive(Default)]
struct Account {
    links: Links,
    /// Old ids of contacts and of companies, with their current ids.
    contacts: BTreeMap<u64, u64>,
    companies: BTreeMap<u64, u64>,
    records_unreadable: bool,
    /// How many reads of merged records fail.
    failing_reads: usize,
    /// Whether a contact may have only one company, and keeps the last.
    one_company: bool,
    /// Whether a company may have only one contact, and keeps the last.
    one_contact: bool,
    /// How many writes fail.
    failing_writes: usize,
    /// Writes to this company are answered with a login page.
    foreign_company: Option<u64>,
}

/// The answer to a request for limits: a limit of one.
fn limit_of_one(association_type: u64) -> FakeResponse {
    let limit = json!({"category": "HUBSPOT_DEFINED", "typeId": association_type, "label": null,
        "userEnforcedMaxToObjectIds": 1});
    answer(200, &json!({"results": [limit]}))
}

/// The server and its links.
pub(crate) struct MergedHubSpot {
    pub(crate) server: FakeHubSpot,
    account: Arc<Mutex<Account>>,
}

/// The state before a run.
#[derive(Default)]
pub(crate) struct InitialState<'a> {
    pub(crate) contacts: &'a [(u64, u64)],
    pub(crate) companies: &'a [(u64, u64)],
    pub(crate) links: &'a [(u64, u64, &'a [&'a str])],
    pub(crate) records_unreadable: bool,
    pub(crate) failing_reads: usize,
    pub(crate) one_company: bool,
    pub(crate) one_contact: bool,
    pub(crate) failing_writes: usize,
    pub(crate) foreign_company: Option<u64>,
}

impl MergedHubSpot {
    pub(crate) fn start(before: &InitialState<'_>) -> Self {
        let links = before.links.iter().map(|(contact, company, types)| {
            let types = types.iter().map(|text| (*text).to_owned()).collect();
            ((*contact, *company), types)
        });
        let account = Arc::new(Mutex::new(Account {
            links: links.collect(),
            contacts: before.contacts.iter().copied().collect(),
            companies: before.companies.iter().copied().collect(),
            records_unreadable: before.records_unreadable,
            failing_reads: before.failing_reads,
            one_company: before.one_company,
            one_contact: before.one_contact,
            failing_writes: before.failing_writes,
            foreign_company: before.foreign_company,
        }));
        let shared = Arc::clone(&account);
        let server =
            FakeHubSpot::with_handler(move |_, request| shared.lock().unwrap().answer(request));
        let server = match (before.one_company, before.one_contact) {
            (true, _) => server.with_limits_response(limit_of_one(279)),
            (false, true) => server.with_limits_response(limit_of_one(280)),
            (false, false) => server,
        };
        Self { server, account }
    }

    pub(crate) fn links(&self) -> Links {
        self.account.lock().unwrap().links.clone()
    }

    /// Somebody else changes the types of a pair; without any, the pair is gone.
    pub(crate) fn set_types(&self, contact: u64, company: u64, types: &[&str]) {
        let links = &mut self.account.lock().unwrap().links;
        let types: BTreeSet<_> = types.iter().map(|text| (*text).to_owned()).collect();
        if types.is_empty() {
            links.remove(&(contact, company));
        } else {
            links.insert((contact, company), types);
        }
    }

    /// Allows reading records from now on.
    pub(crate) fn allow_reading_records(&self) {
        self.account.lock().unwrap().records_unreadable = false;
    }

    /// Merges contacts.
    pub(crate) fn merge_contact(&self, old: u64, new: u64) {
        let account = &mut *self.account.lock().unwrap();
        account.contacts.insert(old, new);
        let moved: Vec<_> = account
            .links
            .keys()
            .copied()
            .filter(|(contact, _)| *contact == old)
            .collect();
        for (contact, company) in moved {
            let types = account.links.remove(&(contact, company)).unwrap();
            account
                .links
                .entry((new, company))
                .or_default()
                .extend(types);
        }
    }
}

fn answer(status: u16, body: &Value) -> FakeResponse {
    FakeResponse::from(status).body("application/json;charset=utf-8", body.to_string())
}

fn id(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

/// `USER_DEFINED=37` of an entry of `types`.
fn types(value: &Value) -> BTreeSet<String> {
    let name = |named: &Value| {
        let category = named["associationCategory"].as_str().unwrap();
        format!("{category}={}", named["associationTypeId"])
    };
    value.as_array().unwrap().iter().map(name).collect()
}

fn inputs(body: &Value) -> &[Value] {
    body["inputs"].as_array().unwrap()
}

/// A successful batch that names no pair.
fn complete() -> FakeResponse {
    answer(200, &json!({"status": "COMPLETE", "results": []}))
}

impl Account {
    fn current_id(&self, is_contact: bool, id: u64) -> u64 {
        let merged = if is_contact {
            &self.contacts
        } else {
            &self.companies
        };
        merged.get(&id).copied().unwrap_or(id)
    }

    fn pair(&self, contact: u64, company: u64) -> (u64, u64) {
        (
            self.current_id(true, contact),
            self.current_id(false, company),
        )
    }

    fn answer(&mut self, request: &ReceivedRequest) -> FakeResponse {
        let path = request.uri.split('?').next().unwrap();
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let body = serde_json::from_str(&request.body).unwrap_or(Value::Null);
        let is_write = request.method == "PUT" || path.ends_with("batch/create");
        if is_write && self.failing_writes > 0 {
            self.failing_writes -= 1;
            return 503.into();
        }
        let foreign = self.foreign_company.map(|company| company.to_string());
        if is_write && parts.last().copied() == foreign.as_deref() {
            return FakeResponse::from(200).body("text/html", "<html><title>Log in</title></html>");
        }
        match (request.method.as_str(), &parts[..]) {
            (_, ["crm", "objects" | "v3", "2026-09" | "objects", _, ..])
                if parts.len() <= 6 && !path.contains("associations") =>
            {
                self.objects(&parts[3..], &body)
            }
            ("POST", [.., "contacts" | "0-1", _, "batch", "read"]) => self.read(&body),
            ("POST", [.., "batch", "create"]) => self.create(&body),
            ("POST", [.., "batch", "archive"]) => {
                for input in inputs(&body) {
                    for to in input["to"].as_array().unwrap() {
                        self.links
                            .remove(&self.pair(id(&input["from"]["id"]), id(&to["id"])));
                    }
                }
                complete()
            }
            ("POST", [.., "labels", "archive"]) => {
                for input in inputs(&body) {
                    let pair = self.pair(id(&input["from"]["id"]), id(&input["to"]["id"]));
                    let gone = types(&input["types"]);
                    let held = self.links.entry(pair).or_default();
                    held.retain(|held| !gone.contains(held));
                }
                complete()
            }
            ("PUT" | "DELETE", ["crm", "objects", _, _, contact, "associations", _, company]) => {
                let pair = self.pair(contact.parse().unwrap(), company.parse().unwrap());
                if request.method == "DELETE" {
                    self.links.remove(&pair);
                    return 204.into();
                }
                let made = self.replace(pair, types(&body));
                answer(201, &made)
            }
            _ => self.first_api(request, &parts, &body),
        }
    }

    fn create(&mut self, body: &Value) -> FakeResponse {
        let mut made = Vec::new();
        for input in inputs(body) {
            let pair = self.pair(id(&input["from"]["id"]), id(&input["to"]["id"]));
            made.push(self.replace(pair, types(&input["types"])));
        }
        answer(201, &json!({"status": "COMPLETE", "results": made}))
    }

    /// A create replaces all types of a pair; the unlabeled type always exists.
    fn replace(&mut self, pair: (u64, u64), mut types: BTreeSet<String>) -> Value {
        types.insert(UNLABELED.to_owned());
        if self.one_company {
            self.links
                .retain(|(contact, company), _| *contact != pair.0 || *company == pair.1);
        }
        if self.one_contact {
            self.links
                .retain(|(contact, company), _| *company != pair.1 || *contact == pair.0);
        }
        if types.contains(PRIMARY) {
            let of_contact = self
                .links
                .iter_mut()
                .filter(|((contact, _), _)| *contact == pair.0);
            for (_, held) in of_contact {
                held.remove(PRIMARY);
            }
        }
        let labels: Vec<_> = types
            .iter()
            .filter(|name| *name != UNLABELED)
            .cloned()
            .collect();
        self.links.insert(pair, types);
        json!({"fromObjectId": pair.0, "toObjectId": pair.1, "labels": labels})
    }

    fn read(&self, body: &Value) -> FakeResponse {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for input in body["inputs"].as_array().unwrap() {
            let contact = self.current_id(true, id(&input["id"]));
            let of_contact = self.links.iter().filter(|((from, _), _)| *from == contact);
            let to: Vec<_> = of_contact.map(|((_, company), types)| {
                let types: Vec<_> = types.iter().map(|text| {
                    let (category, number) = text.split_once('=').unwrap();
                    json!({"category": category, "typeId": number.parse::<u64>().unwrap(), "label": null})
                }).collect();
                json!({"toObjectId": company, "associationTypes": types})
            }).collect();
            if to.is_empty() {
                errors.push(json!({"status": "error", "category": "OBJECT_NOT_FOUND",
                    "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "message": "none",
                    "context": {"fromObjectId": [contact.to_string()]}}));
            } else {
                results.push(json!({"from": {"id": contact.to_string()}, "to": to}));
            }
        }
        let count = errors.len();
        let body =
            json!({"status": "COMPLETE", "results": results, "errors": errors, "numErrors": count});
        answer(if count == 0 { 200 } else { 207 }, &body)
    }

    /// `{type}/{id}`, or `{type}/batch/read`.
    fn objects(&mut self, parts: &[&str], body: &Value) -> FakeResponse {
        if self.records_unreadable {
            return answer(
                403,
                &json!({"status": "error", "category": "MISSING_SCOPES", "message": "no"}),
            );
        }
        let is_contact = matches!(parts[0], "contacts" | "0-1");
        let requested: Vec<_> = match parts[1] {
            "batch" => inputs(body).iter().map(|input| id(&input["id"])).collect(),
            id => vec![id.parse().unwrap()],
        };
        if self.failing_reads > 0
            && requested
                .iter()
                .any(|id| self.current_id(is_contact, *id) != *id)
        {
            self.failing_reads -= 1;
            return FakeResponse::from(503);
        }
        let record_json =
            |id: u64| json!({"id": self.current_id(is_contact, id).to_string(), "properties": {}});
        match parts[1] {
            "batch" => {
                let inputs = body["inputs"].as_array().unwrap();
                let results: Vec<_> = inputs
                    .iter()
                    .map(|input| record_json(id(&input["id"])))
                    .collect();
                answer(200, &json!({"status": "COMPLETE", "results": results}))
            }
            id => answer(200, &record_json(id.parse().unwrap())),
        }
    }

    /// v1: only the association of the primary company, and no id is echoed.
    fn first_api(
        &mut self,
        request: &ReceivedRequest,
        parts: &[&str],
        body: &Value,
    ) -> FakeResponse {
        match (request.method.as_str(), parts) {
            ("GET", [.., from, "HUBSPOT_DEFINED", "1"]) => {
                let contact = self.current_id(true, from.parse().unwrap());
                let primary = self
                    .links
                    .iter()
                    .filter(|((from, _), types)| *from == contact && types.contains(PRIMARY));
                let found: Vec<_> = primary.map(|((_, company), _)| *company).collect();
                let last = found.last().copied().unwrap_or(0);
                answer(
                    200,
                    &json!({"results": found, "hasMore": false, "offset": last}),
                )
            }
            ("PUT", [.., what]) => {
                let items = body
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![body.clone()]);
                for item in &items {
                    let pair = self.pair(id(&item["fromObjectId"]), id(&item["toObjectId"]));
                    if what.starts_with("delete") {
                        self.links.remove(&pair);
                    } else {
                        let mut types = self.links.get(&pair).cloned().unwrap_or_default();
                        types.insert(PRIMARY.to_owned());
                        self.replace(pair, types);
                    }
                }
                204.into()
            }
            _ => panic!("{} {}", request.method, request.uri),
        }
    }
}
