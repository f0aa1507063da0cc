//! The records of a scripted account, and what it answers about them, as HubSpot documents it: reads
//! do not say which key led to a record and know secondary addresses, searches come in pages, and
//! only a read of one record follows a merge.
//!
//! Shares no code with the program or its sandbox: requests and answers are JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    call::{Answer, Call, CallKind},
    links::Links,
};

/// The most values in one request (HubSpot's documentation).
const MAX_VALUES: usize = 100;

/// The most records on a page of a search.
const MAX_PAGE: u64 = 200;

/// The number of the account.
pub(super) const ACCOUNT: u64 = 62_515;

#[derive(Debug)]
struct Record {
    object_type: String,
    id: u64,
    properties: BTreeMap<String, String>,
    is_archived: bool,
}

/// An account.
#[derive(Debug, Default)]
pub(super) struct Account {
    records: Vec<Record>,
    /// The ids of today, by those before a merge.
    merged: BTreeMap<u64, u64>,
    /// The properties of all object types.
    properties: Vec<Value>,
    pub(super) links: Links,
}

impl Account {
    /// An account with contacts 1 to `count`, whose addresses are `p1@x.com` and so on.
    pub(super) fn with_contacts(count: u64) -> Self {
        (1..=count).fold(Self::default(), |account, id| {
            account.contact(id, &format!("p{id}@x.com"))
        })
    }

    /// An account with companies 1,001 and so on, whose domains are `c1.com` and so on.
    pub(super) fn with_companies(count: u64) -> Self {
        (1..=count).fold(Self::default(), |account, number| {
            account.company(1_000 + number, &format!("c{number}.com"))
        })
    }

    pub(super) fn record(mut self, object_type: &str, id: u64, values: &[(&str, &str)]) -> Self {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.records.push(Record {
            object_type: object_type.to_owned(),
            id,
            properties: values.collect(),
            is_archived: false,
        });
        self
    }

    pub(super) fn contact(self, id: u64, email: &str) -> Self {
        self.record("contacts", id, &[("email", email)])
    }

    pub(super) fn company(self, id: u64, domain: &str) -> Self {
        self.record("companies", id, &[("domain", domain)])
    }

    /// The last record has been deleted.
    pub(super) fn archived(mut self) -> Self {
        self.records.last_mut().unwrap().is_archived = true;
        self
    }

    pub(super) fn merged(mut self, old: u64, new: u64) -> Self {
        self.merged.insert(old, new);
        self
    }

    /// An object type has this property, with these fields.
    pub(super) fn property(mut self, name: &str, fields: &Value) -> Self {
        let mut property = json!({"name": name, "label": name, "type": "string"});
        let all = property.as_object_mut().unwrap();
        all.extend(fields.as_object().unwrap().clone());
        self.properties.push(property);
        self
    }

    /// What it answers to a call.
    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        match call.kind {
            CallKind::Read | CallKind::ArchivedRead => self.batch_read(call),
            CallKind::Search => self.search(call),
            CallKind::Record => self.single(call),
            CallKind::Properties => self.properties(call),
            CallKind::ReadLinks | CallKind::Labels | CallKind::Write | CallKind::Remove => {
                self.links.answer(call)
            }
        }
    }

    /// The records of a type that a request may find.
    fn records_of<'a>(
        &'a self,
        object_type: &'a str,
        is_archived: bool,
    ) -> impl Iterator<Item = &'a Record> {
        let records = self.records.iter();
        records.filter(move |record| {
            record.object_type == object_type && record.is_archived == is_archived
        })
    }

    fn batch_read(&self, call: &Call) -> Answer {
        let asked = call.values();
        assert!(asked.len() <= MAX_VALUES, "{} inputs", asked.len());
        let folded: BTreeSet<_> = asked.iter().map(|value| value.to_lowercase()).collect();
        let (mut found, mut results) = (BTreeSet::new(), Vec::new());
        let is_archived = call.kind == CallKind::ArchivedRead;
        for record in self.records_of(call.object_type(), is_archived) {
            let values = match call.body["idProperty"].as_str() {
                Some("email") => record.values(&["email", "hs_additional_emails"]),
                Some(name) => record.values(&[name]),
                None => vec![record.id.to_string()],
            };
            let hits: Vec<_> = folded
                .intersection(&values.into_iter().collect())
                .cloned()
                .collect();
            if !hits.is_empty() {
                results.push(record.body(&call.body));
                found.extend(hits);
            }
        }
        // Nobody promises that records come in the order of the keys.
        results.reverse();
        let mut missing = asked;
        missing.retain(|value| !found.contains(&value.to_lowercase()));
        Answer::of_read(&results, &missing)
    }

    fn search(&self, call: &Call) -> Answer {
        let body = &call.body;
        let limit = body["limit"].as_u64().unwrap();
        assert!(limit <= MAX_PAGE, "a page of {limit}");
        let groups = body["filterGroups"].as_array().unwrap();
        let filters = groups
            .iter()
            .flat_map(|group| group["filters"].as_array().unwrap());
        let filters: Vec<_> = filters.map(InFilter::parse).collect();
        let found = self.records_of(call.object_type(), false);
        let found = found.filter(|record| filters.iter().any(|filter| filter.takes(record)));
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|record| record.id);
        let first = body["after"].as_str().unwrap_or("0").parse().unwrap();
        let page = found
            .iter()
            .skip(first)
            .take(usize::try_from(limit).unwrap());
        let page: Vec<_> = page.map(|record| record.body(body)).collect();
        let next = first + page.len();
        let mut answer = json!({"total": found.len(), "results": page});
        if next < found.len() {
            answer["paging"] = json!({"next": {"after": next.to_string()}});
        }
        Answer::new(200, answer)
    }

    fn single(&self, call: &Call) -> Answer {
        let id = call.record_id();
        let id = self.merged.get(&id).copied().unwrap_or(id);
        let mut records = self.records_of(call.object_type(), false);
        match records.find(|record| record.id == id) {
            Some(record) => Answer::new(200, record.body(&Value::Null)),
            None => Answer::error(404, "OBJECT_NOT_FOUND", "resource not found"),
        }
    }

    /// The properties, either those that are archived or all others.
    fn properties(&self, call: &Call) -> Answer {
        let wants_archived = call.query.contains("archived=true");
        let own = json!({"name": "email", "label": "Email", "type": "string", "archived": false});
        let all = std::iter::once(&own).chain(&self.properties);
        let listed = all.filter(|property| property["archived"] == json!(wants_archived));
        let listed: Vec<_> = listed.collect();
        Answer::new(200, json!({ "results": listed }))
    }
}

impl Record {
    /// The values of these properties, in lower case.
    fn values(&self, names: &[&str]) -> Vec<String> {
        let lists = names.iter().filter_map(|name| self.properties.get(*name));
        let values = lists.flat_map(|list| list.split(';'));
        values.map(str::to_lowercase).collect()
    }

    /// The record with the properties that a request wants.
    fn body(&self, request: &Value) -> Value {
        // The higher its id, the younger it is.
        let (minutes, ms) = (self.id / 60_000, self.id % 60_000);
        let created = format!(
            "2026-01-01T{:02}:{:02}:{:02}.{:03}Z",
            minutes / 60,
            minutes % 60,
            ms / 1_000,
            ms % 1_000
        );
        let mut properties = json!({"hs_object_id": self.id.to_string(), "createdate": created});
        for name in request["properties"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            if name != "createdate" {
                properties[name] = json!(self.properties.get(name));
            }
        }
        json!({
            "id": self.id.to_string(),
            "properties": properties,
            "createdAt": created,
            "updatedAt": created,
            "archived": self.is_archived,
        })
    }
}

/// A filter of a search: one of the values of a property is one of these.
struct InFilter {
    property: String,
    values: BTreeSet<String>,
}

impl InFilter {
    fn parse(filter: &Value) -> Self {
        assert_eq!(filter["operator"], "IN");
        let values = filter["values"].as_array().unwrap();
        assert!(values.len() <= MAX_VALUES, "{} values", values.len());
        let values = values.iter().map(|value| value.as_str().unwrap());
        Self {
            property: filter["propertyName"].as_str().unwrap().to_owned(),
            values: values.map(str::to_owned).collect(),
        }
    }

    fn takes(&self, record: &Record) -> bool {
        let values = record.values(&[&self.property]);
        values.iter().any(|value| self.values.contains(value))
    }
}
