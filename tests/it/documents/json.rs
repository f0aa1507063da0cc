//! The fields of what commands print as JSON: docs/reference/json.md has those that real commands
//! print, with their types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    fields::{type_name, types},
    table::{Known, hold, whole},
};
use crate::support::{
    links,
    sandbox::start,
    workdir::{TOKEN, Transcript, Workdir},
};

/// By field: the types of its values.
type SeenTypes = BTreeMap<String, BTreeSet<&'static str>>;

/// Fields whose names are values.
const COUNTS: [&str; 4] = [
    "rows.statuses",
    "plans[].rows.actions",
    "plans[].rows.codes",
    "plans[].effort.calls_by_window",
];

/// Takes the fields of a value; those of the objects in a list have the path `list[].field`.
fn take(seen: &mut SeenTypes, value: &Value, at: &str) {
    if !at.is_empty() && !at.ends_with(']') {
        seen.entry(at.to_owned())
            .or_default()
            .insert(type_name(value));
    }
    match value {
        Value::Object(fields) if !COUNTS.contains(&at) => {
            for (name, value) in fields {
                let below = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                take(seen, value, &below);
            }
        }
        Value::Array(items) => {
            let objects = items.iter().filter(|item| item.is_object());
            objects.for_each(|item| take(seen, item, &format!("{at}[]")));
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A folder in which every kind of file is that the commands say something about.
fn prepared(url: &str) -> Workdir {
    let workdir = Workdir::with("from_email,to_object_id,definition_id\nann@x.com,7,1\nb,7,1\n");
    workdir.write("good.csv", links([1, 404]));
    workdir.write("stopped.csv", links([404, 404]));
    let header = "assoc_row,assoc_line,assoc_status,assoc_code,assoc_message\n";
    workdir.write("odd.results.csv", header.to_owned() + "1,2,failed,odd,x\n");
    workdir.write("odd.results.csv.run", "{}\n");
    let options = "--rate unlimited --max-errors 1 --concurrency 1";
    run(&workdir, url, "import good.csv --rate unlimited");
    run(&workdir, url, &format!("import stopped.csv {options}"));
    let undo = "undo good.results.csv --yes --include-unchecked --rate unlimited";
    run(&workdir, url, undo);
    let log = workdir.text("stopped.results.csv.run");
    let is_known = |line: &&str| !line.contains("{\"ended\"") && !line.contains("{\"account\"");
    let killed = log.lines().filter(is_known);
    let killed: String = killed.map(|line| line.to_owned() + "\n").collect();
    workdir.write("killed.results.csv.run", killed);
    workdir.write("killed.results.csv", workdir.bytes("stopped.results.csv"));
    workdir
}

fn run(workdir: &Workdir, url: &str, line: &str) -> Transcript {
    let run = workdir.run(line).env("HUBASSOC_BASE_URL", url);
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).finish()
}

/// The commands, each with what it is typed with.
const COMMANDS: [(&str, &[&str]); 5] = [
    (
        "explain",
        &[
            "good.results.csv",
            "stopped.results.csv",
            "killed.results.csv",
            "odd.results.csv",
        ],
    ),
    ("types", &["contacts companies"]),
    (
        "check",
        &["links.csv", "nothing.csv good.csv", "links.csv --online"],
    ),
    ("plan", &["links.csv", "nothing.csv good.csv --api 2026-09"]),
    ("doctor", &[""]),
];

#[test]
fn every_field_of_the_json_of_a_command_is_documented() {
    let sandbox = start(&[]);
    let url = sandbox.base_url();
    let workdir = prepared(&url);
    let known = COMMANDS.map(|(command, lines)| {
        let mut seen = SeenTypes::new();
        for line in lines {
            let ran = run(&workdir, &url, &format!("{command} {line} --format json"));
            let value = serde_json::from_slice(&ran.stdout);
            let value = value.unwrap_or_else(|why| panic!("{why}: {ran}"));
            take(&mut seen, &value, "");
        }
        let known = seen
            .into_iter()
            .map(|(field, found)| Known::new([format!("`{field}`"), types(&found)]));
        (format!("## {command}"), known.collect::<Vec<_>>())
    });
    let tables = known.iter().map(|(heading, known)| {
        let copied = known.iter().map(|line| Known {
            key: line.key.clone(),
            cells: line.cells.clone(),
        });
        (heading.as_str(), copied.collect())
    });
    let tables: Vec<_> = tables.collect();
    hold("docs/reference/json.md", &tables, whole);
}
