//! The metrics: docs/reference has those that real runs write, and the alert rules and the
//! dashboard use no other.

use std::collections::{BTreeMap, BTreeSet};

use hubassoc::sandbox::SandboxOptions;
use serde_json::Value;

use super::{
    page,
    table::{Known, hold, whole},
};
use crate::support::{
    exposition::{Exposition, Family},
    links,
    sandbox::start_with,
    workdir::{TOKEN, Workdir},
};

const ALERTS: &str = "docs/monitoring/alerts.yml";
const DASHBOARD: &str = "docs/monitoring/dashboard.json";

/// Labels that every metric has.
const LABELS: [&str; 2] = ["run", "command"];

/// Labels that Prometheus gives.
const FOREIGN_LABELS: [&str; 2] = ["instance", "job"];

/// A file with every metric: of a good import, where HubSpot reports the day's quota.
fn all_metrics() -> Exposition {
    let sandbox = start_with(SandboxOptions {
        daily: Some(1_000),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links([1]));
    let line = format!("import links.csv --base-url {}", sandbox.base_url());
    let ran = workdir.run(&format!("{line} --metrics links.prom"));
    ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0);
    Exposition::read(&workdir.text("links.prom")).unwrap()
}

#[test]
fn every_metric_is_documented_with_its_type_and_its_labels() {
    let metrics = all_metrics();
    let known = metrics.families.iter().map(|family| {
        let name = format!("`{}`", family.name);
        Known::new([name, family.kind.clone(), own_labels(family)])
    });
    let tables = [("## All metrics", known.collect())];
    hold("docs/reference/metrics.md", &tables, whole);
}

/// The labels that not every metric has.
fn own_labels(family: &Family) -> String {
    let mut labels = family.label_names();
    for label in LABELS {
        assert!(labels.remove(label), "{}", family.name);
    }
    let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
    if labels.is_empty() {
        "–".to_owned()
    } else {
        labels.join(", ")
    }
}

#[test]
fn every_help_text_is_a_sentence_that_stays_the_same() {
    let (one, other) = (all_metrics(), all_metrics());
    let help = |metrics: &Exposition| -> BTreeMap<_, _> {
        let families = metrics.families.iter();
        families
            .map(|family| (family.name.clone(), family.help.clone()))
            .collect()
    };
    assert_eq!(help(&one), help(&other));
    for (name, help) in help(&one) {
        assert!(help.ends_with('.'), "{name}: {help}");
    }
}

#[test]
fn alert_rules_and_dashboard_use_only_metrics_and_labels_that_exist() {
    let metrics = all_metrics();
    let samples = metrics.families.iter().flat_map(|family| &family.samples);
    let names: BTreeSet<_> = samples.map(|sample| sample.name.as_str()).collect();
    let labels = metrics.families.iter().flat_map(Family::label_names);
    let labels: BTreeSet<_> = labels.chain(FOREIGN_LABELS).collect();
    for (file, queries, fewest) in [(ALERTS, alerts(), 3), (DASHBOARD, panels(), 8)] {
        assert!(queries.len() >= fewest, "{file}: {queries:?}");
        for query in queries {
            let used = words(&query).filter(|word| word.starts_with("hubassoc"));
            let used: Vec<_> = used.collect();
            assert!(!used.is_empty(), "{file}: {query}");
            for name in used {
                assert!(names.contains(name), "{file}: there is no {name}");
            }
            for label in matched_labels(&query) {
                assert!(labels.contains(label), "{file}: there is no label {label}");
            }
        }
    }
}

/// The names, keywords and numbers of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

/// The labels in braces: `{run=~"x",command!="y"}`.
fn matched_labels(query: &str) -> Vec<&str> {
    let braces = query.split('{').skip(1);
    let inner = braces.filter_map(|rest| rest.split('}').next());
    let matchers = inner.flat_map(|inner| inner.split(','));
    let label = |matcher| words(matcher).find(|word| !word.is_empty());
    matchers.filter_map(label).collect()
}

/// The expressions of the alert rules, each with its further lines.
fn alerts() -> Vec<String> {
    let text = page::read(ALERTS);
    let rules = text.split("- alert: ").skip(1);
    let parts = rules.map(|rule| {
        let (_, after) = rule
            .split_once(" expr: ")
            .expect("a rule has an expression");
        let end = after.find(" for: ").or(after.find(" labels:"));
        after[..end.unwrap()].to_owned()
    });
    parts.collect()
}

/// The expressions of the dashboard.
fn panels() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&page::read(DASHBOARD)).unwrap();
    let mut found = Vec::new();
    collect_queries(&dashboard, &mut found);
    found
}

fn collect_queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(query) if matches!(name.as_str(), "expr" | "query" | "definition") => {
                        // `prometheus` is the kind of the data source.
                        found.extend((query != "prometheus").then(|| query.to_owned()));
                    }
                    _ => collect_queries(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_queries(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_metric_or_a_label_is_found_in_an_expression() {
    let query = "time() - hubassoc_a{run=~\"x{1}\",command!=\"y\"} > 3 and on(run) hubassoc_b";
    let names = words(query).filter(|word| word.starts_with("hubassoc"));
    assert_eq!(names.collect::<Vec<_>>(), ["hubassoc_a", "hubassoc_b"]);
    let query = "a{run=~\"x\", command!=\"y\"} / b{kind=\"z\"}";
    assert_eq!(matched_labels(query), ["run", "command", "kind"]);
}
