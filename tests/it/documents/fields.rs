//! The fields of the summary and of log events: docs/reference has those that real runs
//! write, with their types.

use std::collections::{BTreeMap, BTreeSet};

use hubassoc::sandbox::{Sandbox, SandboxOptions};
use serde_json::Value;

use super::table::{Known, hold, whole};
use crate::support::{
    links,
    sandbox::{start, start_with},
    workdir::{TOKEN, Transcript, Workdir},
};

/// Commands that write a summary, in the order of the page.
const COMMANDS: [&str; 3] = ["import", "verify", "undo"];

/// A run that was refused.
const REFUSED: &str = "refused";

/// By field: the types of its values, and where it was seen.
#[derive(Default)]
struct Seen(BTreeMap<String, (BTreeSet<&'static str>, BTreeSet<String>)>);

impl Seen {
    fn take(&mut self, value: &Value, at: &str, place: &str) {
        if !at.is_empty() {
            let (types, places) = self.0.entry(at.to_owned()).or_default();
            types.insert(type_name(value));
            places.insert(place.to_owned());
        }
        // The names in `codes` are values.
        if let Value::Object(fields) = value
            && at != "codes"
        {
            for (name, value) in fields {
                let below = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                self.take(value, &below, place);
            }
        }
    }
}

pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// The types in words; `null` comes last.
pub(super) fn types(types: &BTreeSet<&'static str>) -> String {
    let mut types: Vec<_> = types.iter().copied().collect();
    types.sort_by_key(|name| *name == "null");
    types.join(" or ")
}

fn summary(ran: &Transcript) -> Value {
    let out = ran.stdout();
    let line = out.lines().last().unwrap();
    serde_json::from_str(line).unwrap()
}

#[test]
fn every_field_of_the_summary_is_documented() {
    let mut seen = Seen::default();
    let with_quota = SandboxOptions {
        daily: Some(1_000),
        ..SandboxOptions::default()
    };
    for sandbox in [start(&[]), start_with(with_quota)] {
        for (place, summary) in summaries(&sandbox) {
            seen.take(&summary, "", place);
        }
    }
    let known = seen.0.into_iter().map(|(field, (found, places))| {
        let field = format!("`{field}`");
        Known::new([field, written_by(&places), types(&found)])
    });
    let tables = [("## Fields", known.collect())];
    hold("docs/reference/summary.md", &tables, whole);
}

/// Summaries of all commands, good ones and bad ones.
fn summaries(sandbox: &Sandbox) -> Vec<(&'static str, Value)> {
    let workdir = Workdir::with(links([1, 404]));
    workdir.write("good.csv", links([1]));
    workdir.write("other.csv", links([1]));
    let url = sandbox.base_url();
    let run = |line: &str| {
        let line = format!("{line} --base-url {url} --summary - --rate unlimited");
        let ran = workdir
            .run(&line)
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .finish();
        summary(&ran)
    };
    vec![
        ("import", run("import good.csv --daily-reserve 5")),
        ("import", run("import good.csv other.csv --resume")),
        ("import", run("import links.csv --limit 2 --max-errors 1")),
        ("verify", run("verify good.results.csv")),
        (
            "undo",
            run("undo good.results.csv --yes --include-unchecked"),
        ),
        (REFUSED, run("import nowhere.csv")),
    ]
}

fn written_by(places: &BTreeSet<String>) -> String {
    if places.contains(REFUSED) {
        return "always".to_owned();
    }
    let commands = COMMANDS.into_iter().filter(|name| places.contains(*name));
    let commands: Vec<_> = commands.collect();
    commands.join(", ")
}

#[test]
fn every_field_of_a_log_event_is_documented() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404]));
    let ran = workdir.import(&sandbox.base_url(), "--log-format json -vvv");
    let ran = ran.exits(1);
    let mut seen = Seen::default();
    for event in ran.stderr.lines() {
        let event = serde_json::from_str(event).unwrap();
        seen.take(&event, "", "");
    }
    let known = seen.0.into_iter().map(|(field, (found, _))| {
        let field = format!("`{field}`");
        Known::new([field, types(&found)])
    });
    let tables = [("## Fields of JSON events", known.collect())];
    hold("docs/reference/logs.md", &tables, whole);
}
