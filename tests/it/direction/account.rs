//! An account for both APIs that takes every request literally: which record has which role.

use std::collections::BTreeSet;

use hubassoc::{association::in_path, hubspot::ApiVersion};
use serde_json::{Value, json};

use super::{
    Links,
    definitions::{DefinitionLine, definition_lines, link_text},
    server::{Request, RequestHandler},
};

/// The account and its links.
pub(super) struct Account {
    pub(super) links: Links,
    definitions: Vec<DefinitionLine>,
}

/// The status and the body of a response.
type HandlerResponse = (u16, Option<Value>);

impl Account {
    pub(super) fn new(api_version: ApiVersion) -> Self {
        Self {
            links: Links::new(),
            definitions: definition_lines(api_version),
        }
    }

    fn line(&self, definition: u32) -> &DefinitionLine {
        let mut lines = self.definitions.iter();
        lines.find(|line| line.id == definition).unwrap()
    }

    /// The object type that a path names by number or name.
    fn object_type(&self, path: &str) -> &'static str {
        let lines = self.definitions.iter();
        let mut types = lines.flat_map(|line| [line.from, line.to]);
        types.find(|name| in_path(name) == path).unwrap()
    }

    fn add(&mut self, definition: u32, pair: (u64, u64)) {
        let links = self.line(definition).links(pair);
        self.links.extend(links);
    }

    fn remove(&mut self, definition: u32, pair: (u64, u64)) {
        for link in self.line(definition).links(pair) {
            self.links.remove(&link);
        }
    }

    /// The definitions of existing links from one record to another.
    fn definitions_between(&self, from: (&str, u64), to: (&str, u64)) -> Vec<u32> {
        let lines = self.definitions.iter();
        let lines = lines.filter(|line| (line.from, line.to) == (from.0, to.0));
        let ids = lines.map(|line| line.id);
        ids.filter(|id| self.links.contains(&link_text(from, to, *id)))
            .collect()
    }

    /// The ids of the records of this type that a record is linked to.
    fn linked_records(&self, from: (&str, u64), to: &str) -> BTreeSet<u64> {
        let begin = format!("{} {} -> {to} ", from.0, from.1);
        let links = self.links.iter();
        let rest = links.filter_map(|link| link.strip_prefix(&begin));
        rest.map(|rest| number(&json!(rest.split(' ').next().unwrap())))
            .collect()
    }

    fn v1(&mut self, request: &Request, parts: &[&str]) -> HandlerResponse {
        let body = &request.body;
        let orders = body.as_array().cloned().unwrap_or(vec![body.clone()]);
        let orders = orders.iter().map(|order| {
            assert_eq!(order["category"], json!("HUBSPOT_DEFINED"));
            let definition = u32::try_from(number(&order["definitionId"])).unwrap();
            let pair = (number(&order["fromObjectId"]), number(&order["toObjectId"]));
            (definition, pair)
        });
        match (request.method.as_str(), parts) {
            ("PUT", ["associations"] | ["associations", "create-batch"]) => {
                orders.for_each(|(definition, pair)| self.add(definition, pair));
                (204, None)
            }
            ("PUT", ["associations", "delete" | "delete-batch"]) => {
                orders.for_each(|(definition, pair)| self.remove(definition, pair));
                (204, None)
            }
            ("GET", ["associations", record, "HUBSPOT_DEFINED", definition]) => {
                let definition = definition.parse().unwrap();
                let line = self.line(definition);
                let from = (line.from, record.parse().unwrap());
                let mut others = self.linked_records(from, line.to);
                others.retain(|to| !self.definitions_between(from, (line.to, *to)).is_empty());
                others.retain(|to| {
                    self.definitions_between(from, (line.to, *to))
                        .contains(&definition)
                });
                (
                    200,
                    Some(json!({"results": others, "hasMore": false, "offset": 0})),
                )
            }
            _ => panic!("{request:?}"),
        }
    }

    /// A request for one pair of records, by its path.
    fn pair(&mut self, request: &Request, from: (&str, u64), to: (&str, u64)) -> HandlerResponse {
        self.clear(from, to);
        if request.method == "DELETE" {
            return (204, None);
        }
        assert_eq!(request.method, "PUT");
        let labels = self.set_types(&request.body, from, to);
        let made = json!({"fromObjectId": from.1, "toObjectId": to.1, "labels": labels});
        (201, Some(made))
    }

    /// Removes all links between two records, in both directions.
    fn clear(&mut self, from: (&str, u64), to: (&str, u64)) {
        for definition in self.definitions_between(from, to) {
            self.remove(definition, (from.1, to.1));
        }
    }

    /// Sets types, which must belong to the object types in the path.
    fn set_types(&mut self, types: &Value, from: (&str, u64), to: (&str, u64)) -> Vec<String> {
        let types = types.as_array().unwrap().iter();
        let names = types.map(|named| {
            let definition = self.association_type(named, from.0, to.0);
            self.add(definition, (from.1, to.1));
            format!("label {definition}")
        });
        names.collect()
    }

    fn association_type(&self, named: &Value, from: &str, to: &str) -> u32 {
        let definition = u32::try_from(number(&named["associationTypeId"])).unwrap();
        let line = self.line(definition);
        assert_eq!((line.from, line.to), (from, to), "{definition}");
        definition
    }

    fn batch(&mut self, request: &Request, types: (&str, &str), what: &[&str]) -> HandlerResponse {
        let inputs = request.body["inputs"].as_array().unwrap();
        let mut results = Vec::new();
        for input in inputs {
            match what {
                ["read"] => results.push(self.read((types.0, number(&input["id"])), types.1)),
                ["create"] => {
                    let (from, to) = ends(types, input);
                    self.clear(from, to);
                    let labels = self.set_types(&input["types"], from, to);
                    results.push(
                        json!({"fromObjectId": from.1, "toObjectId": to.1, "labels": labels}),
                    );
                }
                ["labels", "archive"] => {
                    let (from, to) = ends(types, input);
                    for named in input["types"].as_array().unwrap() {
                        let definition = self.association_type(named, types.0, types.1);
                        self.remove(definition, (from.1, to.1));
                    }
                }
                ["archive"] => {
                    let to = (types.1, number(&input["to"][0]["id"]));
                    self.clear((types.0, number(&input["from"]["id"])), to);
                }
                _ => panic!("{request:?}"),
            }
        }
        match what {
            ["read"] => (200, Some(json!({"status": "COMPLETE", "results": results}))),
            ["create"] => (201, Some(json!({"status": "COMPLETE", "results": results}))),
            _ => (204, None),
        }
    }

    fn read(&self, from: (&str, u64), to: &str) -> Value {
        let others = self.linked_records(from, to).into_iter();
        let others: Vec<_> = others
            .map(|other| {
                let types = self.definitions_between(from, (to, other)).into_iter();
                let types: Vec<_> = types
                    .map(|id| json!({"category": "HUBSPOT_DEFINED", "typeId": id, "label": null}))
                    .collect();
                json!({"toObjectId": other, "associationTypes": types})
            })
            .collect();
        json!({"from": {"id": from.1.to_string()}, "to": others})
    }
}

fn ends<'a>(types: (&'a str, &'a str), input: &Value) -> ((&'a str, u64), (&'a str, u64)) {
    let id = |side: &str| number(&input[side]["id"]);
    ((types.0, id("from")), (types.1, id("to")))
}

/// An id, as a number or as a text.
fn number(value: &Value) -> u64 {
    let text = value.as_str().map(|text| text.parse().unwrap());
    text.unwrap_or_else(|| value.as_u64().unwrap())
}

impl RequestHandler for Account {
    fn answer(&mut self, request: &Request) -> HandlerResponse {
        let path = request.path.trim_start_matches('/');
        let parts: Vec<_> = path.split('/').collect();
        match parts.as_slice() {
            ["account-info", ..] => (200, Some(json!({"portalId": 62515}))),
            ["crm", "associations", _, "definitions", ..] => (200, Some(json!({"results": []}))),
            ["crm-associations", "v1", parts @ ..] => self.v1(request, parts),
            ["crm", "associations", _, from, to, "batch", what @ ..] => {
                let types = (self.object_type(from), self.object_type(to));
                self.batch(request, types, what)
            }
            ["crm", "objects", _, from, one, "associations", to, other] => {
                let id = |text: &str| text.parse().unwrap();
                let (from, to) = (self.object_type(from), self.object_type(to));
                self.pair(request, (from, id(one)), (to, id(other)))
            }
            ["crm", "v3" | "objects", .., "batch", "read"] => {
                let inputs = request.body["inputs"].clone();
                (200, Some(json!({"status": "COMPLETE", "results": inputs})))
            }
            ["crm", "v3" | "objects", .., id] => (200, Some(json!({"id": id}))),
            _ => panic!("{request:?}"),
        }
    }
}
