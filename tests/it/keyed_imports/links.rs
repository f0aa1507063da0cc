//! The links of a scripted account: those of v1 by definition, those of 2026-09 by pair and type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::{Answer, Call, CallKind};

/// A pair of records: object type and id of both.
type Pair = [(String, u64); 2];

/// The links of an account.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// From, to and definition of v1.
    by_definition: BTreeSet<(u64, u64, u64)>,
    /// Category and number of each type, by pair.
    by_pair: BTreeMap<Pair, BTreeSet<(String, u64)>>,
    /// What was written, as (from, to), as often as it was written.
    pub(super) written: Vec<(u64, u64)>,
    /// The labels of each pair of object types.
    labels: Vec<([String; 2], Value)>,
}

impl Links {
    /// There is a type of links between these object types; without a label, it is `null`.
    pub(super) fn label(
        &mut self,
        types: [&str; 2],
        category: &str,
        number: u64,
        label: Option<&str>,
    ) {
        let body = json!({"category": category, "typeId": number, "label": label});
        self.labels.push((types.map(str::to_owned), body));
    }

    /// The pairs that are linked.
    pub(super) fn pairs(&self) -> Vec<(u64, u64)> {
        let of_v1 = self.by_definition.iter().map(|(from, to, _)| (*from, *to));
        let dated = self.by_pair.keys().map(|[(_, from), (_, to)]| (*from, *to));
        of_v1.chain(dated).collect()
    }

    /// The types of the links of a pair.
    pub(super) fn types(&self, from: u64, to: u64) -> Vec<u64> {
        let is_pair = |pair: &Pair| pair[0].1 == from && pair[1].1 == to;
        let pairs = self.by_pair.iter().filter(|(pair, _)| is_pair(pair));
        pairs
            .flat_map(|(_, types)| types.iter().map(|(_, number)| *number))
            .collect()
    }

    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        let is_v1 =
            call.parts.is_empty() || call.body.is_null() && call.kind == CallKind::ReadLinks;
        match (call.kind, is_v1) {
            (CallKind::ReadLinks, true) => self.read_definition(call),
            (_, true) => self.change_definitions(call),
            (CallKind::ReadLinks, false) => self.read_pairs(call),
            (CallKind::Labels, false) => self.labels(call),
            (CallKind::Write, false) => self.create_pairs(call),
            (_, false) => self.remove_pairs(call),
        }
    }

    fn read_definition(&self, call: &Call) -> Answer {
        let [record, definition] = [0, 1].map(|n| call.parts[n].parse::<u64>().unwrap());
        let links = self.by_definition.iter();
        let of_record = links.filter(|(from, _, of)| (*from, *of) == (record, definition));
        let results: Vec<_> = of_record.map(|(_, to, _)| to).collect();
        Answer::new(
            200,
            json!({"results": results, "hasMore": false, "offset": 0}),
        )
    }

    /// Writes or removes links of v1.
    fn change_definitions(&mut self, call: &Call) -> Answer {
        let one = std::slice::from_ref(&call.body);
        let links = call.body.as_array().map_or(one, Vec::as_slice);
        for link in links {
            let number = |name: &str| link[name].as_u64().unwrap();
            let (from, to) = (number("fromObjectId"), number("toObjectId"));
            let link = (from, to, number("definitionId"));
            if call.kind == CallKind::Write {
                self.written.push((from, to));
                self.by_definition.insert(link);
            } else {
                self.by_definition.remove(&link);
            }
        }
        Answer::new(204, Value::Null)
    }

    fn read_pairs(&self, call: &Call) -> Answer {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for input in call.body["inputs"].as_array().unwrap() {
            let id = id_of(input);
            let pairs = self.by_pair.iter();
            let linked = pairs.filter(|([from, to], _)| {
                *from == (call.parts[0].clone(), id) && to.0 == call.parts[1]
            });
            let linked = linked.map(|([_, (_, to)], types)| {
                let types: Vec<_> = types
                    .iter()
                    .map(|of_link| self.type_body(of_link))
                    .collect();
                json!({"toObjectId": to, "associationTypes": types})
            });
            let linked: Vec<_> = linked.collect();
            if linked.is_empty() {
                errors.push(json!({
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                    "message": "No associations found",
                    "context": {"fromObjectId": [id.to_string()]},
                }));
            } else {
                results.push(json!({"from": {"id": id.to_string()}, "to": linked}));
            }
        }
        let status = if errors.is_empty() { 200 } else { 207 };
        Answer::new(
            status,
            json!({"status": "COMPLETE", "results": results, "numErrors": errors.len(), "errors": errors}),
        )
    }

    fn labels(&self, call: &Call) -> Answer {
        let labels = self
            .labels
            .iter()
            .filter(|(types, _)| types[..] == call.parts[..]);
        let labels: Vec<_> = labels.map(|(_, label)| label).collect();
        Answer::new(200, json!({ "results": labels }))
    }

    /// Replaces the types of pairs.
    fn create_pairs(&mut self, call: &Call) -> Answer {
        let (mut created, pairs) = (Vec::new(), typed_pairs(call));
        let is_single = call.parts.len() > 2;
        for (pair, types) in pairs {
            let types = types.as_array().unwrap().iter().map(|of_link| {
                let category = of_link["associationCategory"].as_str().unwrap();
                (
                    category.to_owned(),
                    of_link["associationTypeId"].as_u64().unwrap(),
                )
            });
            let types: BTreeSet<_> = types.collect();
            let labels = types
                .iter()
                .map(|of_link| self.type_body(of_link)["label"].clone());
            let labels: Vec<_> = labels.filter(|label| !label.is_null()).collect();
            let [from, to] = [pair[0].1, pair[1].1];
            created.push(json!({"fromObjectId": from, "toObjectId": to, "labels": labels}));
            self.written.push((from, to));
            self.by_pair.insert(pair, types);
        }
        if is_single {
            return Answer::new(201, created.remove(0));
        }
        Answer::new(201, json!({"status": "COMPLETE", "results": created}))
    }

    fn remove_pairs(&mut self, call: &Call) -> Answer {
        if call.parts.len() > 2 {
            for (pair, _) in typed_pairs(call) {
                self.by_pair.remove(&pair);
            }
        } else {
            for input in call.body["inputs"].as_array().unwrap() {
                for to in input["to"].as_array().unwrap() {
                    self.by_pair
                        .remove(&pair(call, [id_of(&input["from"]), id_of(to)]));
                }
            }
        }
        Answer::new(204, Value::Null)
    }

    fn type_body(&self, (category, number): &(String, u64)) -> Value {
        let mut labels = self.labels.iter().map(|(_, label)| label);
        let known = labels
            .find(|label| label["category"] == json!(category) && label["typeId"] == json!(number));
        let label = known.map_or(Value::Null, |known| known["label"].clone());
        json!({"category": category, "typeId": number, "label": label})
    }
}

/// The pairs of a request, with their types.
fn typed_pairs(call: &Call) -> Vec<(Pair, Value)> {
    if call.parts.len() > 2 {
        let ids = [2, 3].map(|part| call.parts[part].parse().unwrap());
        return vec![(pair(call, ids), call.body.clone())];
    }
    let inputs = call.body["inputs"].as_array().unwrap().iter();
    let pairs = inputs.map(|input| {
        let ids = [id_of(&input["from"]), id_of(&input["to"])];
        (pair(call, ids), input["types"].clone())
    });
    pairs.collect()
}

fn pair(call: &Call, ids: [u64; 2]) -> Pair {
    [
        (call.parts[0].clone(), ids[0]),
        (call.parts[1].clone(), ids[1]),
    ]
}

fn id_of(record: &Value) -> u64 {
    record["id"].as_str().unwrap().parse().unwrap()
}
