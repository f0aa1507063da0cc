//! Property tests: no response is trusted beyond what it confirms.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::api::LinkQuery;

/// An id as a number, a text, or something else.
fn id() -> impl Strategy<Value = Value> {
    prop_oneof![
        (1_u64..5).prop_map(|id| json!(id)),
        (1_u64..5).prop_map(|id| json!(id.to_string())),
        Just(Value::Null),
    ]
}

fn labels() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        Just(Some(json!([]))),
        Just(Some(json!(["Primary"]))),
        Just(Some(json!(["Buyer"]))),
        Just(Some(json!(["Buyer", "Primary"]))),
    ]
}

fn status() -> impl Strategy<Value = Option<Value>> {
    let word = prop::sample::select(vec!["COMPLETE", "PENDING", "PROCESSING", "CANCELED", "NEW"]);
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        Just(Some(json!("COMPLETE"))),
        word.prop_map(|word| Some(json!(word))),
    ]
}

fn errors() -> impl Strategy<Value = Option<Value>> {
    let none = |sub: Value, id: u64| {
        json!({"category": "OBJECT_NOT_FOUND", "subCategory": sub,
            "context": {"fromObjectId": [id.to_string()]}})
    };
    let kind = prop::sample::select(vec![
        json!("crm.associations.NO_ASSOCIATIONS_FOUND"),
        json!({"name": "crm.associations.NO_ASSOCIATIONS_FOUND"}),
        Value::Null,
        json!({}),
    ]);
    let error = prop_oneof![
        (kind, 1_u64..5).prop_map(move |(sub, id)| none(sub, id)),
        (1_u64..5).prop_map(|id| json!({"message": format!("CONTACT={id} is not valid")})),
        Just(json!({"message": null, "context": null})),
    ];
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        prop::collection::vec(error, 0..3).prop_map(|errors| Some(json!(errors))),
    ]
}

fn counted() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(Value::Null)),
        1 => (0_u64..3).prop_map(|count| Some(json!(count))),
    ]
}

/// A batch of these results with arbitrary other fields.
fn batch(result: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let results = prop_oneof![
        4 => prop::collection::vec(result, 0..5).prop_map(|results| Some(json!(results))),
        1 => Just(Some(Value::Null)),
        1 => Just(None),
    ];
    (status(), results, errors(), counted()).prop_map(|(status, results, errors, counted)| {
        let fields = [
            ("status", status),
            ("results", results),
            ("errors", errors),
            ("numErrors", counted),
        ];
        let fields = fields.into_iter();
        let fields = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(fields.collect())
    })
}

fn made() -> impl Strategy<Value = Value> {
    (id(), 7_u64..9, labels()).prop_map(|(from, to, labels)| {
        let mut made = json!({"fromObjectId": from, "toObjectId": to});
        if let Some(labels) = labels {
            made["labels"] = labels;
        }
        made
    })
}

fn http_status() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![200, 201, 202, 204, 207])
}

fn is(value: &Value, id: u64) -> bool {
    value == &json!(id) || value == &json!(id.to_string())
}

fn has_no_errors(body: &Value) -> bool {
    body["errors"].as_array().is_none_or(Vec::is_empty)
        && body["numErrors"].as_u64().unwrap_or(0) == 0
}

fn entries(body: &Value) -> &[Value] {
    body["results"].as_array().map_or(&[], Vec::as_slice)
}

/// Which of `count` links a verdict reports as done.
fn done(verdict: &Verdict, count: usize) -> Vec<bool> {
    match verdict {
        Verdict::Done { .. } => vec![true; count],
        Verdict::PerLink(parts) => parts
            .iter()
            .map(|part| matches!(part, ItemResult::Done { .. }))
            .collect(),
        Verdict::Refused(_)
        | Verdict::Transient { .. }
        | Verdict::Throttled { .. }
        | Verdict::DayUsedUp(_)
        | Verdict::ConnectionLost(_)
        | Verdict::NotSent(_)
        | Verdict::NotFromApi(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_)
        | Verdict::Fatal(_) => vec![false; count],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_create_is_done_only_if_a_complete_response_names_the_pair_and_its_labels(
        body in batch(made()),
        status in http_status(),
        count in 1_u64..4,
        is_primary in any::<bool>(),
    ) {
        // A primary company with a label, or only an association.
        let mut writes = writes(count);
        for write in writes.iter_mut().filter(|_| is_primary) {
            write.link = link(write.link.from().get(), 7, 1);
            write.other_types = vec![label(37)];
        }
        let text = body.to_string();
        let (verdict, _) = verdict(Operation::Create(&writes), &ParsedResponse::for_test(status, &text), text.as_bytes());
        for (from, is_done) in (1..).zip(done(&verdict, writes.len())) {
            let named = entries(&body).iter().any(|entry| {
                is(&entry["fromObjectId"], from) && is(&entry["toObjectId"], 7)
                    && entry["labels"].as_array().is_some_and(|labels| !is_primary || labels.len() > 1)
            });
            let complete = matches!(body["status"].as_str(), None | Some("COMPLETE"));
            let errors = body["errors"].as_array().map_or(0, Vec::len) as u64;
            let all_listed = body["numErrors"].as_u64().unwrap_or(0) <= errors;
            prop_assert!(!is_done || named && complete && all_listed && status != 202, "{from}: {status} {text}");
        }
    }

    #[test]
    fn a_removal_is_done_only_if_a_complete_response_has_no_errors(
        body in batch(Just(json!({}))),
        status in http_status(),
        count in 1_u64..4,
    ) {
        let writes = writes(count);
        let text = body.to_string();
        let (verdict, _) = verdict(Operation::Remove(&writes), &ParsedResponse::for_test(status, &text), text.as_bytes());
        let proven = body["status"] == json!("COMPLETE") && has_no_errors(&body) && status != 202;
        for is_done in done(&verdict, writes.len()) {
            prop_assert!(!is_done || proven, "{status} {text}");
        }
    }

    #[test]
    fn a_record_is_known_only_from_a_result_or_an_error_that_names_it(
        body in batch((id(), prop::option::of(prop::collection::vec((id(), types()), 0..3))).prop_map(|(from, to)| {
            let to = to.map(|to| -> Vec<_> {
                to.into_iter().map(|(to, types)| json!({"toObjectId": to, "associationTypes": types})).collect()
            });
            json!({"from": {"id": from}, "to": to})
        })),
        status in http_status(),
    ) {
        let links: Vec<_> = (1..4).map(|from| link(from, 2, 279)).collect();
        let pages = links.iter().map(|link| (link.from(), None)).collect();
        let query = LinkQuery { links, pages };
        let text = body.to_string();
        let (_, payload) = verdict(Operation::Read(&query), &ParsedResponse::for_test(status, &text), text.as_bytes());
        let Some(ResponsePayload::Links(page)) = payload else {
            return Ok(());
        };
        for record in &page.named {
            let entry = entries(&body).iter().any(|entry| is(&entry["from"]["id"], record.get()));
            let none = body["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| {
                error["context"]["fromObjectId"] == json!([record.to_string()]) && error["category"] == json!("OBJECT_NOT_FOUND")
            }));
            prop_assert!(entry || none, "{record}: {text}");
        }
        // A result without types for the pair makes the record unknown.
        for record in 1..4 {
            let is_silent = |entry: &Value| {
                entry["to"].as_array().is_none_or(|to| to.iter().any(|other| {
                    is(&other["toObjectId"], 2) && other["associationTypes"].as_array().is_none_or(Vec::is_empty)
                }))
            };
            let of_record = |entry: &&Value| is(&entry["from"]["id"], record);
            let is_unknown = entries(&body).iter().filter(of_record).any(is_silent);
            let is_reported = page.unread.iter().any(|(unread, _)| unread.get() == record);
            prop_assert!(!is_unknown || is_reported, "{record}: {text}");
        }
        // No type of a pair is lost: it is in the result, or the result reports an unknown type.
        for entry in entries(&body) {
            for other in entry["to"].as_array().into_iter().flatten() {
                let found: Vec<_> = page.found.iter().filter(|found| {
                    is(&entry["from"]["id"], found.from.get()) && is(&other["toObjectId"], found.to.get())
                }).collect();
                for named in other["associationTypes"].as_array().into_iter().flatten() {
                    let word = format!("{}={}", named["category"].as_str().unwrap(), named["typeId"].to_string().replace('"', ""));
                    let is_reported = found.iter().any(|found| {
                        found.unknown.is_some() || found.association_types.iter().any(|association_type| association_type.to_string() == word)
                    });
                    prop_assert!(found.is_empty() || is_reported, "{word}: {text}");
                }
            }
        }
    }
}

fn types() -> impl Strategy<Value = Value> {
    let one = (
        prop::sample::select(vec!["HUBSPOT_DEFINED", "USER_DEFINED", "MARTIAN"]),
        prop_oneof![
            (1_u64..300).prop_map(|id| json!(id)),
            (1_u64..300).prop_map(|id| json!(id.to_string())),
            Just(json!(-1))
        ],
    );
    let one =
        one.prop_map(|(category, id)| json!({"category": category, "typeId": id, "label": null}));
    prop_oneof![
        3 => prop::collection::vec(one, 0..3).prop_map(|types| json!(types)),
        1 => Just(Value::Null),
    ]
}
