//! Random accounts and files: what a plan says of each row is what an import then does.

use std::fmt::Write as _;

use fastrand::Rng;
use hubassoc::sandbox::{Sandbox, SandboxOptions};

use super::{apply, digest, plan};
use crate::support::{
    sandbox::{sent, start_with},
    workdir::{CsvLine, Workdir},
};

/// How many accounts there are.
const ACCOUNTS: u64 = 20;

/// How many rows each file has.
const ROWS: usize = 60;

/// A header with labels.
const HEADER: &str = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";

/// An account and a file about its records.
struct RandomCase {
    workdir: Workdir,
    sandbox: Sandbox,
    options: String,
}

/// A link between a contact and a company, in either direction, as a line of a file.
fn line(rng: &mut Rng, with_labels: bool) -> String {
    let (contact, company) = (rng.u64(1..=7), rng.u64(71..=76));
    let label = match rng.u8(0..6) {
        0 | 1 if with_labels => "Decision maker",
        2 if with_labels => "Billing contact",
        3 => "Primary",
        _ => "",
    };
    if label.is_empty() && rng.u8(0..3) == 0 {
        format!("{company},{contact},companies,contacts,\n")
    } else {
        format!("{contact},{company},contacts,companies,{label}\n")
    }
}

/// A row of the file: mostly such a link, sometimes one that cannot be imported.
fn row(rng: &mut Rng, with_labels: bool) -> String {
    match rng.u8(0..20) {
        0 => "3404,71,contacts,companies,\n".to_owned(),
        1 => "3,9404,contacts,companies,\n".to_owned(),
        2 => "1.5E+11,71,contacts,companies,\n".to_owned(),
        // The old ids of merged records.
        3 => format!("901,{},contacts,companies,\n", rng.u64(71..=76)),
        4 => format!("{},970,contacts,companies,\n", rng.u64(1..=7)),
        _ => line(rng, with_labels),
    }
}

impl RandomCase {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let with_labels = rng.bool();
        let workdir = Workdir::new();
        let lines = |rng: &mut Rng, count, make: fn(&mut Rng, bool) -> String| {
            let mut text = HEADER.to_owned();
            for _ in 0..count {
                let _ = write!(text, "{}", make(rng, with_labels));
            }
            text
        };
        let before = rng.usize(0..20);
        workdir.write("before.csv", lines(&mut rng, before, line));
        workdir.write("merged.csv", "contact,901,1\ncompany,970,71\n");
        workdir.write("links.csv", lines(&mut rng, ROWS, row));
        let limits = match rng.u8(0..4) {
            0 => vec!["contacts,companies,1,Decision maker".parse().unwrap()],
            1 => vec!["contacts,companies,1".parse().unwrap()],
            _ => Vec::new(),
        };
        let sandbox = start_with(SandboxOptions {
            links: Some(workdir.path("before.csv")),
            merged: Some(workdir.path("merged.csv")),
            association_limits: limits,
            ..SandboxOptions::default()
        });
        let batch = if rng.bool() { "--batch max" } else { "" };
        Self {
            workdir,
            sandbox,
            options: format!("--api 2026-09 {batch}"),
        }
    }
}

/// What an import does with a row for which this is planned.
fn expected(line: &CsvLine) -> String {
    let status = match line["plan_action"].as_str() {
        "create" | "add_label" | "replace_primary" => "succeeded",
        "none" => "already",
        "cannot" if line["plan_code"].starts_with("invalid") => "invalid",
        "cannot" => "failed",
        other => panic!("{other}"),
    };
    let code = match line["plan_action"].as_str() {
        // It has a code of its own.
        "none" => "",
        _ => line["plan_code"].as_str(),
    };
    format!("{} {status} {code}", line["assoc_row"])
}

#[test]
fn an_import_does_with_each_row_what_was_planned() {
    for seed in 1..=ACCOUNTS {
        let RandomCase {
            workdir,
            sandbox,
            options,
        } = RandomCase::new(seed);
        let planned = plan(&workdir, &sandbox.base_url(), &options).finish();
        let after_plan = sandbox.request_log();
        assert_eq!(
            after_plan.applied, 0,
            "{seed}: a plan writes nothing\n{planned}"
        );
        let lines = workdir.lines("links.plan.csv");
        let expected: Vec<_> = lines.iter().map(expected).collect();
        let options = format!("{options} --skip-existing");
        workdir.import(&sandbox.base_url(), &options).finish();
        let done = workdir.results();
        let done: Vec<_> = done
            .iter()
            .map(|line| {
                let (row, status) = (&line["assoc_row"], line["assoc_status"].as_str());
                let code = if status == "already" {
                    ""
                } else {
                    &line["assoc_code"]
                };
                format!("{row} {status} {code}")
            })
            .collect();
        let both = expected.iter().zip(&done);
        let different: Vec<_> = both.filter(|(planned, done)| planned != done).collect();
        let file = workdir.text("links.csv");
        assert!(
            different.is_empty(),
            "{seed}, {options}: {different:?}\n{file}"
        );
        assert_eq!(done.len(), expected.len());
    }
}

/// A pair, in whichever direction a request has it. Contacts have the lower ids.
fn contact_first(one: u64, other: u64) -> (u64, u64) {
    (one.min(other), one.max(other))
}

/// The pairs that a plan writes, from its log.
fn planned_writes(log: &str) -> Vec<(u64, u64)> {
    let lines = log
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let writes =
        lines.filter(|cells| ["create", "add_label", "replace_primary"].contains(&cells[1]));
    let mut pairs: Vec<_> = writes
        .map(|cells| {
            let id = |cell: &str| cell.parse::<u64>().unwrap();
            contact_first(id(cells[3]), id(cells[4]))
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn an_apply_sends_exactly_the_planned_writes() {
    for seed in 1..=ACCOUNTS {
        let RandomCase {
            workdir,
            sandbox,
            options,
        } = RandomCase::new(seed);
        plan(&workdir, &sandbox.base_url(), &options).finish();
        let writes = planned_writes(&workdir.text("links.plan.log"));
        let approved = digest(&workdir);
        let ran = apply(&workdir, &approved, "").finish();
        // A request has all types of its pair.
        let sent = sent(&sandbox)
            .into_iter()
            .map(|(from, to, _)| contact_first(from, to));
        let mut sent: Vec<_> = sent.collect();
        sent.sort_unstable();
        assert_eq!(sent, writes, "{seed}\n{ran}");
        let lines = workdir.lines("links.plan.csv");
        let expected: Vec<_> = lines.iter().map(expected).collect();
        let results = workdir.results();
        let done = results.iter().map(|line| {
            let (row, status) = (&line["assoc_row"], line["assoc_status"].as_str());
            let code = if status == "already" {
                ""
            } else {
                &line["assoc_code"]
            };
            format!("{row} {status} {code}")
        });
        let done: Vec<_> = done.collect();
        assert_eq!(done, expected, "{seed}");
    }
}
